import { meaningOf, plainName, roleTakesNumbers } from './column-names';
import type { NameMeaning } from './column-names';
import { baseUnits, columnWith } from './mapping';
import { decideDecimal, readCell } from './read-number';
import type { Decimal, DecimalChoice } from './read-number';
import type { ColumnChoice, Mapping, RawTable, Role } from './types';

/** What the cells of a column say, from a sample spread over the table. */
interface Facts {
  /** Share of numbers among the cells that are not missing. */
  numbers: number;
  /** NaN and infinity only: a loss of which all runs diverged. */
  diverged: boolean;
  median: number;
  min: number;
  max: number;
  integers: boolean;
  distinct: number;
  allDistinct: boolean;
  /** Unit id that most cells name; '' = none. */
  unit: string;
  decimal: Decimal;
  certainty: DecimalChoice['certainty'];
}

/**
 * What each column means: by its name first, checked against its values; by values alone only where
 * names say next to nothing. Nothing is filtered, and nothing is assumed without a reason that can
 * be shown.
 */
export function guessMapping(table: RawTable): Mapping {
  const facts = factsOfAll(table);
  const meanings = table.header.map(meaningOf);
  const roles = new Map<Role, number>();
  for (const role of namedRoles) {
    const best = bestByName(role, table, meanings, facts);
    if (best >= 0) roles.set(role, best);
  }
  const byName = new Set(roles.values());
  guessByValues(table, meanings, facts, roles);
  if (!roles.has('group')) takeBudgetAsGroup(table, meanings, facts, roles);

  const roleOf = new Map([...roles].map(([role, column]) => [column, role]));
  const columns = table.header.map((name, column): ColumnChoice => {
    const role = roleOf.get(column) ?? 'ignore';
    const meaning = meanings[column] ?? null;
    const fact = facts[column]!;
    return {
      role,
      unit: unitOf(role, meaning, fact),
      ratio: null,
      ...decimalOf(role, fact),
      convention: meaning?.convention ?? 'total',
      ...(meaning && meaning.role === role && meaning.scale !== 1 ? { scale: meaning.scale } : {}),
      ...reasonOf(role, name, meaning, fact, byName.has(column), roles),
    };
  });
  const mapping: Mapping = { columns, filters: [], perRun: 'all' };
  return isStepLog(table, mapping) ? { ...mapping, perRun: 'last' } : mapping;
}

const namedRoles: Role[] = [
  'params',
  'tokens',
  'flops',
  'exits',
  'loss',
  'run',
  'step',
  'group',
  'weight',
];

const sampleSize = 400;

function sampleOf(table: RawTable, column: number): string[] {
  const stride = Math.max(1, table.rows.length / sampleSize);
  const sample: string[] = [];
  for (let row = 0; row < table.rows.length; row += stride) {
    sample.push(table.rows[Math.floor(row)]![column]!);
  }
  return sample;
}

/**
 * A column that leaves its decimal mark open ("1,234" only, or "1.234" beside decimal commas) is
 * written like the others of the table; where they say nothing either, it stays undecided and is
 * read as thousands here.
 */
function factsOfAll(table: RawTable): Facts[] {
  const facts = table.header.map((_, column) => factsOf(table, column));
  const written = facts.filter(
    ({ numbers, certainty }) => numbers > 0.5 && certainty === 'written',
  );
  const custom =
    table.format === 'semicolon' || written.some(({ decimal }) => decimal === ',')
      ? ','
      : written.length > 0
        ? '.'
        : null;
  if (custom === null) return facts;
  const open = custom === ',' ? ['undecided', 'assumed'] : ['undecided'];
  return facts.map((fact, column) =>
    open.includes(fact.certainty) ? factsOf(table, column, custom) : fact,
  );
}

