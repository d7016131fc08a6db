/** Points on the screen, in order of x, so that the nearest is found without looking at all. */
export interface PointIndex {
  /** Positions in the given arrays, by ascending x (then y). */
  order: Int32Array;
  x: Float64Array;
  y: Float64Array;
}

/** Points that are not on the screen (NaN) are left out. */
export function indexPoints(x: ArrayLike<number>, y: ArrayLike<number>): PointIndex {
  const positions: number[] = [];
  for (let i = 0; i < x.length; ++i)
    if (Number.isFinite(x[i]) && Number.isFinite(y[i])) positions.push(i);
  positions.sort((a, b) => x[a]! - x[b]! || y[a]! - y[b]! || a - b);
  return {
    order: Int32Array.from(positions),
    x: Float64Array.from(positions, (i) => x[i]!),
    y: Float64Array.from(positions, (i) => y[i]!),
  };
}

/** Position of the point nearest to (x, y) within `reach`, or −1. */
export function nearest(
  { order, x: xs, y: ys }: PointIndex,
  x: number,
  y: number,
  reach: number,
): number {
  let [lo, hi] = [0, xs.length];
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (xs[middle]! < x - reach) lo = middle + 1;
    else hi = middle;
  }
  let [best, least] = [-1, reach * reach];
  for (let i = lo; i < xs.length && xs[i]! <= x + reach; ++i) {
    const distance = (xs[i]! - x) ** 2 + (ys[i]! - y) ** 2;
    if (distance <= least) [best, least] = [order[i]!, distance];
  }
  return best;
}

/** Positions of the points in the box, edges included, in order of x. */
export function inBox(
  { order, x, y }: PointIndex,
  { left, right, top, bottom }: { left: number; right: number; top: number; bottom: number },
): number[] {
  return Array.from(order).filter(
    (_, i) => x[i]! >= left && x[i]! <= right && y[i]! >= top && y[i]! <= bottom,
  );
}

/** The point `by` places after `position` in order of x; from nowhere the first or the last. Stops at the ends. */
export function step({ order }: PointIndex, position: number, by: number): number {
  if (order.length === 0) return -1;
  const at = order.indexOf(position);
  const next = at < 0 ? (by > 0 ? 0 : order.length - 1) : at + by;
  return order[Math.min(order.length - 1, Math.max(0, next))]!;
}
