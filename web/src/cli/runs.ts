/** From a file to the numbers of a fit, by the same steps as the page. */
import type { Columns, DataRange, FitRequest, Law } from '../core/protocol';
import { guessMapping } from '../data/guess-mapping';
import { columnWith, withChoice, withFilter } from '../data/mapping';
import { parseTable } from '../data/parse-table';
import { plainName } from '../data/column-names';
import { readDataset } from '../data/read-dataset';
import { readCell } from '../data/read-number';
import type { Dataset, Mapping, RawTable, Role } from '../data/types';
import { availableIn, completeIn, pick, rangeOf, runRows, usedPositions } from '../model/rows';
import type { RunRow } from '../model/rows';
import { offerLaws } from '../model/laws';
import { noteText, problemText } from '../text/data';
import { leftOutText } from '../text/page';
import { byId, DataError, possible, UsageError } from './complaints';
import type { Context } from './context';
import type { Option, Options } from './options';

/** Options of every verb that reads a table. */
export const tableOptions: Record<string, Option> = {
  columns: {
    value: 'N=COL,L=COL,…',
    help: 'columns of N, D, C, G, L; also run, step, group; “D=” for none',
    multiple: true,
  },
  units: {
    value: 'L=UNIT[:RATIO],…',
    help: 'units of columns, such as L=bits_per_byte:4.2 (bytes per token)',
    multiple: true,
  },
  where: { value: 'COL=VALUE', help: 'keep rows with this cell', multiple: true },
  decimal: { value: 'point|comma', help: 'how numbers are written, where the file leaves it open' },
  'per-run': { value: 'last|minimum|all', help: 'of several rows of a run, which counts' },
  cost: { value: 'ID', help: 'cost model by which N, D, C give one another' },
};

export interface Runs {
  table: RawTable;
  mapping: Mapping;
  dataset: Dataset;
  /** Base units, one number per row of the table. */
  columns: Columns;
  rows: (needed: readonly string[]) => RunRow[];
}

/** @param withLoss false: a loss is not needed, and none is read */
export async function loadRuns(
  context: Context,
  options: Options,
  withLoss: boolean,
): Promise<Runs> {
  const { io, engine, catalog } = context;
  const file = options.operand;
  if (file === undefined) throw new UsageError('A FILE is needed; “-” reads standard input.');
  const table = parseTable(await io.read(file), file);
  failOn(table.notes.find(({ severity }) => severity === 'error'));

  let mapping = mapColumns(context, table, guessMapping(table), options);
  const loss = columnWith(mapping, 'loss');
  if (!withLoss && loss >= 0) mapping = withChoice(mapping, loss, { role: 'ignore' });
  mapping = filterRows(table, mapping, options);
  const dataset = readDataset(table, mapping, catalog.quantities);
  const notes = dataset.notes.filter(({ code }) => withLoss || code !== 'no_loss');
  failOn(notes.find(({ severity }) => severity === 'error'));
  for (const note of [...table.notes, ...notes]) {
    if (note.severity === 'warning') io.err(`Note: ${noteText(note, table.header)}`);
  }

  const quantities = catalog.quantities.map(({ id }) => id);
  const written = Object.entries(dataset.columns).filter(([id]) => quantities.includes(id));
  const request = { units: dataset.units, cost_model: { id: costModel(context, options) } };
  const { report, columns } = await engine.prepare(request, Object.fromEntries(written));
  const rows = (needed: readonly string[]) =>
    runRows({ dataset, report, columns }, new Set(), needed);
  return { table, mapping, dataset, columns, rows };
}

function failOn(note: RawTable['notes'][number] | undefined): void {
  if (note) throw new DataError(noteText(note));
}

export function costModel({ catalog }: Context, options: Options): string {
  const id = options.text('cost') ?? catalog.defaults.cost_model;
  return byId(catalog.cost_models, id, '--cost', 'Cost models').id;
}

export function columnNamed(table: RawTable, name: string, option: string): number {
  const exact = table.header.indexOf(name);
  if (exact >= 0) return exact;
  const plain = plainName(name);
  const same = table.header.flatMap((other, column) =>
    plain !== '' && plainName(other) === plain ? [column] : [],
  );
  if (same.length === 1) return same[0]!;
  throw new UsageError(
    `${option}: there is no column “${name}”. ${possible('Columns', table.header)}`,
  );
}

