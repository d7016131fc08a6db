/**
 * Questions about a fit, put together from the operations of the estimation engine (estimation-protocol.ts)
 * and shared among a crew. Nothing here depends on how many they are: parts are put back in order, and what
 * is decided over all parts is decided by one operation that sees them all.
 */
import { BACKGROUND, type CallOptions, type Crew } from './crew';
import { EngineFailure } from './engine';
import type * as E from './estimation-protocol';
import { fittedRuns, numbersOf, type FittedRuns } from './fitted';
import type {
  Columns,
  DataRange,
  FitReport,
  FitRequest,
  Law,
  LawWithNumbers,
  Optimum,
  OptimumReport,
} from './protocol';

export type { FittedRuns } from './fitted';

export interface Asking extends CallOptions {
  /** Share done, for what takes long. */
  onProgress?: ((fraction: number) => void) | undefined;
}

/** Refits of a bootstrap, by draw: every coefficient (NaN = none), `objective`, `at_bound`. */
export interface Draws {
  columns: Columns;
  audit: E.AuditReport;
  seed: number;
  count: number;
}

export interface Bootstrap {
  draws: Columns;
  audit: E.AuditReport;
  report: E.IntervalsReport;
  /** By draw: `N_exponent`, `D_exponent`, and per budget i `params:i`, `tokens:i`, `tokens_per_param:i`, `loss:i`. */
  columns: Columns;
}

export interface DrawOptions extends Asking {
  /** How many. */
  draws: number;
  seed: number;
  /** One number per run; runs with equal numbers are drawn together. Absent: every run by itself. */
  cluster?: Float64Array | undefined;
}

/** A law that could be fitted, and the runs for it. */
export interface Candidate {
  law: Law;
  request: FitRequest;
  columns: Columns;
}

export interface ComparedLaw {
  law: Law;
  report: FitReport;
  score: E.ScoreReport | null;
  /** Akaike weight among the laws compared; null where it has none. */
  weight: number | null;
  /** At each target budget. */
  optima: (Optimum | null)[];
  /** The largest budgets held out. */
  heldOut: E.HeldOutReport | null;
}

export interface Comparison {
  laws: ComparedLaw[];
  /** Predictions averaged with the weights over the laws that have them, by target budget; null = none has. */
  averages: Record<'params' | 'tokens' | 'loss', number | null>[];
}

export interface NestedTest {
  report: E.NestedTestReport;
  /** The statistic under the null hypothesis, by draw. */
  statistic: Float64Array;
  /** Share of draws at least as large as the runs' own statistic, the runs counted among them. */
  p: number | null;
}

/** One line of the sensitivity table. */
export interface Sensitivity {
  objective: FitRequest['objective'];
  /** Whether the runs that stand out were left out. */
  without: boolean;
  rows: number;
  report: FitReport;
  optima: (Optimum | null)[];
}

export interface Groups {
  report: E.GroupsReport;
  /** `predicted`, `residual` of the shared fit. */
  columns: Columns;
  /** Each group fitted by itself, in the order of its number. */
  separate: { group: number; rows: number; report: FitReport }[];
}

export interface SelfTest {
  /** By study, as the operation says. */
  columns: Columns;
  studies: number;
}

/** Of an operation that answers with a report and columns. */
export interface Answer<R> {
  report: R;
  columns: Columns;
}

/** All reject with EngineFailure, or with the reason of an abort. */
export interface Estimator {
  readonly crew: Crew;
  draw(fit: FittedRuns, options: DrawOptions): Promise<Draws>;
  /** Percentile intervals from draws; with `columns`, also what each draw says. */
  intervals(
    fit: FittedRuns,
    draws: Columns,
    target: E.Target,
    options?: Asking & { level?: number; columns?: boolean },
  ): Promise<Answer<E.IntervalsReport>>;
  /** Both in one. */
  bootstrap(fit: FittedRuns, options: DrawOptions & { target: E.Target }): Promise<Bootstrap>;
  /**
   * Bands along a grid: the law's variables by id, and `flops` where known. Columns: `lower`, `upper`,
   * `new_lower`, `new_upper`.
   */
  bands(
    fit: FittedRuns,
    draws: Columns,
    grid: Columns,
    options: Asking & { seed: number; level?: number },
  ): Promise<Columns>;

