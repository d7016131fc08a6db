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
/** Both modules: the engine that the page starts with, and the one for estimation that it loads later. */
export const engineOutputs = ['isoloss', 'isoloss-estimation'].flatMap((name) =>
  ['mjs', 'wasm'].map((ending) => `build/wasm-release/${name}.${ending}`),
);

/**
 * @param {string} preset
 * @param {string[]} targets
 * @param {Record<string, string>} env
 */
export async function cmakeBuild(preset, targets, env) {
  const folder = join(root, 'build', preset);
  const build = ['--build', folder, '--target', ...targets];
  if (existsSync(join(folder, 'build.ninja'))) {
    const { status, output } = await attempt('cmake', build, { env, quiet: true });
    if (status === 0) return;
    if (/^.+:\d+:\d+: (fatal )?error: /m.test(output)) {
      process.stderr.write(output);
      throw new StepFailed(`The ${preset} build failed`);
    }
    // It is not the sources: something was installed since, or the folder is of another compiler or place.
  }
  const configure = ['--preset', preset];
  const { status } = await attempt('cmake', configure, { env, quiet: true });
  if (status !== 0) await run('cmake', [...configure, '--fresh'], { env, quiet: true });
  await run('cmake', build, { env, quiet: true });
}

/** The WebAssembly of the page. @param {Record<string, string>} env */
export async function buildEngine(env) {
  await onChange('wasm-release.stamp', engineSources, engineOutputs, () =>
    step('Compiling the engine to WebAssembly', () =>
      cmakeBuild('wasm-release', ['isoloss_wasm', 'isoloss_estimation_wasm'], env),
    ),
  );
}
