import { batch, computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type {
  Catalog,
  CostChoice,
  DataRange,
  Engine,
  ExampleReport,
  FitProgress,
  FitReport,
  FitRequest,
  Law,
  LawWithNumbers,
  Optimum,
  Preset,
} from '../core/protocol';
import { checkData } from '../data/checks';
import { guessMapping } from '../data/guess-mapping';
import { readBudget } from '../data/read-number';
import { readDataset } from '../data/read-dataset';
import type { Dataset, Mapping, Note, RawTable } from '../data/types';
import { chooseLaw, neededBy, offerLaws, type LawOffer } from '../model/laws';
import {
  availableIn,
  countRuns,
  pick,
  rangeOf,
  runRows,
  spread,
  usedPositions,
  type Prepared,
  type RunCounts,
  type RunRow,
} from '../model/rows';
import {
  keep,
  markOf,
  NO_EDITS,
  readOwnRuns,
  readSettings,
  recall,
  RUNS_KEY,
  SETTINGS_KEY,
  writeOwnRuns,
  type Edits,
  type Keeping,
  type OwnRuns,
  type Settings,
  type Shelf,
} from './saved';
import { settle, type Settled, type Settling } from './settle';
import type { Address, Arrival, Room } from './url';

/** A fit with what it was made from; arrays have one entry per row of `prepared`. */
export interface Fit {
  prepared: Prepared;
  law: Law;
  /** Rows used, by position. */
  positions: number[];
  range: DataRange;
  report: FitReport;
  predicted: Float64Array;
  residual: Float64Array;
  /** The law with the fitted numbers; null while there is none worth drawing. */
  numbers: LawWithNumbers | null;
}

/** The compute-optimal split under one set of numbers. */
export interface Plan {
  /** null = the user's fit. */
  preset: Preset | null;
  optimum: Optimum | null;
  /** Why there is none. */
  unavailable: string | null;
}

/** Why nothing is fitted, when it is not the engine's word. */
export type Obstacle = 'no_rows' | 'no_response' | 'no_law' | 'no_used_rows';

interface FitInput {
  request: FitRequest;
  prepared: Prepared;
  law: Law;
  positions: number[];
}

export const OWN = '';

/** The page as it is now, and all that one can do to it. Knows neither DOM nor location. */
export interface App {
  engine: Engine;
  room: ReadonlySignal<Room>;
  projector: boolean;
  settings: ReadonlySignal<Settings>;
  /** Run under the pointer or the keyboard, by row. */
  highlighted: Signal<number | null>;

  catalog: ReadonlySignal<Catalog | null>;
  /** The engine could not be started. */
  engineFailure: ReadonlySignal<string | null>;
  /** A worker died and another one stands in its place. */
  recovered: ReadonlySignal<boolean>;
  keeping: ReadonlySignal<Keeping>;

  /** Example on screen, or OWN. */
  source: ReadonlySignal<string>;
  own: ReadonlySignal<OwnRuns | null>;
  table: ReadonlySignal<RawTable | null>;
  mapping: ReadonlySignal<Mapping | null>;
  dataset: ReadonlySignal<Dataset | null>;
  prepared: ReadonlySignal<Settling<Prepared>>;
  rows: ReadonlySignal<RunRow[]>;
  counts: ReadonlySignal<RunCounts>;
  /** What was noticed on the way from text to numbers. */
  notes: ReadonlySignal<Note[]>;

  offers: ReadonlySignal<LawOffer[]>;
  law: ReadonlySignal<Law | null>;
  objective: ReadonlySignal<{ id: string; delta: number | null } | null>;
  cost: ReadonlySignal<CostChoice | null>;
  /** `text` as typed; one that could not be read leaves the default budget in force. */
  budget: ReadonlySignal<{ text: string; flops: number | null; unread: boolean }>;

  obstacle: ReadonlySignal<Obstacle | null>;
  fit: Settled<Fit, FitProgress>;
  plan: ReadonlySignal<Settling<Plan>>;
  presetPlans: ReadonlySignal<Settling<Plan[]>>;
  address: ReadonlySignal<Address>;
  /** What the address says and this page does not know. */
  unread: ReadonlySignal<string[]>;

  go(room: Room): void;
  /** What an address says wins over what is set. */
  follow(arrival: Arrival): void;
  set(change: Partial<Settings>): void;
  openExample(id: string): void;
  openRuns(own: OwnRuns): void;
  showOwn(): void;
  setMapping(mapping: Mapping | null): void;
  toggleRow(index: number): void;
  switchAllOn(): void;
  noteRecovery(): void;
}

export interface AppOptions {
  engine: Engine;
  shelf: Shelf | null;
  arrival: Arrival;
}

function tableOf({ header, rows }: ExampleReport): RawTable {
  return {
    header,
    rows: rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell)))),
    lines: rows.map((_, i) => i + 2),
    format: 'example',
    notes: [],
  };
}

