/** A table of runs with a law fitted to it: what the verbs fit, compare and report start from. */
import { fittedRuns, withIntervals, type FittedRuns } from '../core/fitted';
import type { Bootstrap } from '../core/estimator';
import type { Target } from '../core/estimation-protocol';
import type { Columns, FitRequest, Law, Optimum } from '../core/protocol';
import { chooseLaw, neededBy, offerLaws } from '../model/laws';
import { availableIn } from '../model/rows';
import { labelsBy, type Labels } from '../state/labels';
import { byId, possible, UsageError } from './complaints';
import type { Context } from './context';
import { budgetFrom, furtherVariables, lawNamed, lawOptions } from './law-numbers';
import type { Option, Options } from './options';
import {
  chooseRows,
  columnNamed,
  costModel,
  demandColumns,
  loadRuns,
  tableOptions,
  weighting,
} from './runs';
import type { Chosen, Runs } from './runs';

/** How to fit, of every verb that does. */
export const fitOptions: Record<string, Option> = {
  law: { ...lawOptions.law!, help: 'the law; default: the first that the columns allow' },
  ...tableOptions,
  weights: {
    value: 'COL|sqrt_flops|equal',
    help: 'how much each run counts: a column, √C, or all alike (default)',
  },
  objective: { value: 'ID', help: 'what is minimised; isoloss laws lists them' },
  delta: { value: 'X', help: 'where the Huber loss turns from square to straight' },
  penalty: { value: 'X', help: 'how much more a run counts that the law lies above' },
  fix: { value: 'NAME=X', help: 'hold a coefficient', multiple: true },
  tie: { value: 'NAME=NAME', help: 'hold two coefficients equal', multiple: true },
  bound: {
    value: 'NAME=LO..HI',
    help: 'keep a coefficient between two values; either may be missing',
    multiple: true,
  },
  flops: { value: 'X', help: 'also the best model for this compute: 1e24, "100 PF-days"' },
  exits: { value: 'X', help: 'exits of that model, where the law has them' },
};

export const bootstrapOptions: Record<string, Option> = {
  draws: { value: 'N', help: 'refits of the bootstrap (default 4000)' },
  seed: { value: 'S', help: 'of all that is drawn at random (default 1)' },
  cluster: {
    value: 'COL',
    help: 'draw rows with the same cell together; also a symbol, such as C: budgets',
  },
};

export interface Study {
  runs: Runs;
  law: Law;
  chosen: Chosen;
  request: FitRequest;
  fit: FittedRuns;
  /** Where answers are wanted; no budgets where none was named. */
  target: Target;
  /** At the budget named. */
  optimum: Optimum | null;
}

export async function fitStudy(context: Context, options: Options): Promise<Study> {
  const { catalog, engine, io } = context;
  const runs = await loadRuns(context, options, true);
  const available = availableIn(runs.columns);
  const law =
    lawNamed(context, options) ??
    chooseLaw(offerLaws(catalog, available), [catalog.defaults.law]) ??
    catalog.laws[0]!;
  const request = requestFrom(context, options, law, runs);
  const needed = [
    ...new Set([...neededBy(law), ...(request.weights === 'sqrt_flops' ? ['flops'] : [])]),
  ];
  demandColumns(context, runs, law, needed);
  const flops = budgetFrom(context, options);
  const chosen = chooseRows(context, runs, needed);
  const answer = await engine.fit(request, chosen.columns, {
    onProgress: ({ fraction }) => io.progress?.(fraction),
  });
  io.progress?.(null);
  const { known, range } = chosen;
  const fit = fittedRuns(request, chosen.columns, answer, { known, range });
  const target = {
    cost_model: { id: costModel(context, options) },
    flops: flops === undefined ? [] : [flops],
    at: furtherVariables(law, options),
  };
  const optimum = flops === undefined ? null : await optimumOf(context, law, fit, target);
  return { runs, law, chosen, request, fit, target, optimum };
}

function requestFrom({ catalog }: Context, options: Options, law: Law, runs: Runs): FitRequest {
  const objective = byId(
    catalog.objectives,
    options.text('objective') ?? catalog.defaults.objective,
    '--objective',
    'Objectives',
  );
  const names = law.coefficients.map(({ id }) => id);
  const known = (name: string, option: string) => {
    if (names.includes(name)) return name;
    throw new UsageError(
      `${option}: “${name}” is no coefficient of ${law.id}. ${possible('Coefficients', names)}`,
    );
  };
  const delta = options.number('delta');
  const penalty = options.number('penalty');
  const fixed = options.numbers('fix');
  Object.keys(fixed).forEach((name) => known(name, '--fix'));
  const bounds = options.ranges('bound');
  Object.keys(bounds).forEach((name) => known(name, '--bound'));
  const tied = options
    .pairs('tie')
    .map(([a, b]): [string, string] => [known(a, '--tie'), known(b, '--tie')]);
  return {
    law: law.id,
    objective: {
      id: objective.id,
      ...(delta !== undefined && { delta }),
      ...(penalty !== undefined && { penalty }),
    },
    ...(Object.keys(fixed).length > 0 && { fixed }),
    ...(tied.length > 0 && { tied }),
    ...(Object.keys(bounds).length > 0 && { bounds }),
    weights: weighting(options, runs),
  };
}

