import { chartText } from '../text/charts';
import { axis, curve, points, varies, type ChartDefinition } from './context';
import type { PanelView } from './scene';
import { spreadBand, spreadOf } from './predicted';
import { axisLabel, quantityOf } from './words';

/** Relative miss of each run against every quantity that varies, one small panel each on a common height. */
export const residuals: ChartDefinition = {
  id: 'residuals',
  needs: ['loss'],
  view(context) {
    const { input } = context;
    if (!input.residual) return null;
    // Of (L̂ − L)/L; the report has ln L̂ − ln L.
    const miss = input.residual.map(Math.expm1);
    const most =
      miss.reduce((so, value) => (Math.abs(value) > so ? Math.abs(value) : so), 1e-4) * 1.08;
    const spread = spreadOf(input.residual);
    const panels = ['params', 'tokens', 'flops', 'exits']
      .filter((id) => varies(input, id))
      .map((id): PanelView => {
        const x = quantityOf(input, id);
        const runs = points(context, input.columns[id]!, miss);
        const along = axis(x, axisLabel(x), [runs.x]);
        const ends = [along.min, along.max];
        return {
          x: along,
          y: {
            quantity: 'residual',
            label: chartText.residualAxis,
            scale: 'linear',
            min: -most,
            max: most,
            format: 'percent',
          },
          points: runs,
          curves: [
            ...(spread
              ? [
                  spreadBand(
                    ends,
                    [spread[0], spread[0]].map(Math.expm1),
                    [spread[1], spread[1]].map(Math.expm1),
                  ),
                ]
              : []),
            curve('zero', '', ends, [0, 0], { kind: 'guide' }),
          ],
          rules: [],
          marks: [],
        };
      });
    if (panels.length === 0) return null;
    return {
      id: this.id,
      title: chartText.residuals,
      note: [chartText.residualNote, spread ? chartText.spreadNote : ''].filter(Boolean).join(' '),
      panels,
    };
  },
};
