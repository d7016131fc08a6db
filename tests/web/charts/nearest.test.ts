import { describe, expect, it } from 'vitest';
import { inBox, indexPoints, nearest, step } from '../../../web/src/charts/nearest';

/** A fixed scatter that no order or symmetry helps. */
const scattered = (count: number) => ({
  x: Float64Array.from({ length: count }, (_, i) => (i * 7919) % 997),
  y: Float64Array.from({ length: count }, (_, i) => (i * 104729) % 601),
});

describe('nearest point', () => {
  it('is the one that looking at all would find', () => {
    const { x, y } = scattered(2000);
    const index = indexPoints(x, y);
    for (let at = 0; at < 300; ++at) {
      const [px, py, reach] = [(at * 31) % 1000, (at * 17) % 600, 5 + (at % 40)];
      const distances = [...x].map((value, i) => Math.hypot(value - px, y[i]! - py));
      const least = Math.min(...distances);
      const found = nearest(index, px, py, reach);
      if (least > reach) expect(found).toBe(-1);
      else expect(distances[found]).toBe(least);
    }
  });

  it('passes over points that are not on the screen', () => {
    const index = indexPoints([NaN, 5, Infinity], [1, 5, 1]);
    expect(nearest(index, 5, 5, 100)).toBe(1);
    expect(nearest(indexPoints([], []), 0, 0, 10)).toBe(-1);
  });
});

describe('stepping', () => {
  const index = indexPoints([30, 10, 20, NaN], [0, 0, 0, 0]);
  it('goes along x and stops at the ends', () => {
    expect(step(index, 1, 1)).toBe(2);
    expect(step(index, 2, 1)).toBe(0);
    expect(step(index, 0, 1)).toBe(0);
    expect(step(index, 0, -10)).toBe(1);
  });
  it('enters at the near end', () => {
    expect(step(index, -1, 1)).toBe(1);
    expect(step(index, -1, -1)).toBe(0);
    expect(step(indexPoints([], []), -1, 1)).toBe(-1);
  });
});

it('a box holds what looking at all would find in it', () => {
  const { x, y } = scattered(1500);
  const index = indexPoints(x, y);
  for (let at = 0; at < 50; ++at) {
    const [left, top] = [(at * 37) % 900, (at * 53) % 500];
    const box = { left, right: left + 3 * at, top, bottom: top + 2 * at };
    const inside = [...x.keys()].filter(
      (i) => x[i]! >= left && x[i]! <= box.right && y[i]! >= top && y[i]! <= box.bottom,
    );
    expect(inBox(index, box).toSorted((a, b) => a - b)).toEqual(inside);
  }
});
