// npm start: everything that is missing, then the page on a local address.
//   npm start -- --port 8000

import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { buildEngine } from './engine.mjs';
import { buildPage } from './page.mjs';
import { main, say } from './run.mjs';
import { serve } from './serve.mjs';
import { setup } from './setup.mjs';
import { root } from './toolchain.mjs';

const { values } = parseArgs({ options: { port: { type: 'string', default: '4173' } } });

await main(async () => {
  await buildEngine(await setup('build'));
  await buildPage();
  const site = await serve({ folder: join(root, 'dist'), port: Number(values.port) });
  say(`\n  Isoloss is at ${site.url}   (Ctrl+C ends)\n`);
});
