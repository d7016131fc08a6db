/**
 * The shapes of the estimation engine: a second module, loaded after the first fit is on the page, that
 * answers the base module's operations (protocol.ts) and the ones below. Every operation is stateless:
 * it gets the runs, what was fitted and the coefficients found, and answers at once, so that a pool of
 * workers can share the work in any split. Draw i depends on the seed and on i alone, and every decision
 * over draws (audit, percentiles) is an operation that sees all of them: the result is the same to the
 * last bit whatever the number of workers.
 *
 * Conventions are those of protocol.ts. `from`/`to` are half-open ranges.
 */
import type { CostChoice, DataRange, FitRequest, FitWarning, LawWithNumbers } from './protocol';

// ---------------------------------------------------------------------------------------------
// What all operations share

/**
 * A finished fit: the request with its objective settled (the δ that was used) and the coefficients found,
 * natural values; undetermined ones are absent. Columns beside it: those that were sent to `fit`.
 */
export interface FittedRequest extends FitRequest {
  coefficients: Record<string, number>;
}

/** Where answers are wanted: budgets, and values of the law's further variables (exits; default 1). */
export interface Target {
  cost_model: CostChoice;
  flops: number[];
  at?: Record<string, number>;
}

// ---------------------------------------------------------------------------------------------
// Bootstrap

/**
 * bootstrap: refits [from, to) of a case bootstrap (rows drawn with replacement) or, with a column
 * `cluster` (numbers; equal = same cluster), of a cluster bootstrap.
 * Columns out, one entry per refit asked for: every coefficient (NaN = none), `objective`, `at_bound` (0/1).
 */
export interface BootstrapRequest extends FittedRequest {
  seed: number;
  from: number;
  to: number;
  /** Only every so many-th draw (0, every, 2·every, …): the audit. Default 1. */
  every?: number;
  /**
   * warm: from the fit. scanned: from the best of a scan of its own as well (what a rerun after the audit takes).
   * thorough: by a search of its own as well (the audit).
   */
  effort: 'warm' | 'scanned' | 'thorough';
}

/**
 * audit: whether warm refits can be trusted, over ALL draws. Columns: `objective` (warm, by draw),
 * `audited` (thorough, by draw; NaN where not audited), `at_bound`.
 */
export interface AuditRequest {
  /** Rows of the fit. */
  rows: number;
}
export interface AuditReport {
  rerun: boolean;
  reason: 'missed_optimum' | 'few_runs' | 'at_bounds' | null;
  audited: number;
  /** Draws whose thorough objective was lower by more than 1e-6 of it. */
  missed: number;
}

/**
 * A number from draws: percentile interval, median and standard deviation (of optima: that of the
 * logarithm, times the value); `missing` = share of draws without a value.
 */
export interface DrawEstimate {
  value: number | null;
  median: number | null;
  standard_error: number | null;
  interval: [number, number] | null;
  missing: number;
}

/**
 * intervals: percentile intervals from all draws. Columns in: every coefficient by draw, `at_bound`.
 * With `columns: true` out: `N_exponent`, `D_exponent` and, per budget i, `params:i`, `tokens:i`,
 * `tokens_per_param:i`, `loss:i` by draw.
 */
export interface IntervalsRequest extends LawWithNumbers, Target {
  /** Default 0.95. */
  level?: number;
  columns?: boolean;
}
export interface IntervalsReport {
  level: number;
  draws: number;
  /** Draws without a fit. */
  failed: number;
  /** Share of draws that ended at a bound. */
  at_bound: number;
  coefficients: Record<string, DrawEstimate>;
  implied: ({ id: string; symbol: string; name: string } & DrawEstimate)[];
  optima: ({
    flops: number;
    params: DrawEstimate;
    tokens: DrawEstimate;
    tokens_per_param: DrawEstimate;
    loss: DrawEstimate;
  } | null)[];
}

/**
 * bands: pointwise percentile bands of the mean and of a new run (a draw plus a resampled residual of the
 * runs nearest in compute). Columns in: draws as `draw.<coefficient>`, the grid as `at.<variable>`, the runs'
 * residuals as `residual` and, for "nearest in compute", `residual.flops` and `at.flops` (absent: all runs).
 * Columns out: `lower`, `upper`, `new_lower`, `new_upper`.
 */
export interface BandsRequest {
  law: string;
  level?: number;
  seed: number;
}

// ---------------------------------------------------------------------------------------------
// What the fit hangs on

/**
 * influence: what leaving out run i does, rows [from, to). Columns out: every coefficient without the run,
 * and `params:0`, `tokens:0`, `loss:0` at the first budget as ln(without / with).
 */
export interface InfluenceRequest extends FittedRequest, Target {
  from: number;
  to: number;
}
export interface InfluenceReport {
  /** one_step above 20,000 rows: one Newton step instead of a refit. */
  method: 'exact' | 'one_step';
}

