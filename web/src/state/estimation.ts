/**
 * How sure the fit is, and what it hangs on. Loaded after the first fit is on the page. What everybody
 * looks at (intervals, runs that stand out, the next run) follows the fit by itself; the rest is computed
 * while somebody looks at it.
 */
import { computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type * as E from '../core/estimation-protocol';
import type {
  Answer,
  Asking,
  Bootstrap,
  Comparison,
  Draws,
  Estimator,
  FittedRuns,
  Groups,
  NestedTest,
  SelfTest,
  Sensitivity,
} from '../core/estimator';
import type { Catalog, Columns, FitRequest, Law } from '../core/protocol';
import { neededBy } from '../model/laws';
import { completeIn, pick } from '../model/rows';
import type { Fit, Fitting } from './fitting';
import { curvePoints, groupsOf, labelsBy, numbered } from './labels';
import { furtherVariables, type Planning } from './planning';
import type { Runs } from './runs';
import type { Settings } from './saved';
import { settle, type Settled, type Settling } from './settle';

/** Above so many runs a bootstrap would take too long: intervals are then those of the sandwich. */
export const MOST_ROWS = 20_000;
/** More groups than this are no groups but a number of the runs. */
export const MOST_GROUPS = 20;
/** Above so many, influence is not part of what makes a run stand out; asked for, it is still answered. */
const MOST_INFLUENCE = 2000;
/** Enough for the percentiles of an approach's few numbers. */
const APPROACH_DRAWS = 2000;
/** After a change, so many ms without another one before a long computation begins. */
const QUIET = 150;

/** With the fit it is about: while a newer one is being computed, the old one is still shown. */
export interface Bootstrapped extends Bootstrap {
  fit: Fit;
  target: E.Target;
  seed: number;
  count: number;
}

export interface Outliers {
  fit: Fit;
  /** `row`: index into `fit.positions`. */
  report: E.OutliersReport;
  /** Null where it was not judged: too many runs, or a law without an optimum. */
  influence: Answer<E.InfluenceReport> | null;
}

/** What can be asked for, with what has to be said beside the fit; answers are about `target`, or its other `flops`. */
export interface Questions {
  /** At other budgets, from the same draws. */
  frontier: { args: { flops: number[] }; answer: Answer<E.IntervalsReport> };
  /** Along a grid: the law's variables by id, `flops` where known. */
  bands: { args: { grid: Record<string, number[]> }; answer: Columns };
  influence: { args: object; answer: Answer<E.InfluenceReport> };
  profile: { args: { of: string; points?: number }; answer: Answer<E.ProfileReport> };
  paths: { args: { drop: number; deltas: number }; answer: Columns };
  /** Points of training curves count too, where the table names its runs; `row` is a position in the dataset. */
  approach1: {
    args: { points?: number; draws?: number; flops?: number[] };
    answer: Answer<E.Approach1Report>;
  };
  /** `rows` and `unassigned` are indices into `fit.positions`. */
  approach2: {
    args: { tolerance?: number; draws?: number; flops?: number[] };
    answer: E.Approach2Report;
  };
  approach2Bias: { args: { tolerance?: number }; answer: E.BiasReport };
  /** Every law that the columns allow, on the runs that have what all of them need. */
  compare: { args: object; answer: Comparison };
  heldOut: {
    args: Pick<E.HeldOutRequest, 'scheme' | 'tolerance' | 'above'>;
    answer: Answer<E.HeldOutReport>;
  };
  nestedTests: { args: object; answer: E.NestedTestOffer[] };
  nested: {
    args: { restriction: E.NestedTestRequest['restriction']; draws?: number };
    answer: NestedTest;
  };
  /** All objectives of the catalog, the one in use as it is set. */
  sensitivity: { args: object; answer: Sensitivity[] };
  /** `names` by number of a group. Runs without one stand aside; null where there are not two, or too many. */
  groups: { args: object; answer: { comparison: Groups | null; names: string[] } };
  selfTest: {
    args: { kind: E.SelfTestRequest['kind']; studies: number; rows?: number; draws?: number };
    answer: SelfTest;
  };
}

/** As Settled, for as long as somebody subscribes. */
export type Asked<O> = Pick<Settled<O, number>, 'state' | 'progress'>;

export interface Estimation {
  /** Null above MOST_ROWS runs (`tooLarge`) and for a fit that cannot be relied on. Progress: share done. */
  bootstrap: Settled<Bootstrapped, number>;
  tooLarge: ReadonlySignal<boolean>;
  outliers: Settled<Outliers, number>;
  nextRun: Settled<{ fit: Fit; report: E.NextRunReport }, number>;
  /** The same question gives the same object. Nothing is computed before `state` or `progress` is subscribed to. */
  asked<Q extends keyof Questions>(
    question: Q,
    args: Questions[Q]['args'],
  ): Asked<Questions[Q]['answer']>;
  /** For charts, which ask once and keep the answer themselves: the questions of these names. */
  along: {
    bands(drawn: Bootstrapped, grid: Columns): Promise<Columns>;
    frontier(drawn: Bootstrapped, flops: Float64Array): Promise<E.IntervalsReport>;
  };
  /** Ends a worker as a crash would. */
  crash(): void;
  dispose(): void;
}

export interface EstimationOptions {
  estimator: Estimator;
  catalog: ReadonlySignal<Catalog | null>;
  settings: ReadonlySignal<Settings>;
  runs: Runs;
  fitting: Fitting;
  planning: Pick<Planning, 'target'>;
}

interface Frame {
  fit: Fit;
  target: E.Target;
}

export function createEstimation(options: EstimationOptions): Estimation {
  const { estimator, catalog, settings, runs, fitting, planning } = options;
  const setting = <K extends keyof Settings>(key: K) => computed(() => settings.value[key]);
  const seed = setting('seed');
  const draws = setting('draws');
  const cluster = setting('cluster');
  const group = setting('group');

  const fit = computed(() => {
    const { value } = fitting.fit.state.value;
    return value?.report.usable && value.numbers ? value : null;
  });
  const frame = computed((): Frame | null =>
    fit.value && planning.target.value ? { fit: fit.value, target: planning.target.value } : null,
  );

  // --- What follows the fit by itself ---
  const tooLarge = computed(() => (fit.value?.positions.length ?? 0) > MOST_ROWS);
  const drawing = computed(() =>
    frame.value && !tooLarge.value
      ? {
          ...frame.value,
          seed: seed.value,
          draws: draws.value,
          cluster: cluster.value,
          table: runs.table.value,
        }
      : null,
  );
  type Drawing = NonNullable<typeof drawing.value>;
  const drawn = keepLast(
    (a: Drawing, b: Drawing) =>
      a.fit === b.fit && a.seed === b.seed && a.draws === b.draws && a.cluster === b.cluster,
    quietly(({ fit, seed, draws, cluster, table }: Drawing, asking): Promise<Draws> => {
      const labels =
        cluster !== null &&
        table &&
        labelsBy(cluster, table, runs.mapping.value, fit.prepared, fit.positions);
      return estimator.draw(fit.runs, {
        ...asking,
        draws,
        seed,
        cluster: labels ? labels.numbers : undefined,
      });
    }),
  );
  const bootstrap = settle<Drawing, Bootstrapped, number>(
    drawing,
    async (input, signal, onProgress) => {
      const { fit, target } = input;
      const { columns: draws, audit, seed, count } = await drawn(input, { signal, onProgress });
      const answer = await estimator.intervals(fit.runs, draws, target, { signal, columns: true });
      return { fit, target, draws, audit, seed, count, ...answer };
    },
  );
  /** The bootstrap of the fit as it is now. */
  const sure = computed(() => {
    const { value } = bootstrap.state.value;
    return value && value.fit === fit.value ? value : null;
  });

  const influence = keepLast(
    (a: Frame, b: Frame) => a.fit === b.fit && a.target === b.target,
    ({ fit, target }: Frame, asking) => estimator.influence(fit.runs, target, asking),
  );
  const outliers = settle<Frame & { sure: Bootstrapped | null }, Outliers, number>(
    computed(() =>
      frame.value && (sure.value || tooLarge.value) ? { ...frame.value, sure: sure.value } : null,
    ),
    async ({ fit, target, sure }, signal, onProgress) => {
      const judged =
        fit.law.has_optimum && fit.positions.length <= MOST_INFLUENCE
          ? await influence({ fit, target }, { signal, onProgress })
          : null;
      const report = await estimator.outliers(
        fit.runs,
        {
          influence: judged?.columns['params:0'],
          standardError: logError(sure?.report.optima[0]?.params ?? null),
        },
        { signal },
      );
      return { fit, report, influence: judged };
    },
  );
  const nextRun = settle<Frame, { fit: Fit; report: E.NextRunReport }, number>(
    computed(() => {
      const ready = (sure.value || tooLarge.value) && frame.value?.fit.law.has_optimum;
      return ready ? frame.value : null;
    }),
    async ({ fit, target }, signal) => ({
      fit,
      report: await estimator.nextRun(fit.runs, target, { signal }),
    }),
  );

  // --- What is asked for ---
  const seeded = computed(() => frame.value && { ...frame.value, seed: seed.value });
  const known: { [Q in keyof Questions]: Source<Questions[Q]> } = {
    frontier: on(sure, ({ fit, draws, target }, { flops }, asking) =>
      estimator.intervals(fit.runs, draws, { ...target, flops }, asking),
    ),
    bands: on(sure, ({ fit, draws, seed }, { grid }, asking) => {
      const columns = Object.entries(grid).map(([id, x]) => [id, Float64Array.from(x)]);
      return estimator.bands(fit.runs, draws, Object.fromEntries(columns), { ...asking, seed });
    }),
    influence: on(frame, (frame, _, asking) => influence(frame, asking)),
    profile: on(frame, ({ fit, target }, of, asking) =>
      estimator.profile(fit.runs, target, of, asking),
    ),
    paths: on(frame, ({ fit, target }, size, asking) =>
      estimator.paths(fit.runs, target, size, asking),
    ),
    approach1: on(seeded, async ({ fit, target, seed }, args, asking) => {
      const { columns, points } = curvePoints(
        fit.prepared,
        fit.positions,
        runs.table.value,
        runs.mapping.value,
      );
      const draws = points.length > MOST_ROWS ? 0 : APPROACH_DRAWS;
      const request = { ...target, draws, ...args, seed };
      const answer = await estimator.approach1(columns, request, asking);
      const row = answer.columns['row']?.map((point) => points[point] ?? NaN);
      return { ...answer, columns: { ...answer.columns, ...(row && { row }) } };
    }),
    approach2: on(seeded, ({ fit, target, seed }, args, asking) => {
      const draws = fit.positions.length > MOST_ROWS ? 0 : APPROACH_DRAWS;
      const request = { ...target, draws, ...args, seed };
      return estimator.approach2(fit.runs.known, request, asking);
    }),
    approach2Bias: on(frame, ({ fit, target }, args, asking) => {
      const { law, coefficients } = fit.runs.request;
      const request = { law, coefficients, ...target, ...args };
      return estimator.approach2Bias(fit.runs.known, request, asking);
    }),
    compare: on(frame, ({ fit, target }, _, asking) => {
      const { law: __, fixed: ___, tied: ____, coefficients: _____, ...shared } = fit.runs.request;
      const laws = runs.offers.value.flatMap(({ law, missing }) =>
        missing.length === 0 && law.response === fit.law.response ? [law] : [],
      );
      const further = new Set(laws.flatMap(furtherVariables));
      const at = Object.fromEntries([...further].map((id) => [id, settings.value.at[id] ?? 1]));
      const { columns, rows } = comparable(fit, laws);
      const candidates = laws.map((law) => ({
        law,
        request: { ...shared, law: law.id },
        columns: columnsFor(law, fit.runs, columns, rows),
      }));
      return estimator.compareLaws(
        candidates,
        { ...target, at },
        { ...asking, range: fit.range, flops: columns['flops'] },
      );
    }),
    heldOut: on(frame, ({ fit }, args, asking) => {
      const { coefficients: _, ...request } = fit.runs.request;
      const { flops } = fit.runs.known;
      const columns = { ...fit.runs.columns, ...(flops && { flops }) };
      return estimator.heldOut(columns, { ...request, ...args }, asking);
    }),
    nestedTests: on(
      computed(() => fit.value?.law ?? null),
      (law, _, asking) => estimator.nestedTests(law.id, asking),
    ),
    nested: on(
      computed(() => fit.value && { fit: fit.value, seed: seed.value }),
      ({ fit, seed }, { restriction, draws = 1000 }, asking) =>
        estimator.nestedTest(fit.runs, restriction, { ...asking, draws, seed }),
    ),
    sensitivity: on(
      computed(() => {
        const { value, failure } = outliers.state.value;
        // Where nobody can say which runs stand out, the objectives still compare on all of them.
        const report = value?.fit === frame.value?.fit ? value?.report : undefined;
        if (!frame.value || !(report || failure !== null)) return null;
        return { ...frame.value, flagged: report?.outliers.map(({ row }) => row) ?? [] };
      }),
      ({ fit, target, flagged }, _, asking) => {
        const used = fit.runs.request.objective;
        const objectives = (catalog.value?.objectives ?? []).map(
          ({ id }): FitRequest['objective'] => (id === used.id ? used : { id }),
        );
        return estimator.sensitivity(fit.runs, objectives, flagged, target, asking);
      },
    ),
    groups: on(
      computed(() => fit.value && { fit: fit.value, group: group.value, table: runs.table.value }),
      async ({ fit, group, table }, _, asking) => {
        const labels =
          group !== null && table
            ? labelsBy(group, table, runs.mapping.value, fit.prepared, fit.positions)
            : numbered(fit.positions.map((row) => fit.prepared.dataset.rows[row]!.group));
        const { numbers, names } = groupsOf(labels ?? numbered(fit.positions.map(() => '')));
        if (names.length < 2 || names.length > MOST_GROUPS) return { comparison: null, names };
        return { comparison: await estimator.groups(fit.runs, numbers, asking), names };
      },
    ),
    selfTest: on(
      computed(() => (fit.value ? { law: fit.value.law.id, seed: seed.value } : null)),
      (input, { studies, ...args }, asking) =>
        estimator.selfTest({ ...input, ...args }, studies, asking),
    ),
  };
  const answers = new Map<string, Watched<unknown>>();
  const forget = effect(() => {
    void fit.value;
    // Whoever looks gets the answer about the new fit; what nobody looks at is of no use any more.
    for (const [key, answer] of answers) if (answer.idle()) answers.delete(key);
  });

  return {
    bootstrap,
    tooLarge,
    outliers,
    nextRun,
    asked<Q extends keyof Questions>(question: Q, args: Questions[Q]['args']) {
      const key = `${question} ${JSON.stringify(args)}`;
      const asked = answers.get(key) ?? known[question](args);
      answers.set(key, asked);
      return asked as Asked<Questions[Q]['answer']>;
    },
    along: {
      bands: ({ fit, draws, seed }, grid) => estimator.bands(fit.runs, draws, grid, { seed }),
      async frontier({ fit, draws, target }, flops) {
        const asked = { ...target, flops: [...flops] };
        return (await estimator.intervals(fit.runs, draws, asked)).report;
      },
    },
    crash: () => estimator.crew.crash(),
    dispose() {
      forget();
      for (const settled of [bootstrap, outliers, nextRun]) settled.dispose();
      estimator.crew.dispose();
    },
  };
}

type Watched<O> = Asked<O> & { idle(): boolean };
type Source<Q extends { args: unknown; answer: unknown }> = (
  args: Q['args'],
) => Watched<Q['answer']>;

/** An answer that follows `input` for as long as somebody looks. */
function on<I extends object, Args, O>(
  input: ReadonlySignal<I | null>,
  ask: (input: I, args: Args, asking: Asking) => Promise<O>,
): (args: Args) => Watched<O> {
  return (args) =>
    whileWatched(input, (value, signal, onProgress) => ask(value, args, { signal, onProgress }));
}

/**
 * settle() that begins when somebody subscribes and ends when nobody does any more. An answer already there
 * is kept as long as its input is.
 */
function whileWatched<I extends object, O>(
  input: ReadonlySignal<I | null>,
  run: (input: I, signal: AbortSignal, progress: (fraction: number) => void) => Promise<O>,
): Watched<O> {
  let watchers = 0;
  let stop: (() => void) | null = null;
  let kept: { input: I; value: O } | null = null;

  const begin = () => {
    if (watchers === 0 || stop) return;
    const settled = settle<I, O, number>(input, async (value, signal, progress) => {
      if (kept?.input !== value) kept = { input: value, value: await run(value, signal, progress) };
      return kept.value;
    });
    const copies = [
      settled.state.subscribe((now) => (state.value = now)),
      settled.progress.subscribe((now) => (progress.value = now)),
    ];
    stop = () => {
      for (const end of copies) end();
      settled.dispose();
      stop = null;
    };
  };
  const watch = {
    // Not at once: whoever subscribes is in the middle of drawing.
    watched: () => {
      watchers += 1;
      queueMicrotask(begin);
    },
    unwatched: () => {
      watchers -= 1;
      queueMicrotask(() => watchers === 0 && stop?.());
    },
  };
  const state: Signal<Settling<O>> = signal<Settling<O>>(
    { value: null, pending: true, failure: null },
    watch,
  );
  const progress: Signal<number | null> = signal<number | null>(null, watch);
  return { state, progress, idle: () => watchers === 0 };
}

/** Remembers the last answer, for a question that is asked again. */
function keepLast<I, O>(
  same: (a: I, b: I) => boolean,
  ask: (input: I, asking: Asking) => Promise<O>,
): (input: I, asking: Asking) => Promise<O> {
  let last: { input: I; answer: O } | null = null;
  return async (input, asking) => {
    if (!last || !same(last.input, input)) last = { input, answer: await ask(input, asking) };
    return last.answer;
  };
}

/** What is asked again and again in a short time begins when that is over; the first one at once. */
function quietly<I, O>(
  ask: (input: I, asking: Asking) => Promise<O>,
): (input: I, asking: Asking) => Promise<O> {
  let lastAsked = -Infinity;
  return async (input, asking) => {
    const now = performance.now();
    const hurried = now - lastAsked < QUIET;
    lastAsked = now;
    if (hurried) await new Promise((resolve) => setTimeout(resolve, QUIET));
    asking.signal?.throwIfAborted();
    return ask(input, asking);
  };
}

/** Standard error of the logarithm, which is what the one quoted is made from. */
function logError(estimate: E.DrawEstimate | null): number | null {
  const { value = null, standard_error = null } = estimate ?? {};
  return value && standard_error !== null ? standard_error / value : null;
}

/** The runs in the fit that have a number of all that the laws need: indices, and what is known of them. */
function comparable({ prepared, positions }: Fit, laws: Law[]) {
  const needed = new Set(laws.flatMap(neededBy));
  const whole = (position: number) =>
    [...needed].every((id) => prepared.columns[id]![position]! > 0);
  const rows = [...positions.keys()].filter((row) => whole(positions[row]!));
  const chosen = rows.map((row) => positions[row]!);
  return { columns: completeIn(prepared.columns, chosen), rows };
}

/** What a fit of another law is sent, with whatever weights the fit had. */
function columnsFor(law: Law, { request, columns }: FittedRuns, known: Columns, rows: number[]) {
  const { weight } = columns;
  const needed = [...neededBy(law), ...(request.weights === 'sqrt_flops' ? ['flops'] : [])];
  const own = Object.fromEntries(needed.flatMap((id) => (known[id] ? [[id, known[id]]] : [])));
  return weight ? { ...own, ...pick({ weight }, ['weight'], rows) } : own;
}
