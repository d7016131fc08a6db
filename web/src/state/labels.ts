import type { Columns } from '../core/protocol';
import { findLines } from '../model/curves-lines';
import { completeIn, pick, type Prepared } from '../model/rows';
import type { Mapping, RawTable } from '../data/types';

type Numbers = Pick<Prepared, 'dataset' | 'columns'>;

/** Things that are the same, by number: `numbers[i]` is an index into `names`. */
export interface Labels {
  numbers: Float64Array;
  names: string[];
}

/** Numbers in the order of first appearance. */
export function numbered(values: readonly string[]): Labels {
  const names = [...new Set(values)];
  const number = new Map(names.map((name, i) => [name, i]));
  return { numbers: Float64Array.from(values, (value) => number.get(value)!), names };
}

/** As groups: a run without a label is in none of them (NaN). */
export function groupsOf({ numbers, names }: Labels): Labels {
  const named = names.filter((name) => name.trim() !== '');
  const number = names.map((name) => (name.trim() === '' ? NaN : named.indexOf(name)));
  return { numbers: numbers.map((at) => number[at]!), names: named };
}

/**
 * Which of the runs at `positions` belong together by what `name` names: a column of the table, where equal
 * cells are the same, or a quantity, where equal numbers are. Compute scatters about the budget that was
 * meant, so that the lines of an isoFLOP study count as one each. Null: nothing has that name.
 */
export function labelsBy(
  name: string,
  table: RawTable,
  mapping: Mapping | null,
  { dataset, columns }: Numbers,
  positions: readonly number[],
): Labels | null {
  const column = table.header.indexOf(name);
  const { role = name } = (column >= 0 && mapping?.columns[column]) || {};
  const flops = role === 'flops' && columns['flops'];
  if (flops) {
    const counted = new Set(positions);
    const lines = findLines(columns, role, (row) => counted.has(row));
    return numbered(
      positions.map((position) => {
        const line = lines?.of[position] ?? -1;
        return `${line >= 0 ? lines!.values[line] : flops[position]}`;
      }),
    );
  }
  if (column >= 0) {
    return numbered(
      positions.map((position) => table.rows[dataset.rows[position]!.index]?.[column] ?? ''),
    );
  }
  const quantity = columns[name];
  return quantity ? numbered(positions.map((position) => `${quantity[position]}`)) : null;
}

/** Left out because another row of the same run counts. */
const OF_A_RUN = new Set(['not_last_of_run', 'not_minimum_of_run']);
const PLACE = ['params', 'tokens', 'flops', 'loss'];

/**
 * All points of training curves, where the table names its runs (`curve` tells them apart), else the runs
 * at `positions`. `points`: positions in the dataset.
 */
export function curvePoints(
  { dataset, columns }: Numbers,
  positions: readonly number[],
  table: RawTable | null,
  mapping: Mapping | null,
): { columns: Columns; points: readonly number[] } {
  const run = mapping?.columns.findIndex(({ role }) => role === 'run') ?? -1;
  if (run < 0 || !table) return { columns: completeIn(columns, positions), points: positions };
  const ids = PLACE.filter((id) => id in columns);
  const used = new Set(positions);
  const { rows } = dataset;
  const points = [...rows.keys()].filter((position) => {
    const point =
      used.has(position) || rows[position]!.problems.every(({ code }) => OF_A_RUN.has(code));
    return point && ids.every((id) => columns[id]![position]! > 0);
  });
  const names = points.map((position) => table.rows[rows[position]!.index]?.[run] ?? '');
  return { columns: { ...pick(columns, ids, points), curve: numbered(names).numbers }, points };
}
