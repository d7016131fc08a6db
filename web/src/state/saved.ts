import type { CostChoice } from '../core/protocol';
import type { ColumnChoice, Mapping, RowFilter } from '../data/types';

/**
 * What survives a reload. Two entries, so that a table too large for the browser does not take the
 * settings with it. Reading is total: another tab, another version or a hand may have written them.
 */

export interface OwnRuns {
  text: string;
  /** File name, or '' when pasted. */
  name: string;
}

/** What was changed by hand in one table. */
export interface Edits {
  /** null = as guessed. */
  mapping: Mapping | null;
  /** Rows switched off by hand, by index. */
  off: number[];
}

export interface Settings {
  /** Example on screen; '' = the user's own runs. null = never chosen. */
  source: string | null;
  /** By source. */
  edits: Record<string, Edits>;
  law: string | null;
  objective: string | null;
  delta: number | null;
  fixed: Record<string, number>;
  tied: [string, string][];
  /** Budget as typed; null = the default. */
  budget: string | null;
  cost: CostChoice | null;
  /** Values of the law's further variables at which to plan. */
  at: Record<string, number>;
  /** How much each run counts; null = by the weight column where there is one, else alike. */
  weights: Weights | null;
  /** Lowest and highest value of a coefficient, within the law's own; null = none. */
  bounds: Record<string, [number | null, number | null]>;
  /** How much more a run counts that the law lies above; null = as the objective has it. */
  penalty: number | null;
  /** Of everything drawn at random. */
  seed: number;
  /** Refits of a bootstrap. */
  draws: number;
  /** Runs drawn together: name of a column of the table, or id of a quantity; null = each by itself. */
  cluster: string | null;
  /** Column of the table that says which group a run belongs to; null = the one that the mapping names. */
  group: string | null;
  theme: Theme;
  /** Open panel of the Fit room; '' = the first. */
  panel: string;
  /** Which text the edits of the user's own runs belong to. */
  textMark: string;
}

export type Weights = (typeof WEIGHTS)[number];
export const WEIGHTS = ['equal', 'sqrt_flops', 'column'] as const;

export type Theme = 'system' | 'light' | 'dark';

export const NO_EDITS: Edits = { mapping: null, off: [] };

export const DEFAULT_SETTINGS: Settings = {
  source: null,
  edits: {},
  law: null,
  objective: null,
  delta: null,
  fixed: {},
  tied: [],
  budget: null,
  cost: null,
  at: {},
  weights: null,
  bounds: {},
  penalty: null,
  seed: 1,
  draws: 4000,
  cluster: null,
  group: null,
  theme: 'system',
  panel: '',
  textMark: '',
};

export const MOST_SEED = 2 ** 32 - 1;
export const MOST_DRAWS = 100_000;

type Json = unknown;
type Fields = Record<string, Json>;

const isObject = (x: Json): x is Fields => typeof x === 'object' && x !== null && !Array.isArray(x);
const text = (x: Json): string | null => (typeof x === 'string' ? x : null);
const finite = (x: Json): number | null => (typeof x === 'number' && Number.isFinite(x) ? x : null);
const list = <T>(x: Json, read: (item: Json) => T | null): T[] =>
  Array.isArray(x) ? x.map(read).filter((item) => item !== null) : [];

function numbers(x: Json): Record<string, number> {
  if (!isObject(x)) return {};
  return Object.fromEntries(
    Object.entries(x).filter((entry): entry is [string, number] => finite(entry[1]) !== null),
  );
}

const oneOf = <T>(x: Json, known: readonly T[]): T | null => known.find((one) => one === x) ?? null;
/** A whole number from `least` to `most`. */
const whole = (x: Json, least: number, most: number): number | null =>
  Number.isInteger(x) && (x as number) >= least && (x as number) <= most ? (x as number) : null;

function readBounds(x: Json): Settings['bounds'] {
  if (!isObject(x)) return {};
  return Object.fromEntries(
    Object.entries(x)
      .filter((entry): entry is [string, Json[]] => Array.isArray(entry[1]))
      .map(([id, [lower, upper]]) => [id, [finite(lower), finite(upper)]]),
  );
}

function readColumn(x: Json): ColumnChoice | null {
  if (!isObject(x) || text(x.role) === null || text(x.unit) === null) return null;
  return {
    role: x.role as ColumnChoice['role'],
    unit: x.unit as string,
    ratio: finite(x.ratio),
    decimal: x.decimal === ',' ? ',' : '.',
    convention:
      x.convention === 'non_embedding' || x.convention === 'active' ? x.convention : 'total',
    reason: text(x.reason) ?? '',
    ...(x.undecided === true && { undecided: true }),
    ...(finite(x.scale) !== null && { scale: x.scale as number }),
    ...(text(x.evidence) !== null && { evidence: x.evidence as string }),
  };
}

