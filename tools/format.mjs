// npm run format: puts every source file into shape (--write), or says which are not (--check).

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attempt, main, packageProgram, StepFailed } from './run.mjs';
import { setup } from './setup.mjs';
import { root } from './toolchain.mjs';

/** @param {string[]} folders */
function cppFiles(folders) {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(h|cpp)$/.test(name))
      .map((name) => join(folder, name)),
  );
}

/** @param {'--write' | '--check'} mode */
export async function format(mode) {
  const write = mode === '--write';
  const cpp = await attempt('clang-format-19', [
    ...(write ? ['-i'] : ['--dry-run', '-Werror']),
    ...cppFiles(['wasm', 'tests']),
  ]);
  const web = await attempt(process.execPath, [
    packageProgram('prettier/bin/prettier.cjs'),
    mode,
    '--log-level=warn',
    '.',
  ]);
  if (cpp.status !== 0 || web.status !== 0) {
    throw new StepFailed(write ? 'Formatting failed' : 'npm run format puts these into shape');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    await setup('test');
    await format(process.argv.includes('--check') ? '--check' : '--write');
  });
}
