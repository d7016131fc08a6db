// Where Emscripten is: an emcc on PATH if it is recent enough, else the one that setup-debian.sh unpacked.
// Run as a program it prints the environment as shell exports (see env.sh).

import { accessSync, constants, existsSync, readFileSync, realpathSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const unpacked = join(root, '.toolchain/emscripten-3.1.69/emscripten');
const oldest = [3, 1, 50];

/** @param {string} name */
function onPath(name) {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(dir, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/** The folder of an Emscripten on PATH that is recent enough, else undefined. */
function installedRoot() {
  const emcc = onPath('emcc');
  if (!emcc) return undefined;
  let folder = dirname(realpathSync(emcc));
  if (!existsSync(join(folder, 'cmake/Modules/Platform/Emscripten.cmake'))) {
    // a wrapper script, as Homebrew's
    folder = execFileSync(join(dirname(emcc), 'em-config'), ['EMSCRIPTEN_ROOT'], {
      encoding: 'utf8',
    }).trim();
  }
  const version = readFileSync(join(folder, 'emscripten-version.txt'), 'utf8')
    .replace(/[^\d.]/g, '')
    .split('.')
    .map(Number);
  const newer =
    oldest.map((part, i) => Math.sign((version[i] ?? 0) - part)).find((sign) => sign !== 0) ?? 0;
  return newer >= 0 ? folder : undefined;
}

/** The variables to add to the environment of cmake, or undefined when there is no Emscripten. */
export function emscriptenEnv() {
  const installed = installedRoot();
  if (installed) return { EMSCRIPTEN_ROOT: installed };
  if (!existsSync(join(unpacked, 'emcc'))) return undefined;
  return {
    EMSCRIPTEN_ROOT: unpacked,
    EM_CONFIG: join(unpacked, '.emscripten'),
    PATH: `${unpacked}${delimiter}${process.env.PATH ?? ''}`,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const env = emscriptenEnv();
  if (!env) {
    console.error('No Emscripten yet: run tools/setup-debian.sh.');
    process.exit(1);
  }
  for (const [name, value] of Object.entries(env)) console.log(`export ${name}='${value}'`);
}
