import { expect, test } from 'vitest';
import type { DataRow, Dataset } from '../../../web/src/data/types';
import { histogram } from '../../../web/src/model/histogram';
import {
  availableIn,
  countRuns,
  pick,
  rangeOf,
  runRows,
  spread,
  unconverted,
  usedPositions,
} from '../../../web/src/model/rows';

const row = (index: number, code?: string): DataRow => ({
  index,
  name: `row ${index}`,
  group: '',
  problems: code ? [{ column: 0, code, cell: 'x' }] : [],
});
const dataset: Dataset = {
  rows: [row(0), row(1, 'filtered'), row(2, 'not_a_number'), row(3), row(4)],
  columns: {},
  units: {},
  offers: [],
  notes: [],
};
const columns = {
  params: Float64Array.of(1e6, 2e6, NaN, 4e6, 5e6),
  tokens: Float64Array.of(1e9, 1e9, 1e9, 1e9, NaN),
  loss: Float64Array.of(4, 3.9, 3.8, 3.7, 3.6),
};
const prepared = {
  dataset,
  columns,
  report: { derived: [], unusable: [{ row: 4, quantity: 'tokens', code: 'missing' as const }] },
};

test('rows are left out for their own reasons, and only those the law cares about', () => {
  const rows = runRows(prepared, new Set([3]), ['params', 'tokens', 'loss']);
  expect(rows.map(({ leftOut }) => leftOut?.kind ?? 'used')).toEqual([
    'used',
    'problem',
    'problem',
    'switched_off',
    'unusable',
  ]);
  expect(countRuns(rows)).toEqual({
    used: 1,
    switchedOff: 1,
    filtered: 1,
    waiting: 0,
    unreadable: 2,
  });
  // A law in params alone does not miss the tokens.
  expect(runRows(prepared, new Set(), ['params', 'loss'])[4]!.leftOut).toBeNull();
});

test('numbers that wait for a ratio are not in the fit, and not unreadable', () => {
  const { loss, ...others } = columns;
  const written = {
    ...dataset,
    columns: { ...columns, loss },
    units: { loss: { id: 'per_byte' } },
  };
  const waiting = { ...prepared, dataset: written, columns: others };
  expect(unconverted(waiting)).toEqual(['loss']);
  const rows = runRows(waiting, new Set(), ['loss']);
  expect(rows[0]!.leftOut).toEqual({ kind: 'unusable', quantity: 'loss', code: 'no_ratio' });
  expect(countRuns(rows)).toEqual({
    used: 0,
    switchedOff: 0,
    filtered: 1,
    waiting: 3,
    unreadable: 1,
  });
});

test('columns are cut down and spread again without moving a row', () => {
  const positions = usedPositions(runRows(prepared, new Set(), ['params', 'tokens', 'loss']));
  expect(positions).toEqual([0, 3]);
  expect(pick(columns, ['loss'], positions).loss).toEqual(Float64Array.of(4, 3.7));
  expect(spread(Float64Array.of(8, 9), positions, 5)).toEqual(Float64Array.of(8, NaN, NaN, 9, NaN));
  expect(rangeOf(columns, positions)).toEqual({ params: [1e6, 4e6], tokens: [1e9, 1e9] });
  expect(availableIn({ ...columns, exits: Float64Array.of(NaN) })).toEqual(
    new Set(['params', 'tokens', 'loss']),
  );
});

test('a histogram counts in equal steps of the logarithm', () => {
  expect(histogram([1, 10, 100, 100], 3)).toEqual([0.5, 0.5, 1]);
  expect(histogram([7, 7], 3)).toEqual([0, 1, 0]);
  expect(histogram([NaN, -1, 0], 3)).toEqual([]);
});
