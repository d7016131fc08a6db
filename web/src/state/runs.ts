import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type { Catalog, CostChoice, Engine, Example, Law } from '../core/protocol';
import type { Dataset, Mapping, RawTable, RowProblem } from '../data/types';
import { readExample } from '../model/example';
import { chooseLaw, extendedLaw, neededBy, offerLaws, type LawOffer } from '../model/laws';
import {
  availableIn,
  countRuns,
  runRows,
  unconverted,
  variesIn,
  withLosses,
  type Prepared,
  type RunCounts,
  type RunRow,
} from '../model/rows';
import { NO_EDITS, type Edits, type OwnRuns, type Settings } from './saved';
import type * as Reading from './reading';
import { settle, type Settling } from './settle';

/** The source that is not an example: the user's own runs. */
export const OWN = '';

/** Why nothing is fitted, when it is not the engine's word. */
export type Obstacle =
  'no_rows' | 'no_table' | 'no_ratio' | 'no_response' | 'no_law' | 'no_used_rows';

const NO_LOSSES: ReadonlyMap<number, number> = new Map();

/** From text to rows: source → table → mapping → dataset → numbers in base units → rows. */
export interface Runs {
  /** Example on screen, or OWN. */
  source: ReadonlySignal<string>;
  example: ReadonlySignal<Example | null>;
  table: ReadonlySignal<RawTable | null>;
  /** What is wrong with a row, in words; the words come with one's own runs, examples need none. */
  problemText: ReadonlySignal<(problem: RowProblem) => string>;
  mapping: ReadonlySignal<Mapping | null>;
  dataset: ReadonlySignal<Dataset | null>;
  cost: ReadonlySignal<CostChoice | null>;
  prepared: ReadonlySignal<Settling<Prepared>>;
  /** On the way: the next rows are not there yet. */
  loading: ReadonlySignal<boolean>;
  offers: ReadonlySignal<LawOffer[]>;
  law: ReadonlySignal<Law | null>;
  rows: ReadonlySignal<RunRow[]>;
  counts: ReadonlySignal<RunCounts>;
  obstacle: ReadonlySignal<Obstacle | null>;

  setMapping(mapping: Mapping | null): void;
  toggleRow(index: number): void;
  /** Several at once: in the fit, or left out by hand. */
  switchRows(indices: readonly number[], on: boolean): void;
  switchAllOn(): void;

  /** Losses taken for others, by row: "what if". They stand in `prepared`; the table keeps its own. */
  whatIf: ReadonlySignal<ReadonlyMap<number, number>>;
  /** null: the run has its own loss again. */
  takeLoss(index: number, loss: number | null): void;
  endWhatIf(): void;
}

export interface RunsOptions {
  engine: Engine;
  catalog: ReadonlySignal<Catalog | null>;
  own: ReadonlySignal<OwnRuns | null>;
  settings: ReadonlySignal<Settings>;
  set: (change: Partial<Settings>) => void;
}

