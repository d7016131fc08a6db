/**
 * What the prepared numbers give away before anything is fitted: FLOPs counted another way, sizes
 * that do not vary, a loss in another unit. A note says what was seen; the engine alone says what a
 * fit can make of it.
 */
import type { Columns, Quantity } from '../core/protocol';
import { columnWith, withChoice } from './mapping';
import type { Dataset, Mapping, Note } from './types';

export interface Prepared {
  mapping: Mapping;
  dataset: Dataset;
  /** Base units, one number per dataset row: what the engine's prepare gave back. */
  columns: Columns;
  /** Dataset rows that go into the fit. */
  used: readonly number[];
  /** Of the catalog. */
  quantities: readonly Quantity[];
}

export function checkData(prepared: Prepared): Note[] {
  if (prepared.used.length < 2) return [];
  return [
    computeRatio,
    lossUnit,
    spread,
    tokensPerParam,
    singleExits,
    duplicates,
    nearDuplicates,
    lossRises,
  ].flatMap((check) => check(prepared));
}

interface Numbers {
  min: number;
  max: number;
  median: number;
  distinct: number;
}

/** Of the used rows; null where the column is absent or has no number. */
function numbersOf({ columns, used }: Prepared, quantity: string): Numbers | null {
  const column = columns[quantity];
  if (!column) return null;
  const values = used.map((row) => column[row]!).filter(Number.isFinite);
  values.sort((a, b) => a - b);
  if (values.length === 0) return null;
  return {
    min: values[0]!,
    max: values.at(-1)!,
    median: values[values.length >> 1]!,
    distinct: new Set(values).size,
  };
}

/** Values within so much of one another count as equal: figures are printed to three digits. */
const equal = 1.02;
const constant = ({ min, max }: Numbers) => max <= min * equal;

/** C/(N·D), where the table gives all three: 6 forward and backward, 2 forward only, drifting: more than the weights are counted. */
function computeRatio(prepared: Prepared): Note[] {
  const ratio = numbersOf(prepared, 'flops_per_param_token');
  const column = columnWith(prepared.mapping, 'flops');
  if (!ratio || column < 0) return [];
  const { min, max, median } = ratio;
  const derived = withChoice(prepared.mapping, column, { role: 'ignore' });
  const fix = { label: 'derive_flops', values: {}, mapping: derived };
  const note = (code: string, severity: Note['severity']): Note => ({
    code,
    severity,
    column,
    values: { ratio: median, low: min, high: max },
  });
  const unit = betterUnit(prepared, median);
  if (unit) {
    const mapping = withChoice(prepared.mapping, column, { unit: unit.id });
    const values = { unit: unit.name };
    return [
      { ...note('ratio_other_unit', 'warning'), fix: { label: 'change_unit', values, mapping } },
    ];
  }
  if (!constant(ratio)) return [{ ...note('ratio_drifts', 'warning'), fix }];
  if (median > 6 / equal && median < 6 * equal) return [note('ratio_six', 'info')];
  const forward = median > 2 / equal && median < 2 * equal;
  return [{ ...note(forward ? 'ratio_two' : 'ratio_constant', 'warning'), fix }];
}

/** The unit of FLOPs under which an absurd C/(N·D) would be an ordinary one. */
function betterUnit({ dataset, quantities }: Prepared, ratio: number) {
  if (ratio > 0.5 && ratio < 50) return undefined;
  const units = quantities.find(({ id }) => id === 'flops')?.units ?? [];
  const current = units.find(({ id }) => id === dataset.units.flops?.id);
  return units.find(({ factor }) => {
    const other = (ratio * factor) / (current?.factor ?? 1);
    return other > 1.5 && other < 12;
  });
}

function lossUnit(prepared: Prepared): Note[] {
  const loss = numbersOf(prepared, 'loss');
  const column = columnWith(prepared.mapping, 'loss');
  if (!loss || column < 0 || prepared.dataset.units.loss?.id !== 'nats') return [];
  const inUnit = (unit: string) => {
    const name = prepared.quantities
      .find(({ id }) => id === 'loss')
      ?.units.find(({ id }) => id === unit)?.name;
    return {
      label: 'change_unit',
      values: { unit: name ?? unit },
      mapping: withChoice(prepared.mapping, column, { unit }),
    };
  };
  const values = { median: loss.median, low: loss.min, high: loss.max };
  if (loss.median >= 10 && loss.median <= 1e4) {
    return [
      {
        code: 'loss_like_perplexity',
        severity: 'warning',
        column,
        values,
        fix: inUnit('perplexity'),
      },
    ];
  }
  if (loss.median >= 1) return [];
  const severity = loss.median < 0.5 ? 'warning' : 'info';
  return [{ code: 'loss_low', severity, column, values, fix: inUnit('bits_per_byte') }];
}