  influence(
    fit: FittedRuns,
    target: E.Target,
    options?: Asking,
  ): Promise<Answer<E.InfluenceReport>>;
  profile(
    fit: FittedRuns,
    target: E.Target,
    of: { of: string; points?: number },
    options?: Asking,
  ): Promise<Answer<E.ProfileReport>>;
  paths(
    fit: FittedRuns,
    target: E.Target,
    size: { drop: number; deltas: number },
    options?: Asking,
  ): Promise<Columns>;
  /**
   * Runs that stand out.
   *
   * @param judged `influence`: ln N_opt without / with each run; `standardError`: of ln N_opt, its yardstick
   */
  outliers(
    fit: FittedRuns,
    judged?: { influence?: Float64Array | undefined; standardError?: number | null | undefined },
    options?: Asking,
  ): Promise<E.OutliersReport>;
  nextRun(
    fit: FittedRuns,
    target: E.Target,
    options?: Asking & { largest?: number | undefined },
  ): Promise<E.NextRunReport>;

  /** Columns: params, tokens, flops, loss; `curve` where rows are points of one run. */
  approach1(
    columns: Columns,
    request: E.Approach1Request,
    options?: Asking,
  ): Promise<Answer<E.Approach1Report>>;
  /** Columns: params, tokens, flops, loss; `budget` where the table says which one a run belongs to. */
  approach2(
    columns: Columns,
    request: E.Approach2Request,
    options?: Asking,
  ): Promise<E.Approach2Report>;
  /** Columns: params, tokens, flops; `budget` where known. */
  approach2Bias(columns: Columns, request: E.BiasRequest, options?: Asking): Promise<E.BiasReport>;

  /** Every candidate on its own columns, which should be of the same runs: weights compare nothing else. */
  compareLaws(
    candidates: Candidate[],
    target: E.Target,
    options?: Asking & { range?: DataRange; flops?: Float64Array | undefined },
  ): Promise<Comparison>;
  /** Columns: the fit's, and `flops`. */
  heldOut(
    columns: Columns,
    request: E.HeldOutRequest,
    options?: Asking,
  ): Promise<Answer<E.HeldOutReport>>;
  /** The restrictions that make sense for a law. */
  nestedTests(law: string, options?: Asking): Promise<E.NestedTestOffer[]>;
  nestedTest(
    fit: FittedRuns,
    restriction: E.NestedTestRequest['restriction'],
    options: Asking & { draws: number; seed: number },
  ): Promise<NestedTest>;
  /** Refits with each objective, on all runs and, where some are flagged, without those. */
  sensitivity(
    fit: FittedRuns,
    objectives: FitRequest['objective'][],
    flagged: readonly number[],
    target: E.Target,
    options?: Asking,
  ): Promise<Sensitivity[]>;
  /** @param group numbers from 0, one per run; runs with NaN stand aside */
  groups(fit: FittedRuns, group: Float64Array, options?: Asking): Promise<Groups>;

  selfTest(
    request: Omit<E.SelfTestRequest, 'from' | 'to'>,
    studies: number,
    options?: Asking,
  ): Promise<SelfTest>;
}

/** Every so many-th draw is searched for anew. */
const AUDITED = 50;
/** Runs refitted in one part: a few dozen milliseconds of work, so that whoever is waiting gets a turn. */
const PART = 60_000;
/** Above so many runs influence is one Newton step each, which needs no sharing. */
const MOST_REFITTED = 20_000;
/** More than so many runs refitted take seconds: one core is then left to whoever else needs it. */
const LONG = 4_000_000;
const LEAST = 10;
const MOST = 250;
/** As the operation names what it was asked at the first budget. */
const AVERAGED = ['params', 'tokens', 'loss'] as const;

type Range = [from: number, to: number];

/** [0, count) in parts of a size, which is a multiple of `step`. */
function parts(count: number, size: number, step = 1): Range[] {
  const whole = Math.max(1, Math.round(size / step)) * step;
  return Array.from({ length: Math.ceil(count / whole) }, (_, i): Range => {
    return [i * whole, Math.min(count, (i + 1) * whole)];
  });
}

function partSize(rows: number): number {
  return Math.max(LEAST, Math.min(MOST, Math.round(PART / rows)));
}

function rowsOf(columns: Columns): number {
  return Object.values(columns)[0]?.length ?? 0;
}

