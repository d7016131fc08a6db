import type { Columns } from '../core/protocol';

/**
 * Runs that share a value of one quantity, as the runs of an isoFLOP study share their budgets.
 * `of` gives each row its line, −1 for none.
 */
export interface Lines {
  quantity: string;
  /** One per line, ascending: the middle run's value. */
  values: number[];
  of: Int16Array;
}

/** Decades between neighbours that start a new line; wider than what digitised budgets scatter. */
const GAP = 0.1;
/** Decades that the runs of one line may spread. */
const WIDTH = 0.2;
const MEMBERS = 3;
const MOST_LINES = 24;
/** Share of the runs that must lie on lines for the study to be called one of lines. */
const COVERAGE = 0.8;

/**
 * Lines of equal `quantity` among the rows at which `counts` is true, or null when the runs do not lie
 * on such lines. `varying` is what must differ along a line: one size at one budget is no line.
 */
export function findLines(
  columns: Columns,
  quantity: string,
  counts: (row: number) => boolean,
  varying?: string,
): (Lines & { coverage: number }) | null {
  const column = columns[quantity];
  if (!column) return null;
  const rows: number[] = [];
  column.forEach((value, row) => {
    if (value > 0 && counts(row)) rows.push(row);
  });
  if (rows.length < 2 * MEMBERS) return null;
  const log = (row: number) => Math.log10(column[row]!);
  rows.sort((a, b) => column[a]! - column[b]!);

  const runs: number[][] = [];
  let last = -Infinity;
  for (const row of rows) {
    if (log(row) - last > GAP) runs.push([]);
    runs.at(-1)!.push(row);
    last = log(row);
  }
  const lines = runs.filter(
    (line) =>
      line.length >= MEMBERS &&
      log(line.at(-1)!) - log(line[0]!) <= WIDTH &&
      (!varying || new Set(line.map((row) => columns[varying]?.[row])).size >= MEMBERS),
  );
  const coverage = lines.reduce((sum, line) => sum + line.length, 0) / rows.length;
  if (lines.length < 2 || lines.length > MOST_LINES || coverage < COVERAGE) return null;

  const of = new Int16Array(column.length).fill(-1);
  const values = lines.map((line) => column[line[line.length >> 1]!]!);
  // Rows that do not count (left out by hand) keep the line they stand on.
  column.forEach((value, row) => {
    let best = -1;
    values.forEach((centre, line) => {
      const distance = Math.abs(Math.log10(value / centre));
      if (
        distance <= WIDTH / 2 &&
        (best < 0 || distance < Math.abs(Math.log10(value / values[best]!)))
      )
        best = line;
    });
    of[row] = best;
  });
  return { quantity, values, of, coverage };
}

let last: { columns: Columns; used: boolean[]; lines: Lines | null } | null = null;

/**
 * The lines that order the study best: budgets before token counts before sizes when they do so equally
 * well. The last answer is remembered: a budget is dragged more often than runs change.
 */
export function linesOfStudy(columns: Columns, rows: { used: boolean }[]): Lines | null {
  const used = rows.map((row) => row.used);
  const asked = last?.columns === columns && last.used.length === used.length;
  if (last && asked && used.every((one, row) => one === last?.used[row])) return last.lines;
  const counts = (row: number) => used[row] ?? false;
  const found = [
    findLines(columns, 'flops', counts, 'params'),
    findLines(columns, 'tokens', counts, 'params'),
    findLines(columns, 'params', counts, 'tokens'),
  ].filter((lines) => lines !== null);
  found.sort((a, b) => b.coverage - a.coverage);
  last = { columns, used, lines: found[0] ?? null };
  return last.lines;
}
