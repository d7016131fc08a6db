// npm run pictures: draws the charts of docs/ anew, from simulated runs, with the page's own charts and the built engine.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildEngine } from './engine.mjs';
import { main, say } from './run.mjs';
import { setup } from './setup.mjs';
import { root } from './toolchain.mjs';

await main(async () => {
  await buildEngine(await setup('build'));
  const { createServer } = await import('vite');
  const { builtWasm, engine } = await import('./vite-plugins.mjs');
  const server = await createServer({
    configFile: false,
    root,
    logLevel: 'error',
    plugins: [engine({ wasmFile: builtWasm })],
    server: { middlewareMode: true, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    const { pictures } = await server.ssrLoadModule('/tools/pictures/pictures.ts');
    const folder = join(root, 'docs/pictures');
    mkdirSync(folder, { recursive: true });
    for (const [name, svg] of Object.entries(await pictures())) {
      writeFileSync(join(folder, `${name}.svg`), svg);
      say(`docs/pictures/${name}.svg`);
    }
  } finally {
    await server.close();
  }
});
