/**
 * Numbers as people and programs write them: "7B", "1.4 T tokens", "6.8×10⁹", "3 EFLOP",
 * "0.2 PF-days", "20_000_000", "7'000'000", "1,23,45,678", "≈7B". Whether a comma is a decimal or a
 * thousands mark is never told from one cell: decideDecimal looks at the whole column.
 */
import type { Unit } from '../core/protocol';

export type Decimal = '.' | ',';

export type Cell =
  | {
      kind: 'number';
      value: number;
      /** Unit id that the cell itself names ("flop", "pf_day", "count", "nats", …); '' = none. */
      unit: string;
      /** Suffix that scaled the value, in lower case ("b", "million"); '' = none. */
      suffix: string;
    }
  | { kind: 'missing' }
  /** NaN or ±infinity: a run that diverged, where the column is a loss. */
  | { kind: 'not_finite' }
  | { kind: 'unreadable' };

const missing: Cell = { kind: 'missing' };
const notFinite: Cell = { kind: 'not_finite' };
const unreadable: Cell = { kind: 'unreadable' };

const plainNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const missingForms =
  /^(?:|n\/?a|null|none|nil|undefined|missing|unknown|[-–—?.]+|#(?:n\/?a|value!|div\/0!|ref!|num!|name\?|null!))$/i;
const notFiniteForms = /^[+-]?(?:nan|inf|infinity|∞)$/i;

export function readCell(text: string, decimal: Decimal): Cell {
  if (plainNumber.test(text) && (decimal === '.' || !text.includes('.'))) return finite(+text);
  const tidy = plainCharacters(text);
  if (missingForms.test(tidy)) return missing;
  if (notFiniteForms.test(tidy)) return notFinite;
  return readWritten(tidy, decimal);
}

function finite(value: number, unit = '', suffix = ''): Cell {
  return Number.isFinite(value) ? { kind: 'number', value, unit, suffix } : unreadable;
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Full-width digits, typographic minus, spaces, quotes, times signs and superscripts → ASCII. */
function plainCharacters(text: string): string {
  return text
    .replace(/[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (power) =>
      `^${power.replace('⁻', '-').replace('⁺', '')}`.replace(/[⁰-⁹¹²³]/g, (digit) =>
        String(superscripts.indexOf(digit)),
      ),
    )
    .normalize('NFKC')
    .replace(/[\u2212\u2010\u2011]/g, '-')
    .replace(/[\u2018\u2019\u02BC\u0060]/g, "'")
    .replace(/[\u00D7\u00B7\u22C5\u2217]/g, '*')
    .replace(/\s+/g, ' ')
    .trim();
}

const approximately = /^(?:[≈~∼≃≅]|(?:ca\.?|approx\.?|about) )\s*/i;
const spread = /\s*(?:±|\+\/-).*$/;
const mantissaForm = /^([+-]?)\s*(\d[\d.,'_ ]*\d[.,]?|\d[.,]?|[.,]\d+)\s*/;
const powerForm = /^(?:e([+-]?\d+)|[*x]\s*10\s*(?:\^|\*\*)\s*[({]?([+-]?\d+)[)}]?)\s*/i;
/** 10^20, 2**30: the mantissa is the base. */
const baseForm = /^(?:\^|\*\*)\s*[({]?([+-]?\d+)[)}]?\s*/;

function readWritten(text: string, decimal: Decimal): Cell {
  let rest = text.replace(approximately, '').replace(spread, '');
  const mantissa = mantissaForm.exec(rest);
  if (!mantissa) return unreadable;
  const digits = ungrouped(mantissa[2]!, decimal);
  if (digits === null) return unreadable;
  rest = rest.slice(mantissa[0].length);

  let exponent = '0';
  let base = 1;
  const power = powerForm.exec(rest);
  const ownPower = power ? null : baseForm.exec(rest);
  if (power) {
    exponent = power[1] ?? power[2]!;
    rest = rest.slice(power[0].length);
  } else if (ownPower) {
    if (digits !== '10' && digits !== '2') return unreadable;
    base = (+digits) ** +ownPower[1]!;
    rest = rest.slice(ownPower[0].length);
  }
  const tail = readTail(rest);
  if (!tail) return unreadable;
  // One conversion from decimal text, so that "6.8B" is the same double as 6.8e9.
  const value = ownPower
    ? base * 10 ** tail.exponent
    : Number(`${digits}e${Number(exponent) + tail.exponent}`);
  return finite(mantissa[1] === '-' ? -value : value, tail.unit, tail.suffix);
}

const thousands = /^\d{1,3}(?:([,.' ])\d{3})(?:\1\d{3})*$/;
const indian = /^\d{1,2}(?:([,. ])\d{2})(?:\1\d{2})*\1\d{3}$/;

/** The mantissa in JavaScript's own form; null when its marks do not stand where they may. */
function ungrouped(mantissa: string, decimal: Decimal): string | null {
  const [whole = '', fraction = '', ...more] = mantissa
    .replace(/(?<=\d)_(?=\d)/g, '')
    .split(decimal);
  if (more.length > 0 || !/^\d*$/.test(fraction)) return null;
  if (/^\d*$/.test(whole)) return `${whole || '0'}.${fraction}`.replace(/\.$/, '');
  if (!thousands.test(whole) && !indian.test(whole)) return null;
  return `${whole.replace(/\D/g, '')}.${fraction}`.replace(/\.$/, '');
}

/** Powers of ten by the word's beginning; those of `flopOnly` need "FLOP" behind them. */
const scaleWords: [pattern: RegExp, exponent: number, flopOnly?: boolean][] = [
  [/^(?:k|kilo|thousand)$/, 3],
  [/^(?:m|mn|mm|mio|mil|mega|millions?)$/, 6],
  [/^(?:b|bn|bln|bil|billions?|g|giga)$/, 9],
  [/^(?:t|tn|trn?|tera|trillions?)$/, 12],
  [/^(?:p|peta)$/, 15, true],
  [/^(?:e|exa)$/, 18, true],
  [/^(?:z|zetta)$/, 21, true],
  [/^(?:y|yotta)$/, 24, true],
];
const unitWords: [pattern: RegExp, unit: string][] = [
  [/^(?:params?|parameters?|tokens?|toks?|exits?)$/, 'count'],
  [/^(?:flops?|fps?|operations?)$/, 'flop'],
  [/^nats?(?:(?:\/|per)tok(?:en)?)?$/, 'nats'],
  [/^bits?(?:(?:\/|per)tok(?:en)?)?$/, 'bits'],
  [/^(?:bpb|bits?(?:\/|per)byte)$/, 'bits_per_byte'],
  [/^(?:ppl|perplexity)$/, 'perplexity'],
  [/^(?:pfs?|pflops?(?:\/s)?|petaflops?(?:\/s)?)days?$/, 'pf_day'],
];
const scaleStart =
  /^(?:kilo|thousand|mega|millions?|mio|mil|mn|mm|billions?|bil|bln|bn|giga|tera|trillions?|trn?|tn|peta|exa|zetta|yotta|[kmbgtpezy])/;

export interface Tail {
  exponent: number;
  suffix: string;
  unit: string;
}

/**
 * What may stand behind a number, or in the brackets of a header: a scale, a unit, or both.
 * Case is free: "m" is million, never milli. Null for anything else: bytes ("1.4 TB"), rates
 * ("FLOP/s"), percent.
 */
export function readTail(text: string): Tail | null {
  const word = text.toLowerCase().replace(/[\s._-]+/g, '');
  if (word === '') return { exponent: 0, suffix: '', unit: '' };
  const unitOf = (rest: string) =>
    rest === '' ? '' : unitWords.find(([pattern]) => pattern.test(rest))?.[1];
  const whole = unitOf(word);
  if (whole) return { exponent: 0, suffix: '', unit: whole };
  const suffix = scaleStart.exec(word)?.[0] ?? '';
  const scale = scaleWords.find(([pattern]) => pattern.test(suffix));
  const unit = unitOf(word.slice(suffix.length));
  if (!scale || unit === undefined || unit === 'pf_day') return null;
  if (scale[2] && unit !== 'flop') return null;
  return { exponent: scale[1], suffix, unit };
}

export interface DecimalChoice {
  decimal: Decimal;
  /**
   * written: the cells leave no doubt · assumed: nothing speaks against a point, though cells like
   * "1.234" (the sample) may have other reasons · undecided: only cells like "1,234" · mixed: some
   * cells say point, others comma; `decimal` is the majority.
   */
  certainty: 'written' | 'assumed' | 'undecided' | 'mixed';
  /** A cell to quote; '' where there is nothing to say. */
  sample: string;
}

/** How a column writes its numbers. Text that is no number has no vote. */
export function decideDecimal(cells: readonly string[]): DecimalChoice {
  const votes = { point: 0, comma: 0, either: 0, custom: 0 };
  const samples = { point: '', comma: '', either: '', custom: '' };
  for (const cell of cells) {
    const vote = voteOf(cell);
    if (vote === null) continue;
    votes[vote] += 1;
    samples[vote] ||= cell;
  }
  if (votes.point > 0 && votes.comma > 0) {
    const minority = votes.comma > votes.point ? 'point' : 'comma';
    return {
      decimal: minority === 'point' ? ',' : '.',
      certainty: 'mixed',
      sample: samples[minority],
    };
  }
  if (votes.comma > 0) return { decimal: ',', certainty: 'written', sample: samples.comma };
  if (votes.point > 0) return { decimal: '.', certainty: 'written', sample: samples.point };
  if (votes.either > 0) return { decimal: '.', certainty: 'undecided', sample: samples.either };
  return { decimal: '.', certainty: 'assumed', sample: samples.custom };
}

/** What one cell says of the decimal mark; null = nothing. "1,234" may be either; "1.234" too, but a point is the custom. */
function voteOf(cell: string): 'point' | 'comma' | 'either' | 'custom' | null {
  const hasComma = cell.includes(',');
  const firstPoint = cell.indexOf('.');
  if (!hasComma) {
    if (firstPoint < 0) return null;
    if (plainNumber.test(cell)) return /^[1-9]\d{0,2}\.\d{3}$/.test(cell) ? 'custom' : 'point';
  }
  const number = mantissaForm.exec(plainCharacters(cell).replace(approximately, ''));
  if (!number) return null;
  const mantissa = number[2]!.replace(/[' _]/g, '');
  const points = mantissa.split('.').length - 1;
  const commas = mantissa.split(',').length - 1;
  if (points > 0 && commas > 0) {
    return mantissa.lastIndexOf('.') > mantissa.lastIndexOf(',') ? 'point' : 'comma';
  }
  if (commas > 1) return 'point';
  if (points > 1) return 'comma';
  const powered = powerForm.test(
    plainCharacters(cell).replace(approximately, '').slice(number[0].length),
  );
  const looksGrouped = /^[1-9]\d{0,2}[.,]\d{3}$/.test(mantissa) && !powered;
  if (commas === 1) return looksGrouped ? 'either' : 'comma';
  if (points === 1) return looksGrouped ? 'custom' : 'point';
  return null;
}

/**
 * A compute budget typed by a person → unit as written; "1e24", "5.76×10²³", "3 ZFLOP" are in
 * "flop", "100 PF-days" in "pf_day". Null when it is not a positive amount of compute.
 */
export function readCompute(text: string): { value: number; unit: string } | null {
  const { decimal, certainty } = decideDecimal([text.trim()]);
  const cell = certainty === 'undecided' ? unreadable : readCell(text.trim(), decimal);
  if (cell.kind !== 'number' || !(cell.value > 0)) return null;
  if (cell.unit !== '' && cell.unit !== 'flop' && cell.unit !== 'pf_day') return null;
  return { value: cell.value, unit: cell.unit || 'flop' };
}

/** The same in FLOPs, by the factors of the catalog's units for `flops`. */
export function readBudget(text: string, units: readonly Unit[]): number | null {
  const compute = readCompute(text);
  const unit = compute && units.find(({ id }) => id === compute.unit);
  return unit ? compute.value * unit.factor : null;
}
