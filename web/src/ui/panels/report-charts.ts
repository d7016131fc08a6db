/** The main charts as they are printed in a report: SVG in the colours of paper, whatever the page wears. */
import { refine } from '../../charts/bands';
import { chartContext, type Subject } from '../../charts/context';
import { chartViews } from '../../charts/index';
import type { ChartDescription } from '../../charts/panel';
import { describedChart } from '../../charts/panel-view';
import type { ChartView } from '../../charts/scene';
import { chartSvg } from '../../charts/svg';
import { readTheme, type Theme } from '../../charts/theme';
import { fetchCurves, NO_CURVES, planCurves } from '../../model/curves';
import type { ReportInput } from '../../report/input';
import type { App } from '../../state/app';
import { bandsOf, chartInputOf } from '../charts';
import { originOf } from '../summary';

/** Charts of the Charts panel that a report shows, as far as there are any. */
const MAIN = new Set(['loss-by-params', 'iso-loss-map', 'loss-by-flops']);

/** `more`: charts of other panels. Rejects when the engine does. */
export async function reportCharts(
  app: App,
  more: readonly ChartDescription[],
): Promise<ReportInput['charts']> {
  const input = chartInputOf(app);
  if (!input) return [];
  const caption = [originOf(app), input.law.name].filter(Boolean).join(' · ');
  const theme = paperTheme();
  const print = (view: ChartView, subject: Subject) => ({
    title: view.title,
    svg: chartSvg(view, subject, theme, caption),
  });
  // Asked for before anything is waited for: bands of this fit, not of a later one.
  const bands = bandsOf(app);
  const plan = planCurves(input);
  const curves = plan ? await fetchCurves(plan, input, app.engine) : NO_CURVES;
  const context = chartContext(input, await refine(curves, bands));
  return [
    ...chartViews(context)
      .filter(({ id }) => MAIN.has(id))
      .map((view) => print(view, context)),
    ...more.map(describedChart).map(({ view, subject }) => print(view, subject)),
  ];
}

const WHITE = 'rgb(255, 255, 255)';

/** The light colours of the style sheet, on white. */
function paperTheme(): Theme {
  const host = document.createElement('div');
  host.className = 'chart-grid chart-paper';
  document.body.append(host);
  const theme = { ...readTheme(host), surface: WHITE };
  host.remove();
  return theme;
}