async function optimumOf(
  { engine, io }: Context,
  law: Law,
  { request, report, range }: FittedRuns,
  target: Target,
): Promise<Optimum | null> {
  const complete = law.coefficients.every(({ id }) => id in request.coefficients);
  if (!law.has_optimum || !complete) {
    io.err(
      law.has_optimum
        ? 'Note: without a value for each coefficient there is no best model.'
        : `Note: ${law.id} does not say how to split compute between model and data, so --flops has no answer.`,
    );
    return null;
  }
  const { optima, unavailable } = await engine.optimum({
    law: law.id,
    coefficients: request.coefficients,
    covariance: report.covariance,
    ...target,
    range,
  });
  if (!optima[0]) io.err(`Note: ${unavailable ?? 'there is no best model at this budget.'}`);
  return optima[0] ?? null;
}

/** Rows that belong together, by a column of the table or else by a quantity, named by symbol or id. */
export function labels(
  { catalog }: Context,
  { runs, chosen }: Pick<Study, 'runs' | 'chosen'>,
  name: string,
  option: string,
): Labels {
  const symbol = catalog.quantities.find((one) => one.symbol === name || one.id === name)?.id;
  const byQuantity =
    symbol !== undefined && !runs.table.header.includes(name) && runs.columns[symbol] !== undefined;
  const meant = byQuantity ? symbol : runs.table.header[columnNamed(runs.table, name, option)]!;
  return labelsBy(meant, runs.table, runs.mapping, runs, chosen.positions)!;
}

export interface Drawn {
  bootstrap: Bootstrap;
  seed: number;
  count: number;
  /** As it was named. */
  cluster: string | null;
}

/** Above so many runs a bootstrap would take too long. */
const MOST_ROWS = 20_000;

/** Bootstrap intervals; null, with a note, where there cannot be any. */
export async function drawStudy(
  context: Context,
  options: Options,
  study: Study,
): Promise<Drawn | null> {
  const { io, estimator } = context;
  const count = options.whole('draws', 1) ?? 4000;
  const seed = options.whole('seed', 0) ?? 1;
  const cluster = options.text('cluster') ?? null;
  const rows = study.chosen.positions.length;
  if (rows > MOST_ROWS) {
    io.err(`Note: with more than ${MOST_ROWS} runs the intervals are those of the sandwich.`);
    return null;
  }
  if (!study.fit.report.usable) {
    io.err('Note: a fit that may not be relied on has no bootstrap.');
    return null;
  }
  const together = cluster === null ? null : labels(context, study, cluster, '--cluster');
  if (together?.names.length === rows)
    io.err(`Note: by ${cluster} every row is by itself, so that --cluster changes nothing.`);
  const bootstrap = await estimator.bootstrap(study.fit, {
    draws: count,
    seed,
    target: study.target,
    cluster: together?.numbers,
    onProgress: (fraction) => io.progress?.(fraction),
  });
  io.progress?.(null);
  return { bootstrap, seed, count, cluster };
}

/** The best model, with the intervals of the bootstrap where there is one. */
export function quotedOptimum({ optimum }: Study, drawn: Drawn | null): Optimum | null {
  const found = drawn?.bootstrap.report.optima[0];
  return optimum && found ? withIntervals(optimum, found) : optimum;
}

/** Names of the runs in the fit; empty where the table has none. */
export function namesOf({ runs, chosen }: Study): string[] {
  const named = runs.mapping.columns.some(({ role }) => role === 'run');
  return named ? chosen.positions.map((position) => runs.dataset.rows[position]!.name) : [];
}

/** Numbers of a column of the table, by run in the fit. */
export function numbersIn(
  { runs, chosen }: Study,
  name: string,
  option: string,
  read: (cell: string) => number,
): Float64Array {
  const column = columnNamed(runs.table, name, option);
  return Float64Array.from(chosen.positions, (position) =>
    read(runs.table.rows[runs.dataset.rows[position]!.index]![column]!),
  );
}

/** What approaches 1 and 2 read: params, tokens, flops and loss; complains where one is missing. */
export function demandPlace({ fit }: Study, columns: Columns = fit.known): Columns {
  const missing = ['params', 'tokens', 'flops', 'loss'].filter((id) => !columns[id]);
  if (missing.length === 0) return columns;
  throw new UsageError(`--approach: needs a number of ${missing.join(', ')} for every run.`);
}
