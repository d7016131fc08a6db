import { chartText } from '../text/charts';
import { axis, curve, points, type ChartDefinition } from './context';
import { quantityOf } from './words';

/** Predicted against measured loss; a run on the diagonal is predicted exactly. */
export const predicted: ChartDefinition = {
  id: 'predicted',
  needs: ['loss'],
  view(context) {
    const { input } = context;
    if (!input.predicted) return null;
    const y = quantityOf(input, input.law.response);
    const runs = points(context, input.columns[y.id]!, input.predicted);
    const both = axis(y, '', [runs.x, runs.y]);
    const ends = [both.min, both.max];
    const median = middle(Array.from(input.residual ?? [], Math.abs).filter(Number.isFinite));
    return {
      id: this.id,
      title: median === null ? chartText.predicted : chartText.predictedWithin(median),
      note: chartText.diagonalNote,
      panels: [
        {
          x: { ...both, label: chartText.measuredAxis },
          y: { ...both, quantity: 'predicted', label: chartText.predictedAxis },
          points: runs,
          curves: [curve('diagonal', '', ends, ends, { kind: 'guide' })],
          rules: [],
          marks: [],
        },
      ],
    };
  },
};

function middle(values: number[]): number | null {
  values.sort((a, b) => a - b);
  return values.length
    ? (values[(values.length - 1) >> 1]! + values[values.length >> 1]!) / 2
    : null;
}
