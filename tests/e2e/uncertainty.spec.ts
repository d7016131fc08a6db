import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { buildCli } from '../../tools/cli.mjs';
import { expect, paste, table, test } from './fixtures';

// How sure the answer is: there soon, the same everywhere, and never in the way.

const root = join(import.meta.dirname, '../..');
const chinchilla = join(root, '../shared/data/chinchilla_besiroglu.csv');

const column = (page: Page) => page.locator('aside.summary');
const answer = (page: Page) => column(page).locator('.answer');
const room = (page: Page, name: string) => page.locator(`.room-link[href^="#${name}"]`);

test('the first visit is told how sure the example is', async ({ page }) => {
  await page.goto('./');
  await expect(answer(page)).toContainText(/\(95\s%: [^)]+, sandwich\)|, bootstrap\)/);
  await expect(answer(page)).toContainText(/\(95\s%: [^)]+, bootstrap\)/);
});

test('pasted runs have the interval that the command line finds, to the last digit', async ({
  page,
}) => {
  test.skip(!existsSync(chinchilla), 'the shared tables are not here');
  await page.goto('./#data?C=1e24');
  await paste(page, readFileSync(chinchilla, 'utf8'));
  await page.getByRole('radio', { name: /Keep only 0 \(240 rows\)/ }).click();
  await expect(column(page)).toContainText('240 runs in the fit');
  await expect(answer(page)).toContainText(/, bootstrap\)/);

  await buildCli();
  const tool = join(root, 'build/cli/isoloss.mjs');
  const args = ['fit', chinchilla, '--where', 'outlier_dropped_by_authors=0', '--flops', '1e24'];
  const { stdout } = await promisify(execFile)(process.execPath, [tool, ...args, '--intervals']);
  const said = /At 10²⁴ FLOPs: ([\d.]+B) parameters \(95 %: ([^)]+)\) on ([\d.]+T) tokens/.exec(
    stdout,
  );
  expect(said).not.toBeNull();
  const [, params, interval, tokens] = said!;
  const plain = (await answer(page).innerText())
    .replaceAll('\u2060', '')
    .replace(/[\u00a0\u202f]/g, ' ');
  expect(plain).toContain(`At 10²⁴ FLOPs: ${params} parameters on ${tokens} tokens`);
  expect(plain).toContain(`(95 %: ${interval}, bootstrap)`);
});

test('while a long bootstrap runs the page answers clicks', async ({ page }) => {
  await page.goto('./');
  await paste(page, table(5000, 0.005));
  await expect(column(page)).toContainText('5000 runs in the fit');
  await expect(answer(page)).toContainText('sandwich)');
  await room(page, 'plan').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Plan' })).toBeVisible();
  await page.getByLabel('Budget', { exact: true }).fill('3e25');
  await expect(answer(page)).toContainText('At 3×10²⁵ FLOPs');
  // All that while the refits went on.
  expect(await answer(page).innerText()).toContain('sandwich)');
});

test('a worker that dies during a bootstrap takes nothing along', async ({ page }) => {
  await page.goto('./');
  await expect(answer(page)).toContainText('bootstrap)');
  await paste(page, table(5000, 0.005));
  await expect(column(page)).toContainText('5000 runs in the fit');
  await expect(answer(page)).toContainText('sandwich)');
  await page.evaluate(() => {
    (globalThis as unknown as { isoloss: { crash: () => void } }).isoloss.crash();
  });
  await expect(answer(page)).toContainText(/At .* FLOPs: .*parameters on .*tokens/);
  await room(page, 'data').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Data' })).toBeVisible();
  // Whoever came in the place of the dead one does its work.
  await paste(page, table(150, 0.005));
  await expect(column(page)).toContainText('150 runs in the fit');
  await expect(answer(page)).toContainText('bootstrap)');
});