/** Answers one after another, by column. */
function joined(answers: Columns[]): Columns {
  return Object.fromEntries(
    Object.keys(answers[0] ?? {}).map((id) => {
      const sizes = answers.map((columns) => columns[id]!.length);
      const all = new Float64Array(sizes.reduce((a, b) => a + b, 0));
      let at = 0;
      for (const columns of answers) {
        all.set(columns[id]!, at);
        at += columns[id]!.length;
      }
      return [id, all];
    }),
  );
}

/** Puts every `step`-th draw of a second way in place of the first where its objective is lower. */
function keepBetter(columns: Columns, second: Columns, step: number): void {
  second['objective']?.forEach((value, i) => {
    if (!(value < columns['objective']![i * step]!)) return;
    for (const [id, numbers] of Object.entries(columns)) numbers[i * step] = second[id]![i]!;
  });
}

function without(columns: Columns, rows: ReadonlySet<number>): Columns {
  return Object.fromEntries(
    Object.entries(columns).map(([id, numbers]) => [
      id,
      numbers.filter((_, row) => !rows.has(row)),
    ]),
  );
}

const prefixed = (prefix: string, columns: Columns): Columns =>
  Object.fromEntries(Object.entries(columns).map(([id, numbers]) => [prefix + id, numbers]));