/** @param custom the decimal mark, where the column itself leaves it open */
function factsOf(table: RawTable, column: number, custom?: Decimal): Facts {
  const sample = sampleOf(table, column);
  let choice = decideDecimal(sample);
  // One odd cell may decide, so where there are numbers all cells are asked.
  const read = (text: string) => readCell(text, choice.decimal).kind === 'number';
  if (sample.length < table.rows.length && sample.some(read)) {
    choice = decideDecimal(table.rows.map((row) => row[column]!));
  }
  const certainty = custom ? 'assumed' : choice.certainty;
  const decimal = custom ?? choice.decimal;
  const values: number[] = [];
  const units = new Map<string, number>();
  let unreadable = 0;
  let notFinite = 0;
  for (const text of sample) {
    const cell = readCell(text, decimal);
    if (cell.kind === 'unreadable') unreadable += 1;
    if (cell.kind === 'not_finite') notFinite += 1;
    if (cell.kind !== 'number') continue;
    values.push(cell.value);
    units.set(cell.unit, (units.get(cell.unit) ?? 0) + 1);
  }
  values.sort((a, b) => a - b);
  const distinct = new Set(sample).size;
  return {
    numbers: values.length / (values.length + unreadable || 1),
    diverged: notFinite > 0 && unreadable + values.length === 0,
    median: values[values.length >> 1] ?? NaN,
    min: values[0] ?? NaN,
    max: values.at(-1) ?? NaN,
    integers: values.every(Number.isInteger),
    distinct,
    allDistinct: distinct === sample.length,
    unit: [...units].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '',
    decimal,
    certainty,
  };
}

/** Where values of a quantity lie; scale 1, base unit. */
function plausible(role: Role, fact: Facts): boolean {
  if (role === 'loss' && hasDecimalComma(fact)) return true;
  const { median, min, max, integers } = fact;
  switch (role) {
    case 'params':
      return median >= 1e4 && median <= 1e14;
    case 'tokens':
      return median >= 1e6 && median <= 1e16;
    case 'flops':
      return median >= 1e12;
    case 'loss':
      return median > 0.05 && median < 1e4 && !(integers && max > 2);
    case 'exits':
      return min >= 1 && max <= 1e4;
    default:
      return true;
  }
}

function bestByName(
  role: Role,
  table: RawTable,
  meanings: (NameMeaning | null)[],
  facts: Facts[],
): number {
  let best = -1;
  let bestStrength = 29;
  meanings.forEach((meaning, column) => {
    const fact = facts[column]!;
    if (!meaning) return;
    // "model", another one in each row, names the runs.
    const namesRuns =
      role === 'run' &&
      meaning.role === 'group' &&
      fact.distinct > 1 &&
      fact.allDistinct &&
      !(fact.numbers > 0.5);
    if (meaning.role !== role && !namesRuns) return;
    let strength = namesRuns ? 30 : meaning.strength;
    if (roleTakesNumbers(role) && !(role === 'loss' && fact.diverged)) {
      if (!(fact.numbers > 0.5 && fact.max > 0)) return;
      // "d" may be a width and "l" a number of layers, and "size" anything.
      const doubtful = strength < 80 || /^[a-z]$/.test(table.header[column]!.trim());
      if (!plausible(role, fact) && meaning.scale === 1) {
        if (doubtful) return;
        strength -= 25;
      }
    }
    if (role === 'group' && !groups(fact, table.rows.length)) return;
    if (strength > bestStrength) {
      best = column;
      bestStrength = strength;
    }
  });
  return best;
}

function groups({ distinct }: Facts, rows: number): boolean {
  return distinct >= 2 && distinct <= Math.max(2, Math.min(50, rows / 2));
}

/** Only for tables whose names say next to nothing; fills what is still missing. */
function guessByValues(
  table: RawTable,
  meanings: (NameMeaning | null)[],
  facts: Facts[],
  roles: Map<Role, number>,
): void {
  const main: Role[] = ['params', 'tokens', 'flops', 'loss'];
  if (main.filter((role) => roles.has(role)).length >= 2) return;
  const taken = new Set(roles.values());
  const free = table.header
    .map((_, column) => column)
    .filter(
      (column) => !taken.has(column) && meanings[column] === null && facts[column]!.numbers > 0.9,
    );
  const take = (role: Role, column: number | undefined) => {
    if (column === undefined || roles.has(role)) return;
    roles.set(role, column);
    free.splice(free.indexOf(column), 1);
  };
  const where = (test: (fact: Facts) => boolean) => free.filter((column) => test(facts[column]!));
  const bySize = (columns: number[]) => columns.sort((a, b) => facts[a]!.median - facts[b]!.median);

  take('loss', where(({ min, max, integers }) => min > 0.3 && max < 15 && !integers).at(-1));
  if (!roles.has('loss')) return;
  take('flops', bySize(where(({ median }) => median > 1e15)).at(-1));
  const counts = bySize(where(({ min, median }) => min >= 1e4 && median >= 1e5 && median <= 1e15));
  if (roles.has('params')) take('tokens', counts.at(-1));
  else {
    take('params', counts[0]);
    take('tokens', counts[1]);
  }
}

