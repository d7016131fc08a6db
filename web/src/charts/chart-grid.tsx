import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { curveSource, type CurveSet } from '../model/curves';
import { ChartCard, Key, useTheme } from './card';
import { chartContext } from './context';
import { chartViews } from './index';
import type { ChartHandlers, ChartInput } from './types';

/** All charts that have something to say about the input, with one key of colours for all of them. */
export function ChartGrid({ input, handlers }: { input: ChartInput; handlers: ChartHandlers }) {
  const root = useRef<HTMLDivElement>(null);
  const theme = useTheme(root);
  const source = useMemo(() => curveSource(handlers.engine), [handlers.engine]);
  useEffect(() => source.request(input), [source, input]);
  const curves = useBands(source.curves.value, handlers);
  const context = useMemo(() => chartContext(input, curves), [input, curves]);
  const views = useMemo(() => chartViews(context), [context]);
  // Charts that come one after another would push each other about.
  const first = !source.answered.value;
  const spoken = useSignal('');
  const say = useMemo(() => (sentence: string) => void (spoken.value = sentence), [spoken]);

  return (
    <div ref={root} class={`chart-grid${first ? ' is-waiting' : ''}`}>
      {theme && <Key subject={context} theme={theme} />}
      {theme &&
        !first &&
        views.map((view) => (
          <ChartCard key={view.id} subject={context} {...{ view, theme, handlers, say }} />
        ))}
      <div class="chart-live" aria-live="polite">
        {spoken}
      </div>
    </div>
  );
}

/** The curves, with the bootstrap's intervals once those are there. */
function useBands(curves: CurveSet, handlers: ChartHandlers): CurveSet {
  const { bands, frontierBands } = handlers;
  const [refined, setRefined] = useState<{ of: CurveSet; curves: CurveSet } | null>(null);
  useEffect(() => {
    if (!curves.law || !(bands || frontierBands)) return;
    let wanted = true;
    import('./bands')
      .then(({ refine }) => refine(curves, { bands, frontierBands }))
      .then((better) => wanted && setRefined({ of: curves, curves: better }))
      .catch(() => {}); // the sandwich's stay
    return () => {
      wanted = false;
    };
  }, [curves, bands, frontierBands]);
  // New draws of the same fit: the old band stays until they are here.
  return refined?.of === curves && (bands || frontierBands) ? refined.curves : curves;
}
