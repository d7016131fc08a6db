/** The three approaches of the Chinchilla paper on the runs of a study, as the report and JSON say them. */
import type { ApproachOptimum, PowerLine } from '../core/estimation-protocol';
import type { FitWarning } from '../core/protocol';
import { formatCount, formatInterval, formatNumber, formatQuantityInterval } from '../format';
import { readBudget } from '../data/read-number';
import type { ApproachLine } from '../report/input';
import { curvePoints } from '../state/labels';
import { warningFinding } from '../text/engine';
import { possible, UsageError } from './complaints';
import type { Context } from './context';
import type { Option, Options } from './options';
import { alignColumns } from './print';
import { demandPlace, numbersIn, quotedOptimum, type Drawn, type Study } from './study';

export const approachOptions: Record<string, Option> = {
  approach: {
    value: '1|2|3',
    help: 'also by envelope (1), isoFLOP parabolas (2), the joint fit (3)',
    multiple: true,
  },
  budget: { value: 'COL', help: 'for approach 2: the budget that a run belongs to, in FLOPs' },
};

/** Enough for the percentiles of two numbers. */
const MOST_DRAWS = 2000;

interface Number95 {
  value: number | null;
  interval: [number, number] | null;
}

export interface Approach {
  /** Of compute, in the best N and D. */
  exponents: { params: Number95; tokens: Number95 };
  /** At the budget named. */
  optimum: { flops: number; params: Number95; tokens: Number95 } | null;
  warnings: FitWarning[];
  /** Approach 2: one each, with the rows of the table (from 1) and what is wrong with its parabola. */
  budgets?: {
    flops: number;
    rows: number[];
    used: boolean;
    params: number | null;
    tokens: number | null;
    flags: string[];
  }[];
}

const NAMES = { 1: 'Approach 1: envelope', 2: 'Approach 2: isoFLOP', 3: 'Approach 3: joint fit' };
export type ApproachNumber = keyof typeof NAMES;

/** Those asked for, in order. */
export function approachesAsked(options: Options): ApproachNumber[] {
  const known = ['1', '2', '3'];
  for (const one of options.all('approach')) {
    if (!known.includes(one))
      throw new UsageError(`--approach: “${one}” is not known. ${possible('Possible', known)}`);
  }
  if (options.has('budget') && !options.all('approach').includes('2'))
    throw new UsageError('--budget is of approach 2: add --approach 2.');
  return ([1, 2, 3] as const).filter((one) => options.all('approach').includes(String(one)));
}

export async function approach(
  number: ApproachNumber,
  context: Context,
  options: Options,
  study: Study,
  drawn: Drawn | null,
): Promise<Approach> {
  const { estimator, catalog } = context;
  const { runs, chosen, target, fit } = study;
  if (number === 3) return jointFit(study, drawn);
  const { at: _, ...asked } = target;
  const draws = drawn ? { draws: Math.min(drawn.count, MOST_DRAWS), seed: drawn.seed } : {};
  if (number === 1) {
    const { columns } = curvePoints(runs, chosen.positions, runs.table, runs.mapping);
    const request = { ...asked, ...draws };
    const { report } = await estimator.approach1(demandPlace(study, columns), request);
    return said(report);
  }
  const name = options.text('budget');
  const units = catalog.quantities.find(({ id }) => id === 'flops')?.units ?? [];
  const budget =
    name !== undefined &&
    numbersIn(study, name, '--budget', (cell) => readBudget(cell, units) ?? NaN);
  const columns = { ...demandPlace(study, fit.known), ...(budget && { budget }) };
  const report = await estimator.approach2(columns, { ...asked, ...draws });
  const tableRow = (row: number) => runs.dataset.rows[chosen.positions[row]!]!.index + 1;
  const size = (log: number | null) => (log === null ? null : Math.exp(log));
  return {
    ...said(report),
    budgets: report.budgets.map(({ flops, rows, used, params, tokens }) => ({
      flops,
      rows: rows.map(tableRow),
      used,
      params: size(params.log_opt),
      tokens: size(tokens.log_opt),
      flags: [...new Set([...params.flags, ...tokens.flags])],
    })),
  };
}

function said(report: {
  params: PowerLine | null;
  tokens: PowerLine | null;
  optima: ApproachOptimum[];
  warnings: FitWarning[];
}): Approach {
  const exponent = (line: PowerLine | null): Number95 => ({
    value: line?.exponent ?? null,
    interval: line?.exponent_interval ?? null,
  });
  return {
    exponents: { params: exponent(report.params), tokens: exponent(report.tokens) },
    optimum: report.optima[0] ?? null,
    warnings: report.warnings,
  };
}

function jointFit(study: Study, drawn: Drawn | null): Approach {
  const { report } = study.fit;
  const exponent = (of: string): Number95 => {
    const implied = report.implied.find(({ id }) => id === of);
    const better = drawn?.bootstrap.report.implied.find(({ id }) => id === of);
    return {
      value: implied?.value ?? null,
      interval: better?.interval ?? implied?.interval ?? null,
    };
  };
  const best = quotedOptimum(study, drawn);
  const number = ({ value, interval }: Number95): Number95 => ({ value, interval });
  return {
    exponents: { params: exponent('N_exponent'), tokens: exponent('D_exponent') },
    optimum: best && {
      flops: best.flops,
      params: number(best.params),
      tokens: number(best.tokens),
    },
    warnings: [],
  };
}

/** As a report lists it. */
export function approachLine(
  number: ApproachNumber,
  { exponents, optimum }: Approach,
): ApproachLine {
  return {
    name: NAMES[number],
    exponent: exponents.params.value,
    exponentInterval: exponents.params.interval,
    params: optimum?.params.value ?? null,
    paramsInterval: optimum?.params.interval ?? null,
    tokens: optimum?.tokens.value ?? null,
  };
}

/** For people: a table of them, and what is to be said about each. */
export function describeApproaches(
  { catalog }: Context,
  { law }: Study,
  found: [ApproachNumber, Approach][],
): string[] {
  const quantity = catalog.quantities.find(({ id }) => id === 'params')!;
  const { symbol } = quantity;
  const spread = (range: string) => (range === '–' ? '' : ` (${range})`);
  const rows = found.map(([number, { exponents, optimum }]) => [
    NAMES[number],
    formatNumber(exponents.params.value) + spread(formatInterval(exponents.params.interval)),
    optimum
      ? formatCount(optimum.params.value) +
        spread(formatQuantityInterval(quantity, optimum.params.interval))
      : '',
    formatCount(optimum?.tokens.value ?? null),
  ]);
  return [
    alignColumns([['', `Exponent of C in ${symbol}`, `Best ${symbol}`, 'Tokens'], ...rows]),
    ...found.flatMap(([number, { warnings, budgets }]) => [
      ...warnings.map((warning) => {
        const { name, text } = warningFinding(warning, law, catalog.quantities);
        return `! ${NAMES[number]}: ${name} ${text}`;
      }),
      ...(budgets ?? [])
        .filter(({ flags }) => flags.length > 0)
        .map(
          ({ flops, flags }) =>
            `  budget ${formatNumber(flops, 3)}: ${flags.join(', ').replaceAll('_', ' ')}`,
        ),
    ]),
  ];
}
