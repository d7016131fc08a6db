/** The tool as it is built, in a process of its own: files, pipes, exit codes. Needs npm run build's build/cli. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { csvOf, inventedRuns } from './support';
import type { FitJson } from './support';

const tool = fileURLToPath(new URL('../../../build/cli/isoloss.mjs', import.meta.url));
const text = csvOf(inventedRuns());
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'isoloss-'));
  writeFileSync(join(folder, 'runs.csv'), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

const isoloss = (args: string[], input = '') =>
  spawnSync(process.execPath, [tool, ...args], { cwd: folder, input, encoding: 'utf8' });

it('reads a file and writes one object', () => {
  const { status, stdout, stderr } = isoloss(['fit', 'runs.csv', '--law', 'additive', '--json']);
  expect([status, stderr]).toEqual([0, '']);
  expect((JSON.parse(stdout) as FitJson).status).toBe('converged');
});

it('reads standard input', () => {
  const { stdout } = isoloss(['fit', '-', '--law', 'additive', '--json'], text);
  expect((JSON.parse(stdout) as FitJson).rows.read).toBe(28);
});

it.each([
  [['fit', 'none.csv'], 2, /none\.csv does not exist\./],
  [['fit', '.'], 2, /\. is a folder, not a file\./],
  [['fit', '-'], 1, /There is nothing here/],
])('%j: exit code %d', (args, code, sentence) => {
  const { status, stdout, stderr } = isoloss(args);
  expect([status, stdout]).toEqual([code, '']);
  expect(stderr).toMatch(sentence);
});
