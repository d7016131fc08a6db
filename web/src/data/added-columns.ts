/**
 * Columns that stand in the table only between the lines: numbers written into run names
 * ("isoflop-1e+18-N1e+08", "190M-1xC", "P4.6M-T3.012B"), and tokens as steps × batch × sequence.
 * They are added at the end, and only where no column of the table has that meaning.
 */
import { meaningOf, plainName } from './column-names';
import { readCell } from './read-number';
import type { Note, RawTable, Role } from './types';

export function withAddedColumns(table: RawTable): RawTable {
  return withTokensFromSteps(withColumnsFromNames(table));
}

function lacks(table: RawTable, role: Role): boolean {
  return !table.header.some((name, column) => {
    const meaning = meaningOf(name);
    return meaning?.role === role && meaning.strength >= 30 && hasNumbers(table, column);
  });
}

function hasNumbers(table: RawTable, column: number): boolean {
  const sample = table.rows.slice(0, 50);
  const numbers = sample.filter((row) => readCell(row[column]!, '.').kind === 'number');
  return numbers.length * 2 > sample.length;
}

function withColumn(table: RawTable, name: string, cells: string[], note: Note): RawTable {
  return {
    ...table,
    header: [...table.header, name],
    rows: table.rows.map((row, index) => [...row, cells[index]!]),
    notes: [...table.notes, note],
  };
}

const amount = String.raw`(\d+(?:\.\d+)?(?:e\+?\d+)?[kmbt]?)(?![a-z0-9.])`;
const letter = (names: string) => new RegExp(`(?<![a-z0-9])(?:${names})[=:]?${amount}`, 'i');

/** What names carry, and from which size on a number can be that. */
const carried: { role: Role; least: number; patterns: RegExp[] }[] = [
  {
    role: 'params',
    least: 1e4,
    patterns: [letter('N|P|params?|size'), /(?<![a-z0-9.])(\d+(?:\.\d+)?[mb])(?![a-z0-9.])/i],
  },
  { role: 'tokens', least: 1e6, patterns: [letter('D|T|tokens?')] },
  { role: 'flops', least: 1e12, patterns: [letter('isoflop-?|F|C|flops?|budget')] },
];

function withColumnsFromNames(table: RawTable): RawTable {
  const { header, rows } = table;
  if (rows.length === 0) return table;
  const names = header.findIndex((name, column) => {
    const role = meaningOf(name)?.role;
    return (
      (role === 'run' || role === 'group') &&
      !hasNumbers(table, column) &&
      sizeIn(rows[0]![column]!, carried[0]!) !== ''
    );
  });
  if (names < 0) return table;
  let result = table;
  for (const meaning of carried) {
    if (!lacks(table, meaning.role)) continue;
    const cells = rows.map((row) => sizeIn(row[names]!, meaning));
    const found = cells.filter((cell) => cell !== '').length;
    if (found * 2 < rows.length) continue;
    result = withColumn(result, `${meaning.role} (from ${header[names]})`, cells, {
      code: 'column_from_names',
      severity: 'info',
      column: result.header.length,
      values: { name: header[names]!, role: meaning.role, rows: found, sample: rows[0]![names]! },
    });
  }
  return result;
}

function sizeIn(name: string, { patterns, least }: (typeof carried)[number]): string {
  for (const pattern of patterns) {
    const text = pattern.exec(name)?.[1] ?? '';
    const cell = readCell(text, '.');
    if (cell.kind === 'number' && cell.value >= least) return text;
  }
  return '';
}

const steps = /^(?:max|total|num|train|training)?(?:steps?|iters?|iterations)$|^globalstep$/;
const tokensPerStep = /^(?:(?:global)?batchsize(?:in)?tokens|tokensper(?:batch|step)|batchtokens)$/;
const sequences = /^(?:bs|(?:global|total|train)?batchsize(?:seqs?|sequences)?)$/;
const sequence =
  /^(?:seqlen|seqlength|sequencelength|contextlength|contextsize|blocksize|ctx(?:len)?|nctx|maxseqlen)$/;
/** Multiply a batch that is one device's, or one of several before an update. */
const multipliers = [/^gradient?accum(?:ulation)?(?:steps)?$/, /^worldsize$|^(?:num|n)gpus$/];

function withTokensFromSteps(table: RawTable): RawTable {
  if (!lacks(table, 'tokens')) return table;
  const plain = table.header.map(plainName);
  const columnOf = (pattern: RegExp) =>
    plain.findIndex((name, column) => pattern.test(name) && hasNumbers(table, column));
  const step = columnOf(steps);
  const whole = columnOf(tokensPerStep);
  const factors = whole >= 0 ? [step, whole] : [step, columnOf(sequences), columnOf(sequence)];
  if (factors.includes(-1)) return table;
  if (whole < 0) factors.push(...multipliers.map(columnOf).filter((column) => column >= 0));
  const cells = table.rows.map((row) => {
    const numbers = factors.map((column) => readCell(row[column]!, '.'));
    const product = numbers.reduce(
      (all, cell) => (cell.kind === 'number' ? all * cell.value : NaN),
      1,
    );
    return product > 0 ? String(product) : '';
  });
  const formula = factors.map((column) => table.header[column]).join(' × ');
  return withColumn(table, `tokens (${formula})`, cells, {
    code: 'tokens_from_steps',
    severity: 'info',
    column: table.header.length,
    values: { formula },
  });
}