export function createRuns({ engine, catalog, own, settings, set }: RunsOptions): Runs {
  const setting = <K extends keyof Settings>(key: K) => computed(() => settings.value[key]);

  const wished = setting('source');
  const source = computed(() => {
    if (own.value && (wished.value === OWN || wished.value === null)) return OWN;
    const known = catalog.value?.examples.some(({ id }) => id === wished.value) ?? true;
    if (wished.value && known) return wished.value;
    return own.value ? OWN : (catalog.value?.defaults.example ?? OWN);
  });
  const example = computed(
    () => catalog.value?.examples.find(({ id }) => id === source.value) ?? null,
  );

  const reader = signal<typeof Reading | null>(null);
  const load = async () => (reader.value ??= await import('./reading'));

  const exampleTable = settle(example, async (example) => ({
    of: example,
    ...readExample(await engine.example(example.id), catalog.value?.quantities ?? []),
  })).state;
  const ownTable = settle(own, async (runs) => {
    const { parseTable, guessMapping } = await load();
    const table = parseTable(runs.text, runs.name);
    return { of: runs, table, mapping: guessMapping(table) };
  }).state;
  /** The table on screen, with what its columns mean until a person says otherwise. */
  const read = computed(() => {
    const ours = source.value === OWN;
    const { value } = ours ? ownTable.value : exampleTable.value;
    return value && value.of === (ours ? own.value : example.value) ? value : null;
  });
  const table = computed(() => read.value?.table ?? null);

  const problemText = computed(() => {
    const say = reader.value?.problemText;
    const header = table.value?.header;
    return (problem: RowProblem) =>
      say ? say(problem, header) : problem.code.replaceAll('_', ' ');
  });

  const allEdits = setting('edits');
  const edit = computed(() => allEdits.value[source.value] ?? NO_EDITS);
  const changeEdit = (change: Partial<Edits>) =>
    set({ edits: { ...allEdits.value, [source.value]: { ...edit.value, ...change } } });

  const byHand = computed(() => {
    const { mapping } = edit.value;
    return mapping?.columns.length === table.value?.header.length ? mapping : null;
  });
  effect(() => {
    if (byHand.value && !reader.value) void load();
  });
  const mapping = computed(() => (reader.value && byHand.value) ?? read.value?.mapping ?? null);
  const dataset = computed(() => {
    if (!read.value || !mapping.value) return null;
    if ('dataset' in read.value && mapping.value === read.value.mapping) return read.value.dataset;
    return (
      reader.value?.readDataset(read.value.table, mapping.value, catalog.value?.quantities) ?? null
    );
  });

  const chosenCost = setting('cost');
  const cost = computed((): CostChoice | null => {
    if (!catalog.value) return null;
    const known = catalog.value.cost_models.some(({ id }) => id === chosenCost.value?.id);
    return known ? chosenCost.value : { id: catalog.value.defaults.cost_model };
  });
  /** Quantities that the engine can turn into base units; the page's own columns stay here. */
  const convertible = computed(
    () =>
      new Set(
        catalog.value?.quantities
          .filter(({ id, units }) => {
            const written = dataset.value?.units[id];
            const unit = units.find((candidate) => candidate.id === written?.id);
            return unit?.kind !== 'per_ratio' || written?.ratio !== undefined;
          })
          .map(({ id }) => id),
      ),
  );
  const asGiven = settle(
    computed(() =>
      dataset.value?.rows.length && cost.value
        ? { dataset: dataset.value, cost: cost.value, ids: convertible.value }
        : null,
    ),
    async ({ dataset, cost, ids }): Promise<Prepared> => {
      const only = <T>(record: Record<string, T>) =>
        Object.entries(record).filter(([id]) => ids.has(id));
      const request = { units: Object.fromEntries(only(dataset.units)), cost_model: cost };
      const written = only<Float64Array>(dataset.columns);
      return { dataset, ...(await engine.prepare(request, Object.fromEntries(written))) };
    },
  ).state;
  /** Forgotten with the runs that they were about. */
  const taken = signal<{ table: RawTable | null; losses: ReadonlyMap<number, number> } | null>(
    null,
  );
  const whatIf = computed(() =>
    taken.value && taken.value.table === table.value ? taken.value.losses : NO_LOSSES,
  );
  const prepared = computed((): Settling<Prepared> => {
    const { value } = asGiven.value;
    return value && whatIf.value.size > 0
      ? { ...asGiven.value, value: withLosses(value, whatIf.value) }
      : asGiven.value;
  });
  const loading = computed(() => {
    const reading = source.value === OWN ? ownTable.value : exampleTable.value;
    return reading.pending || prepared.value.pending;
  });

  const offers = computed(() =>
    catalog.value && prepared.value.value
      ? offerLaws(catalog.value, availableIn(prepared.value.value.columns))
      : [],
  );
  const chosenLaw = setting('law');
  const law = computed(() => {
    const columns = prepared.value.value?.columns ?? {};
    const start = extendedLaw(offers.value, catalog.value?.defaults.law, (id) =>
      variesIn(columns, id),
    );
    return chooseLaw(offers.value, [chosenLaw.value, example.value?.law, start]);
  });
  const off = computed(() => new Set(edit.value.off));
  const rows = computed(() => {
    const numbers = prepared.value.value;
    if (!numbers) return [];
    // Without a law: what is still to be converted before there can be one.
    const needed = law.value ? neededBy(law.value) : unconverted(numbers);
    return runRows(numbers, off.value, needed);
  });
  const counts = computed(() => countRuns(rows.value));
  const obstacle = computed((): Obstacle | null => {
    if (table.value?.rows.length === 0) {
      return source.value === OWN && own.value?.text.trim() ? 'no_table' : 'no_rows';
    }
    if (!table.value || !prepared.value.value) return null;
    if (law.value) return counts.value.used === 0 ? 'no_used_rows' : null;
    if (Object.keys(dataset.value?.units ?? {}).some((id) => !convertible.value.has(id))) {
      return 'no_ratio';
    }
    // Columns that are there, though not one of their cells can be used.
    const columns = new Set(Object.keys(prepared.value.value.columns));
    const marked = offerLaws(catalog.value!, columns);
    if (chooseLaw(marked, [])) return 'no_used_rows';
    const lacksResponse = marked.every(({ law, missing }) =>
      missing.some(({ id }) => id === law.response),
    );
    return lacksResponse ? 'no_response' : 'no_law';
  });

  return {
    source,
    example,
    table,
    problemText,
    mapping,
    dataset,
    cost,
    prepared,
    loading,
    offers,
    law,
    rows,
    counts,
    obstacle,
    setMapping: (mapping) => changeEdit({ mapping }),
    toggleRow(index) {
      const { off } = edit.value;
      changeEdit({ off: off.includes(index) ? off.filter((i) => i !== index) : [...off, index] });
    },
    switchRows(indices, on) {
      const others = edit.value.off.filter((index) => !indices.includes(index));
      changeEdit({ off: on ? others : [...others, ...indices] });
    },
    switchAllOn: () => changeEdit({ off: [] }),
    whatIf,
    takeLoss(index, loss) {
      const losses = new Map(whatIf.value);
      if (loss === null) losses.delete(index);
      else losses.set(index, loss);
      taken.value = { table: table.value, losses };
    },
    endWhatIf: () => (taken.value = null),
  };
}
