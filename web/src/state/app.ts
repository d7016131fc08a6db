import { batch, computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Catalog, Engine } from '../core/protocol';
import { createFitting, type Fitting } from './fitting';
import { createPlanning, type Planning } from './planning';
import { createRuns, OWN, type Runs } from './runs';
import {
  keep,
  markOf,
  readOwnRuns,
  readSettings,
  recall,
  RUNS_KEY,
  SETTINGS_KEY,
  writeOwnRuns,
  type Keeping,
  type OwnRuns,
  type Settings,
  type Shelf,
} from './saved';
import type { Crew } from '../core/crew';
import type { Estimation } from './estimation';
import type { Address, Arrival, Room } from './url';

/**
 * The page as it is now, and all that one can do to it: settings, and what follows from them (runs →
 * fit → plan). Knows neither DOM nor location.
 */
export interface App extends Runs, Fitting, Planning {
  engine: Engine;
  room: ReadonlySignal<Room>;
  settings: ReadonlySignal<Settings>;
  own: ReadonlySignal<OwnRuns | null>;
  /** Run under the pointer or the keyboard, by row. */
  highlighted: Signal<number | null>;

  catalog: ReadonlySignal<Catalog | null>;
  /** How sure the fit is; null before the first fit is on the page. */
  estimation: ReadonlySignal<Estimation | null>;
  /** The engine could not be started. */
  engineFailure: ReadonlySignal<string | null>;
  /** A worker died and another one stands in its place. */
  recovered: ReadonlySignal<boolean>;
  keeping: ReadonlySignal<Keeping>;
  address: ReadonlySignal<Address>;
  /** What the address says and this page does not know. */
  unread: ReadonlySignal<string[]>;

  set(change: Partial<Settings>): void;
  openExample(id: string): void;
  openRuns(own: OwnRuns): void;
  showOwn(): void;
  /** What an address says wins over what is set. */
  follow(arrival: Arrival): void;
  noteRecovery(): void;
}

export interface AppOptions {
  engine: Engine;
  shelf: Shelf | null;
  arrival: Arrival;
  /** Asked once, when the first fit is there. */
  hireCrew?: () => Promise<Crew>;
}

/** Choices that belong to one table and mean nothing in another. */
const AFRESH = {
  law: null,
  fixed: {},
  tied: [],
  bounds: {},
  weights: null,
  cluster: null,
  group: null,
} satisfies Partial<Settings>;

function addressed(address: Address): Partial<Settings> {
  return {
    ...(address.law !== undefined && { law: address.law }),
    ...(address.objective !== undefined && { objective: address.objective }),
    ...(address.delta !== undefined && { delta: address.delta }),
    ...(address.flops !== undefined && { budget: address.flops }),
    ...(address.example !== undefined && { source: address.example }),
  };
}

export function createApp({ engine, shelf, arrival, hireCrew }: AppOptions): App {
  const room = signal(arrival.address.room);
  const { own, settings, keeping } = createStore(shelf, addressed(arrival.address));
  const set = (change: Partial<Settings>) => {
    settings.value = { ...settings.value, ...change };
  };

  const catalog = signal<Catalog | null>(null);
  const engineFailure = signal<string | null>(null);
  const recovered = signal(false);
  engine.catalog().then(
    (answer) => (catalog.value = answer),
    (error: unknown) =>
      (engineFailure.value = error instanceof Error ? error.message : String(error)),
  );

  const runs = createRuns({ engine, catalog, own, settings, set });
  const onFitted = () => (recovered.value = false);
  const fitting = createFitting({ engine, catalog, settings, runs, onFitted });
  const estimation = signal<Estimation | null>(null);
  const drawn = computed(() => estimation.value?.bootstrap.state.value.value ?? null);
  const planning = createPlanning({ engine, catalog, settings, room, runs, fitting, drawn });

  const fitted = computed(() => fitting.fit.state.value.value !== null);
  const hire = async () => {
    const crew = await hireCrew!();
    const { createEstimation, createEstimator } = await import('./estimating');
    const estimator = createEstimator(crew);
    const parts = { estimator, catalog, settings, runs, fitting, planning };
    estimation.value = createEstimation(parts);
  };
  if (hireCrew) {
    const stop = effect(() => {
      if (!fitted.value) return;
      queueMicrotask(() => stop());
      // Without it the page is as sure as the fit itself says.
      hire().catch(() => {});
    });
  }

  const address = computed((): Address => {
    const { law, objective, delta, budget, source } = settings.value;
    return {
      room: room.value,
      ...(law !== null && { law }),
      ...(objective !== null && { objective }),
      ...(delta !== null && { delta }),
      ...(budget && { flops: budget }),
      ...(source && { example: source }),
      ...(arrival.address.view && { view: arrival.address.view }),
    };
  });
  const unreadKeys = signal(arrival.unread);
  const unread = computed(() => {
    const known = catalog.value;
    if (!known) return unreadKeys.value;
    const { law, objective, source, budget } = settings.value;
    const strange = (id: string | null, list: { id: string }[]) =>
      id && !list.some((entry) => entry.id === id) ? [id] : [];
    return [
      ...unreadKeys.value,
      ...strange(law, known.laws),
      ...strange(objective, known.objectives),
      ...strange(source, known.examples),
      ...(budget && planning.readBudget(budget) === null ? [budget] : []),
    ];
  });

  return {
    ...runs,
    ...fitting,
    ...planning,
    engine,
    room,
    settings,
    own,
    highlighted: signal<number | null>(null),
    catalog,
    estimation,
    engineFailure,
    recovered,
    keeping,
    address,
    unread,

    set,
    openExample: (id) => set({ ...AFRESH, source: id }),
    showOwn: () => set({ ...AFRESH, source: OWN }),
    openRuns(next) {
      batch(() => {
        own.value = next;
        const { [OWN]: _, ...edits } = settings.value.edits;
        set({ ...AFRESH, source: OWN, edits });
      });
    },
    follow(next) {
      batch(() => {
        room.value = next.address.room;
        unreadKeys.value = next.unread;
        set(addressed(next.address));
      });
    },
    noteRecovery: () => (recovered.value = true),
  };
}

/** Settings and runs as they were left, kept from now on. */
function createStore(shelf: Shelf | null, said: Partial<Settings>) {
  const stored = readSettings(recall(shelf, SETTINGS_KEY));
  const own = signal(readOwnRuns(recall(shelf, RUNS_KEY)));
  const edits = { ...stored.edits };
  // Another tab may have left other runs than those that the edits were made in.
  if (own.value && markOf(own.value.text) !== stored.textMark) delete edits[OWN];
  const settings = signal<Settings>({ ...stored, edits, ...said });

  const runsKept = signal<Keeping>('kept');
  const settingsKept = signal<Keeping>('kept');
  effect(() => {
    runsKept.value = keep(shelf, RUNS_KEY, own.value && writeOwnRuns(own.value));
  });
  const textMark = computed(() => (own.value ? markOf(own.value.text) : ''));
  effect(() => {
    const text = JSON.stringify({ ...settings.value, textMark: textMark.value });
    settingsKept.value = keep(shelf, SETTINGS_KEY, text);
  });
  const keeping = computed(() => (runsKept.value === 'kept' ? settingsKept.value : runsKept.value));
  return { own, settings, keeping };
}
