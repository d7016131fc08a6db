import { computed, type ReadonlySignal } from '@preact/signals';
import type {
  Catalog,
  DataRange,
  Engine,
  FitProgress,
  FitReport,
  FitRequest,
  Law,
  LawWithNumbers,
} from '../core/protocol';
import { fittedRuns, numbersOf, type FittedRuns } from '../core/fitted';
import { neededBy } from '../model/laws';
import { completeIn, pick, rangeOf, spread, usedPositions, type Prepared } from '../model/rows';
import { hold } from './hold';
import type { Runs } from './runs';
import { WEIGHTS, type Settings, type Weights } from './saved';
import { settle, type Settled } from './settle';

/** A fit with what it was made from; arrays have one entry per row of `prepared`. */
export interface Fit {
  prepared: Prepared;
  law: Law;
  /** Rows used, by position. */
  positions: number[];
  /** The same by run used: what questions about the fit start from. */
  runs: FittedRuns;
  range: DataRange;
  report: FitReport;
  predicted: Float64Array;
  residual: Float64Array;
  /** The law with the fitted numbers; null where they cannot be used, one choice among many included. */
  numbers: LawWithNumbers | null;
}

export interface Fitting {
  objective: ReadonlySignal<{ id: string; delta: number | null; penalty: number | null } | null>;
  /** In force: what was chosen, else the column of weights where the table has one. */
  weights: ReadonlySignal<Weights>;
  /** Refits by itself whenever anything it depends on changes. */
  fit: Settled<Fit, FitProgress>;
}

interface Input {
  request: FitRequest;
  prepared: Prepared;
  law: Law;
  positions: number[];
}

export interface FittingOptions {
  engine: Engine;
  catalog: ReadonlySignal<Catalog | null>;
  settings: ReadonlySignal<Settings>;
  runs: Runs;
  onFitted: () => void;
}

export function createFitting({
  engine,
  catalog,
  settings,
  runs,
  onFitted,
}: FittingOptions): Fitting {
  const setting = <K extends keyof Settings>(key: K) => computed(() => settings.value[key]);

  const chosen = setting('objective');
  const chosenDelta = setting('delta');
  const chosenPenalty = setting('penalty');
  const objective = computed(() => {
    const known = catalog.value?.objectives ?? [];
    const entry =
      known.find(({ id }) => id === chosen.value) ??
      known.find(({ id }) => id === catalog.value?.defaults.objective);
    if (!entry) return null;
    const delta = entry.default_delta === null ? null : (chosenDelta.value ?? entry.default_delta);
    const penalty =
      entry.default_penalty === null ? null : (chosenPenalty.value ?? entry.default_penalty);
    return { id: entry.id, delta, penalty };
  });

  const chosenWeights = setting('weights');
  const weights = computed((): Weights => {
    const chosen = chosenWeights.value ?? 'column';
    return weightsIn(runs.prepared.value.value).includes(chosen) ? chosen : 'equal';
  });
  const fixed = setting('fixed');
  const tied = setting('tied');
  const bounds = setting('bounds');
  const input = computed((): Input | null => {
    const prepared = runs.prepared.value.value;
    const law = runs.law.value;
    if (!prepared || !law || !objective.value || runs.obstacle.value) return null;
    const ids = new Set(law.coefficients.map(({ id }) => id));
    const pairs = tied.value.filter((pair) => pair.every((id) => ids.has(id)));
    // What is held is not bounded as well.
    const held = new Set([...Object.keys(fixed.value), ...pairs.flat()]);
    const { id, delta, penalty } = objective.value;
    const request: FitRequest = {
      law: law.id,
      objective: {
        id,
        ...(delta !== null && { delta }),
        ...(penalty !== null && { penalty }),
      },
      fixed: Object.fromEntries(Object.entries(fixed.value).filter(([id]) => ids.has(id))),
      tied: pairs,
      bounds: Object.fromEntries(
        Object.entries(bounds.value).filter(([id]) => ids.has(id) && !held.has(id)),
      ),
      weights: weights.value,
    };
    return { request, prepared, law, positions: usedPositions(runs.rows.value) };
  });

  const fit = settle<Input, Fit, FitProgress>(
    hold(input, runs.loading),
    async ({ request, prepared, law, positions }, signal, onProgress) => {
      const { weight } = prepared.dataset.columns;
      const beside = { equal: [], sqrt_flops: ['flops'], column: ['weight'] }[request.weights!];
      const columns = pick(
        { ...prepared.columns, ...(weight && { weight }) },
        [...new Set([...neededBy(law), ...beside])],
        positions,
      );
      const answer = await engine.fit(request, columns, { signal, onProgress });
      onFitted();
      const size = prepared.dataset.rows.length;
      const range = rangeOf(prepared.columns, positions);
      const known = completeIn(prepared.columns, positions);
      return {
        prepared,
        law,
        positions,
        runs: fittedRuns(request, columns, answer, { known, range }),
        range,
        report: answer.report,
        predicted: spread(answer.columns.predicted, positions, size),
        residual: spread(answer.columns.residual, positions, size),
        numbers: answer.report.usable ? numbersOf(answer.report) : null,
      };
    },
  );
  return { objective, weights, fit };
}

/** The ways of weighing that the columns allow. */
export function weightsIn(prepared: Prepared | null): Weights[] {
  const there: Record<Weights, boolean> = {
    equal: true,
    sqrt_flops: prepared?.columns['flops']?.some(Number.isFinite) ?? false,
    column: prepared?.dataset.columns['weight'] !== undefined,
  };
  return WEIGHTS.filter((id) => there[id]);
}
