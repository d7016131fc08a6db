import { varies, type ChartContext, type ChartDefinition } from './context';
import { isoLossMap } from './iso-loss-map';
import { lossBy } from './loss-by';
import { lossByCompute } from './loss-by-compute';
import { predicted } from './predicted';
import { residuals } from './residuals';
import type { ChartView } from './scene';

/** The charts on offer, in the order of the page. */
export const CHARTS: ChartDefinition[] = [
  lossBy('params'),
  isoLossMap,
  lossByCompute,
  lossBy('flops'),
  predicted,
  lossBy('tokens'),
  lossBy('exits'),
  residuals,
];

/** The charts that have something to say about this input. */
export function chartViews(context: ChartContext): ChartView[] {
  return CHARTS.filter(({ needs }) => needs.every((id) => varies(context.input, id)))
    .map((definition) => definition.view(context))
    .filter((view) => view !== null);
}
