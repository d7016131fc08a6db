// Builds the C++ with CMake; ninja compiles only what changed.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, onChange, run, step, StepFailed } from './run.mjs';
import { root } from './toolchain.mjs';

/** What the WebAssembly is made from. */
export const engineSources = [
  'wasm',
  'CMakeLists.txt',
  'CMakePresets.json',
  'tools/setup-debian.sh',
];
export const engineOutputs = ['build/wasm-release/isoloss.mjs', 'build/wasm-release/isoloss.wasm'];

/**
 * @param {string} preset
 * @param {string[]} targets
 * @param {Record<string, string>} env
 */
export async function cmakeBuild(preset, targets, env) {
  const folder = join(root, 'build', preset);
  const args = ['--build', folder, '--target', ...targets];
  if (existsSync(join(folder, 'build.ninja'))) {
    const { status, output } = await attempt('cmake', args, { env, quiet: true });
    if (status === 0) return;
    // The folder may be of another compiler or place: start anew, unless it is the sources that are wrong.
    if (/error:/.test(output)) {
      process.stderr.write(output);
      throw new StepFailed(`The ${preset} build failed`);
    }
  }
  await run('cmake', ['--preset', preset, '--fresh'], { env, quiet: true });
  await run('cmake', args, { env, quiet: true });
}

/** The WebAssembly of the page. @param {Record<string, string>} env */
export async function buildEngine(env) {
  await onChange('wasm-release.stamp', engineSources, engineOutputs, () =>
    step('Compiling the engine to WebAssembly', () =>
      cmakeBuild('wasm-release', ['isoloss_wasm'], env),
    ),
  );
}
