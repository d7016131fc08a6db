import type { Columns, DataRange, PrepareReport } from '../core/protocol';
import type { Dataset, RowProblem } from '../data/types';

/** Numbers in base units, one entry per row of the dataset; NaN = none. */
export interface Prepared {
  dataset: Dataset;
  report: PrepareReport;
  columns: Columns;
}

/** `no_ratio`: a number that waits for the ratio of its unit. */
export type UnusableCode = PrepareReport['unusable'][number]['code'] | 'no_ratio';

/** Why a run is not in the fit. */
export type LeftOut =
  | { kind: 'switched_off' }
  | { kind: 'problem'; problem: RowProblem }
  | { kind: 'unusable'; quantity: string; code: UnusableCode };

/** One run as the page knows it. */
export interface RunRow {
  /** Row of the table, for ever. */
  index: number;
  name: string;
  group: string;
  /** null = in the fit. */
  leftOut: LeftOut | null;
  /** Has every number that the law needs, so that it can be switched on. */
  readable: boolean;
}

export interface RunCounts {
  used: number;
  switchedOff: number;
  /** By a filter, or another rule that was chosen. */
  filtered: number;
  /** For the ratio of a unit. */
  waiting: number;
  unreadable: number;
}

/** Problems that come of a choice, not of the cell. */
const CHOSEN = new Set(['filtered', 'not_last_of_run', 'not_minimum_of_run']);

/**
 * Which rows take part in a fit that needs the quantities `needed`, in the order of the dataset.
 * A number that the law does not need does not disqualify its row.
 */
export function runRows(
  { dataset, report, columns }: Prepared,
  off: ReadonlySet<number>,
  needed: readonly string[],
): RunRow[] {
  const refused = new Map<number, { quantity: string; code: UnusableCode }>();
  for (const { row, quantity, code } of report.unusable) {
    if (needed.includes(quantity) && !refused.has(row)) refused.set(row, { quantity, code });
  }
  const waiting = unconverted({ dataset, columns });
  return dataset.rows.map(({ index, name, group, problems }, position) => {
    const problem = problems[0];
    const refusal = refused.get(position);
    const without = needed.find((id) => !Number.isFinite(columns[id]?.[position]));
    const leftOut: LeftOut | null = problem
      ? { kind: 'problem', problem }
      : refusal
        ? { kind: 'unusable', ...refusal }
        : without !== undefined
          ? {
              kind: 'unusable',
              quantity: without,
              code: waiting.includes(without) ? 'no_ratio' : 'missing',
            }
          : off.has(index)
            ? { kind: 'switched_off' }
            : null;
    return { index, name, group, leftOut, readable: !leftOut || leftOut.kind === 'switched_off' };
  });
}

export function countRuns(rows: readonly RunRow[]): RunCounts {
  const counts = { used: 0, switchedOff: 0, filtered: 0, waiting: 0, unreadable: 0 };
  for (const { leftOut } of rows) {
    if (!leftOut) ++counts.used;
    else if (leftOut.kind === 'switched_off') ++counts.switchedOff;
    else if (leftOut.kind === 'problem' && CHOSEN.has(leftOut.problem.code)) ++counts.filtered;
    else if (leftOut.kind === 'unusable' && leftOut.code === 'no_ratio') ++counts.waiting;
    else ++counts.unreadable;
  }
  return counts;
}

/** The same runs with other losses for some, by index of their row; the numbers given stay as they are. */
export function withLosses(prepared: Prepared, losses: ReadonlyMap<number, number>): Prepared {
  const { loss } = prepared.columns;
  if (!loss) return prepared;
  const taken = loss.slice();
  prepared.dataset.rows.forEach(({ index }, position) => {
    taken[position] = losses.get(index) ?? taken[position]!;
  });
  return { ...prepared, columns: { ...prepared.columns, loss: taken } };
}

/** Quantities written in a unit that takes a ratio, before the ratio is given. */
export function unconverted({ dataset, columns }: Omit<Prepared, 'report'>): string[] {
  return Object.keys(dataset.units).filter((id) => !(id in columns));
}

/** Quantities of which at least one row has a number. */
export function availableIn(columns: Columns): Set<string> {
  return new Set(
    Object.entries(columns)
      .filter(([, numbers]) => numbers.some(Number.isFinite))
      .map(([id]) => id),
  );
}

/** Whether a quantity has two different numbers. */
export function variesIn(columns: Columns, id: string): boolean {
  const numbers = columns[id]?.filter(Number.isFinite) ?? new Float64Array();
  return numbers.some((number) => number !== numbers[0]);
}

/** Positions in the dataset of the rows in the fit. */
export function usedPositions(rows: readonly RunRow[]): number[] {
  return rows.flatMap((row, position) => (row.leftOut ? [] : [position]));
}

/** The columns named, cut down to some rows. */
export function pick(
  columns: Columns,
  ids: readonly string[],
  positions: readonly number[],
): Columns {
  return Object.fromEntries(
    ids.map((id) => [
      id,
      Float64Array.from(positions, (position) => columns[id]?.[position] ?? NaN),
    ]),
  );
}

/** The columns that have a number at each of the positions, cut down to these. */
export function completeIn(columns: Columns, positions: readonly number[]): Columns {
  const ids = Object.keys(columns).filter((id) =>
    positions.every((position) => Number.isFinite(columns[id]![position])),
  );
  return pick(columns, ids, positions);
}

/** The other way round: one entry per row again, NaN where there is none. */
export function spread(
  values: Float64Array | undefined,
  positions: readonly number[],
  size: number,
): Float64Array {
  const all = new Float64Array(size).fill(NaN);
  positions.forEach((position, i) => {
    all[position] = values?.[i] ?? NaN;
  });
  return all;
}

const RANGED = ['params', 'tokens', 'flops'] as const;

/** What the given rows cover. */
export function rangeOf(columns: Columns, positions: readonly number[]): DataRange {
  const range: DataRange = {};
  for (const id of RANGED) {
    const numbers = positions
      .map((position) => columns[id]?.[position] ?? NaN)
      .filter(Number.isFinite);
    if (numbers.length > 0) {
      const low = numbers.reduce((a, b) => Math.min(a, b));
      range[id] = [low, numbers.reduce((a, b) => Math.max(a, b))];
    }
  }
  return range;
}
