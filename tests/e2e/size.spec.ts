import { gzipSync } from 'node:zlib';
import { chartsDrawn, expect, test } from './fixtures';

const budget = 200; // KiB for all that the first visit fetches, each file under gzip -9

const line = (name: string, raw: string, gzip: string) =>
  `${name.padEnd(48)}${raw.padStart(10)}${gzip.padStart(10)}`;

test(`fetches at most ${budget} KiB until the charts are drawn`, async ({
  page,
  request,
  loaded,
}) => {
  // What is asked for once the charts are there is no part of the first visit.
  await page.addInitScript(() => {
    const ready = new MutationObserver(() => {
      if (!('ready' in document.documentElement.dataset)) return;
      Object.assign(globalThis, { drawnAt: performance.now() });
      ready.disconnect();
    });
    ready.observe(document, { attributes: true, subtree: true, attributeFilter: ['data-ready'] });
  });
  await page.goto('./');
  await chartsDrawn(page);
  const later = await page.evaluate(() => {
    const { drawnAt } = globalThis as unknown as { drawnAt: number };
    return performance
      .getEntriesByType('resource')
      .filter(({ startTime }) => startTime >= drawnAt)
      .map(({ name }) => name);
  });
  const rows = [];
  for (const url of new Set(loaded.map((file) => file.url))) {
    if (!url.startsWith('http') || later.includes(url)) continue;
    const body = await (await request.get(url)).body();
    rows.push({
      file: new URL(url).pathname,
      KiB: body.length / 1024,
      gzip: gzipSync(body, { level: 9 }).length / 1024,
    });
  }
  const total = rows.reduce((sum, row) => sum + row.gzip, 0);
  console.log(
    [
      line('KiB', 'raw', 'gzip -9'),
      ...rows.map((row) => line(row.file, row.KiB.toFixed(1), row.gzip.toFixed(1))),
      line('total', '', total.toFixed(1)),
    ].join('\n'),
  );
  expect(total).toBeLessThanOrEqual(budget);
});
