// What npm run bench measures. One entry is one unit of work, as requests to the engine: natively, under Node and in
// Chromium the same requests go to the same operations, so an entry is written once. An operation that the engine does
// not have (yet) is shown as such.

/**
 * @typedef {object} Item
 * @property {string} id
 * @property {string} title
 * @property {string} table name in tables.mjs
 * @property {Record<string, unknown>} fit the fit: what is measured when there are no calls, else what the calls are about
 * @property {{ operation: string, [key: string]: unknown }[]} [calls] one unit is all of these after one another; each
 *   request is the fit's, with the coefficients found, and the fields beside `operation`
 * @property {number} [bar] ms at most, WASM under Node on one core (docs/benchmark.md)
 * @property {number} [prototype] ms, what a prototype took (WASM under Node)
 * @property {'fit' | 'bootstrap'} [recipe] the part of the usual recipe in Python that does the same (recipe.py)
 * @property {number} [ratio] at least this many times faster than that
 * @property {'rows'} [curve] time and memory against rows: a fresh engine, and its memory is noted
 * @property {[number, number]} [split] the range of draws, for measuring with two workers
 */

const huber = { law: 'additive', objective: { id: 'log_huber', delta: 1e-3 } };
const familial = { ...huber, law: 'familial' };
const target = { cost_model: { id: 'six_nd' }, flops: [1e24] };
const draws = 4000;
const bootstrap = { operation: 'bootstrap', seed: 1, from: 0, to: draws, effort: 'warm' };

/** @type {Item[]} */
export const items = [
  {
    id: 'fit',
    title: 'global fit, 240 runs',
    table: 'chinchilla',
    fit: huber,
    bar: 5,
    prototype: 2.45,
    recipe: 'fit',
    ratio: 10_000,
  },
  {
    id: 'refit',
    title: 'one refit without one run',
    table: 'chinchilla',
    fit: huber,
    calls: [{ operation: 'influence', ...target, from: 0, to: 1 }],
    prototype: 0.315,
  },
  {
    id: 'bootstrap',
    title: `${draws} bootstrap refits`,
    table: 'chinchilla',
    fit: huber,
    calls: [bootstrap],
    bar: 300,
    prototype: 170,
    recipe: 'bootstrap',
    ratio: 90,
    split: [0, draws],
  },
  {
    id: 'leave-one-out',
    title: 'exact leave-one-out, 240 refits',
    table: 'chinchilla',
    fit: huber,
    calls: [{ operation: 'influence', ...target, from: 0, to: 240 }],
    bar: 12,
    prototype: 5.2,
  },
  {
    id: 'profiles',
    title: 'seven profile intervals',
    table: 'chinchilla',
    fit: huber,
    calls: ['E', 'alpha', 'beta', 'N_exponent', 'params', 'tokens', 'loss'].map((of) => ({
      operation: 'profile',
      ...target,
      of,
    })),
    bar: 5,
    prototype: 1.7,
  },
  {
    id: 'paths',
    title: 'dropping the worst 20 runs; 25 values of δ',
    table: 'chinchilla',
    fit: huber,
    calls: [{ operation: 'paths', ...target, drop: 20, deltas: 25 }],
    bar: 8,
    prototype: 2.6,
  },
  {
    id: 'familial',
    title: 'familial fit, 120 runs',
    table: 'familial',
    fit: familial,
    bar: 5,
    prototype: 1.8,
  },
  {
    id: 'familial-bootstrap',
    title: `familial, ${draws} bootstrap refits`,
    table: 'familial',
    fit: familial,
    calls: [bootstrap],
    bar: 250,
    prototype: 113,
  },
  {
    id: 'kaplan-floor',
    title: 'Kaplan with a floor, global fit',
    table: 'chinchilla',
    fit: { ...huber, law: 'kaplan-floor' },
  },
  ...[1e3, 1e4, 1e5, 1e6].map((rows) => ({
    id: `rows-${rows}`,
    title: `global fit, ${rows.toLocaleString('en')} rows`,
    table: `rows-${rows}`,
    fit: huber,
    curve: /** @type {const} */ ('rows'),
  })),
];
