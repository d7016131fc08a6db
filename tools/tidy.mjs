// clang-tidy over the core and the API: two at a time, and only those sources that changed, themselves or by a header,
// since they last passed.

import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, run, say, StepFailed } from './run.mjs';
import { root } from './toolchain.mjs';

const folder = join(root, 'build/native');
const stamps = join(root, 'build/tidy');

/** The files of the project that each source was last compiled from, as ninja recorded them. */
async function dependencies() {
  /** @type {Map<string, string[]>} */
  const files = new Map();
  const output = await run('ninja', ['-C', folder, '-t', 'deps'], { quiet: true });
  for (const block of output.split('\n\n')) {
    const paths = block
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
      .filter((path) => path.startsWith(`${root}/wasm/`));
    const source = paths[0];
    if (source?.endsWith('.cpp')) files.set(source, paths);
  }
  return files;
}

/** Expects the native preset to be built. */
export async function tidy() {
  /** @type {{ file: string, command: string }[]} */
  const commands = JSON.parse(readFileSync(join(folder, 'compile_commands.json'), 'utf8'));
  const config = readFileSync(join(root, '.clang-tidy'));
  const uses = await dependencies();

  const due = commands
    .filter(({ file }) => file.startsWith(`${root}/wasm/`))
    .map(({ file, command }) => {
      const hash = createHash('sha256').update(config).update(command);
      for (const path of uses.get(file) ?? [file]) hash.update(readFileSync(path));
      return { file, stamp: join(stamps, hash.digest('hex')) };
    })
    .filter(({ stamp }) => !existsSync(stamp));
  if (due.length > 0) say(`  ${due.length} sources changed since they last passed`);

  mkdirSync(stamps, { recursive: true });
  let failed = 0;
  const worker = async () => {
    for (let next = due.pop(); next !== undefined; next = due.pop()) {
      const { file, stamp } = next;
      const { status, output } = await attempt(
        'clang-tidy-19',
        ['--quiet', '-p', folder, '--extra-arg=-Wno-unknown-warning-option', file],
        { quiet: true },
      );
      if (status === 0) {
        writeFileSync(stamp, '');
      } else {
        failed++;
        process.stderr.write(output.replace(/^\d+ warnings.*\n/gm, ''));
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  if (failed > 0) throw new StepFailed(`clang-tidy complains about ${failed} sources`);
}
