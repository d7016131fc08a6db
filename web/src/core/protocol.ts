/**
 * The shapes that cross the border between page and engine. The engine (C++) owns every fact in
 * them: laws, coefficients, presets, cost models, units, statuses. This file knows their shape only.
 *
 * Conventions: keys are snake_case as the engine writes them; counts are raw (no thousands or
 * millions), losses are nats per token, logs are natural. `null` means "there is no such number".
 */

// ---------------------------------------------------------------------------------------------
// Catalog: what the engine can do, sent once when it is ready

export interface Citation {
  /** For people: "Besiroglu, Erdil, Barnett, You 2024". */
  text: string;
  title: string;
  url: string;
  /** Where in the source: "eq. 10", "table A3"; may be empty. */
  locator: string;
}

/** A unit in which a column may be written. value_in_base = kind === 'scale' ? x*factor : … */
export interface Unit {
  id: string;
  name: string;
  /** scale: x·factor · log: ln x (perplexity) · per_ratio: x·factor·ratio (bits per byte × bytes per token). */
  kind: 'scale' | 'log' | 'per_ratio';
  factor: number;
  /** per_ratio only: what the ratio is called ("bytes per token"). */
  ratio_name: string;
}

/** Something a column can hold. `id` is the shared vocabulary: params, tokens, flops, exits, loss. */
export interface Quantity {
  id: string;
  symbol: string;
  name: string;
  /** Of the base unit: "parameters", "tokens", "FLOPs", "exits", "nats per token". */
  unit: string;
  kind: 'count' | 'compute' | 'loss';
  meaning: string;
  /** Exporters write 0 where they know nothing: 0 is then "missing", not a value. */
  zero_is_missing: boolean;
  units: Unit[];
}

/** Displayed formula as a tree; `symbol` names a coefficient or variable of the law. */
export type FormulaNode =
  | { op: 'number'; value: number }
  | { op: 'symbol'; id: string }
  | {
      op: 'add' | 'subtract' | 'multiply' | 'divide' | 'power';
      left: FormulaNode;
      right: FormulaNode;
    };

export interface Coefficient {
  /** ASCII name, as typed on the command line: E, A, alpha. */
  id: string;
  symbol: string;
  meaning: string;
  /** In words; "" for a pure number. */
  unit: string;
  /** Bounds of the fit; `null` upper = none. */
  lower: number;
  upper: number | null;
  role: 'floor' | 'scale' | 'exponent';
}

export interface Preset {
  id: string;
  name: string;
  /** By coefficient id. */
  coefficients: Record<string, number>;
  /** As the source prints them; absent where it gives none. */
  standard_errors: Record<string, number>;
  /** How we know the numbers. */
  status: 'published' | 'transcribed' | 'derived';
  status_text: string;
  caveat: string;
  citation: Citation;
}

export interface Law {
  id: string;
  name: string;
  summary: string;
  /** Quantity id of what the law predicts. */
  response: string;
  formula: string;
  formula_tree: FormulaNode;
  /** Quantity ids, in order. */
  variables: string[];
  coefficients: Coefficient[];
  presets: Preset[];
  citation: Citation;
  /** Predicts from params and tokens, so a compute-optimal split exists. */
  has_optimum: boolean;
  closed_form_optimum: boolean;
}

export interface Objective {
  id: string;
  name: string;
  summary: string;
  /** Formula in words: "Σ Huber_δ(ln L̂ − ln L)". */
  formula: string;
  /** Of ln L̂ − ln L or of L̂ − L. */
  residual: 'log' | 'plain';
  /** Σ wρ(r): Huber's ρ, |r| or r². */
  shape: 'huber' | 'absolute' | 'squares';
  default_delta: number | null;
  /** How much more a run counts that the law lies above; null where both sides count alike. */
  default_penalty: number | null;
  citation: Citation;
}

export interface CostModel {
  id: string;
  name: string;
  formula: string;
  summary: string;
  citation: Citation;
  settings: {
    id: string;
    name: string;
    unit: string;
    default_value: number;
    lower: number;
    upper: number;
  }[];
}

