// npm run --silent isoloss -- fit FILE --json: the command line tool, built first when a source is newer.
// Stdout is the tool's alone: whatever is said here goes to stderr.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildCli, cliInputs, cliOutputs } from './cli.mjs';
import { buildEngine, engineOutputs, engineSources } from './engine.mjs';
import { isCurrent, main } from './run.mjs';
import { setup } from './setup.mjs';
import { root } from './toolchain.mjs';

await main(async () => {
  const current =
    isCurrent('wasm-release.stamp', engineSources, engineOutputs) &&
    isCurrent('cli.stamp', cliInputs, cliOutputs);
  if (!current) {
    await buildEngine(await setup('build'));
    await buildCli();
  }
  // npm changes to the project's folder; file names are meant from where the user is
  if (process.env['npm_lifecycle_event'] === 'isoloss' && process.env['INIT_CWD']) {
    process.chdir(process.env['INIT_CWD']);
  }
  await import(pathToFileURL(join(root, 'build/cli/isoloss.mjs')).href);
});
