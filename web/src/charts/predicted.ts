import { chartText } from '../text/charts';
import { axis, curve, points, type ChartDefinition } from './context';
import type { CurveView } from './scene';
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
    const spread = spreadOf(input.residual);
    const scaled = (off: number) => (value: number) => value * Math.exp(off);
    const median = middle(Array.from(input.residual ?? [], Math.abs).filter(Number.isFinite));
    return {
      id: this.id,
      title: median === null ? chartText.predicted : chartText.predictedWithin(median),
      note: [chartText.diagonalNote, spread ? chartText.spreadNote : ''].filter(Boolean).join(' '),
      panels: [
        {
          x: { ...both, label: chartText.measuredAxis },
          y: { ...both, quantity: 'predicted', label: chartText.predictedAxis },
          points: runs,
          curves: [
            ...(spread
              ? [spreadBand(ends, ends.map(scaled(spread[0])), ends.map(scaled(spread[1])))]
              : []),
            curve('diagonal', '', ends, ends, { kind: 'guide' }),
          ],
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

/** Of fewer runs nobody can say where 95 % lie. */
const LEAST_RUNS = 40;

/** 2.5 % and 97.5 % points of the residuals (linear between order statistics); null of too few. */
export function spreadOf(residual: Float64Array | null): [number, number] | null {
  const sorted = (residual ?? new Float64Array()).filter(Number.isFinite).sort();
  if (sorted.length < LEAST_RUNS) return null;
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
    return below + (above - below) * (place % 1);
  };
  return [at(0.025), at(0.975)];
}

export function spreadBand(x: number[], lower: number[], upper: number[]): CurveView {
  const none = x.map(() => NaN);
  return curve('95 % of the runs', '', x, none, { kind: 'band', lower, upper });
}