function addressed(address: Address): Partial<Settings> {
  return {
    ...(address.law !== undefined && { law: address.law }),
    ...(address.objective !== undefined && { objective: address.objective }),
    ...(address.delta !== undefined && { delta: address.delta }),
    ...(address.flops !== undefined && { budget: address.flops }),
    ...(address.example !== undefined && { source: address.example }),
  };
}

/** A fit that may be drawn and planned with: every coefficient has a number. */
function numbersOf(law: Law, report: FitReport): LawWithNumbers | null {
  const coefficients: Record<string, number> = {};
  for (const { id, value } of report.coefficients) if (value !== null) coefficients[id] = value;
  const complete = law.coefficients.every(({ id }) => id in coefficients);
  return complete ? { law: law.id, coefficients, covariance: report.covariance } : null;
}

export function createApp({ engine, shelf, arrival }: AppOptions): App {
  const { address: first } = arrival;
  const room = signal(first.room);
  const stored = readSettings(recall(shelf, SETTINGS_KEY));
  const own = signal(readOwnRuns(recall(shelf, RUNS_KEY)));
  const edits = { ...stored.edits };
  // Another tab may have left other runs than those that the edits were made in.
  if (own.value && markOf(own.value.text) !== stored.textMark) delete edits[OWN];
  const settings = signal<Settings>({ ...stored, edits, ...addressed(first) });
  const set = (change: Partial<Settings>) => {
    settings.value = { ...settings.value, ...change };
  };
  const setting = <K extends keyof Settings>(key: K) => computed(() => settings.value[key]);

  const catalog = signal<Catalog | null>(null);
  const engineFailure = signal<string | null>(null);
  const recovered = signal(false);
  const unreadKeys = signal(arrival.unread);
  engine.catalog().then(
    (answer) => (catalog.value = answer),
    (error: unknown) =>
      (engineFailure.value = error instanceof Error ? error.message : String(error)),
  );

  // Source → table → mapping → dataset

  const wishedSource = setting('source');
  const source = computed(() => {
    const wish = wishedSource.value;
    if (own.value && (wish === OWN || wish === null)) return OWN;
    const examples = catalog.value?.examples ?? [];
    if (wish && (!catalog.value || examples.some((example) => example.id === wish))) return wish;
    return own.value ? OWN : (catalog.value?.defaults.example ?? '');
  });
  const example = computed(
    () => catalog.value?.examples.find((candidate) => candidate.id === source.value) ?? null,
  );
  const exampleTable = settle(example, async ({ id }) => ({
    id,
    table: tableOf(await engine.example(id)),
  })).state;

  const ownTable = settle(own, async (runs) => {
    const { parseTable } = await import('./reading');
    return { runs, table: parseTable(runs.text, runs.name) };
  }).state;
  const table = computed(() => {
    if (source.value === OWN) {
      const { value } = ownTable.value;
      return value && value.runs === own.value ? value.table : null;
    }
    const { value } = exampleTable.value;
    return value?.id === source.value ? value.table : null;
  });

  const allEdits = setting('edits');
  const edit = computed(() => allEdits.value[source.value] ?? NO_EDITS);
  const changeEdit = (change: Partial<Edits>) =>
    set({ edits: { ...allEdits.value, [source.value]: { ...edit.value, ...change } } });

  const handMapping = computed(() => edit.value.mapping);
  const mapping = computed(() => {
    if (!table.value || !catalog.value) return null;
    const byHand = handMapping.value;
    return byHand?.columns.length === table.value.header.length
      ? byHand
      : guessMapping(table.value);
  });
  const dataset = computed(() =>
    table.value && mapping.value
      ? readDataset(table.value, mapping.value, catalog.value?.quantities)
      : null,
  );

  // Dataset → numbers in base units → rows

  const chosenCost = setting('cost');
  const cost = computed((): CostChoice | null => {
    if (!catalog.value) return null;
    const known = catalog.value.cost_models.some((model) => model.id === chosenCost.value?.id);
    return known ? chosenCost.value : { id: catalog.value.defaults.cost_model };
  });
  const quantities = computed(() => new Set(catalog.value?.quantities.map(({ id }) => id)));
  const prepared = settle(
    computed(() =>
      dataset.value && cost.value && dataset.value.rows.length > 0
        ? { dataset: dataset.value, cost: cost.value }
        : null,
    ),
    async ({ dataset, cost }): Promise<Prepared> => {
      // The page's own columns (weights) stay here.
      const written = Object.entries<Float64Array>(dataset.columns).filter(([id]) =>
        quantities.value.has(id),
      );
      const request = { units: dataset.units, cost_model: cost };
      return { dataset, ...(await engine.prepare(request, Object.fromEntries(written))) };
    },
  ).state;

  const offers = computed(() =>
    catalog.value && prepared.value.value
      ? offerLaws(catalog.value, availableIn(prepared.value.value.columns))
      : [],
  );
  const chosenLaw = setting('law');
  const law = computed(() =>
    chooseLaw(offers.value, [chosenLaw.value, example.value?.law, catalog.value?.defaults.law]),
  );
  const off = computed(() => new Set(edit.value.off));
  const needed = computed(() => (law.value ? neededBy(law.value) : ['loss']));
  const rows = computed(() =>
    prepared.value.value ? runRows(prepared.value.value, off.value, needed.value) : [],
  );
  const counts = computed(() => countRuns(rows.value));
  const notes = computed((): Note[] => {
    if (!table.value || !dataset.value) return [];
    const read = [...table.value.notes, ...dataset.value.notes];
    const numbers = prepared.value.value;
    if (!numbers || numbers.dataset !== dataset.value || !mapping.value) return read;
    const used = usedPositions(rows.value);
    const { quantities } = catalog.value!;
    return [...read, ...checkData({ ...numbers, mapping: mapping.value, used, quantities })];
  });

  // Rows → fit

  const chosenObjective = setting('objective');
  const chosenDelta = setting('delta');
  const objective = computed(() => {
    const known = catalog.value?.objectives ?? [];
    const entry =
      known.find(({ id }) => id === chosenObjective.value) ??
      known.find(({ id }) => id === catalog.value?.defaults.objective);
    if (!entry) return null;
    const delta = entry.default_delta === null ? null : (chosenDelta.value ?? entry.default_delta);
    return { id: entry.id, delta };
  });
  const obstacle = computed((): Obstacle | null => {
    if (!table.value || !prepared.value.value)
      return table.value?.rows.length === 0 ? 'no_rows' : null;
    if (law.value) return counts.value.used === 0 ? 'no_used_rows' : null;
    const lacksResponse = offers.value.every(({ law, missing }) =>
      missing.some(({ id }) => id === law.response),
    );
    return lacksResponse ? 'no_response' : 'no_law';
  });
  const fixed = setting('fixed');
  const tied = setting('tied');
  const fitInput = computed((): FitInput | null => {
    const numbers = prepared.value.value;
    if (!numbers || !law.value || !objective.value || obstacle.value) return null;
    const ids = new Set(law.value.coefficients.map(({ id }) => id));
    const { id, delta } = objective.value;
    const request: FitRequest = {
      law: law.value.id,
      objective: delta === null ? { id } : { id, delta },
      fixed: Object.fromEntries(Object.entries(fixed.value).filter(([id]) => ids.has(id))),
      tied: tied.value.filter((pair) => pair.every((id) => ids.has(id))),
    };
    return { request, prepared: numbers, law: law.value, positions: usedPositions(rows.value) };
  });
  const fit = settle<FitInput, Fit, FitProgress>(
    fitInput,
    async ({ request, prepared, law, positions }, signal, onProgress) => {
      const { weight } = prepared.dataset.columns;
      const columns = pick(
        { ...prepared.columns, ...(weight && { weight }) },
        weight ? [...neededBy(law), 'weight'] : neededBy(law),
        positions,
      );
      const answer = await engine.fit(request, columns, { signal, onProgress });
      recovered.value = false;
      const size = prepared.dataset.rows.length;
      return {
        prepared,
        law,
        positions,
        range: rangeOf(prepared.columns, positions),
        report: answer.report,
        predicted: spread(answer.columns.predicted, positions, size),
        residual: spread(answer.columns.residual, positions, size),
        numbers: numbersOf(law, answer.report),
      };
    },
  );

  // Fit → plan

  const budgetText = setting('budget');
  const budget = computed(() => {
    const fallback = example.value?.flops ?? catalog.value?.defaults.flops ?? null;
    if (budgetText.value === null || budgetText.value.trim() === '') {
      return { text: '', flops: fallback, unread: false };
    }
    const units = catalog.value?.quantities.find(({ id }) => id === 'flops')?.units ?? [];
    const flops = readBudget(budgetText.value, units);
    return { text: budgetText.value, flops: flops ?? fallback, unread: flops === null };
  });
  const flops = computed(() => budget.value.flops);
  const at = setting('at');

  const planFor = async (
    numbers: LawWithNumbers,
    preset: Preset | null,
    {
      cost,
      flops,
      range,
      at,
    }: { cost: CostChoice; flops: number; range: DataRange; at: Record<string, number> },
  ): Promise<Plan> => {
    const request = { ...numbers, cost_model: cost, flops: [flops], range, at };
    const { optima, unavailable } = await engine.optimum(request);
    return { preset, optimum: optima[0] ?? null, unavailable };
  };
  const planFrame = computed(() => {
    const settled = fit.state.value.value;
    if (!settled?.law.has_optimum || !cost.value || flops.value === null) return null;
    const further = settled.law.variables.map((id): [string, number] => [id, at.value[id] ?? 1]);
    return {
      fit: settled,
      cost: cost.value,
      flops: flops.value,
      range: settled.range,
      at: Object.fromEntries(further.filter(([id]) => !['params', 'tokens', 'flops'].includes(id))),
    };
  });
  const plan = settle(
    computed(() =>
      planFrame.value?.fit.numbers && planFrame.value.fit.report.usable ? planFrame.value : null,
    ),
    (frame) => planFor(frame.fit.numbers!, null, frame),
  ).state;
  const presetPlans = settle(
    computed(() => (room.value === 'plan' ? planFrame.value : null)),
    (frame) =>
      Promise.all(
        frame.fit.law.presets.map((preset) =>
          planFor({ law: frame.fit.law.id, coefficients: preset.coefficients }, preset, frame),
        ),
      ),
  ).state;

  // What is kept, and what the address says

  const keepingRuns = signal<Keeping>('kept');
  const keepingSettings = signal<Keeping>('kept');
  effect(() => {
    const text = own.value && writeOwnRuns(own.value);
    keepingRuns.value = keep(shelf, RUNS_KEY, text);
  });
  const textMark = computed(() => (own.value ? markOf(own.value.text) : ''));
  effect(() => {
    const text = JSON.stringify({ ...settings.value, textMark: textMark.value });
    keepingSettings.value = keep(shelf, SETTINGS_KEY, text);
  });
  const keeping = computed(() =>
    keepingRuns.value === 'kept' ? keepingSettings.value : keepingRuns.value,
  );

  const address = computed((): Address => {
    const { law, objective, delta, budget, source: chosen } = settings.value;
    return {
      room: room.value,
      ...(law !== null && { law }),
      ...(objective !== null && { objective }),
      ...(delta !== null && { delta }),
      ...(budget && { flops: budget }),
      ...(chosen && { example: chosen }),
      ...(first.view && { view: first.view }),
    };
  });

  /** Ids that the address names and the catalog does not have count as unread, too. */
  const unread = computed(() => {
    const known = catalog.value;
    const { law, objective, source: example } = settings.value;
    const missing = (id: string | null, list: { id: string }[]) =>
      id && !list.some((entry) => entry.id === id) ? [id] : [];
    if (!known) return unreadKeys.value;
    return [
      ...unreadKeys.value,
      ...missing(law, known.laws),
      ...missing(objective, known.objectives),
      ...missing(example, known.examples),
    ];
  });
  /** Choices that belong to one table and mean nothing in another. */
  const afresh = { law: null, fixed: {}, tied: [] };

  return {
    engine,
    room,
    projector: first.view === 'projector',
    settings,
    highlighted: signal<number | null>(null),
    catalog,
    engineFailure,
    recovered,
    keeping,
    source,
    own,
    table,
    mapping,
    dataset,
    prepared,
    rows,
    counts,
    notes,
    offers,
    law,
    objective,
    cost,
    budget,
    obstacle,
    fit,
    plan,
    presetPlans,
    address,
    unread,

    go: (next) => (room.value = next),
    follow({ address, unread }) {
      batch(() => {
        room.value = address.room;
        unreadKeys.value = unread;
        set(addressed(address));
      });
    },
    set,
    openExample: (id) => set({ ...afresh, source: id }),
    openRuns(runs) {
      batch(() => {
        own.value = runs;
        const { [OWN]: _, ...others } = allEdits.value;
        set({ ...afresh, source: OWN, edits: others });
      });
    },
    showOwn: () => set({ ...afresh, source: OWN }),
    setMapping: (mapping) => changeEdit({ mapping }),
    toggleRow(index) {
      const { off } = edit.value;
      changeEdit({ off: off.includes(index) ? off.filter((i) => i !== index) : [...off, index] });
    },
    switchAllOn: () => changeEdit({ off: [] }),
    noteRecovery: () => (recovered.value = true),
  };
}
