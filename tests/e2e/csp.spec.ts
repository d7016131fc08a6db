import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { csp } from '../../tools/csp.mjs';
import { chartsDrawn, expect, test } from './fixtures';

const dist = join(import.meta.dirname, '../../dist');
const files = () => readdirSync(dist, { recursive: true, encoding: 'utf8' });

// The fixtures fail the test on any violation of the policy and on any request to another origin.
test('runs under its policy, from a sub-path, within one origin', async ({
  page,
  site,
  loaded,
}) => {
  const response = await page.goto('./');
  expect(response?.headers()['content-security-policy']).toBe(csp);
  await chartsDrawn(page);
  expect(new URL(site).pathname).toBe('/some/path/');
  expect(loaded.filter(({ status }) => status >= 400)).toEqual([]);
  expect(loaded.filter(({ url }) => url.endsWith('.wasm'))).not.toEqual([]);
  expect(
    loaded.filter(({ url }) => url.startsWith('http') && !url.startsWith(site)),
    'everything lies under the sub-path',
  ).toEqual([]);
});

test('says its policy itself, for hosts that send no headers', async ({ page }) => {
  await page.goto('./');
  const meta = page.locator('meta[http-equiv="Content-Security-Policy"]');
  await expect(meta).toHaveAttribute('content', csp);
  expect(csp).not.toMatch(/'unsafe-(inline|eval)'/);
});

test('contains no code that makes code', () => {
  for (const name of files().filter((file) => file.endsWith('.js'))) {
    expect(readFileSync(join(dist, name), 'utf8'), name).not.toMatch(/\bnew Function\b|\beval\(/);
  }
});

test('holds each module of the engine once, and the notices', () => {
  const modules = files().filter((name) => name.endsWith('.wasm'));
  const estimation = modules.filter((name) => name.includes('isoloss-estimation'));
  expect([modules.length, estimation.length]).toEqual([2, 1]);
  expect(files()).toContain('THIRD_PARTY_NOTICES.txt');
  expect(files()).toContain('.nojekyll');
});