/** "N=size,L=val loss" → pairs; a comma within a column name is no cut. */
function assignments(options: Options, name: string): [string, string][] {
  return options.all(name).flatMap((text) =>
    text.split(/,(?=\s*\w+=)/).map((part): [string, string] => {
      const cut = part.indexOf('=');
      if (cut < 0)
        throw new UsageError(`--${name}: “${part}” has no “=”. Write --${name} N=VALUE,L=VALUE.`);
      return [part.slice(0, cut).trim(), part.slice(cut + 1).trim()];
    }),
  );
}

const ownRoles: Role[] = ['run', 'step', 'group', 'weight'];

/** By symbol or id, in any case. */
function roleNamed({ catalog }: Context, name: string, option: string): Role {
  const same = (known: string) => known.toLowerCase() === name.toLowerCase();
  const quantity = catalog.quantities.find(({ id, symbol }) => same(id) || same(symbol));
  const role = (quantity?.id as Role | undefined) ?? ownRoles.find(same);
  if (role) return role;
  const symbols = catalog.quantities.map(({ symbol }) => symbol);
  throw new UsageError(
    `${option}: “${name}” is nothing a column can be. ${possible('Possible', [...symbols, ...ownRoles])}`,
  );
}

function mapColumns(
  context: Context,
  table: RawTable,
  guessed: Mapping,
  options: Options,
): Mapping {
  let mapping = guessed;
  const choose = (role: Role, name: string, option: string) => {
    const old = columnWith(mapping, role);
    if (name === '') {
      if (old >= 0) mapping = withChoice(mapping, old, { role: 'ignore' });
      return;
    }
    const column = columnNamed(table, name, option);
    if (column !== old) mapping = withChoice(mapping, column, { role });
  };
  for (const [name, column] of assignments(options, 'columns')) {
    choose(roleNamed(context, name, '--columns'), column, '--columns');
  }
  // Weights change a fit, so here they are never guessed.
  if (!assignments(options, 'columns').some(([name]) => name === 'weight'))
    choose('weight', '', '');
  const weights = options.text('weights');
  if (weights !== undefined && !isWeighting(weights)) choose('weight', weights, '--weights');

  for (const [name, text] of assignments(options, 'units')) {
    const role = roleNamed(context, name, '--units');
    const column = columnWith(mapping, role);
    if (column < 0)
      throw new UsageError(`--units: no column is ${name}. Name it with --columns ${name}=COL.`);
    const [id = '', ratio] = text.split(':');
    const units = context.catalog.quantities.find((quantity) => quantity.id === role)?.units ?? [];
    const unit = byId(units, id, '--units', `Units of ${name}`).id;
    mapping = withChoice(mapping, column, {
      unit,
      ...(ratio === undefined ? {} : { ratio: ratioFrom(ratio) }),
    });
  }
  const decimal = oneOf(options, 'decimal', ['point', 'comma']);
  if (decimal !== undefined) {
    const mark = decimal === 'comma' ? ',' : '.';
    mapping = {
      ...mapping,
      columns: mapping.columns.map(({ undecided: _undecided, ...column }) => ({
        ...column,
        decimal: mark,
        reason: 'chosen_by_you',
      })),
    };
  }
  const perRun = oneOf(options, 'per-run', ['last', 'minimum', 'all']);
  return perRun === undefined ? mapping : { ...mapping, perRun: perRun as Mapping['perRun'] };
}

/** Weights that are no column. */
const isWeighting = (text: string): text is 'equal' | 'sqrt_flops' =>
  text === 'equal' || text === 'sqrt_flops';

/** How much each run counts; a column of weights counts only when it was named. */
export function weighting(options: Options, runs: Runs): NonNullable<FitRequest['weights']> {
  const text = options.text('weights') ?? '';
  if (isWeighting(text)) return text;
  return runs.dataset.columns.weight ? 'column' : 'equal';
}

function ratioFrom(text: string): number {
  const cell = readCell(text, '.');
  if (cell.kind === 'number' && cell.value > 0) return cell.value;
  throw new UsageError(`--units: “${text}” is not a ratio. Write a positive number, such as 4.2.`);
}

