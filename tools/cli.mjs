// Builds build/cli/isoloss.mjs, the command line tool: one file with all it needs, and the engine beside it.

import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { onChange, step } from './run.mjs';
import { root } from './toolchain.mjs';

export const cliInputs = [
  'web/src',
  'tools',
  'package-lock.json',
  'build/wasm-release/isoloss-estimation.wasm',
];
export const cliOutputs = ['build/cli/isoloss.mjs', 'build/cli/isoloss-estimation.wasm'];

export async function buildCli() {
  await onChange('cli.stamp', cliInputs, cliOutputs, () =>
    step('Building the command line tool', async () => {
      const { build } = await import('vite');
      const { builtFile, engine, onlyKnownPackages } = await import('./vite-plugins.mjs');
      await build({
        configFile: false,
        root,
        logLevel: 'error',
        publicDir: false,
        plugins: [
          engine({ wasmFile: (file) => `new URL('./${file}', import.meta.url).href` }),
          onlyKnownPackages(),
        ],
        ssr: { noExternal: true },
        build: {
          ssr: 'web/src/cli/main.ts',
          target: 'node20',
          outDir: 'build/cli',
          emptyOutDir: true,
          rolldownOptions: {
            output: { entryFileNames: 'isoloss.mjs', codeSplitting: false },
          },
        },
      });
      copyFileSync(
        builtFile('isoloss-estimation.wasm'),
        join(root, 'build/cli/isoloss-estimation.wasm'),
      );
    }),
  );
}
