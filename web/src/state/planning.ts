import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { IntervalsReport, Target } from '../core/estimation-protocol';
import type { Catalog, Engine, LawWithNumbers, Optimum, Preset } from '../core/protocol';
import { withIntervals } from '../core/fitted';
import type { readBudget } from '../data/read-number';
import type { Fit, Fitting } from './fitting';
import type { Runs } from './runs';
import type { Settings } from './saved';
import { settle, type Settling } from './settle';
import type { Room } from './url';

/** The compute-optimal split under one set of numbers. */
export interface Plan {
  /** null = the user's fit. */
  preset: Preset | null;
  optimum: Optimum | null;
  /** Variables of the law that the budget does not set, as they were taken. */
  at: Record<string, number>;
  /** Why there is none. */
  unavailable: string | null;
  /** Where the intervals come from; null: there are none. */
  intervals: 'bootstrap' | 'sandwich' | null;
}

/** Intervals from a bootstrap of `fit` at `target`. */
export interface Drawn {
  fit: Fit;
  target: Target;
  report: IntervalsReport;
}

export interface Planning {
  /** Where answers about the fit are wanted; null while there is no fit. */
  target: ReadonlySignal<Target | null>;
  /** In force: the budget typed last that could be read, else the default. */
  flops: ReadonlySignal<number | null>;
  plan: ReadonlySignal<Settling<Plan>>;
  presetPlans: ReadonlySignal<Settling<Plan[]>>;
  /** "100 PF-days" → FLOPs; null = not a budget; undefined = what reads it is still on its way. */
  readBudget(text: string): number | null | undefined;
}

/** What a plan depends on. */
interface Frame {
  fit: Fit;
  target: Target;
}

/** The plan with the intervals of the bootstrap, where that is about the same. */
function withDrawn(plan: Plan, { fit, target }: Frame, drawn: Drawn | null): Plan {
  const found = drawn?.fit === fit && drawn.target === target ? drawn.report.optima[0] : null;
  if (!plan.optimum || !found?.params.interval) return plan;
  return { ...plan, optimum: withIntervals(plan.optimum, found), intervals: 'bootstrap' };
}

/** A budget that needs no reading; any other form brings the reader of numbers along. */
const PLAIN = /^\d+(\.\d+)?e\d{1,2}$/;

/** What a budget and the compute model settle by themselves. */
const SETTLED = new Set(['params', 'tokens', 'flops']);

export interface PlanningOptions {
  engine: Engine;
  catalog: ReadonlySignal<Catalog | null>;
  settings: ReadonlySignal<Settings>;
  room: ReadonlySignal<Room>;
  runs: Runs;
  fitting: Fitting;
  /** The last bootstrap, which may be of an older fit. */
  drawn: ReadonlySignal<Drawn | null>;
}

/** Variables of a law that have to be said beside the budget. */
export function furtherVariables(law: { variables: string[] }): string[] {
  return law.variables.filter((id) => !SETTLED.has(id));
}

export function createPlanning(options: PlanningOptions): Planning {
  const { engine, catalog, settings, room, runs, fitting, drawn } = options;
  const reader = signal<typeof readBudget | null>(null);
  const load = async () => (reader.value = (await import('../data/read-number')).readBudget);
  const read = (text: string) => {
    if (PLAIN.test(text)) return Number(text);
    const quantity = catalog.value?.quantities.find(({ id }) => id === 'flops');
    if (reader.value) return reader.value(text, quantity?.units ?? []);
    void load();
    return undefined;
  };
  const typed = computed(() => settings.value.budget);
  const flops = computed(() => {
    const fallback = runs.example.value?.flops ?? catalog.value?.defaults.flops ?? null;
    return typed.value === null ? fallback : (read(typed.value) ?? fallback);
  });

  const at = computed(() => settings.value.at);
  const fit = computed(() => fitting.fit.state.value.value);
  const target = computed((): Target | null => {
    const cost = runs.cost.value;
    if (!fit.value || !cost || flops.value === null) return null;
    const further = furtherVariables(fit.value.law).map((id) => [id, at.value[id] ?? 1]);
    return { cost_model: cost, flops: [flops.value], at: Object.fromEntries(further) };
  });
  const frame = computed((): Frame | null =>
    fit.value?.law.has_optimum && target.value ? { fit: fit.value, target: target.value } : null,
  );
  const planOf = async (
    numbers: LawWithNumbers,
    preset: Preset | null,
    { fit, target }: Frame,
  ): Promise<Plan> => {
    const request = { ...numbers, ...target, range: fit.range };
    const { optima, unavailable } = await engine.optimum(request);
    const optimum = optima[0] ?? null;
    const intervals = optimum?.params.interval ? 'sandwich' : null;
    return { preset, optimum, at: target.at ?? {}, unavailable, intervals };
  };

  const instant = settle(
    computed(() => {
      const usable = frame.value?.fit.report.usable && frame.value.fit.numbers;
      return usable ? frame.value : null;
    }),
    async (frame) => ({ frame, plan: await planOf(frame.fit.numbers!, null, frame) }),
  ).state;
  const plan = computed((): Settling<Plan> => {
    const { value, ...state } = instant.value;
    return { ...state, value: value && withDrawn(value.plan, value.frame, drawn.value) };
  });
  const presetPlans = settle(
    computed(() => (room.value === 'plan' ? frame.value : null)),
    (frame) => {
      const { id: law, presets } = frame.fit.law;
      return Promise.all(
        presets.map((preset) => planOf({ law, coefficients: preset.coefficients }, preset, frame)),
      );
    },
  ).state;

  return { flops, target, plan, presetPlans, readBudget: read };
}