function oneOf(options: Options, name: string, values: string[]): string | undefined {
  const text = options.text(name);
  if (text === undefined || values.includes(text)) return text;
  throw new UsageError(`--${name}: “${text}” is not known. ${possible('Possible', values)}`);
}

/** Conditions on one column widen, on several columns narrow. */
function filterRows(table: RawTable, mapping: Mapping, options: Options): Mapping {
  const wanted = new Map<number, string[]>();
  for (const text of options.all('where')) {
    const whole = table.header
      .filter((name) => text.startsWith(`${name}=`))
      .sort((a, b) => b.length - a.length)[0];
    const cut = whole?.length ?? text.indexOf('=');
    if (cut <= 0) throw new UsageError(`--where: “${text}” has no “=”. Write --where COL=VALUE.`);
    const column = columnNamed(table, text.slice(0, cut), '--where');
    wanted.set(column, [...(wanted.get(column) ?? []), text.slice(cut + 1)]);
  }
  let filtered = mapping;
  for (const [column, values] of wanted) {
    const cells = [...new Set(table.rows.map((row) => row[column]!))];
    const kept = cells.filter((cell) => values.some((value) => sameCell(cell, value)));
    if (kept.length === 0) {
      const name = table.header[column]!;
      throw new DataError(
        `--where: no row has ${name} = “${values.join('” or “')}”. ${possible('Its cells', cells, 12)}`,
      );
    }
    filtered = withFilter(filtered, column, kept);
  }
  return filtered;
}

/** The same text, or the same number. */
function sameCell(cell: string, value: string): boolean {
  if (cell === value.trim()) return true;
  const [a, b] = [readCell(cell, '.'), readCell(value, '.')];
  return a.kind === 'number' && b.kind === 'number' && a.value === b.value;
}

export interface Chosen {
  /** What goes to the engine: what was asked for, and weights if there are. */
  columns: Columns;
  /** Every quantity with a number for each of these rows. */
  known: Columns;
  /** Rows of the table that they stand for. */
  positions: number[];
  /** Of params, tokens, flops. */
  range: DataRange;
  leftOut: { row: number; reason: string }[];
}

/** The rows that have what is needed, and why the others are left out. */
export function chooseRows({ catalog }: Context, runs: Runs, needed: readonly string[]): Chosen {
  const rows = runs.rows(needed);
  const positions = usedPositions(rows);
  const leftOut = rows.flatMap((row) => {
    if (!row.leftOut) return [];
    const explain = (problem: Parameters<typeof problemText>[0]) =>
      problemText(problem, runs.table.header);
    return [{ row: row.index + 1, reason: leftOutText(row.leftOut, catalog.quantities, explain) }];
  });
  const weight = runs.dataset.columns.weight;
  const columns = pick(
    { ...runs.columns, ...(weight ? { weight } : {}) },
    weight ? [...needed, 'weight'] : needed,
    positions,
  );
  const known = completeIn(runs.columns, positions);
  return { columns, known, positions, range: rangeOf(runs.columns, positions), leftOut };
}

/** Complains where the columns do not allow the law, and says which ones they allow. */
export function demandColumns(
  { catalog }: Context,
  runs: Runs,
  law: Law,
  needed: readonly string[],
): void {
  const available = availableIn(runs.columns);
  const missing = needed.filter((id) => !available.has(id));
  if (missing.length === 0) return;
  const named = (id: string) => {
    const quantity = catalog.quantities.find((known) => known.id === id);
    return quantity ? `${quantity.symbol} (${quantity.name.toLowerCase()})` : id;
  };
  const has = runs.mapping.columns.flatMap(({ role }, column) =>
    role === 'ignore' ? [] : [`${named(role)} from “${runs.table.header[column]}”`],
  );
  const allowed = offerLaws(catalog, available).filter((offer) => offer.missing.length === 0);
  throw new DataError(
    `The law ${law.id} needs ${missing.map(named).join(' and ')}, which the table does not give. ` +
      `${possible('It gives', has)} ${possible(
        'Laws that it allows',
        allowed.map((offer) => offer.law.id),
      )} ` +
      'Name columns with --columns.',
  );
}
