// npm run bench: times the engine natively, under Node and in Chromium beside the usual recipe in Python, and prints one
// table (docs/benchmark.md says how to read it).
//   node tools/bench.mjs [--full] [--cpu] [--only=<id>,…] [--skip=native,node,chromium,python]
// --full runs all of the recipe (minutes) instead of a hundredth part of it. --cpu counts processor time, for a machine
// that is busy; Chromium cannot tell it and is left out.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { items } from '../tests/bench/items.mjs';
import { writeTable } from '../tests/bench/tables.mjs';
import { cmakeBuild } from './engine.mjs';
import { attempt, main, run, say, step, StepFailed } from './run.mjs';
import { serve } from './serve.mjs';
import { setup } from './setup.mjs';
import { root } from './toolchain.mjs';

/**
 * @typedef {import('../tests/bench/items.mjs').Item} Item
 * @typedef {import('../tests/bench/measure.mjs').Timing} Timing
 * @typedef {Map<string, Timing>} Column by id of item, and `kernel`
 */

const args = process.argv.slice(2);
const option = (/** @type {string} */ name) =>
  args
    .find((arg) => arg.startsWith(`--${name}=`))
    ?.slice(name.length + 3)
    .split(',');
const only = option('only');
const skipped = [...(option('skip') ?? []), ...(args.includes('--cpu') ? ['chromium'] : [])];
const full = args.includes('--full');
const cpu = args.includes('--cpu');
const ids = ['kernel', ...items.map((item) => item.id)].filter((id) => !only || only.includes(id));
const chosen = items.filter((item) => ids.includes(item.id));

const folder = join(root, 'build/bench-site');
const kernelRows = 240;
/** Enough of the recipe to extrapolate from. */
const sample = full ? { starts: 4500, bootstraps: 4000 } : { starts: 45, bootstraps: 40 };

/** Everything that the runners read, in one folder that can be served. */
function layOut() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const built = join(root, 'build/wasm-release');
  for (const name of ['isoloss-estimation', 'isoloss-bench-kernel']) {
    for (const ending of ['mjs', 'wasm']) {
      copyFileSync(join(built, `${name}.${ending}`), join(folder, `${name}.${ending}`));
    }
  }
  for (const name of ['measure.mjs', 'worker.mjs']) {
    copyFileSync(join(root, 'tests/bench', name), join(folder, name));
  }
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Benchmark</title>');
  const tables = new Map(
    chosen.map(({ table }) => [table, writeTable(join(folder, 'tables'), table)]),
  );
  if (!tables.has('chinchilla')) writeTable(join(folder, 'tables'), 'chinchilla'); // the recipe's
  const work = chosen.map((item) => ({ ...item, columns: tables.get(item.table)?.columns ?? [] }));
  writeFileSync(join(folder, 'work.json'), JSON.stringify(work));
  return { tables, work };
}

/** @param {string} preset @param {Record<string, string>} env @returns {Promise<Column>} */
async function native(preset, env) {
  await cmakeBuild(preset, ['isoloss_bench'], env);
  const program = join(root, 'build', preset, 'isoloss_bench');
  /** @type {Column} */
  const column = new Map();
  for (const id of ids) {
    const curve = id.startsWith('rows-');
    // a process for each, as memory is asked of the process
    const output = await run(
      program,
      [
        join(folder, 'work.json'),
        join(folder, 'tables'),
        `--benchmark_filter=^${id}(/|$)`,
        '--benchmark_format=json',
        ...(curve ? [] : ['--benchmark_repetitions=5', '--benchmark_min_time=0.2']),
      ],
      { env, quiet: true },
    );
    const report = JSON.parse(output.slice(output.indexOf('{')));
    const runs = report.benchmarks.filter(
      (/** @type {{ run_type: string }} */ one) => one.run_type === 'iteration',
    );
    const failed = runs.find(
      (/** @type {{ error_occurred?: boolean }} */ one) => one.error_occurred,
    );
    if (failed) {
      column.set(id, { missing: failed.error_message });
      continue;
    }
    const unit = id === 'kernel' ? kernelRows * 100 : 1e6; // to ns per run, or to ms
    const times = runs
      .map(
        (/** @type {{ real_time: number, cpu_time: number, time_unit: 'ns' | 'ms' }} */ one) =>
          (cpu ? one.cpu_time : one.real_time) / (one.time_unit === 'ms' ? 1 : unit),
      )
      .sort((/** @type {number} */ a, /** @type {number} */ b) => a - b);
    column.set(id, {
      min: times[0],
      median: times[Math.floor(times.length / 2)],
      samples: times.length,
      ...(curve && { memory: runs[0].peak_bytes }),
    });
  }
  return column;
}

