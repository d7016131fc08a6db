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
