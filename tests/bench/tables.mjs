// The runs that are measured with: public data where they lie beside the repository, else simulated ones of the same
// size. Columns are what the engine calls them.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../tools/toolchain.mjs';

/** @typedef {Record<string, Float64Array>} Columns */

const shared = join(root, '../shared/data');

/** A CSV of numbers without quotes, by column. @param {string} file @returns {Record<string, number[]> | undefined} */
function readCsv(file) {
  const path = join(shared, file);
  if (!existsSync(path)) return undefined;
  const [header = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const rows = lines.map((line) => line.split(',').map(Number));
  return Object.fromEntries(
    header.split(',').map((name, i) => [name, rows.map((row) => row[i] ?? NaN)]),
  );
}

/** Uniform on [0, 1) (mulberry32). @param {number} seed */
function uniforms(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Runs of the law that Besiroglu et al. 2024 found, with normal noise of 0.5 % and sizes log-uniform.
 *
 * @param {number} rows
 * @param {{ exits?: boolean }} [options]
 * @returns {Columns}
 */
function simulate(rows, { exits = false } = {}) {
  const uniform = uniforms(rows);
  /** @type {Columns} */
  const columns = Object.fromEntries(
    ['params', 'tokens', ...(exits ? ['exits'] : []), 'loss'].map((name) => [
      name,
      new Float64Array(rows),
    ]),
  );
  for (let i = 0; i < rows; i++) {
    const N = 1e7 * 1000 ** uniform();
    const D = 1e9 * 300 ** uniform();
    const G = exits ? 64 ** uniform() : 1;
    const normal = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    const row = { params: N, tokens: D, exits: G, loss: 0 };
    row.loss =
      (1.8172 + 482.01 / N ** 0.3478 + 2085.43 / D ** 0.3658) *
      G ** (exits ? 0.041 : 0) *
      Math.exp(0.005 * normal);
    for (const [name, column] of Object.entries(columns)) {
      column[i] = row[/** @type {keyof typeof row} */ (name)];
    }
  }
  return columns;
}

/**
 * @param {string} name
 * @returns {{ columns: Columns, source: string }}
 */
export function readTable(name) {
  if (name === 'chinchilla') {
    const data = readCsv('chinchilla_besiroglu.csv');
    if (!data) return { columns: simulate(240), source: '240 simulated runs' };
    const kept = (/** @type {string} */ column) =>
      Float64Array.from(
        (data[column] ?? []).filter((_, i) => data['outlier_dropped_by_authors']?.[i] === 0),
      );
    return {
      columns: { params: kept('N'), tokens: kept('D'), loss: kept('loss') },
      source: 'the 240 Chinchilla runs of Besiroglu et al. 2024',
    };
  }
  if (name === 'familial') {
    const data = readCsv('familial_w3.csv');
    if (!data) return { columns: simulate(120, { exits: true }), source: '120 simulated runs' };
    const column = (/** @type {string} */ id) => Float64Array.from(data[id] ?? []);
    return {
      columns: {
        params: column('N'),
        tokens: column('D'),
        exits: column('G'),
        loss: column('loss'),
      },
      source: '120 simulated runs with exits (a fixture shared with other tools)',
    };
  }
  const rows = Number(/^rows-(\d+)$/.exec(name)?.[1]);
  return { columns: simulate(rows), source: `${rows} simulated runs` };
}

/**
 * Writes a table so that every runner can read it: one file of little-endian doubles per column.
 *
 * @param {string} folder
 * @param {string} name
 */
export function writeTable(folder, name) {
  const { columns, source } = readTable(name);
  mkdirSync(folder, { recursive: true });
  for (const [column, values] of Object.entries(columns)) {
    writeFileSync(join(folder, `${name}.${column}.f64`), values);
  }
  return { columns: Object.keys(columns), rows: columns['loss']?.length ?? 0, source };
}
