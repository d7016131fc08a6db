import { useComputed } from '@preact/signals';
import { useEffect, useErrorBoundary, useState } from 'preact/hooks';
import type { ChartGrid as Grid } from '../charts/chart-grid';
import type { ChartHandlers } from '../charts/types';
import { chartInput } from '../model/chart-input';
import { problemText } from '../text/data';
import * as t from '../text/page';
import { Notice } from './bits';
import { useApp } from './context';

/** Kept while nothing that it is made of changes, so that charts need not compare. */
function useChartInput() {
  const app = useApp();
  const input = useComputed(() =>
    chartInput(
      {
        catalog: app.catalog.value,
        law: app.law.value,
        cost: app.cost.value,
        flops: app.budget.value.flops,
        prepared: app.prepared.value.value,
        rows: app.rows.value,
        fit: app.fit.state.value.value,
      },
      (problem) => problemText(problem, app.table.value?.header),
    ),
  );
  return input.value;
}

/** Asked for at once, but not waited for: the page is read before it is drawn. */
const grid = import('../charts/chart-grid').then((module) => module.ChartGrid);

/** `class` may pick some of the charts (styles/page.css). */
export function Charts({ class: some = '' }: { class?: string }) {
  const app = useApp();
  const [broken] = useErrorBoundary();
  const [ChartGrid, setGrid] = useState<{ component: typeof Grid } | null>(null);
  useEffect(() => {
    void grid.then((component) => setGrid({ component }));
  }, []);
  const input = useChartInput();
  const fitted = input?.fit !== null && input !== null && ChartGrid !== null;
  useEffect(() => {
    if (!fitted) return;
    // Two frames later what was asked for has been drawn.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => (document.documentElement.dataset.ready = 'charts')),
    );
  }, [fitted]);
  if (broken) return <Notice severity="error">{t.fit.chartsFailed}</Notice>;
  if (!input) return null;
  const handlers: ChartHandlers = {
    engine: app.engine,
    highlighted: app.highlighted,
    onToggle: app.toggleRow,
    onBudget: (flops) => app.set({ budget: flops.toPrecision(3).replace('e+', 'e') }),
  };
  return (
    <section class={`charts ${some}`} aria-labelledby="charts-heading">
      <h2 id="charts-heading" class="hidden">
        {t.fit.charts}
      </h2>
      {ChartGrid ? (
        <ChartGrid.component input={input} handlers={handlers} />
      ) : (
        <p class="muted">{t.fit.loadingCharts}</p>
      )}
    </section>
  );
}
