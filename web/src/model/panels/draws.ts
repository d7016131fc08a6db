import type { ChartDescription } from '../../charts/panel';
import type { Columns } from '../../core/protocol';
import * as t from '../../text/panels';
import { axisOf, isAnswer, type Measure } from './measures';

/** Draws drawn at most: a cloud of more looks the same and costs more. */
export const MOST_DRAWN = 4000;

/** Column of a measure among the draws; answers are those at the first budget. */
export const drawColumn = (id: string) => (isAnswer(id) ? `${id}:0` : id);

/** Every so many-th draw that has both numbers, so that at most `most` are left. */
export function thinned(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  most = MOST_DRAWN,
): { x: Float64Array; y: Float64Array } {
  const both: number[] = [];
  for (let i = 0; i < Math.min(x.length, y.length); ++i)
    if (Number.isFinite(x[i]) && Number.isFinite(y[i])) both.push(i);
  const step = Math.max(1, Math.ceil(both.length / most));
  const kept = both.filter((_, i) => i % step === 0);
  return {
    x: Float64Array.from(kept, (i) => x[i]!),
    y: Float64Array.from(kept, (i) => y[i]!),
  };
}

/** Draws of two quantities against each other, with the fit itself; null where a column is missing. */
export function scatter(
  draws: Columns,
  of: readonly [Measure, Measure],
  fit: readonly [number | null, number | null],
): ChartDescription | null {
  const columns = of.map(({ id }) => draws[drawColumn(id)]);
  if (!columns[0] || !columns[1]) return null;
  const points = thinned(columns[0], columns[1]);
  if (points.x.length === 0) return null;
  const [x, y] = of;
  const here = fit[0] !== null && fit[1] !== null;
  return {
    id: 'draws',
    title: t.sure.scatterTitle(x.symbol, y.symbol),
    note: t.sure.scatterNote(points.x.length, columns[0].length),
    panels: [
      {
        x: axisOf(x),
        y: axisOf(y),
        layers: [
          { kind: 'points', name: t.sure.draws, ...points, role: { category: 0 }, cloud: true },
          ...(here
            ? [
                {
                  kind: 'points' as const,
                  name: t.sure.own,
                  x: [fit[0]!],
                  y: [fit[1]!],
                  role: 'ink' as const,
                },
              ]
            : []),
        ],
      },
    ],
  };
}
