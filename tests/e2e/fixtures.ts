// What every test of the page starts from: the built page, served as a strict host would under a sub-path, and a page that
// fails its test when it writes to the console, throws, breaks its policy, or asks another origin for anything.

import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { serve } from '../../tools/serve.mjs';

const dist = join(import.meta.dirname, '../../dist');

export interface Loaded {
  url: string;
  status: number;
}

interface TestFixtures {
  /** Complaints so far. A test that provokes one takes it out. */
  complaints: string[];
  /** All that was fetched so far, the workers' requests included. */
  loaded: Loaded[];
}

export const test = base.extend<TestFixtures, { site: string }>({
  site: [
    async ({}, use) => {
      const server = await serve({ folder: dist, base: '/some/path/' });
      await use(server.url);
      await server.close();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ site }, use) => use(site),
  loaded: async ({}, use) => use([]),
  complaints: [
    async ({ context, site, loaded }, use) => {
      const complaints: string[] = [];
      context.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) {
          complaints.push(`console ${message.type()}: ${message.text()}`);
        }
      });
      context.on('weberror', (error) => complaints.push(`uncaught: ${error.error().stack}`));
      context.on('request', (request) => {
        const url = new URL(request.url());
        if (url.protocol.startsWith('http') && url.origin !== new URL(site).origin) {
          complaints.push(`request to another origin: ${url.href}`);
        }
      });
      context.on('response', (response) => {
        loaded.push({ url: response.url(), status: response.status() });
      });
      await context.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (violation) => {
          console.error(`policy: ${violation.violatedDirective} ${violation.blockedURI}`);
        });
      });
      await use(complaints);
      expect(complaints, 'the page complained').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Waits until the first charts are drawn. */
export async function chartsDrawn(page: Page) {
  await expect(page.locator('html')).toHaveAttribute('data-ready', 'charts');
}

/** Pastes into the box as a person does. */
export async function paste(page: Page, text: string) {
  await page.evaluate((content) => navigator.clipboard.writeText(content), text);
  await page.getByRole('textbox', { name: /Paste your runs/ }).focus();
  await page.keyboard.press('Control+V');
}

/** Runs of an invented law whose losses are off by so much of themselves at most, the same every time. */
export function table(rows: number, off = 0.002): string {
  const lines = ['run,N,D,loss'];
  for (let i = 0; i < rows; ++i) {
    const N = 1e7 * 1.9 ** (i % 9) * (1 + i / 1e4);
    const D = 2e8 * 1.7 ** (Math.floor(i / 9) % 11) * (1 + i / 1e4);
    const loss = 1.8 + 480 / N ** 0.35 + 2000 / D ** 0.37;
    lines.push(`run ${i + 1},${N},${D},${loss * (1 + off * Math.sin(i * i))}`);
  }
  return lines.join('\n');
}