/** profile: the objective along one quantity, everything else refitted. Columns out: `x`, `deviance`. */
export interface ProfileRequest extends FittedRequest, Target {
  /** A coefficient's id, or N_exponent, D_exponent, params, tokens, tokens_per_param, loss (at the first budget). */
  of: string;
  points?: number;
}
export interface ProfileReport {
  value: number | null;
  /** Where the scaled deviance 2(F − F̂)/τ crosses 3.84; null: it does not on that side. */
  lower: number | null;
  upper: number | null;
}

/**
 * paths: the answer as the k worst-fitted runs are left out (columns `drop.row`, `drop.<coefficient>`,
 * `drop.params:0`, `drop.tokens_per_param:0`, …, the answers themselves; entry 0 = nothing left out) and as δ goes from least absolute deviations to least
 * squares (`delta`, `delta.<coefficient>`, `delta.params:0`, …).
 */
export interface PathsRequest extends FittedRequest, Target {
  drop: number;
  deltas: number;
}

/**
 * outliers: runs that stand out, with reasons; none is dropped. Columns beside the fit's: `residual`
 * (ln L̂ − ln L), `influence` (ln N_opt without / with; may be absent), `flops` where known.
 */
export interface OutliersRequest extends FittedRequest {
  /** Standard error of ln N_opt, the yardstick of influence; null: influence is not judged. */
  standard_error: number | null;
}
export interface OutliersReport {
  /** Robust standard deviation of the residuals, 1.4826·median|r|. */
  scale: number | null;
  outliers: {
    row: number;
    reasons: { code: 'residual' | 'spline' | 'influence'; value: number; threshold: number }[];
  }[];
}

/** next_run: which one more run would narrow ln N_opt(first budget) most, per size of run. */
export interface NextRunRequest extends FittedRequest, Target {
  range: DataRange;
  /** Largest compute of a candidate; default: the largest run so far. */
  largest_flops?: number;
}
export interface NextRunReport {
  /** Best first; `shrinks` = standard error of ln N_opt after / before. */
  candidates: { params: number; tokens: number; flops: number; shrinks: number }[];
}

// ---------------------------------------------------------------------------------------------
// Three approaches

/**
 * A power law y = exp(log_coefficient)·C^exponent through optima, with 95 % intervals by bootstrap: of runs in
 * approach 1, of points within budgets in approach 2.
 */
export interface PowerLine {
  exponent: number;
  log_coefficient: number;
  exponent_interval: [number, number] | null;
}
/** At each target budget. */
export interface ApproachOptimum {
  flops: number;
  params: { value: number; interval: [number, number] | null };
  tokens: { value: number; interval: [number, number] | null };
}

/**
 * approach_1: lower envelope of training curves. Columns: params, tokens, flops, loss; `curve` (numbers)
 * where rows are points of one run. Columns out: envelope points `flops`, `params`, `tokens`, `loss`, `row`.
 */
export interface Approach1Request extends Target {
  /** Log-spaced budgets over all compute at which two runs can be compared; default 1500, at most 5000. */
  points?: number;
  /** Bootstrap draws of runs; 0 = no intervals. Default 0. */
  draws?: number;
  seed?: number;
}
export interface Approach1Report {
  params: PowerLine | null;
  tokens: PowerLine | null;
  optima: ApproachOptimum[];
  /** Runs that ever are the best. */
  runs: number;
  warnings: FitWarning[];
}

/**
 * approach_2: a parabola of the loss in ln N (and in ln D) per budget, a power law through the vertices.
 * Columns: params, tokens, flops, loss, and `budget` where the table says which budget a run belongs to.
 */
export interface Approach2Request extends Target {
  /** Runs belong to one budget when within this relative distance of it; default 0.1. */
  tolerance?: number;
  /** Bootstrap draws of points within budgets; 0 = no intervals. Default 0. */
  draws?: number;
  seed?: number;
}
export type ParabolaFlag =
  'too_few_points' | 'few_points' | 'negative_curvature' | 'vertex_outside';
export interface Parabola {
  /** L = loss_opt + curvature·(ln x − log_opt)². null where there is no minimum. */
  log_opt: number | null;
  loss_opt: number | null;
  curvature: number | null;
  /**
   * ln x covered by the runs of this budget. A vertex outside is flagged, and not used if it lies further
   * outside than half the range.
   */
  range: [number, number];
  flags: ParabolaFlag[];
}
export interface Approach2Report {
  budgets: { flops: number; rows: number[]; params: Parabola; tokens: Parabola; used: boolean }[];
  /** Rows that belong to no budget. */
  unassigned: number[];
  params: PowerLine | null;
  tokens: PowerLine | null;
  /** exponent of N + exponent of D: 1 if the parabolas are unbiased. */
  exponent_sum: number | null;
  optima: ApproachOptimum[];
  warnings: FitWarning[];
}

/**
 * approach_2_bias: what approach 2 would find on the surface of a fitted law, without noise, at this very
 * design (columns: params, tokens, flops, and `budget` where known), against the law's own optimum.
 */