export function createEstimator(crew: Crew): Estimator {
  const asking = ({ signal, priority }: Asking): CallOptions => ({
    signal,
    ...(priority !== undefined && { priority }),
  });

  /** A worker that died may have had its reasons elsewhere (memory); what kills twice is at fault itself. */
  const call = async <R>(
    operation: string,
    request: object,
    columns: Columns,
    options: Asking = {},
  ) => {
    try {
      return await crew.call<R>(operation, request, columns, asking(options));
    } catch (error) {
      const died = error instanceof EngineFailure && error.field === '';
      if (!died || options.signal?.aborted) throw error;
      return crew.call<R>(operation, request, columns, asking(options));
    }
  };
  const answer = async <R>(...job: Parameters<typeof call>): Promise<Answer<R>> => {
    const { result, columns } = await call<R>(...job);
    return { report: result, columns };
  };

  /** Work in ranges, as many at a time as the crew can do; the first that fails calls off the others. */
  const shared = async <R>(
    operation: string,
    request: object,
    columns: Columns,
    ranges: Range[],
    { signal, priority = BACKGROUND, onProgress }: Asking,
  ): Promise<{ reports: R[]; columns: Columns }> => {
    const mine = new AbortController();
    const options = {
      signal: signal ? AbortSignal.any([signal, mine.signal]) : mine.signal,
      priority,
    };
    const answers: { result: R; columns: Columns }[] = [];
    const total = ranges.at(-1)?.[1] ?? 0;
    let [begun, done] = [0, 0];
    const lane = async () => {
      while (begun < ranges.length) {
        const i = begun++;
        const [from, to] = ranges[i]!;
        answers[i] = await call<R>(operation, { ...request, from, to }, columns, options);
        done += to - from;
        onProgress?.(done / total);
      }
    };
    try {
      const size = total * rowsOf(columns) > LONG ? Math.max(1, crew.size - 1) : crew.size;
      await Promise.all(Array.from({ length: size }, lane));
    } catch (error) {
      mine.abort(error);
      throw error;
    }
    return {
      reports: answers.map(({ result }) => result),
      columns: joined(answers.map(({ columns }) => columns)),
    };
  };

  const optimaOf = async (
    numbers: LawWithNumbers | null,
    target: E.Target,
    range: DataRange,
    options: Asking,
  ): Promise<(Optimum | null)[]> => {
    const none = target.flops.map(() => null);
    if (!numbers) return none;
    const request = { ...numbers, ...target, range };
    const { result } = await call<OptimumReport>('optimum', request, {}, options);
    return result.optima.length > 0 ? result.optima : none;
  };

  const estimator: Estimator = {
    crew,

    async draw({ request, columns }, { draws, seed, cluster, onProgress, ...options }) {
      const runs = cluster ? { ...columns, cluster } : columns;
      const size = partSize(rowsOf(columns));
      const all = (effort: E.BootstrapRequest['effort'], progress?: (fraction: number) => void) =>
        shared('bootstrap', { ...request, seed, effort }, runs, parts(draws, size), {
          ...options,
          onProgress: progress,
        });
      const warm = (await all('warm', onProgress)).columns;
      const checked = await shared(
        'bootstrap',
        { ...request, seed, effort: 'thorough', every: AUDITED },
        runs,
        parts(draws, size * AUDITED * 0.2, AUDITED),
        options,
      );
      const audited = new Float64Array(draws).fill(NaN);
      checked.columns['objective']?.forEach((value, i) => (audited[i * AUDITED] = value));
      const { objective, at_bound } = warm;
      const { result: audit } = await call<E.AuditReport>(
        'audit',
        { rows: rowsOf(columns) },
        { objective: objective!, at_bound: at_bound!, audited },
        options,
      );
      const found = audit.rerun ? (await all('scanned', onProgress)).columns : warm;
      keepBetter(found, checked.columns, AUDITED);
      return { columns: found, audit, seed, count: draws };
    },

    intervals({ request, report }, draws, target, { level, columns = false, ...options } = {}) {
      const { law, coefficients } = request;
      return answer<E.IntervalsReport>(
        'intervals',
        {
          law,
          coefficients,
          covariance: report.covariance,
          ...target,
          ...(level !== undefined && { level }),
          columns,
        },
        draws,
        options,
      );
    },

    async bootstrap(fit, { target, ...options }) {
      const { columns: draws, audit } = await estimator.draw(fit, options);
      const { signal } = options;
      return {
        draws,
        audit,
        ...(await estimator.intervals(fit, draws, target, { signal, columns: true })),
      };
    },

    async bands({ request, known, residual }, draws, grid, { seed, level, ...options }) {
      const { objective: _, at_bound: __, ...coefficients } = draws;
      const near = known['flops'] && grid['flops'];
      const { flops: ___, ...variables } = grid;
      const columns = {
        ...prefixed('draw.', coefficients),
        ...prefixed('at.', near ? grid : variables),
        residual,
        ...(near && { 'residual.flops': known['flops'] }),
      };
      const asked = { law: request.law, seed, ...(level !== undefined && { level }) };
      return (await call('bands', asked, columns as Columns, options)).columns;
    },

    async influence({ request, columns }, target, options = {}) {
      const rows = rowsOf(columns);
      const { reports, columns: found } = await shared<E.InfluenceReport>(
        'influence',
        { ...request, ...target },
        columns,
        parts(rows, rows > MOST_REFITTED ? rows : partSize(rows)),
        options,
      );
      return { report: reports[0] ?? { method: 'exact' }, columns: found };
    },

    profile: ({ request, columns }, target, of, options) =>
      answer<E.ProfileReport>('profile', { ...request, ...target, ...of }, columns, options),

    async paths({ request, columns }, target, size, options) {
      return (await call('paths', { ...request, ...target, ...size }, columns, options)).columns;
    },

    async outliers({ request, columns, known, residual }, judged = {}, options) {
      const { influence, standardError = null } = judged;
      const beside = {
        ...columns,
        residual,
        ...(influence && { influence }),
        ...(known['flops'] && { flops: known['flops'] }),
      };
      const asked = { ...request, standard_error: influence ? standardError : null };
      return (await call<E.OutliersReport>('outliers', asked, beside, options)).result;
    },

    async nextRun({ request, columns, range }, target, { largest, ...options } = {}) {
      const asked = {
        ...request,
        ...target,
        range,
        ...(largest !== undefined && { largest_flops: largest }),
      };
      return (await call<E.NextRunReport>('next_run', asked, columns, options)).result;
    },

    approach1: (columns, request, options) =>
      answer<E.Approach1Report>('approach_1', request, columns, options),

    async approach2(columns, request, options) {
      return (await call<E.Approach2Report>('approach_2', request, columns, options)).result;
    },

    async approach2Bias(columns, request, options) {
      return (await call<E.BiasReport>('approach_2_bias', request, columns, options)).result;
    },

    async compareLaws(candidates, target, { range = {}, flops, onProgress, ...options } = {}) {
      let done = 0;
      const one = async ({ law, request, columns }: Candidate): Promise<ComparedLaw> => {
        const fitted = await crew.fit(request, columns, asking(options));
        const fit = fittedRuns(request, columns, fitted);
        const { report, residual } = fit;
        const scored = report.usable
          ? call<E.ScoreReport>('score', fit.request, { ...columns, residual }, options)
          : null;
        const at = Object.entries(target.at ?? {}).filter(([id]) => law.variables.includes(id));
        const planned = law.has_optimum && report.usable ? numbersOf(report) : null;
        const held =
          flops &&
          estimator.heldOut({ ...columns, flops }, { ...request, scheme: 'largest' }, options);
        const compared: ComparedLaw = {
          law,
          report,
          score: (await scored)?.result ?? null,
          weight: null,
          optima: await optimaOf(
            planned,
            { ...target, at: Object.fromEntries(at) },
            range,
            options,
          ),
          heldOut: (await held)?.report ?? null,
        };
        onProgress?.(++done / candidates.length);
        return compared;
      };
      const laws = await Promise.all(candidates.map(one));
      if (laws.length === 0) return { laws, averages: [] };

      const column = (number: (law: ComparedLaw) => number | null | undefined) =>
        Float64Array.from(laws, (law) => number(law) ?? NaN);
      const columns: Columns = { aicc: column(({ score }) => score?.aicc) };
      target.flops.forEach((_, i) => {
        for (const of of AVERAGED) {
          columns[`value:${of}:${i}`] = column(({ optima }) => optima[i]?.[of].value);
        }
      });
      const weighed = (await call('weigh', {}, columns, options)).columns;
      const number = (x: number | undefined) => (x === undefined || Number.isNaN(x) ? null : x);
      return {
        laws: laws.map((law, i) => ({ ...law, weight: number(weighed['weight']?.[i]) })),
        averages: target.flops.map((_, i) => ({
          params: number(weighed[`average:params:${i}`]?.[0]),
          tokens: number(weighed[`average:tokens:${i}`]?.[0]),
          loss: number(weighed[`average:loss:${i}`]?.[0]),
        })),
      };
    },

    heldOut: (columns, request, options) =>
      answer<E.HeldOutReport>('held_out', request, columns, options),

    async nestedTests(law, options) {
      return (await call<E.NestedTestsReport>('nested_tests', { law }, {}, options)).result.offers;
    },

    async nestedTest({ request, columns }, restriction, { draws, seed, ...options }) {
      const { reports, columns: found } = await shared<E.NestedTestReport>(
        'nested_test',
        { ...request, restriction, seed },
        columns,
        parts(draws, partSize(rowsOf(columns))),
        options,
      );
      const report = reports[0] ?? { statistic: null, restricted: {} };
      const statistic = found['statistic'] ?? new Float64Array();
      const drawn = statistic.filter((x) => !Number.isNaN(x));
      const observed = report.statistic;
      const above = observed === null ? 0 : drawn.filter((x) => x >= observed).length;
      const p = observed === null || drawn.length === 0 ? null : (1 + above) / (1 + drawn.length);
      return { report, statistic, p };
    },

    async sensitivity({ request, columns, range }, objectives, flagged, target, options = {}) {
      const { coefficients: _, ...asFitted } = request;
      const left = new Set(flagged);
      const subsets = [
        { without: false, columns },
        ...(left.size > 0 ? [{ without: true, columns: without(columns, left) }] : []),
      ];
      return Promise.all(
        objectives.flatMap((objective) =>
          subsets.map(async ({ without, columns }): Promise<Sensitivity> => {
            const { report } = await crew.fit({ ...asFitted, objective }, columns, asking(options));
            const numbers = report.usable ? numbersOf(report) : null;
            const optima = await optimaOf(numbers, target, range, options);
            return { objective, without, rows: rowsOf(columns), report, optima };
          }),
        ),
      );
    },

    async groups({ request, columns: all }, of, options = {}) {
      const { coefficients: _, ...asFitted } = request;
      const aside = new Set([...of.keys()].filter((row) => Number.isNaN(of[row])));
      const columns = without(all, aside);
      const group = of.filter((number) => !Number.isNaN(number));
      const sharing = answer<E.GroupsReport>(
        'fit_groups',
        asFitted,
        { ...columns, group },
        options,
      );
      const numbers = [...new Set(group)].sort((a, b) => a - b);
      const separate = await Promise.all(
        numbers.map(async (one) => {
          const others = new Set([...group.keys()].filter((row) => group[row] !== one));
          const own = without(columns, others);
          const { report } = await crew.fit(asFitted, own, asking(options));
          return { group: one, rows: rowsOf(own), report };
        }),
      );
      return { ...(await sharing), separate };
    },

    async selfTest(request, studies, options = {}) {
      // A study of coverage is a bootstrap in itself.
      const size = request.kind === 'coverage' ? 5 : 50;
      const { columns } = await shared('self_test', request, {}, parts(studies, size), options);
      return { columns, studies };
    },
  };
  return estimator;
}
