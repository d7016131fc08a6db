import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import { chartsDrawn, expect, test } from './fixtures';

// The page on any screen, in either light, by keyboard, and for those who hear it.

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rooms = ['data', 'fit', 'plan'];

type Violation = { id: string; nodes: { html: string; failureSummary: string }[] };

/** Runs axe in the page; its source goes in by evaluation, which the policy allows and a script tag not. */
async function violations(page: Page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: Violation[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
    }));
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [390, 1440]) {
    test(`no accessibility violation in ${colorScheme} at ${width} pixels`, async ({ page }) => {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const room of rooms) {
        await page.goto(`./#${room}`);
        await expect(page.getByText(/starts agree/).first()).toBeAttached();
        if (room !== 'data') await chartsDrawn(page);
        if (room === 'plan') await expect(page.locator('.figures')).toBeVisible();
        if (room === 'fit') await page.getByText('Fix, tie or bound coefficients').click();
        expect(await violations(page), room).toEqual([]);
      }
    });
  }
}

for (const [name, width, height] of [
  ['small phone', 360, 640],
  ['phone', 390, 844],
  ['tablet', 820, 1180],
  ['laptop', 1280, 720],
  ['projector', 1920, 1080],
] as const) {
  test(`nothing runs off a ${name} sideways`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    const view = name === 'projector' ? '?view=projector' : '';
    for (const room of rooms) {
      await page.goto(`./#${room}${view}`);
      await page.reload();
      await expect(page.getByText(/starts agree/).first()).toBeAttached();
      if (room === 'fit') await chartsDrawn(page);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(over, room).toBeLessThanOrEqual(0);
    }
  });
}

test('on a phone the answer is a sheet', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('./#data');
  await page.getByRole('button', { name: 'Answer' }).click();
  const sheet = page.getByRole('dialog');
  await expect(sheet).toContainText(/parameters on/);
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
});

test('everything can be reached by keyboard', async ({ page }) => {
  await page.goto('./');
  await chartsDrawn(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Skip to the work' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('textbox', { name: /Paste your runs/ })).toBeFocused();

  await page.locator('.room-link').first().focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Data' })).toBeAttached();
  await expect(page.locator('main')).toBeFocused();
  const switches = page.locator('.run-table tbody input');
  await expect(page.locator('.run-table tbody input[tabindex="0"]')).toHaveCount(1);
  await switches.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(switches.nth(1)).toBeFocused();
  await page.keyboard.press('Space');
  await expect(page.locator('.counts')).toContainText('1 switched off');
  await expect(switches.nth(1)).toBeFocused();
  await page.keyboard.press('End');
  await expect(switches.last()).toBeFocused();
  await expect(page.getByRole('status')).toContainText('1 switched off');
});

test('a run highlighted in the table stays so on the way to the charts', async ({ page }) => {
  await page.goto('./#data');
  const row = page.locator('.run-table tbody tr[data-row="2"]');
  await row.hover();
  await expect(row).toHaveClass(/is-lit/);
});

test('colours are chosen, and kept', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('./');
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.getByLabel('Colours').selectOption('dark');
  expect(await paper()).not.toBe(light);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

for (const [address, width] of [
  ['#fit', 1440],
  ['#fit', 900],
  ['#plan', 1440],
  ['#plan', 390],
] as const) {
  test(`nothing jumps while ${address} opens at ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.addInitScript(() => {
      Object.assign(window, { shifted: 0 });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          (window as unknown as { shifted: number }).shifted += (
            entry as unknown as { value: number }
          ).value;
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(`./${address}`);
    await chartsDrawn(page);
    await expect(page.locator('.chart-plot').filter({ visible: true }).first()).toBeVisible();
    await page.waitForTimeout(300);
    expect(
      await page.evaluate(() => (window as unknown as { shifted: number }).shifted),
    ).toBeLessThan(0.06);
  });
}
