import { computed } from '@preact/signals';
import { useEffect, useErrorBoundary, useMemo, useRef } from 'preact/hooks';
import type { Bands, ChartHandlers, ChartInput } from '../charts/types';
import type { IntervalsReport } from '../core/estimation-protocol';
import { chartInput } from '../model/chart-input';
import type { App } from '../state/app';
import { hold } from '../state/hold';
import * as t from '../text/page';
import { Notice } from './bits';
import { useApp } from './context';
import { later } from './later';
import { originOf } from './summary';

/** What the charts are about, as things stand. */
export function chartInputOf(app: App): ChartInput | null {
  return chartInput(
    {
      catalog: app.catalog.value,
      law: app.law.value,
      cost: app.cost.value,
      flops: app.flops.value,
      prepared: app.prepared.value.value,
      rows: app.rows.value,
      fit: app.fit.state.value.value,
    },
    app.problemText.value,
  );
}

/**
 * Kept while nothing that it is made of changes, so that charts need not compare, and while the next
 * runs are on their way, so that charts do not come and go.
 */
function useChartInput() {
  const app = useApp();
  const input = useMemo(() => {
    const current = computed(() => chartInputOf(app));
    return hold(current, app.loading);
  }, [app]);
  return input.value;
}

const WAITING = <p class="muted charts-waiting">{t.fit.loadingCharts}</p>;

/** Asked for at once, but not waited for: the page is read before it is drawn. */
const module = import('../charts/chart-grid');
const ChartGrid = later(() => module.then(({ ChartGrid }) => ChartGrid), WAITING);

/** Bootstrap bands of the fit that stands, where there are draws of it. */
export function bandsOf(app: App): Pick<ChartHandlers, 'bands' | 'frontierBands'> {
  const estimation = app.estimation.value;
  const drawn = estimation?.bootstrap.state.value.value;
  if (!estimation || !drawn || drawn.fit !== app.fit.state.value.value) return {};
  const side = (report: IntervalsReport, of: 'params' | 'tokens' | 'loss', end: 0 | 1) =>
    Float64Array.from(report.optima, (optimum) => optimum?.[of].interval?.[end] ?? NaN);
  return {
    bands: async (grid) => (await estimation.along.bands(drawn, grid)) as unknown as Bands,
    async frontierBands(flops) {
      const report = await estimation.along.frontier(drawn, flops);
      const both = (of: 'params' | 'tokens' | 'loss') => ({
        lower: side(report, of, 0),
        upper: side(report, of, 1),
      });
      return { params: both('params'), tokens: both('tokens'), loss: both('loss') };
    },
  };
}

/** Bootstrap bands, as soon as there are draws; a new function whenever they are new. */
function useBands(): Pick<ChartHandlers, 'bands' | 'frontierBands'> {
  const app = useApp();
  return useMemo(() => computed(() => bandsOf(app)), [app]).value;
}

/**
 * `class` may pick some of the charts (styles/page.css). `ready`: what stands above them is there, so that
 * they will not be pushed down.
 */
export function Charts({ class: some = '', ready = true }: { class?: string; ready?: boolean }) {
  const app = useApp();
  const [broken] = useErrorBoundary();
  const input = useChartInput();
  const bands = useBands();
  const fitted = input !== null && input.fit !== null;
  useEffect(() => {
    if (fitted) void module.then(announceDrawn);
  }, [fitted]);
  // The first charts wait for the first fit; later ones follow it as it changes.
  const shown = useRef(false);
  const { value: fit, failure } = app.fit.state.value;
  const fitOver = fit !== null || failure !== null || app.obstacle.value !== null;
  shown.current ||= ready && fitOver;
  if (broken) return <Notice severity="error">{t.fit.chartsFailed}</Notice>;
  if (!input || !(ready || shown.current)) return null;
  const handlers: ChartHandlers = {
    engine: app.engine,
    highlighted: app.highlighted,
    caption: [originOf(app), input.law.name].filter(Boolean).join(' · '),
    onToggle: app.toggleRow,
    onBudget: (flops) => app.set({ budget: flops.toPrecision(3).replace('e+', 'e') }),
    onMove: (index, { loss }) => app.takeLoss(index, loss),
    onMoveEnd: (index, move) => app.takeLoss(index, move && move.loss),
    onBrush: (indices, mode) => app.switchRows(indices, mode === 'on'),
    onReset: () => {
      app.endWhatIf();
      app.switchAllOn();
    },
    ...bands,
  };
  return (
    <section class={`charts ${some}`} aria-labelledby="charts-heading">
      <h2 id="charts-heading" class="hidden">
        {t.fit.charts}
      </h2>
      {shown.current ? <ChartGrid input={input} handlers={handlers} /> : WAITING}
    </section>
  );
}

let sayDrawn = () => {};
/** The first charts are on the page: what can wait may come now. */
export const chartsDrawn = new Promise<void>((resolve) => (sayDrawn = resolve));

/** Two frames after they were asked for, charts have been drawn. */
function announceDrawn(): void {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      document.documentElement.dataset.ready = 'charts';
      sayDrawn();
    }),
  );
}
