// Writes THIRD_PARTY_NOTICES.txt: whose work is in the page, under which license.
//   node tools/notices.mjs [--check]

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './toolchain.mjs';

/** npm packages that end up in the page; the build stops when another one does. */
export const bundledPackages = [
  '@preact/signals',
  '@preact/signals-core',
  'chart.js',
  'papaparse',
  'preact',
];

const rule = `\n${'-'.repeat(80)}\n\n`;
const file = join(root, 'THIRD_PARTY_NOTICES.txt');

/** @param {string} name */
function notice(name) {
  const folder = join(root, 'node_modules', name);
  const { version, homepage } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const license = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!license) throw new Error(`${name} has no license file`);
  const text = readFileSync(join(folder, license), 'utf8').replaceAll('\r\n', '\n').trim();
  return `${name} ${version}${homepage ? ` (${homepage})` : ''}\n\n${text}\n`;
}

export function notices() {
  const intro =
    'Isoloss itself is under the Apache License 2.0 (LICENSE). ' +
    'The page also contains work of others:\n';
  const engine = readFileSync(join(root, 'tools/notices/engine.txt'), 'utf8');
  return [intro, ...bundledPackages.map(notice), engine].join(rule);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes('--check')) {
    writeFileSync(file, notices());
  } else if (readFileSync(file, 'utf8') !== notices()) {
    console.error('THIRD_PARTY_NOTICES.txt is out of date; node tools/notices.mjs writes it anew.');
    process.exitCode = 1;
  }
}
