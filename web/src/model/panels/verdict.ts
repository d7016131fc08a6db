import type {
  IntervalsReport,
  NextRunReport,
  OutliersReport,
} from '../../core/estimation-protocol';
import type { FitReport, FitWarning, Law, Optimum } from '../../core/protocol';

/** All that the verdict is passed on. What is not known yet is null, and nothing is said of it. */
export interface VerdictFacts {
  law: Law;
  report: FitReport;
  optimum: Optimum | null;
  intervals: IntervalsReport | null;
  outliers: OutliersReport | null;
  nextRun: NextRunReport | null;
}

/** One thing to say; text/panels.ts has the sentence for each. */
export type Point =
  | { code: 'describes'; rows: number; median: number }
  | { code: 'exponents'; error: number }
  | { code: 'split_known'; flops: number; interval: [number, number]; value: number }
  | { code: 'split_rough'; flops: number; interval: [number, number]; value: number }
  | { code: 'split_unknown'; flops: number; interval: [number, number] | null }
  | { code: 'loss_known'; flops: number; value: number; error: number }
  | { code: 'nothing'; law: string }
  | { code: 'warning'; warning: FitWarning }
  | { code: 'extrapolates'; decades: number; flops: number }
  | { code: 'at_bound'; share: number }
  | { code: 'failed_draws'; share: number }
  | { code: 'outliers'; rows: number[] }
  | { code: 'no_doubt' };

/** Which run to do next. */
export type Next =
  | { code: 'run'; params: number; tokens: number; flops: number; narrows: number }
  | { code: 'no_single_run'; flops: number; narrows: number }
  | { code: 'way_out'; warning: FitWarning }
  | { code: 'none' };

export interface Verdict {
  supported: Point[];
  doubtful: Point[];
  /** null: not known yet. */
  next: Next | null;
}

/** An answer is known when the ends of its interval are at most this factor from the middle. */
const WELL = 1.25;
/** … and roughly known up to this. */
const ROUGHLY = 2;
/** Shares of the draws below this are not worth a word. */
const SHARE = 0.05;
/** Extrapolation below this many decades is next door. */
const NEAR = 0.25;
/** A run that narrows ln N_opt by less than this share is not worth a recommendation. */
const WORTHWHILE = 0.02;
/** As many doubts as one reads; the worst come first. */
const MOST = 4;

/**
 * Warnings from the gravest on. Those that follow from another one are dropped with it, and those that are
 * not here are notes, said beside the fit but not in the verdict.
 */
export const GRAVE = [
  'too_few_runs',
  'single_value',
  'one_budget',
  'ratio_fixed',
  'few_values',
  'collinear',
  'flat_direction',
  'second_optimum',
  'no_floor',
  'no_effect',
  'exponent_at_bound',
  'at_own_bound',
  'heavy_tails',
  'weak_exponent',
  'ridge',
  'errors_differ',
  'starts_disagree',
  'duplicate_rows',
];
/** What needs no word of its own once its cause has been named. */
const FOLLOWS: Record<string, readonly string[]> = {
  too_few_runs: ['few_values', 'flat_direction', 'ridge', 'weak_exponent', 'starts_disagree'],
  single_value: ['too_few_runs', 'few_values', 'flat_direction', 'ridge', 'collinear'],
  one_budget: ['flat_direction', 'ridge', 'collinear', 'weak_exponent', 'starts_disagree'],
  ratio_fixed: ['flat_direction', 'ridge', 'collinear', 'weak_exponent', 'starts_disagree'],
  collinear: ['flat_direction', 'ridge', 'weak_exponent'],
  flat_direction: ['ridge', 'weak_exponent', 'starts_disagree'],
  second_optimum: ['starts_disagree'],
  no_floor: ['exponent_at_bound'],
  heavy_tails: ['errors_differ'],
};
/** Warnings under which another run of the same kind tells nothing: their own way out comes first. */
const DESIGN = new Set([
  'too_few_runs',
  'single_value',
  'one_budget',
  'ratio_fixed',
  'few_values',
  'collinear',
]);

/** What these runs support, what they do not, and which run would help most. */
export function verdict(facts: VerdictFacts): Verdict {
  const warnings = graveWarnings(facts.report.warnings);
  return {
    supported: supported(facts, warnings),
    doubtful: doubtful(facts, warnings),
    next: next(facts, warnings),
  };
}

function graveWarnings(all: readonly FitWarning[]): FitWarning[] {
  const codes = new Set(all.map(({ code }) => code));
  const implied = new Set([...codes].flatMap((code) => FOLLOWS[code] ?? []));
  return all
    .filter(({ code }) => GRAVE.includes(code) && !implied.has(code))
    .sort((a, b) => GRAVE.indexOf(a.code) - GRAVE.indexOf(b.code));
}

