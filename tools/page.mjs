// Builds dist/ from the page's sources and the engine.

import { onChange, packageProgram, run, step } from './run.mjs';
import { engineOutputs } from './engine.mjs';

const inputs = [
  'index.html',
  'web',
  'vite.config.ts',
  'tools',
  'package-lock.json',
  ...engineOutputs,
];

export async function buildPage() {
  await onChange('page.stamp', inputs, ['dist/index.html'], () =>
    step('Building the page', async () => {
      await run(
        process.execPath,
        [packageProgram('vite/bin/vite.js'), 'build', '--logLevel', 'warn'],
        { quiet: true },
      );
    }),
  );
}
