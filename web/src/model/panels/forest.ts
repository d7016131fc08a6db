import type { ChartDescription } from '../../charts/panel';
import type { ProfileReport } from '../../core/estimation-protocol';
import type { Estimate, Optimum, Preset } from '../../core/protocol';
import * as t from '../../text/panels';
import { axisOf, isAnswer, type Measure } from './measures';

/** One line of a forest plot: who says what, and how sure. */
export interface ForestRow {
  source: string;
  /** null: a published number, with the status of its transcription. */
  own: boolean;
  value: number;
  /** null: the source gives no error. */
  interval: [number, number] | null;
  /** How the interval was found: "bootstrap", "printed standard error". */
  method: string;
}

/** Half the width of a 95 % interval in standard errors, for sources that print nothing but these. */
const NORMAL = 1.96;

/** An estimate of this fit by one method; null where there is none. */
export function ownRow(
  method: string,
  value: number | null | undefined,
  interval: Estimate['interval'] | undefined,
): ForestRow | null {
  if (value === null || value === undefined) return null;
  return { source: t.sure.thisFit(method), own: true, value, interval: interval ?? null, method };
}

export function profileInterval(report: ProfileReport | null): [number, number] | null {
  if (!report || (report.lower === null && report.upper === null)) return null;
  return [report.lower ?? -Infinity, report.upper ?? Infinity];
}

/** A published number: of the coefficient as printed, or the answer that its numbers imply at the budget. */
export function presetRow(
  preset: Preset,
  measure: Measure,
  optimum: Optimum | null,
): ForestRow | null {
  const value =
    measure.of === 'coefficient'
      ? preset.coefficients[measure.id]
      : isAnswer(measure.id)
        ? optimum?.[measure.id].value
        : null;
  if (value === null || value === undefined) return null;
  const error = measure.of === 'coefficient' ? preset.standard_errors[measure.id] : undefined;
  return {
    source: preset.name,
    own: false,
    value,
    interval: error === undefined ? null : [value - NORMAL * error, value + NORMAL * error],
    method: error === undefined ? t.sure.noError : t.sure.printedError,
  };
}

/** Ours in ink on top, published numbers below; a whisker is a 95 % interval. */
export function forest(
  id: string,
  title: string,
  measure: Measure,
  rows: readonly ForestRow[],
): ChartDescription {
  const layer = (own: boolean) => {
    const of = rows.flatMap((row, i) => (row.own === own ? [{ ...row, i }] : []));
    // Ends at or below zero cannot be drawn on a log axis: the whisker runs to the edge.
    const drawn = (x: number) => (measure.scale === 'log' && x <= 0 ? -Infinity : x);
    return {
      kind: 'intervals' as const,
      along: 'x' as const,
      name: own ? t.sure.own : t.sure.published,
      x: of.map(({ value }) => value),
      y: of.map(({ i }) => i),
      lower: of.map(({ interval }) => drawn(interval?.[0] ?? NaN)),
      upper: of.map(({ interval }) => interval?.[1] ?? NaN),
      labels: of.map(({ source, method }) => (own ? source : `${source} (${method})`)),
      role: own ? ('ink' as const) : { category: 0 },
    };
  };
  const layers = [layer(true), layer(false)].filter(({ x }) => x.length > 0);
  return {
    id,
    title,
    panels: [
      {
        x: axisOf(measure),
        y: {
          quantity: 'source',
          name: t.sure.source,
          scale: 'category',
          categories: rows.map(({ source }) => source),
        },
        layers,
      },
    ],
  };
}
