/** What a fit hangs on: profiles, the influence of each run, and the answer along choices. */
import type { ChartDescription } from '../../charts/panel';
import type { Columns } from '../../core/protocol';
import * as t from '../../text/panels';
import { axisOf, isAnswer, type Measure } from './measures';

/** Where the deviance of a 95 % profile interval ends: the 95 % point of χ² with one degree of freedom. */
export const DEVIANCE_95 = 3.84;

/** How much worse the fit gets as one quantity is held elsewhere. */
export function profileChart(measure: Measure, { x, deviance }: Columns): ChartDescription | null {
  if (!x?.length || !deviance) return null;
  return {
    id: 'profile',
    title: t.sure.profileTitle(measure.symbol),
    note: t.sure.profileNote,
    panels: [
      {
        x: axisOf(measure),
        y: {
          quantity: 'deviance',
          name: t.sure.deviance,
          scale: 'linear',
          kind: 'number',
          holds: [0, 2 * DEVIANCE_95],
        },
        layers: [
          {
            kind: 'rule',
            on: 'y',
            value: DEVIANCE_95,
            label: t.sure.devianceLine(DEVIANCE_95),
            role: 'accent',
          },
          { kind: 'line', name: t.sure.profile, label: '', x, y: deviance, role: 'ink' },
        ],
      },
    ],
  };
}

/** A run as a point of the influence chart. */
export interface InfluentialRun {
  /** Row of the table. */
  index: number;
  name: string;
  flops: number;
  /** N_opt without the run / with it − 1. */
  change: number;
}

/** Runs by position in a dataset. */
export interface Named {
  dataset: { rows: readonly { index: number; name: string }[] };
  columns: Columns;
}

/**
 * Runs with what leaving each out does to the answer, the strongest first. `positions` are those of the
 * rows in the fit, in the order in which they were sent.
 */
export function influences(
  answer: Columns,
  positions: readonly number[],
  { dataset, columns }: Named,
  of = 'params:0',
): InfluentialRun[] {
  const column = answer[of];
  if (!column) return [];
  return positions
    .flatMap((position, i): InfluentialRun[] => {
      const row = dataset.rows[position];
      const change = Math.expm1(column[i] ?? NaN);
      if (!row || !Number.isFinite(change)) return [];
      const { index, name } = row;
      return [{ index, name, flops: columns['flops']?.[position] ?? NaN, change }];
    })
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
}

/** What leaving out each run does, over the compute of the run. */
export function influenceChart(
  runs: readonly InfluentialRun[],
  symbol: string,
): ChartDescription | null {
  const worst = runs[0];
  if (!worst) return null;
  const shown = runs.filter(({ flops }) => flops > 0);
  if (shown.length === 0) return null;
  return {
    id: 'influence',
    title: t.sure.influenceTitle(symbol, worst.name, worst.change),
    note: t.sure.influenceNote,
    panels: [
      {
        x: {
          quantity: 'flops',
          name: t.sure.runCompute,
          unit: 'FLOPs',
          scale: 'log',
          kind: 'compute',
        },
        y: {
          quantity: 'change',
          name: t.sure.changeOf(symbol),
          scale: 'linear',
          kind: 'percent',
          holds: [0],
        },
        layers: [
          { kind: 'rule', on: 'y', value: 0, label: '', role: 'muted' },
          {
            kind: 'points',
            name: t.sure.runs,
            x: shown.map(({ flops }) => flops),
            y: shown.map(({ change }) => change),
            labels: shown.map(({ name }) => name),
            rows: shown.map(({ index }) => index),
            role: { category: 0 },
          },
        ],
      },
    ],
  };
}

/**
 * The answer as the k worst-fitted runs are left out, or as δ moves from median to mean. `current`: the δ in
 * force; null = the objective has none.
 */
export function pathChart(
  path: 'drop' | 'delta',
  columns: Columns,
  measure: Measure,
  positions: readonly number[],
  { dataset }: Named,
  current: number | null,
): ChartDescription | null {
  const column = isAnswer(measure.id) ? `${measure.id}:0` : measure.id;
  const y = columns[`${path}.${column}`];
  if (!y?.length) return null;
  const dropped = columns['drop.row'];
  const isDrop = path === 'drop';
  const what = measure.of === 'answer' ? measure.name : t.plain(measure.symbol);
  const x = isDrop ? Array.from(y, (_, i) => i) : columns['delta'];
  if (!x) return null;
  const runOf = (i: number) => dataset.rows[positions[dropped?.[i] ?? -1] ?? -1];
  return {
    id: `${path}-path`,
    title: isDrop ? t.outliers.dropTitle(what) : t.outliers.deltaTitle(what),
    note: isDrop ? t.outliers.dropNote : t.outliers.deltaNote,
    panels: [
      {
        x: isDrop
          ? {
              quantity: 'left_out',
              name: t.outliers.leftOutCount,
              scale: 'linear',
              kind: 'number',
              holds: [0],
            }
          : {
              quantity: 'delta',
              name: t.outliers.delta,
              symbol: 'δ',
              scale: 'log',
              kind: 'number',
            },
        y: axisOf(measure),
        layers: [
          ...(current !== null && !isDrop
            ? [
                {
                  kind: 'rule' as const,
                  on: 'x' as const,
                  value: current,
                  label: t.outliers.deltaNow,
                  role: 'accent' as const,
                },
              ]
            : []),
          {
            kind: 'line',
            name: measure.symbol,
            label: '',
            x,
            y,
            role: 'ink',
          },
          ...(isDrop
            ? [
                {
                  kind: 'points' as const,
                  name: t.outliers.leftOutRuns,
                  x,
                  y,
                  labels: Array.from(y, (_, i) =>
                    i === 0 ? t.outliers.nothingOut : t.outliers.alsoOut(runOf(i)?.name ?? ''),
                  ),
                  rows: Array.from(y, (_, i) => runOf(i)?.index ?? -1),
                  role: 'ink' as const,
                },
              ]
            : []),
        ],
      },
    ],
  };
}