function readFilter(x: Json): RowFilter | null {
  if (!isObject(x) || finite(x.column) === null) return null;
  return { column: x.column as number, values: list(x.values, text) };
}

function readMapping(x: Json): Mapping | null {
  if (!isObject(x) || !Array.isArray(x.columns)) return null;
  const columns = list(x.columns, readColumn);
  if (columns.length !== x.columns.length) return null;
  const perRun = x.perRun === 'last' || x.perRun === 'minimum' ? x.perRun : 'all';
  return { columns, filters: list(x.filters, readFilter), perRun };
}

function readEdits(x: Json): Record<string, Edits> {
  if (!isObject(x)) return {};
  return Object.fromEntries(
    Object.entries(x)
      .filter((entry): entry is [string, Fields] => isObject(entry[1]))
      .map(([source, edits]) => [
        source,
        { mapping: readMapping(edits.mapping), off: list(edits.off, finite) },
      ]),
  );
}

/** Any text, or none → settings; whatever cannot be read takes its default. */
export function readSettings(stored: string | null): Settings {
  let x: Json = null;
  try {
    x = JSON.parse(stored ?? 'null');
  } catch {
    // Not ours.
  }
  if (!isObject(x)) return DEFAULT_SETTINGS;
  const cost = isObject(x.cost) ? text(x.cost.id) : null;
  const pair = (p: Json): [string, string] | null =>
    Array.isArray(p) && text(p[0]) !== null && text(p[1]) !== null
      ? [p[0] as string, p[1] as string]
      : null;
  return {
    source: text(x.source),
    edits: readEdits(x.edits),
    law: text(x.law),
    objective: text(x.objective),
    delta: finite(x.delta),
    fixed: numbers(x.fixed),
    tied: list(x.tied, pair),
    budget: text(x.budget),
    cost: cost === null ? null : { id: cost, settings: numbers((x.cost as Fields).settings) },
    at: numbers(x.at),
    weights: oneOf(x.weights, WEIGHTS),
    bounds: readBounds(x.bounds),
    penalty: finite(x.penalty),
    seed: whole(x.seed, 0, MOST_SEED) ?? DEFAULT_SETTINGS.seed,
    draws: whole(x.draws, 1, MOST_DRAWS) ?? DEFAULT_SETTINGS.draws,
    cluster: text(x.cluster),
    group: text(x.group),
    theme: x.theme === 'light' || x.theme === 'dark' ? x.theme : 'system',
    panel: text(x.panel) ?? '',
    textMark: text(x.textMark) ?? '',
  };
}

export function readOwnRuns(stored: string | null): OwnRuns | null {
  if (stored === null) return null;
  const [name = '', body] = stored.split(/\n(.*)/s);
  return body === undefined ? null : { name, text: body };
}

export function writeOwnRuns(own: OwnRuns): string {
  return `${own.name.replace(/\n/g, ' ')}\n${own.text}`;
}

/** Tells one text from another (FNV-1a with the length); not a secret. */
export function markOf(body: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < body.length; ++i) hash = Math.imul(hash ^ body.charCodeAt(i), 0x01000193);
  return `${body.length}.${(hash >>> 0).toString(36)}`;
}

/** The part of localStorage that is used; a denied one throws on every call, or is not there. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export const SETTINGS_KEY = 'isoloss.settings/1';
export const RUNS_KEY = 'isoloss.runs/1';

export type Keeping = 'kept' | 'too_large' | 'denied';

export function recall(shelf: Shelf | null, key: string): string | null {
  try {
    return shelf?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

/** Writes, or removes with null. A full shelf keeps what it had under other keys. */
export function keep(shelf: Shelf | null, key: string, value: string | null): Keeping {
  if (!shelf) return 'denied';
  try {
    if (value === null) shelf.removeItem(key);
    else shelf.setItem(key, value);
    return 'kept';
  } catch (error) {
    const full = error instanceof Error && /quota/i.test(error.name + error.message);
    if (full) {
      try {
        // A half-true copy is worse than none.
        shelf.removeItem(key);
      } catch {
        // Denied after all.
      }
    }
    return full ? 'too_large' : 'denied';
  }
}
