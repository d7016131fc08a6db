import { describe, expect, it } from 'vitest';
import { contour } from '../../../web/src/charts/contours';
import { logGrid } from '../../../web/src/model/curves';

function surface(value: (x: number, y: number) => number) {
  const [x, y] = [logGrid([1, 100], 31), logGrid([1, 1000], 21)];
  return {
    x,
    y,
    value: Float64Array.from({ length: 31 * 21 }, (_, k) =>
      value(x[Math.floor(k / 21)]!, y[k % 21]!),
    ),
  };
}

describe('contour', () => {
  it('is exact for products of powers, in one line from left to right', () => {
    const line = contour(
      surface((x, y) => x * y ** 0.5),
      20,
    );
    expect(line.x.some(Number.isNaN)).toBe(false);
    line.x.forEach((x, i) => expect(x * line.y[i]! ** 0.5).toBeCloseTo(20, 9));
    expect(line.x[0]).toBeLessThan(line.x.at(-1)!);
    for (let i = 1; i < line.x.length; ++i)
      expect(line.x[i]).toBeGreaterThanOrEqual(line.x[i - 1]!);
  });

  it('parts separate lines by a gap, and closes rings', () => {
    const hill = (x: number, y: number) => Math.exp(Math.log(x / 10) ** 2 + Math.log(y / 30) ** 2);
    const ring = contour(surface(hill), 2);
    ring.x.forEach((x, i) => expect(hill(x, ring.y[i]!)).toBeCloseTo(2, 0));
    const valley = contour(
      surface((x) => Math.exp(Math.log(x / 10) ** 2)),
      2,
    );
    expect(valley.x.filter(Number.isNaN)).toHaveLength(1);
  });

  it('is empty off the surface, and skips holes', () => {
    expect(
      contour(
        surface((x) => x),
        1e6,
      ).x,
    ).toEqual([]);
    const holed = contour(
      surface((x, y) => (y < 10 ? NaN : x)),
      5,
    );
    expect(holed.y.every((y) => Number.isNaN(y) || y >= 10 - 1e-9)).toBe(true);
  });
});