/** Beside a column of FLOPs, "compute_budget" tells which isoFLOP a run belongs to. */
function takeBudgetAsGroup(
  table: RawTable,
  meanings: (NameMeaning | null)[],
  facts: Facts[],
  roles: Map<Role, number>,
): void {
  const column = table.header.findIndex(
    (name, index) =>
      /budget/i.test(name) &&
      meanings[index]?.role === 'flops' &&
      roles.get('flops') !== index &&
      groups(facts[index]!, table.rows.length),
  );
  if (column >= 0) roles.set('group', column);
}

function unitOf(role: Role, meaning: NameMeaning | null, fact: Facts): string {
  const base = baseUnits[role];
  if (base === undefined) return '';
  if (fact.unit !== '' && (role === 'loss' || role === 'flops') && fact.unit !== 'count')
    return fact.unit;
  return (meaning?.role === role && meaning.unit) || base;
}

/** Of a loss like "3,141" nobody thinks as 3141. */
function hasDecimalComma({ certainty, min, max }: Facts): boolean {
  return certainty === 'undecided' && min >= 300 && max < 15e3;
}

function decimalOf(role: Role, fact: Facts): Pick<ColumnChoice, 'decimal' | 'undecided'> {
  const { decimal, certainty } = fact;
  if (certainty !== 'undecided' || !roleTakesNumbers(role)) return { decimal };
  if (role === 'loss' && hasDecimalComma(fact)) return { decimal: ',' };
  return { decimal, undecided: true };
}

/** The names that tell of a transformer's shape: beside them, "heads" are attention heads. */
const shape = /^(?:width|depth|layers?|n?layers?|nlayer|dmodel|hiddensize|kqvsize|dff|ffnwidth)$/;

function reasonOf(
  role: Role,
  name: string,
  meaning: NameMeaning | null,
  fact: Facts,
  byName: boolean,
  roles: ReadonlyMap<Role, number>,
): Pick<ColumnChoice, 'reason' | 'evidence'> {
  if (role !== 'ignore') {
    return byName
      ? { reason: 'name_matches', evidence: name }
      : { reason: 'values_look_like', evidence: `${short(fact.min)} – ${short(fact.max)}` };
  }
  if (meaning && meaning.role !== 'ignore') {
    if (roleTakesNumbers(meaning.role) && !(fact.numbers > 0.5)) return { reason: 'not_numbers' };
    if (roles.has(meaning.role)) return { reason: 'other_column_chosen', evidence: meaning.role };
    return { reason: 'values_unlikely', evidence: meaning.role };
  }
  return { reason: meaning ? 'known_not_needed' : 'not_recognised' };
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** "heads" may be exits of a family, where nothing speaks of a transformer's shape; -1 otherwise. */
export function columnOfHeads(table: RawTable, mapping: Mapping): number {
  if (columnWith(mapping, 'exits') >= 0 || table.header.some((name) => shape.test(plainName(name))))
    return -1;
  return table.header.findIndex((name, column) => {
    const meaning = meaningOf(name);
    return (
      meaning?.role === 'exits' &&
      mapping.columns[column]?.role === 'ignore' &&
      mapping.columns[column].reason !== 'chosen_by_you'
    );
  });
}

/** Several rows per run, at different steps. Exports that hold one run are logs whatever they say. */
function isStepLog(table: RawTable, mapping: Mapping): boolean {
  const step = columnWith(mapping, 'step');
  if (step < 0) return false;
  const run = runColumn(mapping);
  if (run < 0) return ['tensorboard', 'hf_trainer'].includes(table.format) && table.rows.length > 1;
  const runs = new Set<string>();
  const steps = new Set<string>();
  for (const row of table.rows) {
    runs.add(row[run]!);
    steps.add(`${row[run]}\n${row[step]}`);
  }
  return steps.size > runs.size * 1.5;
}

/** The column that tells runs apart; -1: none does. */
export function runColumn(mapping: Mapping): number {
  const run = columnWith(mapping, 'run');
  return run >= 0 ? run : columnWith(mapping, 'group');
}