export interface Example {
  id: string;
  name: string;
  /** One short label that says what it is: "simulated isoFLOP study". */
  label: string;
  kind: 'simulated' | 'published';
  description: string;
  /** Each fact with where it comes from (coefficients, which borrowed, noise, seed). */
  provenance: string[];
  citation: Citation | null;
  /** The law to open it with. */
  law: string;
  flops: number;
}

export interface Status {
  id: string;
  name: string;
  meaning: string;
}

export interface Catalog {
  schema: 'isoloss.catalog/1';
  engine_version: string;
  quantities: Quantity[];
  laws: Law[];
  objectives: Objective[];
  cost_models: CostModel[];
  examples: Example[];
  statuses: Status[];
  defaults: {
    law: string;
    preset: string;
    objective: string;
    cost_model: string;
    example: string;
    flops: number;
  };
}

// ---------------------------------------------------------------------------------------------
// Requests and reports. Columns travel beside the JSON as Float64Array, keyed by quantity id.

export type Columns = Record<string, Float64Array>;

export interface CostChoice {
  id: string;
  settings?: Record<string, number>;
}

/**
 * prepare: numbers as typed by people → base units, with the missing one of params, tokens, flops
 * derived under the chosen cost model. Columns in: NaN = missing. Columns out: the same ids plus
 * what was derived, and `flops_per_param_token` = C/(N·D) where all three were given.
 */
export interface PrepareRequest {
  units: Record<string, { id: string; ratio?: number }>;
  cost_model: CostChoice;
}
export interface PrepareReport {
  /** Quantities computed for at least one row. */
  derived: { quantity: string; from: string[]; rows: number }[];
  /** Rows that cannot be used; row = index into the columns that were sent. */
  unusable: {
    row: number;
    quantity: string;
    code: 'missing' | 'not_positive' | 'not_finite' | 'below_one';
  }[];
}

export interface FitRequest {
  law: string;
  objective: { id: string; delta?: number; penalty?: number };
  /** Coefficients held at a value. */
  fixed?: Record<string, number>;
  /** Pairs held equal. */
  tied?: [string, string][];
  /** Lowest and highest value a coefficient may take, within the law's own bounds; null = none. */
  bounds?: Record<string, [number | null, number | null]>;
  /**
   * How much each run counts: alike, by √C (needs a `flops` column beside the law's variables), or by a
   * `weight` column. Default: column where one is sent, else equal.
   */
  weights?: 'equal' | 'sqrt_flops' | 'column';
}

export type FitStatus =
  'converged' | 'at_bound' | 'flat_direction' | 'too_few_points' | 'max_iterations' | 'cancelled';

export interface Estimate {
  value: number | null;
  standard_error: number | null;
  /** 95 %. */
  interval: [number, number] | null;
}

export interface FittedCoefficient extends Estimate {
  id: string;
  state: 'free' | 'fixed' | 'tied' | 'at_lower' | 'at_upper' | 'undetermined';
  tied_to: string | null;
}

export interface Goodness {
  rows: number;
  free_coefficients: number;
  /** Share of the variance of ln L explained. */
  r_squared: number | null;
  /** Root mean square and median absolute of ln L̂ − ln L: relative error. */
  rms_log_residual: number;
  median_abs_log_residual: number;
  max_abs_log_residual: number;
}

/** A quantity that the coefficients imply (exponent of N in C, …). */
export interface Implied extends Estimate {
  id: string;
  symbol: string;
  name: string;
}

export interface FitWarning {
  /** Stable name; the sentence is the page's. */
  code: string;
  coefficients: string[];
  /** Quantity ids concerned. */
  quantities: string[];
  value: number | null;
}

export interface FitReport {
  schema: 'isoloss.report/1';
  law: string;
  /** `delta` is the one used, also where it was found from the residuals. */
  objective: { id: string; delta: number | null; penalty: number | null; value: number | null };
  status: FitStatus;
  usable: boolean;
  starts: { tried: number; agreeing: number };
  evaluations: number;
  coefficients: FittedCoefficient[];
  /**
   * Robust (sandwich) covariance of the free coefficients, those of positive scale as logs; null where
   * it cannot be had. Pass it on to predict and optimum as it is.
   */
  covariance: Covariance | null;
  /**
   * By coefficient: robust standard error over the one that equal errors of all runs would give. Empty
   * without a covariance.
   */
  robust_ratio: Record<string, number | null>;
  interval_method: string;
  goodness: Goodness | null;
  implied: Implied[];
  warnings: FitWarning[];
  /** Column-scaled condition number of the fit. */
  condition: number | null;
  /** Of a usable fit: a second explanation of the runs, almost as good. */
  other_optimum: OtherOptimum | null;
}
/** Columns beside the report: `predicted` (L̂) and `residual` (ln L̂ − ln L), one per row sent. */

