import { useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import { ChartCard, useTheme } from './card';
import type { PanelChartProps } from './panel';
import { describedChart } from './panel-view';
import type { PlotHandlers } from './types';

/** One chart from its description (panel.ts), with its own key and live region. */
export function PanelChart({ chart, caption, handlers = {} }: PanelChartProps) {
  const root = useRef<HTMLDivElement>(null);
  const theme = useTheme(root);
  const { view, subject } = useMemo(() => describedChart(chart), [chart]);
  const spoken = useSignal('');
  const say = useMemo(() => (sentence: string) => void (spoken.value = sentence), [spoken]);
  const own = useSignal<number | null>(null);
  const plot: PlotHandlers = {
    highlighted: handlers.highlighted ?? own,
    caption,
    onToggle: handlers.onToggle,
    onBudget: handlers.onRule,
  };
  return (
    <div ref={root} class="chart-grid chart-alone">
      {theme && <ChartCard {...{ view, subject, theme, say }} handlers={plot} ownKey />}
      <div class="chart-live" aria-live="polite">
        {spoken}
      </div>
    </div>
  );
}