/** @returns {Promise<Column>} */
async function underNode() {
  /** @type {Column} */
  const column = new Map();
  for (const id of ids) {
    const output = await run(
      process.execPath,
      [join(root, 'tests/bench/node.mjs'), folder, id, cpu ? 'cpu' : ''],
      {
        quiet: true,
      },
    );
    column.set(id, JSON.parse(output));
  }
  return column;
}

/** @param {(Item & { columns: string[] })[]} work @returns {Promise<{ column: Column, two: Column, version: string }>} */
async function inChromium(work) {
  const { chromium } = await import('@playwright/test');
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  // isolated, the page gets a clock of 5 µs instead of 100 µs
  const headers = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  };
  const server = await serve({ folder, headers });
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.goto(server.url);
    await page.evaluate(() => {
      /** @type {any} */ (globalThis).ask = (
        /** @type {Worker} */ worker,
        /** @type {object} */ message,
      ) =>
        new Promise((resolve, reject) => {
          const id = Math.random();
          const listen = (/** @type {MessageEvent} */ { data }) => {
            if (data.id !== id) return;
            worker.removeEventListener('message', listen);
            if ('error' in data) reject(new Error(data.error));
            else resolve(data.value);
          };
          worker.addEventListener('message', listen);
          worker.addEventListener('error', (event) => reject(new Error(event.message)));
          worker.postMessage({ id, ...message });
        });
    });
    /** A worker of its own for each item. @param {object} message @returns {Promise<Timing>} */
    const alone = (message) =>
      page.evaluate(async (message) => {
        const worker = new Worker('./worker.mjs', { type: 'module' });
        const value = await /** @type {any} */ (globalThis).ask(worker, message);
        worker.terminate();
        return value;
      }, message);
    /** @type {Column} */
    const column = new Map();
    /** @type {Column} */
    const two = new Map();
    if (ids.includes('kernel')) column.set('kernel', await alone({ job: 'kernel' }));
    for (const item of work) {
      const timing = await alone({ job: 'item', item });
      column.set(item.id, timing);
      if (!item.split || 'missing' in timing) continue;
      const [from, to] = item.split;
      const middle = Math.round((from + to) / 2);
      const samples = await page.evaluate(
        async ({ item, ranges }) => {
          const { ask } = /** @type {any} */ (globalThis);
          const workers = ranges.map(() => new Worker('./worker.mjs', { type: 'module' }));
          await Promise.all(
            workers.map((worker, i) => ask(worker, { job: 'prepare', item, range: ranges[i] })),
          );
          const samples = [];
          for (let i = 0; i < 7; i++) {
            const start = performance.now();
            await Promise.all(workers.map((worker) => ask(worker, { job: 'run' })));
            samples.push(performance.now() - start);
          }
          for (const worker of workers) worker.terminate();
          return samples;
        },
        {
          item,
          ranges: [
            [from, middle],
            [middle, to],
          ],
        },
      );
      samples.sort((a, b) => a - b);
      two.set(item.id, { min: samples[0] ?? NaN, median: samples[3] ?? NaN, samples: 7 });
    }
    return { column, two, version: browser.version() };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** @returns {Promise<{ starts: number, bootstraps: number, fit: number, fit_with_gradient: number, bootstrap: number, objective: number } | undefined>} */
