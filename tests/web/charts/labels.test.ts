import { expect, it } from 'vitest';
import { spread } from '../../../web/src/charts/labels';

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
