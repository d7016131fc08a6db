import { expect, it } from 'vitest';
import { arrange, spread } from '../../../web/src/charts/labels';

const label = (y: number, left = 0) => ({ left, width: 10, y });
const gaps = (labels: { y: number }[]) => labels.slice(1).map(({ y }, i) => y - labels[i]!.y);

it('moves labels apart, no further than needed', () => {
  expect(spread([label(50), label(54)], 10, 0, 100).map(({ y }) => y)).toEqual([47, 57]);
  expect(spread([label(20), label(80)], 10, 0, 100).map(({ y }) => y)).toEqual([20, 80]);
  expect(spread([label(50), label(50, 30)], 10, 0, 100).map(({ y }) => y)).toEqual([50, 50]);
});

it('stays inside, also at a crowded edge', () => {
  const labels = spread(
    [98, 99, 99, 100, 140].map((y) => label(y)),
    10,
    5,
    95,
  );
  for (const gap of gaps(labels)) expect(gap).toBeGreaterThan(9);
  expect(labels.at(-1)!.y).toBeLessThanOrEqual(95);
});

it('leaves weak labels where they are, and out where they would cover others', () => {
  const weak = (y: number, left = 0) => ({ ...label(y, left), weak: true });
  const placed = arrange(
    [weak(50), weak(56), weak(64), label(80), weak(84), weak(84, 30)],
    10,
    5,
    95,
  );
  expect(placed).toEqual([label(80), weak(50), weak(64), weak(84, 30)]);
  expect(arrange([weak(2), weak(99), weak(40)], 10, 5, 95)).toEqual([weak(40)]);
});