async function inPython() {
  const python = '/usr/bin/python3';
  const { status } = await attempt(python, ['-c', 'import scipy'], { quiet: true });
  if (status !== 0) return undefined;
  const output = await run(
    python,
    [
      join(root, 'tests/bench/recipe.py'),
      join(folder, 'tables'),
      String(sample.starts),
      String(sample.bootstraps),
      ...(cpu ? ['cpu'] : []),
    ],
    {
      quiet: true,
      env: { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', PYTHONWARNINGS: 'ignore' },
    },
  );
  return JSON.parse(output.slice(output.indexOf('{')));
}

// --- Printing ----------------------------------------------------------------------------------------------------------

/** Three digits. @param {number} value */
const digits = (value) =>
  value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

/** @param {Timing | undefined} timing */
const shown = (timing) =>
  timing === undefined || 'missing' in timing
    ? '–'
    : `${digits(timing.min)} / ${digits(timing.median)}`;

/** @param {string[]} header @param {string[][]} rows */
function print(header, rows) {
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => [...(row[i] ?? '')].length)));
  const line = (/** @type {string[]} */ row) =>
    `| ${row.map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - [...cell].length)).join(' | ')} |`;
  console.log(
    [
      line(header),
      `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
      ...rows.map(line),
    ].join('\n'),
  );
}

/** @param {number | undefined} bar @param {Timing | undefined} timing */
function verdict(bar, timing) {
  if (bar === undefined || timing === undefined || 'missing' in timing) return '';
  return timing.min <= bar ? 'ok' : 'missed';
}

await main(async () => {
  const unknown = (only ?? []).filter(
    (id) => id !== 'kernel' && !items.some((one) => one.id === id),
  );
  if (unknown.length > 0) {
    throw new StepFailed(
      `No such item: ${unknown.join(', ')}. There are: kernel, ${items.map((one) => one.id).join(', ')}`,
    );
  }
  const load = loadavg()[0] ?? 0;
  const env = await setup('build');
  await step('Building the WebAssembly', () =>
    cmakeBuild(
      'wasm-release',
      ['isoloss_wasm', 'isoloss_estimation_wasm', 'isoloss_bench_kernel_wasm'],
      env,
    ),
  );
  const { tables, work } = layOut();

  /** @type {{ name: string, column: Column }[]} */
  const columns = [];
  const wanted = (/** @type {string} */ name) => !skipped.includes(name);
  if (wanted('native')) {
    if (existsSync('/usr/include/benchmark/benchmark.h')) {
      columns.push({
        name: 'native',
        column: await step('Native', () => native('bench', env)),
      });
      if (/\bavx2\b.*\bfma\b|\bfma\b.*\bavx2\b/.test(readCpuFlags())) {
        columns.push({
          name: 'native AVX2',
          column: await step('Native, AVX2', () => native('bench-avx2', env)),
        });
      }
    } else {
      say('  No native figures: Google Benchmark is missing (apt-get install libbenchmark-dev).');
    }
  }
  /** @type {Column | undefined} */
  let node;
  if (wanted('node')) {
    node = await step('WebAssembly under Node', underNode);
    columns.push({ name: `Node ${process.versions.node.split('.')[0]}`, column: node });
  }
  /** @type {Awaited<ReturnType<typeof inChromium>> | undefined} */
  let browser;
  if (wanted('chromium')) {
    if (existsSync(process.env['CHROMIUM'] ?? '/usr/bin/chromium')) {
      browser = await step('WebAssembly in Chromium', () => inChromium(work));
      columns.push({ name: `Chromium ${browser.version.split('.')[0]}`, column: browser.column });
      columns.push({ name: 'two workers', column: browser.two });
    } else {
      say('  No figures of a browser: Chromium is missing (apt-get install chromium).');
    }
  }
  const python = wanted('python') ? await step('The recipe in Python', inPython) : undefined;
  if (wanted('python') && !python) {
    say('  No recipe: scipy is missing (apt-get install python3-scipy).');
  }

  // The bars are for WebAssembly under Node (docs/benchmark.md).
  const judged = node ?? browser?.column ?? new Map();
  const body = [
    ...(ids.includes('kernel')
      ? [
          {
            id: 'kernel',
            title: 'value, gradient, Hessian: ns per run',
            bar: 30,
            prototype: 20.4,
          },
        ]
      : []),
    ...chosen,
  ];
  const sources = [...tables.entries()].filter(([name]) => !name.startsWith('rows-'));
  console.log(`\n${sources.map(([, { source }]) => source).join('; ')}`);
  const busy =
    load > 0.5 ? `, busy: ${load.toFixed(1)} other programs at work when this began` : '';
  console.log(
    `${cpus().length} cores (${cpus()[0]?.model.trim()})${busy}; ms${cpu ? ' of processor time' : ''}, minimum / median\n`,
  );
  print(
    ['', 'bar', 'prototype', ...columns.map((one) => one.name), ''],
    body.map(({ id, title, bar, prototype }) => [
      title,
      bar === undefined ? '' : `≤ ${bar}`,
      prototype === undefined ? '' : String(prototype),
      ...columns.map(({ column }) => shown(column.get(id))),
      verdict(bar, judged.get(id)),
    ]),
  );

  const curve = chosen.filter((item) => item.curve);
  if (curve.length > 0) {
    console.log('\nMemory of one global fit, MB at its peak:\n');
    const rows = columns.filter(({ name }) => name !== 'two workers');
    print(
      ['', ...rows.map((one) => one.name)],
      curve.map((item) => [
        item.title,
        ...rows.map(({ column }) => {
          const timing = column.get(item.id);
          return timing && 'memory' in timing && timing.memory ? digits(timing.memory / 1e6) : '–';
        }),
      ]),
    );
  }

  if (python) {
    const share = full
      ? 'all of it'
      : `${python.starts} starts and ${python.bootstraps} refits, scaled up`;
    console.log(`\nThe usual recipe in Python (${share}), and how many times faster:\n`);
    print(
      ['', 'Python, s', 'bar', ...columns.map((one) => one.name), ''],
      chosen
        .flatMap((item) =>
          item.recipe === 'fit'
            ? [
                { item, title: item.title, seconds: python.fit, bar: item.ratio },
                {
                  item,
                  title: '— the recipe with a gradient by hand',
                  seconds: python.fit_with_gradient,
                  bar: undefined,
                },
              ]
            : item.recipe === 'bootstrap'
              ? [{ item, title: item.title, seconds: python.bootstrap, bar: item.ratio }]
              : [],
        )
        .map(({ item, title, seconds, bar }) => {
          const ratio = (/** @type {Timing | undefined} */ timing) =>
            timing && !('missing' in timing) ? (1000 * seconds) / timing.min : undefined;
          const times = (/** @type {number | undefined} */ value) =>
            value === undefined ? '–' : `${digits(value)}×`;
          const judgedRatio = ratio(judged.get(item.id));
          const known = judgedRatio !== undefined && bar !== undefined;
          return [
            title,
            digits(seconds),
            bar === undefined ? '' : `≥ ${times(bar)}`,
            ...columns.map(({ column }) => times(ratio(column.get(item.id)))),
            known ? (judgedRatio >= bar ? 'ok' : 'missed') : '',
          ];
        }),
    );
  }

  const ours = chosen
    .filter((item) => item.recipe === 'fit')
    .map((item) => judged.get(item.id))
    .find((timing) => timing && 'objective' in timing);
  if (python && ours && 'objective' in ours) {
    console.log(
      `\nObjective found: ${ours.objective?.toPrecision(13)} here, ${python.objective.toPrecision(13)} by the recipe's starts.`,
    );
  }

  console.log('\nThe modules (KB):\n');
  print(
    ['', 'raw', 'gzip -9', 'bar', ''],
    ['isoloss', 'isoloss-estimation'].map((name) => {
      const bytes = readFileSync(join(root, 'build/wasm-release', `${name}.wasm`));
      const raw = bytes.length / 1000;
      const gzip = gzipSync(bytes, { level: 9 }).length / 1000;
      const good = raw <= 250 && gzip <= 90;
      return [
        `${name}.wasm`,
        raw.toFixed(1),
        gzip.toFixed(1),
        '≤ 250, ≤ 90',
        good ? 'ok' : 'missed',
      ];
    }),
  );

  const missing = new Map(
    columns.flatMap(({ column }) =>
      [...column].flatMap(([id, timing]) => ('missing' in timing ? [[id, timing.missing]] : [])),
    ),
  );
  for (const [id, why] of missing) console.log(`\nNot measured: ${id} (${why})`);
});

/** What this processor can do, on Linux. */
function readCpuFlags() {
  try {
    return /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
