// npm run dev: Vite's development server, which reloads what is edited. C++ is compiled once, at the start.

import { spawn } from 'node:child_process';
import { buildEngine } from './engine.mjs';
import { main, packageProgram } from './run.mjs';
import { setup } from './setup.mjs';
import { root } from './toolchain.mjs';

await main(async () => {
  await buildEngine(await setup('build'));
  const args = [packageProgram('vite/bin/vite.js'), ...process.argv.slice(2)];
  const vite = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  vite.on('close', (code) => (process.exitCode = code ?? 0));
});
