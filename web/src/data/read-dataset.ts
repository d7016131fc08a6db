import type { Quantity } from '../core/protocol';
import { roleTakesNumbers } from './column-names';
import { isStateColumn, offersOf } from './filters';
import { runColumn } from './guess-mapping';
import { baseUnits, columnWith } from './mapping';
import { mappingNotes } from './mapping-notes';
import { readCell } from './read-number';
import type { ColumnChoice, DataRow, Dataset, Mapping, RawTable, Role, RowProblem } from './types';

const sizes: Role[] = ['params', 'tokens', 'flops'];
const diverged = /^(?:crashed|failed|diverged|nan|oom)$/i;

/**
 * Cells → numbers in the unit as written, one row for each row of the table. A row that cannot be
 * used keeps its place and says why; numbers that could be read are there all the same, so that it
 * can be drawn.
 *
 * @param quantities of the catalog; without them 0 is missing for params, tokens and flops
 */
export function readDataset(
  table: RawTable,
  mapping: Mapping,
  quantities: readonly Quantity[] = [],
): Dataset {
  const names = columnWith(mapping, 'run');
  const groups = columnWith(mapping, 'group');
  const rows = table.rows.map((cells, index): DataRow => ({
    index,
    name: (names >= 0 && cells[names]) || `row ${index + 1}`,
    group: groups >= 0 ? cells[groups]! : '',
    problems: [],
  }));
  const add = (row: number, code: string, column: number | null) => {
    const cell = column === null ? '' : table.rows[row]![column]!;
    rows[row]!.problems.push({ code, column, cell } satisfies RowProblem);
  };

  for (const note of table.notes) {
    if (note.code === 'long_rows') note.rows?.forEach((row) => add(row, 'long_row', null));
  }
  const columns: Dataset['columns'] = {};
  const units: Dataset['units'] = {};
  const quantityColumns: [Role, number][] = [];
  for (const role of ['params', 'tokens', 'flops', 'exits', 'loss', 'weight'] as const) {
    const column = columnWith(mapping, role);
    if (column < 0) continue;
    const choice = mapping.columns[column]!;
    const zeroIsMissing =
      quantities.find(({ id }) => id === role)?.zero_is_missing ?? sizes.includes(role);
    columns[role] = readColumn(table, column, choice, zeroIsMissing, add);
    quantityColumns.push([role, column]);
    if (role === 'weight') continue;
    units[role] = {
      id: choice.unit || baseUnits[role]!,
      ...(choice.ratio === null ? {} : { ratio: choice.ratio }),
    };
  }
  findMissing(rows, columns, quantityColumns, add);
  findDiverged(table, mapping, rows, add);
  for (const { column, values } of mapping.filters) {
    table.rows.forEach((cells, row) => {
      if (column in table.header && !values.includes(cells[column]!)) add(row, 'filtered', column);
    });
  }
  keepOnePerRun(table, mapping, rows, columns, add);
  const dataset: Dataset = { rows, columns, units, offers: offersOf(table, mapping), notes: [] };
  return { ...dataset, notes: mappingNotes(table, mapping, dataset) };
}

type Add = (row: number, code: string, column: number | null) => void;

function readColumn(
  table: RawTable,
  column: number,
  { role, unit, decimal, undecided, scale = 1 }: ColumnChoice,
  zeroIsMissing: boolean,
  add: Add,
): Float64Array {
  const values = new Float64Array(table.rows.length).fill(NaN);
  table.rows.forEach((cells, row) => {
    const text = cells[column]!;
    const cell = readCell(text, decimal);
    if (cell.kind === 'not_finite' && role === 'loss') add(row, 'diverged', column);
    else if (cell.kind === 'unreadable')
      add(row, text.includes(',') ? 'not_a_number_comma' : 'not_a_number', column);
    if (cell.kind !== 'number') return;
    if (undecided && text.includes(',')) {
      add(row, 'ambiguous_number', column);
      return;
    }
    if (cell.value === 0 && zeroIsMissing) return;
    if (cell.unit !== '' && cell.unit !== unit && !(cell.unit === 'count' && role !== 'loss')) {
      add(row, 'other_unit', column);
      return;
    }
    if (!(cell.value > 0)) add(row, 'not_positive', column);
    // "7B" under "params (M)" is 7e9: a cell's own suffix goes before the header's.
    values[row] = cell.suffix === '' ? scaled(cell.value, scale) : cell.value;
  });
  return values;
}

/** By way of the decimal text, so that 7.1 under "(B)" is the same double as 7.1e9. */
function scaled(value: number, scale: number): number {
  return scale === 1 ? value : Number(`${value}e${Math.round(Math.log10(scale))}`);
}

/**
 * What no law can do without: a loss, and one of params, tokens, flops. Which others are needed is
 * for the law to say (model/rows.ts).
 */
function findMissing(
  rows: DataRow[],
  columns: Dataset['columns'],
  quantityColumns: [Role, number][],
  add: Add,
): void {
  const ofSize = quantityColumns.filter(([role]) => sizes.includes(role));
  const always = quantityColumns.filter(([role]) => role === 'loss' || role === 'weight');
  rows.forEach(({ problems }, row) => {
    const absent = ([role]: [Role, number]) => Number.isNaN(columns[role]![row]);
    const wanted = ofSize.every(absent)
      ? [...ofSize, ...always.filter(absent)]
      : always.filter(absent);
    const unexplained = wanted.filter(([, column]) =>
      problems.every((other) => other.column !== column),
    );
    for (const [, column] of unexplained) add(row, 'missing', column);
  });
}

/** A crashed run keeps the loss of the moment. Someone who filters that column has decided for himself. */
function findDiverged(table: RawTable, mapping: Mapping, rows: DataRow[], add: Add): void {
  const column = table.header.findIndex(
    (name, index) => isStateColumn(name) && !roleTakesNumbers(mapping.columns[index]!.role),
  );
  if (column < 0 || mapping.filters.some((filter) => filter.column === column)) return;
  rows.forEach(({ problems }, row) => {
    if (!diverged.test(table.rows[row]![column]!)) return;
    if (!problems.some(({ code }) => code === 'diverged')) add(row, 'diverged', column);
  });
}

/**
 * Of several rows of a run, leaves the last one (by step, else by place) or that of the lowest loss.
 * Only rows that can be used stand for election. Without a run column the table is one run.
 */
function keepOnePerRun(
  table: RawTable,
  { perRun, ...mapping }: Mapping,
  rows: DataRow[],
  columns: Dataset['columns'],
  add: Add,
): void {
  if (perRun === 'all') return;
  const run = runColumn({ ...mapping, perRun });
  const step = columnWith({ ...mapping, perRun }, 'step');
  const rank = (row: number) => {
    if (perRun === 'minimum') return -(columns.loss?.[row] ?? NaN);
    const cell = step < 0 ? null : readCell(table.rows[row]![step]!, '.');
    return cell?.kind === 'number' ? cell.value : row;
  };
  const best = new Map<string, number>();
  const usable = rows.filter(({ problems }) => problems.length === 0);
  for (const { index } of usable) {
    const key = run < 0 ? '' : table.rows[index]![run]!;
    const held = best.get(key);
    if (held === undefined || rank(index) >= rank(held)) best.set(key, index);
  }
  const kept = new Set(best.values());
  for (const { index } of usable) {
    if (!kept.has(index))
      add(index, perRun === 'last' ? 'not_last_of_run' : 'not_minimum_of_run', null);
  }
}
