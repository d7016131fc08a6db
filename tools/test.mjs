// npm test: installs what is missing, then runs every check in order of cost and adds up what passed. A check that fails
// does not stop the others.
//   node tools/test.mjs [name...]    only these; the names are below

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cmakeBuild, buildEngine } from './engine.mjs';
import { buildCli } from './cli.mjs';
import { format } from './format.mjs';
import { buildPage } from './page.mjs';
import { attempt, packageProgram, run, say, seconds, StepFailed } from './run.mjs';
import { setup } from './setup.mjs';
import { tidy } from './tidy.mjs';
import { root } from './toolchain.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */
/** @typedef {Record<string, string>} Env */

const reports = join(root, 'build/reports');

/** @param {string} name */
function readReport(name) {
  try {
    return JSON.parse(readFileSync(join(reports, name), 'utf8'));
  } catch {
    return undefined; // the program ended before it wrote one
  }
}

/** @param {string} path @param {string[]} args */
const node = (path, args) => run(process.execPath, [packageProgram(path), ...args]);

/**
 * Runs the C++ tests of a preset, shared out over the cores.
 *
 * @param {string} preset
 * @param {Env} env
 * @returns {Promise<Tally>}
 */
async function cppTests(preset, env) {
  await cmakeBuild(preset, ['isoloss_tests'], env);
  const program = join(root, 'build', preset, 'isoloss_tests');
  const command = preset.startsWith('wasm') ? [process.execPath, `${program}.js`] : [program];
  const shards = availableParallelism();
  const tally = { passed: 0, failed: 0, skipped: 0 };
  await Promise.all(
    Array.from({ length: shards }, async (_, shard) => {
      const report = `${preset}-${shard}.json`;
      rmSync(join(reports, report), { force: true });
      const { status, output } = await attempt(
        command[0] ?? '',
        [...command.slice(1), `--gtest_output=json:${join(reports, report)}`],
        {
          env: { GTEST_TOTAL_SHARDS: String(shards), GTEST_SHARD_INDEX: String(shard) },
          quiet: true,
        },
      );
      const results = readReport(report);
      for (const suite of results?.testsuites ?? []) {
        for (const test of suite.testsuite) {
          if (Array.isArray(test.failures))
            tally.failed++; // a test may record a property of that name
          else if (test.result === 'SKIPPED') tally.skipped++;
          else if (test.result === 'COMPLETED') tally.passed++;
        }
      }
      const failures = results?.failures ?? 0;
      if (status === 0 && results) return;
      // of a crash, the end is what matters; otherwise what each failed test said
      const told = output.split(/^(?=\[ RUN      \])/m).filter((text) => /FAILED/.test(text));
      process.stderr.write(failures > 0 ? told.join('') : output.split('\n').slice(-80).join('\n'));
      if (failures === 0) {
        tally.failed++;
        say(`  The tests of ${preset} ended with ${status}`);
      }
    }),
  );
  if (tally.passed === 0 && tally.failed === 0) throw new StepFailed(`${preset} has no tests`);
  return tally;
}

/** @param {Env} env @returns {Promise<Tally>} */
async function webTests(env) {
  await buildEngine(env);
  await buildCli();
  rmSync(join(reports, 'web.json'), { force: true });
  const { status } = await attempt(
    process.execPath,
    [
      packageProgram('vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${join(reports, 'web.json')}`,
    ],
    process.stderr.isTTY ? {} : { env: { NO_COLOR: '1' } }, // it takes CI for a terminal
  );
  const report = readReport('web.json');
  const tally = {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
  if (status !== 0 && tally.failed === 0) tally.failed = 1; // a file that could not even be loaded
  return tally;
}

/** @param {Env} env @returns {Promise<Tally>} */
async function pageTests(env) {
  await buildEngine(env);
  await buildPage();
  rmSync(join(reports, 'e2e.json'), { force: true });
  const { status } = await attempt(process.execPath, [packageProgram('playwright/cli.js'), 'test']);
  const stats = readReport('e2e.json')?.stats;
  const tally = {
    passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0),
    failed: stats?.unexpected ?? 0,
    skipped: stats?.skipped ?? 0,
  };
  if (status !== 0 && tally.failed === 0) tally.failed = 1;
  return tally;
}

/** @type {Record<string, { title: string, work: (env: Env) => Promise<Tally | void> }>} */
const checks = {
  format: { title: 'Format', work: () => format('--check') },
  lint: {
    title: 'Lint (oxlint)',
    work: async () => void (await node('oxlint/bin/oxlint', ['--deny-warnings'])),
  },
  types: {
    title: 'Types (tsc, strict)',
    work: async () => void (await node('typescript/bin/tsc', ['--project', '.'])),
  },
  notices: {
    title: 'Third-party notices are current',
    work: async () =>
      void (await run(process.execPath, [join(root, 'tools/notices.mjs'), '--check'])),
  },
  tidy: {
    title: 'Lint (clang-tidy)',
    work: async (env) => {
      await cmakeBuild('native', ['isoloss_core', 'isoloss_api'], env);
      await tidy();
    },
  },
  native: { title: 'C++ tests, native', work: (env) => cppTests('native', env) },
  asan: {
    title: 'C++ tests, address and undefined-behaviour sanitizers',
    work: (env) => cppTests('native-asan', env),
  },
  wasm: { title: 'C++ tests, as WebAssembly', work: (env) => cppTests('wasm-release', env) },
  web: { title: 'TypeScript tests', work: webTests },
  e2e: { title: 'The page in Chromium', work: pageTests },
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in checks));
if (unknown.length > 0) {
  say(`No check is called ${unknown.join(', ')}. There are: ${Object.keys(checks).join(', ')}`);
  process.exit(2);
}

/** @type {Env} */
let env;
try {
  env = await setup('test');
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  say(`✗ ${error.message}`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
mkdirSync(reports, { recursive: true });

const total = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
for (const [name, { title, work }] of Object.entries(checks)) {
  if (names.length > 0 && !names.includes(name)) continue;
  say(`• ${title}`);
  const start = performance.now();
  /** @type {Tally} */
  let tally;
  try {
    tally = (await work(env)) ?? { passed: 1, failed: 0, skipped: 0 };
  } catch (error) {
    say(`  ✗ ${error instanceof StepFailed ? error.message : String(error)}`);
    tally = { passed: 0, failed: 1, skipped: 0 };
  }
  const { passed, failed, skipped } = tally;
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  const counts = `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
  lines.push(`${failed ? '✗' : '✓'} ${title}: ${counts} (${seconds(start)})`);
  say(`  ${lines.at(-1)}`);
}

console.log(`\n${lines.join('\n')}\n`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;