/** How far the ends of an interval are from its geometric middle. */
export function factorOf([low, high]: readonly [number, number]): number {
  return low > 0 ? Math.sqrt(high / low) : Infinity;
}

/** The interval of N_opt that stands: from draws, or the sandwich's until they are there. */
function splitInterval({ intervals, optimum }: VerdictFacts): [number, number] | null {
  const atBudget = intervals?.optima.find((one) => one && one.flops === optimum?.flops);
  return atBudget ? atBudget.params.interval : (optimum?.params.interval ?? null);
}

/** An interval of N_opt means nothing where one direction of the fit is free. */
function undetermined(warnings: readonly FitWarning[]): boolean {
  return warnings.some(({ code }) =>
    ['too_few_runs', 'one_budget', 'ratio_fixed', 'single_value', 'flat_direction'].includes(code),
  );
}

function split(facts: VerdictFacts, warnings: readonly FitWarning[]): Point | null {
  const { optimum } = facts;
  if (!optimum || optimum.params.value === null) return null;
  const { flops } = optimum;
  const interval = splitInterval(facts);
  if (!interval || undetermined(warnings)) return { code: 'split_unknown', flops, interval };
  const factor = factorOf(interval);
  const known = { flops, interval, value: optimum.params.value };
  if (factor <= WELL) return { code: 'split_known', ...known };
  if (factor <= ROUGHLY) return { code: 'split_rough', ...known };
  return { code: 'split_unknown', flops, interval };
}

function supported(facts: VerdictFacts, warnings: readonly FitWarning[]): Point[] {
  const { law, report, optimum } = facts;
  if (!report.usable) return [{ code: 'nothing', law: law.name }];
  const points: Point[] = [];
  if (report.goodness) {
    const { rows, median_abs_log_residual: median } = report.goodness;
    points.push({ code: 'describes', rows, median });
  }
  const answer = split(facts, warnings);
  if (answer && answer.code !== 'split_unknown') points.push(answer);
  const loss = optimum?.loss;
  if (loss?.value && loss.interval && answer && !undetermined(warnings)) {
    const error = (loss.interval[1] - loss.interval[0]) / 2;
    if (error < 0.05 * loss.value)
      points.push({ code: 'loss_known', flops: optimum!.flops, value: loss.value, error });
  }
  const exponents = law.coefficients
    .filter(({ role }) => role === 'exponent')
    .map(({ id }) => report.coefficients.find((found) => found.id === id));
  const errors = exponents.map((found) =>
    found?.state === 'free' && found.value !== null && found.standard_error !== null
      ? found.standard_error / Math.abs(found.value)
      : Infinity,
  );
  const worst = Math.max(...errors);
  if (errors.length > 0 && worst < 0.1) points.push({ code: 'exponents', error: worst });
  return points;
}

function doubtful(facts: VerdictFacts, warnings: readonly FitWarning[]): Point[] {
  const { report, optimum, intervals, outliers } = facts;
  const points: Point[] = warnings.map((warning) => ({ code: 'warning', warning }));
  if (!report.usable) return points.slice(0, MOST);
  const answer = split(facts, warnings);
  if (answer?.code === 'split_unknown') points.unshift(answer);
  const decades = optimum?.decades_outside.flops ?? 0;
  if (decades >= NEAR) points.push({ code: 'extrapolates', decades, flops: optimum!.flops });
  if (intervals && intervals.at_bound > SHARE)
    points.push({ code: 'at_bound', share: intervals.at_bound });
  if (intervals && intervals.failed > SHARE * intervals.draws)
    points.push({ code: 'failed_draws', share: intervals.failed / intervals.draws });
  const standing = outliers?.outliers.map(({ row }) => row) ?? [];
  if (standing.length > 0) points.push({ code: 'outliers', rows: standing });
  return points.length > 0 ? points.slice(0, MOST) : [{ code: 'no_doubt' }];
}

function next({ report, nextRun }: VerdictFacts, warnings: readonly FitWarning[]): Next | null {
  const design = warnings.find(({ code }) => DESIGN.has(code));
  if (design) return { code: 'way_out', warning: design };
  if (!report.usable)
    return warnings[0] ? { code: 'way_out', warning: warnings[0] } : { code: 'none' };
  if (!nextRun) return null;
  const best = nextRun.candidates[0];
  if (!best) return { code: 'none' };
  const narrows = 1 - best.shrinks;
  if (narrows < WORTHWHILE) {
    const flops = Math.max(...nextRun.candidates.map((candidate) => candidate.flops));
    return { code: 'no_single_run', flops, narrows };
  }
  return { code: 'run', params: best.params, tokens: best.tokens, flops: best.flops, narrows };
}
