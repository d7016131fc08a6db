import { expect, it } from 'vitest';
import { colourKey } from '../../../web/src/charts/colours';
import { isoFlopStudy } from './study';

const grouped = (groups: string[]) => {
  const study = isoFlopStudy();
  return colourKey(
    { ...study, rows: study.rows.map((row, i) => ({ ...row, group: groups[i % groups.length]! })) },
    null,
  );
};

it('orders groups that are numbers, and lets runs without a group stand aside', () => {
  const { ordered, classes, of } = grouped(['1e+20', '', '6e+18']);
  expect(ordered).toBe(true);
  expect(classes.map(({ label, other }) => [label, other])).toEqual([
    ['6e+18', false],
    ['1e+20', false],
    ['no group', true],
  ]);
  expect(Array.from(of.slice(0, 3))).toEqual([1, 2, 0]);
});

it('gathers rare groups, and keeps those without a group apart from them', () => {
  const { ordered, classes, of } = grouped([...'abcdefghij', '']);
  expect(ordered).toBe(false);
  expect(classes.slice(-2).map(({ other }) => other)).toEqual([true, true]);
  expect(classes).toHaveLength(10);
  expect(Math.max(...of)).toBeLessThan(10);
});