/** A local optimum that describes the runs otherwise and is not significantly worse. */
export interface OtherOptimum {
  objective: number;
  /** Excess over the best, in units in which 3.84 would be significant (95 %). */
  deviance: number;
  /** null: the exponent of a term that is not there. */
  coefficients: Record<string, number | null>;
}

export interface Covariance {
  coefficients: string[];
  matrix: number[][];
  degrees_of_freedom: number;
}

export interface FitProgress {
  fraction: number;
  starts_tried: number;
  best_objective: number | null;
}

/** A law with numbers: a preset's, the user's fit's, or typed in. */
export interface LawWithNumbers {
  law: string;
  coefficients: Record<string, number>;
  covariance?: Covariance | null;
}

/** predict: columns = the law's variables; out: `loss`, and `lower`/`upper` (95 % of the mean) with a covariance. */
export interface PredictRequest extends LawWithNumbers {}

/** What the data covered, to say how far outside an answer lies. */
export interface DataRange {
  params?: [number, number];
  tokens?: [number, number];
  flops?: [number, number];
}

export interface OptimumRequest extends LawWithNumbers {
  cost_model: CostChoice;
  flops: number[];
  range?: DataRange;
  /** Values of the law's further variables (exits). Default 1. */
  at?: Record<string, number>;
}
export interface Optimum {
  flops: number;
  params: Estimate;
  tokens: Estimate;
  tokens_per_param: Estimate;
  loss: Estimate;
  method: 'closed_form' | 'numeric';
  /** Decades beyond the data (0 inside); null when no range was sent. */
  decades_outside: { flops: number | null; params: number | null; tokens: number | null };
}
export interface OptimumReport {
  /** null where the law has no optimum at that budget, with the reason in `unavailable`. */
  optima: (Optimum | null)[];
  unavailable: string | null;
}

/** example: the table of a bundled example as the importer would see it. */
export interface ExampleReport {
  header: string[];
  /** What each column is: a quantity id, `run` or `ignore`. */
  roles: string[];
  rows: (string | number | null)[][];
}

/** A request that could not be understood: which field, and a sentence. */
export interface EngineError {
  field: string;
  message: string;
}

// ---------------------------------------------------------------------------------------------
// The engine as the page and the command line see it (core/client.ts, core/engine.ts)

export interface FitOptions {
  onProgress?: (progress: FitProgress) => void;
  signal?: AbortSignal | undefined;
}

export interface Engine {
  catalog(): Promise<Catalog>;
  prepare(
    request: PrepareRequest,
    columns: Columns,
  ): Promise<{ report: PrepareReport; columns: Columns }>;
  /** Rejects only with EngineFailure (request wrong, engine died); a fit that failed is a report. */
  fit(
    request: FitRequest,
    columns: Columns,
    options?: FitOptions,
  ): Promise<{ report: FitReport; columns: Columns }>;
  predict(request: PredictRequest, columns: Columns): Promise<{ columns: Columns }>;
  optimum(request: OptimumRequest): Promise<OptimumReport>;
  example(id: string): Promise<ExampleReport>;
}

/** The WASM module (bindings/embind.cpp): requests and reports as plain objects, arrays already copied out. */
export interface EngineModule {
  call(operation: string, request: object, columns: Columns): ModuleAnswer;
  /** Starts a fit, replacing any other that was under way. */
  fitStart(request: object, columns: Columns): ModuleAnswer;
  /** Runs one slice of work (one local solve); result: FitProgress. */
  fitStep(): ModuleAnswer;
  /** The report so far; a fit not finished reports status `cancelled`. */
  fitResult(): ModuleAnswer;
}
export type ModuleAnswer =
  | { ok: true; result: unknown; columns: Columns }
  | { ok: false; error: EngineError; columns: Columns };
