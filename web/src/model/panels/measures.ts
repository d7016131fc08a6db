import type { ValueAxis } from '../../charts/panel';
import type { DrawEstimate, IntervalsReport } from '../../core/estimation-protocol';
import type { Catalog, Estimate, FitReport, Implied, Law, Optimum } from '../../core/protocol';
import {
  formatCount,
  formatInterval,
  formatLoss,
  formatNumber,
  formatQuantityInterval,
} from '../../format';
import * as t from '../../text/panels';
import { quantityOf } from '../laws';

/**
 * Something that has a number under every fit of a law: a coefficient, an exponent that follows from them,
 * or an answer at the chosen budget. `id` is what the engine calls it in requests and columns.
 */
export interface Measure {
  id: string;
  symbol: string;
  name: string;
  unit: string;
  of: 'coefficient' | 'implied' | 'answer';
  kind: 'count' | 'loss' | 'number';
  scale: 'log' | 'linear';
}

/** Ids of the answers at a budget, in the order in which they are read. */
export const ANSWERS = ['params', 'tokens', 'tokens_per_param', 'loss'] as const;
export type AnswerId = (typeof ANSWERS)[number];

export const isAnswer = (id: string): id is AnswerId => (ANSWERS as readonly string[]).includes(id);

/** All measures of a law; answers only where it has an optimum. */
export function measuresOf(catalog: Catalog, law: Law, implied: readonly Implied[]): Measure[] {
  return [
    ...law.coefficients.map(({ id, symbol, meaning, unit, role }): Measure => ({
      id,
      symbol,
      // A name, not a sentence.
      name: meaning.replace(/\.$/, ''),
      unit,
      of: 'coefficient',
      kind: 'number',
      scale: role === 'scale' ? 'log' : 'linear',
    })),
    ...implied.map(({ id, symbol, name }): Measure => ({
      id,
      symbol,
      name,
      unit: '',
      of: 'implied',
      kind: 'number',
      scale: 'linear',
    })),
    ...(law.has_optimum ? ANSWERS.map((id) => answerMeasure(catalog, id)) : []),
  ];
}

function answerMeasure(catalog: Catalog, id: AnswerId): Measure {
  const [params, tokens] = [quantityOf(catalog, 'params'), quantityOf(catalog, 'tokens')];
  const quantity = quantityOf(catalog, id);
  return {
    id,
    symbol: quantity
      ? t.optimal(quantity.symbol)
      : t.ratio(tokens?.symbol ?? '', params?.symbol ?? ''),
    name: t.answers[id],
    unit: quantity?.unit ?? '',
    of: 'answer',
    kind: id === 'loss' ? 'loss' : id === 'tokens_per_param' ? 'number' : 'count',
    scale: id === 'loss' ? 'linear' : 'log',
  };
}

/** A number of this measure, as people read it. */
export function printed({ kind }: Pick<Measure, 'kind'>, x: number | null | undefined): string {
  if (kind === 'count') return formatCount(x);
  return kind === 'loss' ? formatLoss(x) : formatNumber(x, 3);
}

export function printedInterval(
  { kind }: Pick<Measure, 'kind'>,
  interval: readonly [number, number] | null | undefined,
): string {
  return kind === 'count'
    ? formatQuantityInterval({ kind } as Parameters<typeof formatQuantityInterval>[0], interval)
    : formatInterval(interval);
}

/** The axis along which values of a measure lie. */
export function axisOf({ id, name, symbol, unit, kind, scale }: Measure): ValueAxis {
  return { quantity: id, name, symbol, ...(unit && { unit }), scale, kind };
}

const NOTHING: Estimate = { value: null, standard_error: null, interval: null };

/** What the fit itself says: value, sandwich error, sandwich interval. */
export function fitted(report: FitReport, optimum: Optimum | null, measure: Measure): Estimate {
  switch (measure.of) {
    case 'coefficient':
      return report.coefficients.find(({ id }) => id === measure.id) ?? NOTHING;
    case 'implied':
      return report.implied.find(({ id }) => id === measure.id) ?? NOTHING;
    case 'answer':
      return optimum?.[measure.id as AnswerId] ?? NOTHING;
  }
}

/** What the draws say, at the first budget of the report. */
export function drawn(report: IntervalsReport | null, measure: Measure): DrawEstimate | null {
  if (!report) return null;
  switch (measure.of) {
    case 'coefficient':
      return report.coefficients[measure.id] ?? null;
    case 'implied':
      return report.implied.find(({ id }) => id === measure.id) ?? null;
    case 'answer':
      return report.optima[0]?.[measure.id as AnswerId] ?? null;
  }
}
