import type { Columns, Estimate, Optimum } from '../core/protocol';
import type { Curve, CurveSet } from '../model/curves';
import type { ChartHandlers, FrontierBands } from './types';

/**
 * The same curves with the bootstrap's intervals in place of the sandwich's: one request for all curves of
 * loss, one for the compute-optimal line and the chosen budget. Rejects when a source does.
 */
export async function refine(
  set: CurveSet,
  { bands, frontierBands }: Pick<ChartHandlers, 'bands' | 'frontierBands'>,
): Promise<CurveSet> {
  const [curves, frontier] = await Promise.all([
    bands ? refineCurves(set.curves, bands) : set.curves,
    frontierBands ? refineFrontier(set, frontierBands) : set,
  ]);
  const { frontier: optima, chosen } = frontier;
  return { ...set, curves, frontier: optima, chosen, intervals: 'bootstrap' };
}

async function refineCurves(
  curves: Curve[],
  bands: NonNullable<ChartHandlers['bands']>,
): Promise<Curve[]> {
  const drawn = curves.filter(({ purpose }) => purpose === 'loss');
  const count = drawn.reduce((sum, { x }) => sum + x.length, 0);
  if (count === 0) return curves;
  const grid: Columns = {};
  for (const id of new Set(drawn.flatMap(({ columns }) => Object.keys(columns)))) {
    grid[id] = new Float64Array(count).fill(NaN);
  }
  let start = 0;
  for (const { columns, x } of drawn) {
    for (const [id, column] of Object.entries(columns)) grid[id]!.set(column, start);
    start += x.length;
  }
  const { lower, upper, new_lower, new_upper } = await bands(grid);
  let from = 0;
  return curves.map((curve) => {
    if (curve.purpose !== 'loss') return curve;
    const part = (column: Float64Array) => column.slice(from, from + curve.x.length);
    const [newLower, newUpper] = [part(new_lower), part(new_upper)];
    const refined = { ...curve, lower: part(lower), upper: part(upper), newLower, newUpper };
    from += curve.x.length;
    return refined;
  });
}

async function refineFrontier(
  { frontier, chosen }: CurveSet,
  bands: NonNullable<ChartHandlers['frontierBands']>,
): Promise<Pick<CurveSet, 'frontier' | 'chosen'>> {
  const optima = chosen ? [...frontier, chosen] : frontier;
  if (optima.length === 0) return { frontier, chosen };
  const bounds = await bands(Float64Array.from(optima, ({ flops }) => flops));
  const refined = optima.map((optimum, i) => bounded(optimum, bounds, i));
  return {
    frontier: refined.slice(0, frontier.length),
    chosen: chosen ? refined.at(-1)! : null,
  };
}

/** Where the draws gave no interval, none is claimed. */
function bounded(optimum: Optimum, bounds: FrontierBands, i: number): Optimum {
  const within = (estimate: Estimate, { lower, upper }: FrontierBands['loss']): Estimate => {
    const [lo, hi] = [lower[i]!, upper[i]!];
    return { ...estimate, interval: Number.isFinite(lo) && Number.isFinite(hi) ? [lo, hi] : null };
  };
  return {
    ...optimum,
    params: within(optimum.params, bounds.params),
    tokens: within(optimum.tokens, bounds.tokens),
    loss: within(optimum.loss, bounds.loss),
  };
}
