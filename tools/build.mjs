// npm run build: everything that is missing, then dist/.

import { buildEngine } from './engine.mjs';
import { buildPage } from './page.mjs';
import { main, say } from './run.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  await buildEngine(await setup('build'));
  await buildPage();
  say('The page is in dist/, ready for any static host.');
});