/** An exponent needs at least three different values of its quantity; one shared value gives none. */
function spread(prepared: Prepared): Note[] {
  const notes: Note[] = [];
  for (const quantity of ['params', 'tokens']) {
    const numbers = numbersOf(prepared, quantity);
    if (!numbers) continue;
    const values = { quantity, value: numbers.median, count: numbers.distinct };
    if (constant(numbers)) notes.push({ code: 'not_spread', severity: 'warning', values });
    else if (numbers.distinct < 3)
      notes.push({ code: 'few_distinct', severity: 'warning', values });
  }
  const flops = numbersOf(prepared, 'flops');
  const params = numbersOf(prepared, 'params');
  if (flops && params && !constant(params) && flops.max < flops.min * 1.1) {
    notes.push({ code: 'one_budget', severity: 'warning', values: { flops: flops.median } });
  }
  return notes;
}

function tokensPerParam(prepared: Prepared): Note[] {
  const { params, tokens } = prepared.columns;
  const sizes = numbersOf(prepared, 'params');
  if (!params || !tokens || !sizes || constant(sizes)) return [];
  const columns = { ...prepared.columns, ratio: tokens.map((D, row) => D / params[row]!) };
  const ratio = numbersOf({ ...prepared, columns }, 'ratio');
  if (!ratio || ratio.max > ratio.min * 1.05) return [];
  const values = { ratio: ratio.median };
  return [{ code: 'fixed_tokens_per_param', severity: 'warning', values }];
}

function singleExits(prepared: Prepared): Note[] {
  const exits = numbersOf(prepared, 'exits');
  if (!exits || exits.distinct > 1) return [];
  return [{ code: 'single_exits', severity: 'warning', values: { value: exits.median } }];
}

/** Used rows by (N, D, G), in the order of the table. */
function byPoint({ columns, used }: Prepared): Map<string, number[]> {
  const points = new Map<string, number[]>();
  for (const row of used) {
    const key = ['params', 'tokens', 'exits'].map((id) => columns[id]?.[row]).join('|');
    const rows = points.get(key);
    if (rows) rows.push(row);
    else points.set(key, [row]);
  }
  return points;
}

function duplicates(prepared: Prepared): Note[] {
  if (!prepared.columns.params && !prepared.columns.tokens) return [];
  const repeated = [...byPoint(prepared).values()].filter((rows) => rows.length > 1);
  if (repeated.length === 0) return [];
  const rows = repeated.flat();
  const [quantity = '', both] = ['params', 'tokens'].filter((id) => numbersOf(prepared, id));
  return [
    {
      code: 'duplicates',
      severity: 'info',
      rows,
      values: { points: repeated.length, rows: rows.length, quantity: both ? '' : quantity },
    },
  ];
}

/**
 * Sizes that differ by less than half a percent are mostly one size read off a figure several times; a few
 * such pairs come about by chance.
 */
function nearDuplicates(prepared: Prepared): Note[] {
  const { params } = prepared.columns;
  if (!params) return [];
  const sizes = [...new Set(prepared.used.map((row) => params[row]!))]
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const near = sizes.filter((size, index) => index > 0 && size < sizes[index - 1]! * 1.005).length;
  if (near < 3 || near < sizes.length / 4) return [];
  return [{ code: 'near_duplicates', severity: 'info', values: { near, sizes: sizes.length } }];
}

/** At equal N, more tokens should not cost loss; the best run of each (N, D) speaks for it. */
function lossRises(prepared: Prepared): Note[] {
  const { params, tokens, loss } = prepared.columns;
  if (!params || !tokens || !loss) return [];
  const best = [...byPoint(prepared).values()].map((rows) =>
    rows.reduce((low, row) => (loss[row]! < loss[low]! ? row : low)),
  );
  const curves = new Map<string, number[]>();
  for (const row of best) {
    const key = `${params[row]}|${prepared.columns.exits?.[row]}|${prepared.dataset.rows[row]?.group}`;
    curves.set(key, [...(curves.get(key) ?? []), row]);
  }
  const rising: number[] = [];
  for (const rows of curves.values()) {
    rows.sort((a, b) => tokens[a]! - tokens[b]!);
    rows.forEach((row, index) => {
      const before = rows[index - 1];
      if (before === undefined) return;
      if (tokens[row]! > tokens[before]! * 1.1 && loss[row]! > loss[before]! * 1.01)
        rising.push(row);
    });
  }
  if (rising.length === 0) return [];
  return [
    { code: 'loss_rises', severity: 'warning', rows: rising, values: { count: rising.length } },
  ];
}
