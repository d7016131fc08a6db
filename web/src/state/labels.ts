import { findLines } from '../model/curves-lines';
import type { Prepared } from '../model/rows';
import type { RawTable } from '../data/types';

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

/**
 * Which of the runs at `positions` belong together by what `name` names: a column of the table, where equal
 * cells are the same, or a quantity. Derived numbers scatter about what was meant, so that the lines of a
 * study count as the same; a run on no line is by itself. Null: nothing has that name.
 */
export function labelsBy(
  name: string,
  table: RawTable,
  { dataset, columns }: Prepared,
  positions: readonly number[],
): Labels | null {
  const column = table.header.indexOf(name);
  if (column >= 0) {
    return numbered(
      positions.map((position) => table.rows[dataset.rows[position]!.index]?.[column] ?? ''),
    );
  }
  const quantity = columns[name];
  if (!quantity) return null;
  const counted = new Set(positions);
  const lines = findLines(columns, name, (row) => counted.has(row));
  return numbered(
    positions.map((position) => {
      const line = lines?.of[position] ?? -1;
      return line >= 0 ? `${lines!.values[line]}` : `${quantity[position]}`;
    }),
  );
}