export interface BiasRequest extends LawWithNumbers, Target {
  tolerance?: number;
}
export interface BiasReport {
  /** Relative error of N_opt and D_opt per target budget: approach 2 / truth − 1. */
  optima: { flops: number; params: number | null; tokens: number | null }[];
  /** Error of the exponent of N and of D. */
  params_exponent: number | null;
  tokens_exponent: number | null;
}

// ---------------------------------------------------------------------------------------------
// Which law

/**
 * score: how well a fitted law describes the runs for what it costs. Columns: the fit's and `residual`
 * (ln L̂ − ln L). k counts the noise scale; `free_coefficients` does not. Both criteria are on the scale of
 * the loss, so that fits of ln L and of L compare; gaussian and laplace forms do not.
 */
export interface ScoreReport {
  /** Gaussian form for least squares, Laplace form for absolute and Huber objectives; same rows, same scale. */
  form: 'gaussian' | 'laplace';
  free_coefficients: number;
  aicc: number | null;
  bic: number | null;
}
/**
 * weigh: Akaike weights over laws and the prediction averaged with them. Columns: `aicc` (NaN = law did not
 * fit) and any number of `value:<name>` columns by law (natural, positive; averaged in the log). Out: `weight`,
 * and one entry `average:<name>` each.
 */

/** held_out: fits on some budgets, predicts the others. Columns: the fit's, and `flops`. */
export interface HeldOutRequest extends FitRequest {
  scheme: 'largest' | 'leave_one_budget_out' | 'rolling_origin';
  tolerance?: number;
  /** `largest` only: runs with more compute than this are held out; default: the largest fifth of the runs. */
  above?: number;
}
export interface HeldOutReport {
  folds: {
    /** Budget (or lower end of those) held out. */
    flops: number;
    trained: number;
    tested: number;
    status: string;
    /** Mean of |ln L̂ − ln L| and mean of ln L̂ − ln L over the held-out runs. */
    mean_error: number | null;
    bias: number | null;
    /** Largest compute held out / largest trained on. */
    extrapolation: number | null;
    /** Mean error of predicting the best loss seen in training: the naive baseline. */
    baseline: number | null;
  }[];
  mean_error: number | null;
  bias: number | null;
  baseline: number | null;
}
/** Columns out: `row`, `fold`, `predicted` (L̂), `measured`, one entry per held-out run. */

/**
 * nested_test: draws [from, to) of a wild bootstrap of the difference in the objective between a restricted
 * fit (null hypothesis) and the full one. Columns out: `statistic`. The observed statistic is in the report.
 * p = (1 + number of draws at least as large) / (1 + number of draws).
 */
export interface NestedTestRequest extends FittedRequest {
  restriction: { fixed?: Record<string, number>; tied?: [string, string][] };
  seed: number;
  from: number;
  to: number;
}
export interface NestedTestReport {
  /** 2(F₀ − F₁)/τ of the data. */
  statistic: number | null;
  restricted: Record<string, number>;
}
/** nested_tests ({ law }, no columns): the restrictions that make sense for a law, for menus. */
export interface NestedTestsReport {
  offers: NestedTestOffer[];
}
export interface NestedTestOffer {
  id: string;
  name: string;
  meaning: string;
  restriction: NestedTestRequest['restriction'];
}

// ---------------------------------------------------------------------------------------------
// Groups of runs

/**
 * fit_groups: one law for several groups (FitRequest; column `group`, whole numbers from 0 without gaps, at
 * most 100 groups): exponents shared, floor and scales of each group's own. Columns out: `predicted`,
 * `residual`.
 */
export interface GroupsReport {
  status: string;
  usable: boolean;
  objective: number | null;
  /** Shared exponents with standard errors. */
  shared: { id: string; value: number | null; standard_error: number | null }[];
  groups: { rows: number; coefficients: Record<string, number | null> }[];
  starts: { tried: number; agreeing: number };
  /** The sum of the objectives of separate fits, and the AICc of both ways. */
  separate_objective: number | null;
  aicc: { shared: number | null; separate: number | null };
  warnings: FitWarning[];
}

// ---------------------------------------------------------------------------------------------
// Self-test

/**
 * self_test: study [from, to) of a simulation with a known law. kind `recovery`: noiseless random designs per
 * law; columns out `error` (largest relative error of a coefficient), `predicted_error`. kind `coverage`:
 * heteroscedastic studies; columns out per method and quantity 0/1: `bootstrap.alpha`, `bootstrap.params`,
 * `bootstrap.loss`, `sandwich.alpha`, … (NaN = no interval), ids of coefficients as the law has them.
 */
export interface SelfTestRequest {
  kind: 'recovery' | 'coverage';
  law: string;
  seed: number;
  from: number;
  to: number;
  /** coverage: runs per study (default 60) and bootstrap draws per study (default 500). */
  rows?: number;
  draws?: number;
}
