import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator, Page } from '@playwright/test';
import { chartsDrawn, expect, test } from './fixtures';

// The Fit room's panels: what they show, by mouse and keyboard, on any screen.

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const panels = [
  'How sure',
  'Three approaches',
  'Objectives',
  'Laws',
  'Outliers',
  'Self-test',
  'Take it away',
];

async function violations(page: Page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    type Found = { id: string; nodes: { html: string; failureSummary: string }[] };
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Found[] }> } };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => [id, nodes[0]!.html, nodes[0]!.failureSummary]);
  });
}

async function open(page: Page, panel: string) {
  await page.goto('./#fit');
  await expect(page.getByText(/starts agree/).first()).toBeAttached();
  await page.getByRole('tab', { name: panel }).click();
}
/** All that is on its way has arrived. */
async function settled(page: Page) {
  await expect(page.locator('.panel .is-pending')).toHaveCount(0, { timeout: 30_000 });
}
const row = (page: Page, name: string | RegExp) =>
  page.locator('.panel tbody tr').filter({ has: page.getByRole('rowheader', { name }) });

/** Lays down a table of runs of one's own. */
async function lay(page: Page, rows: readonly (readonly (number | string)[])[], header: string) {
  await page.goto('./#data');
  const box = page.getByRole('textbox', { name: /Paste your runs/ });
  await box.fill([header, ...rows.map((row) => row.join(','))].join('\n'));
  await box.press('Tab');
  await expect(page.locator('.from')).toContainText(`${rows.length} runs in the fit`);
}
/** An isoFLOP study of an additive law with numbers of its own, seven sizes at each of four budgets. */
function study(E: number, A: number, B: number, noise = 0.003): number[][] {
  let i = 0;
  return [1e18, 1e19, 1e20, 1e21].flatMap((flops) =>
    [-3, -2, -1, 0, 1, 2, 3].map((step) => {
      const params = Math.sqrt(flops / 120) * 2 ** step;
      const tokens = flops / 6 / params;
      // Scatter without a pattern: fractional parts of multiples of the golden ratio.
      const scatter = 1 + noise * (2 * ((++i * 0.6180339887) % 1) - 1);
      return [params, tokens, (E + A / params ** 0.34 + B / tokens ** 0.37) * scatter];
    }),
  );
}
/** Where the run is on the screen that is read on a plot; moved to by `keys`. */
async function readPlace(page: Page, plot: Locator, keys: readonly string[]) {
  await plot.focus();
  for (const key of keys) await page.keyboard.press(key);
  const reading = plot.locator('.chart-reading');
  await expect(reading).toBeVisible();
  const place = await reading.evaluate((element: HTMLElement) => {
    const { left, right, top } = element.style;
    const width = element.parentElement!.clientWidth;
    return {
      x: left ? parseFloat(left) - 16 : width + 16 - parseFloat(right),
      y: parseFloat(top) + 40,
    };
  });
  const box = (await plot.boundingBox())!;
  return { x: box.x + place.x, y: box.y + place.y };
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [390, 1440]) {
    test(`panels are accessible and fit in ${colorScheme} at ${width} pixels`, async ({ page }) => {
      test.slow();
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto('./#fit');
      await chartsDrawn(page);
      for (const panel of panels) {
        await page.getByRole('tab', { name: panel }).click();
        await settled(page);
        expect(await violations(page), panel).toEqual([]);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(over, panel).toBeLessThanOrEqual(0);
      }
    });
  }
}

test('tabs are walked by keyboard, and the open one is kept', async ({ page }) => {
  await page.goto('./#fit');
  await chartsDrawn(page);
  const tab = (name: string) => page.getByRole('tab', { name });
  await tab('Charts').focus();
  await page.keyboard.press('ArrowRight');
  await expect(tab('How sure')).toBeFocused();
  await expect(tab('Charts')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('End');
  await expect(tab('Take it away')).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(tab('Take it away')).toHaveAttribute('aria-selected', 'true');
  await page.reload();
  await expect(tab('Take it away')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('tabpanel', { name: 'Take it away' })).toBeVisible();
});

test('the verdict says what the runs support once the draws are there', async ({ page }) => {
  await page.goto('./#fit');
  const verdict = page.getByRole('region', { name: 'Verdict' });
  await expect(verdict).toContainText('What they do not');
  await expect(verdict).toContainText(/describes 63 runs/);
  await expect(verdict).toContainText(/4000 bootstrap draws/);
  await expect(verdict).toContainText(/1.decade beyond the runs/);
});

test('intervals follow number of draws and seed, and come back with the seed', async ({ page }) => {
  await open(page, 'How sure');
  const cell = page.locator('[data-interval="bootstrap params"]');
  const notes = page.locator('[data-draws]');
  await expect(cell).toHaveText(/\d–[\d.]+B/);
  await page.getByLabel('Draws', { exact: true }).fill('200');
  await page.getByLabel('Draws', { exact: true }).press('Tab');
  await expect(notes).toHaveAttribute('data-draws', '200');
  const first = await cell.textContent();
  const seed = page.getByLabel('Seed');
  for (const [value, same] of [
    ['7', false],
    ['1', true],
  ] as const) {
    await seed.fill(value);
    await seed.press('Tab');
    await expect(notes).toContainText(`seed ${value},`);
    await settled(page);
    expect((await cell.textContent()) === first).toBe(same);
  }
});

test('published numbers stand beside those of the fit', async ({ page }) => {
  await open(page, 'How sure');
  const plot = page.locator('[data-chart="forest-coefficient"] .chart-plot');
  await expect(plot).toBeVisible();
  await plot.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.chart-reading')).toBeVisible();
  await page.getByLabel('Answer at the budget').selectOption({ label: 'Expected loss' });
  await expect(page.locator('[data-chart="forest-answer"]')).toContainText('Expected loss');
});

test('the three approaches stand side by side, with the budgets that were recognised', async ({
  page,
}) => {
  await open(page, 'Three approaches');
  for (const name of [/Approach 1/, /Approach 2/, /Approach 3/]) {
    await expect(row(page, name).locator('td').first()).toContainText(/\dB/);
  }
  await expect(page.getByText('7 budgets recognised')).toBeVisible();
  await expect(page.locator('[data-bias]')).toContainText('%');
  await page.getByRole('button', { name: 'isoFLOP curve' }).click();
  await expect(page.getByText(/The loss along them has a minimum/)).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByLabel('Along').selectOption({ label: 'Training tokens' });
  await expect(page.locator('[data-chart="isoflop-tokens"]')).toBeVisible();
});

test('laws are weighed, and one is taken by a click', async ({ page }) => {
  await open(page, 'Laws');
  await expect(row(page, 'Additive in N and D')).toContainText(/100.%/);
  await page.getByLabel('Held out').selectOption({ label: 'one budget at a time' });
  await expect(
    page.getByRole('table', { name: 'What was held out' }).locator('tbody tr'),
  ).toHaveCount(7);
  await page.getByRole('button', { name: 'Use this law: Power law with floor in C' }).click();
  await expect(page.locator('#room-heading ~ * select').first()).toHaveValue(/.+/);
  await expect(row(page, 'Power law with floor in C')).toContainText('in use');
});

test('the run that moves the answer most is named, and left out and put back by one button', async ({
  page,
}) => {
  await open(page, 'How sure');
  const table = page.getByRole('table', { name: 'Runs that move the answer most' });
  const first = table.locator('tbody tr').first();
  const name = await first.getByRole('rowheader').textContent();
  await first.getByRole('button', { name: /^Leave out/ }).click();
  await expect(page.locator('.from')).toContainText('62 runs in the fit');
  await page.getByRole('tab', { name: 'Outliers' }).click();
  await page.getByRole('button', { name: `Put back: ${name}` }).click();
  await expect(page.locator('.from')).toContainText('63 runs in the fit');
});

test('a run gone wrong is flagged with the reason, and the answer without it is said', async ({
  page,
}) => {
  test.slow();
  const rows: string[] = [];
  for (const flops of [1e18, 1e19, 1e20, 1e21]) {
    for (let i = -3; i <= 3; ++i) {
      const params = Math.sqrt(flops / 120) * 2 ** i;
      const tokens = flops / 6 / params;
      const noise = 1 + 0.001 * Math.sin(37 * rows.length);
      const loss = (1.8 + 400 / params ** 0.34 + 2000 / tokens ** 0.37) * noise;
      rows.push([params, tokens, rows.length === 10 ? 1.1 * loss : loss].join(','));
    }
  }
  await page.goto('./#data');
  const box = page.getByRole('textbox', { name: /Paste your runs/ });
  await box.fill(`N,D,loss\n${rows.join('\n')}`);
  await box.press('Tab');
  await expect(page.locator('.counts')).toContainText('28 used');
  await page.goto('./#fit');
  await page.getByRole('tab', { name: 'Outliers' }).click();
  const flagged = page.locator('[data-outlier="10"]');
  // It is judged once the draws are there; with so few runs each of them is searched in full.
  await expect(flagged).toContainText(/robust standard deviations from the law/, {
    timeout: 90_000,
  });
  await expect(page.getByRole('region', { name: 'Verdict' })).toContainText(/stands? out/);
  await expect(page.getByText(/Without all of them the best size becomes/)).toBeVisible();
  await flagged.getByRole('button', { name: /Leave out/ }).click();
  await expect(page.locator('.from')).toContainText('27 runs in the fit');
  const path = page.locator('[data-chart="drop-path"] .chart-plot');
  await path.focus();
  await page.keyboard.press('Home');
  await expect(path.locator('.chart-reading')).toContainText(/\dB/);
});

test('the self-test recovers laws and holds its intervals to the truth', async ({ page }) => {
  test.slow();
  await open(page, 'Self-test');
  await page.getByRole('button', { name: 'Run the self-test' }).click();
  await expect(page.locator('[data-recovered]')).toHaveText('40 of 40', { timeout: 60_000 });
  await expect(row(page, 'bootstrap').first()).toContainText(/within/, { timeout: 90_000 });
});

test('the fit is saved as a file that says what it is', async ({ page }) => {
  await open(page, 'Take it away');
  await settled(page);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save: Saved fit, JSON' }).click();
  const file = JSON.parse(readFileSync(await (await download).path(), 'utf8'));
  expect(file).toMatchObject({
    schema: 'isoloss.fit/1',
    interval_method: 'bootstrap',
    usable: true,
  });
  expect(file.runs).toHaveLength(63);
  await page.getByRole('button', { name: 'Copy: Report, Markdown' }).click();
  await expect(page.getByText('Copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(
    'Additive in N and D',
  );
});

test('what if a run had another loss: all follows, and Escape takes it back', async ({ page }) => {
  await page.goto('./#fit');
  await chartsDrawn(page);
  const answer = page.locator('.summary .answer');
  await expect(answer).toContainText('bootstrap)');
  const before = await answer.textContent();
  const plot = page.locator('[data-chart="loss-by-params"] .chart-plot');
  await plot.focus();
  await page.keyboard.press('ArrowRight');
  for (let i = 0; i < 8; ++i) await page.keyboard.press('Alt+ArrowUp');
  const note = page.locator('.what-if');
  await expect(note).toContainText('Your data are unchanged');
  await expect(answer).not.toHaveText(before!);
  await page.goto('./#data');
  await expect(page.locator('.run-table .what-if')).toHaveCount(1);
  await page.goto('./#fit');
  await note.getByRole('button').click();
  await expect(note).toHaveCount(0);
  await expect(answer).toHaveText(before!);
});

test('the run in hand takes the law along; Escape lets go, and again takes it back', async ({
  page,
}) => {
  await page.goto('./#fit');
  await chartsDrawn(page);
  const answer = page.locator('.summary .answer');
  await expect(answer).toContainText('bootstrap)');
  const robust = await answer.textContent();
  await page.getByLabel('Objective', { exact: true }).selectOption('log_squares');
  await expect(answer).not.toHaveText(robust!);
  await expect(answer).toContainText('bootstrap)');
  const before = await answer.textContent();
  const law = page.locator('.summary .coefficient-list');
  const fitted = await law.textContent();
  const plot = page.locator('[data-chart="loss-by-params"] .chart-plot');
  await plot.scrollIntoViewIfNeeded();
  await plot.hover();
  await expect(plot).toHaveAttribute('data-gestures', 'ready');
  const { x, y } = await readPlace(page, plot, ['Home', 'ArrowRight']);
  const drag = async () => {
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let i = 1; i <= 5; ++i) await page.mouse.move(x, y + 12 * i);
  };
  const note = page.locator('.what-if');

  // Before it is let go: the law follows, and no band of other draws is taken for its own.
  await drag();
  await expect(law).not.toHaveText(fitted!);
  await expect(note).toContainText('Your data are unchanged');
  await expect(answer).not.toHaveText(before!);
  await page.keyboard.press('Escape');
  await expect(law).toHaveText(fitted!);
  await page.mouse.up();
  await expect(note).toHaveCount(0);

  await drag();
  await page.mouse.up();
  await expect(law).not.toHaveText(fitted!);
  await expect(answer).toContainText('bootstrap)');
  await expect(answer).not.toHaveText(before!);
  await page.keyboard.press('Escape');
  await expect(law).toHaveText(fitted!);
  await expect(answer).toHaveText(before!);
});

test('runs within a brush are left out, and all come back', async ({ page }) => {
  await page.goto('./#fit');
  await chartsDrawn(page);
  const law = page.locator('.summary .coefficient-list');
  const fitted = await law.textContent();
  const card = page.locator('[data-chart="loss-by-params"]');
  await card.getByRole('button', { name: 'Select runs' }).click();
  const plot = card.locator('.chart-plot');
  await plot.scrollIntoViewIfNeeded();
  await plot.hover();
  await expect(plot).toHaveAttribute('data-gestures', 'ready');
  const box = (await plot.boundingBox())!;
  await page.mouse.move(box.x + 0.7 * box.width, box.y + 0.3 * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.8 * box.width, box.y + 0.6 * box.height);
  await page.mouse.move(box.x + 0.98 * box.width, box.y + 0.95 * box.height);
  await page.mouse.up();
  await expect(page.locator('.from')).not.toContainText('63 runs');
  await expect(page.locator('.from')).toContainText(/\d+ runs in the fit/);
  await expect(law).not.toHaveText(fitted!);
  await page.goto('./#data');
  await page.getByRole('button', { name: 'Switch all on' }).click();
  await expect(page.locator('.from')).toContainText('63 runs in the fit');
  await expect(law).toHaveText(fitted!);
});

test('groups share exponents or are fitted apart; runs of no group stand aside', async ({
  page,
}) => {
  test.slow();
  const rows = [
    ...study(1.8, 400, 2000).map((row) => [...row, 'AdamW']),
    ...study(1.7, 330, 1700).map((row) => [...row, 'Muon']),
    ...study(1.9, 500, 2500)
      .slice(0, 3)
      .map((row) => [...row, '']),
  ];
  await lay(page, rows, 'N,D,loss,optimizer');
  await open(page, 'Laws');
  const table = page
    .locator('.panel section')
    .filter({ has: page.getByRole('heading', { name: 'Groups of runs' }) })
    .locator('table');
  await expect(table.getByRole('rowheader', { name: 'AdamW' })).toHaveCount(2);
  await expect(table.getByRole('rowheader', { name: 'Muon' })).toHaveCount(2);
  await expect(table.locator('tbody tr:not(.subhead)')).toHaveCount(4);
  await expect(page.getByText('3 runs of no group stand aside.')).toBeVisible();
  await expect(page.getByText('AICc prefers shared exponents.')).toBeVisible();
  const cell = (name: string, column: number) =>
    table.locator('tbody tr').filter({ hasText: name }).first().locator('td').nth(column);
  // E, A, B, alpha, beta: one exponent, two floors.
  const number = async (name: string, column: number) =>
    parseFloat((await cell(name, column).textContent())!);
  expect(Math.abs((await number('AdamW', 1)) - 1.8)).toBeLessThan(0.05);
  expect(Math.abs((await number('Muon', 1)) - 1.7)).toBeLessThan(0.05);
  expect(Math.abs((await number('AdamW', 4)) - 0.34)).toBeLessThan(0.02);
  expect(await cell('AdamW', 4).textContent()).toBe(await cell('Muon', 4).textContent());

  await page.getByLabel('Group by').selectOption('loss');
  await expect(page.getByText(/tells 59 groups apart/)).toBeVisible();
  await page.getByLabel('Group by').selectOption({ index: 0 });
  await expect(table).toBeVisible();
});

test('simpler laws are tested when asked', async ({ page }) => {
  test.slow();
  await open(page, 'Laws');
  await page.getByRole('button', { name: 'Test them' }).click();
  await expect(row(page, 'E = 0')).toContainText('No: the runs speak clearly against it.', {
    timeout: 90_000,
  });
});

test('the printed report holds the charts, in the colours of paper', async ({ page, context }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await open(page, 'Take it away');
  await settled(page);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save: Report to print, HTML' }).click();
  const html = readFileSync(await (await download).path(), 'utf8');
  const blank = await context.newPage();
  const read = await blank.evaluate((html) => {
    const report = new DOMParser().parseFromString(html, 'text/html');
    const charts = html.match(/<svg[^]*?<\/svg>/g) ?? [];
    return {
      figures: report.querySelectorAll('figure > svg').length,
      scripts: report.querySelectorAll('script').length,
      charts: charts.map((svg) => {
        const { documentElement: root } = new DOMParser().parseFromString(svg, 'image/svg+xml');
        return {
          error: root.querySelector('parsererror')?.textContent ?? null,
          title: root.querySelector('title')?.textContent,
          ground: root.querySelector('path[fill]')?.getAttribute('fill'),
          ink: root.querySelector('text')?.getAttribute('fill'),
          strokes: root.querySelectorAll('path[stroke]').length,
          ids: [...root.querySelectorAll('[id]')].map(({ id }) => id),
        };
      }),
    };
  }, html);
  await blank.close();
  expect(read).toMatchObject({ figures: 4, scripts: 0 });
  expect(read.charts.map(({ title }) => title)).toEqual([
    'How does the loss fall with model size?',
    'Which sizes and token counts reach the same loss?',
    'What loss can a budget buy?',
    'How the approaches split a budget',
  ]);
  for (const { error, ground, ink, strokes } of read.charts) {
    expect(error).toBeNull();
    expect(ground).toBe('rgb(255,255,255)');
    const dark = ink!.match(/\d+/g)!.map(Number);
    expect(Math.max(...dark)).toBeLessThan(100);
    expect(strokes).toBeGreaterThan(10);
  }
  const ids = read.charts.flatMap(({ ids }) => ids);
  expect(new Set(ids).size).toBe(ids.length);
});

test('a saved fit that is dropped on the page opens with all it was made of', async ({ page }) => {
  test.slow();
  await lay(page, study(1.8, 400, 2000), 'N,D,loss');
  await page.goto('./#fit');
  await page.getByLabel('Objective', { exact: true }).selectOption('log_squares');
  await page.getByText('Fix, tie or bound coefficients').click();
  await page.locator('.holding select').first().selectOption('fixed');
  await page.locator('.holding input').fill('1.75');
  await page.locator('.holding input').blur();
  await page.goto('./#plan');
  const budget = page.getByLabel('Budget', { exact: true });
  await budget.fill('3e22');
  await budget.press('Tab');
  await page.goto('./#fit');
  const figures = async () => {
    await expect(page.locator('.summary .answer')).toContainText('bootstrap)');
    return page.locator('.summary .answer, .summary .coefficient-list').allTextContents();
  };
  const before = await figures();
  await page.getByRole('tab', { name: 'Take it away' }).click();
  await settled(page);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save: Saved fit, JSON' }).click();
  const saved = readFileSync(await (await download).path(), 'utf8');

  await page.evaluate(() => localStorage.clear());
  await page.goto('about:blank');
  await page.goto('./#fit');
  await expect(page.locator('.from')).toContainText('63 runs in the fit');
  expect(await figures()).not.toEqual(before);

  const transfer = await page.evaluateHandle((content) => {
    const data = new DataTransfer();
    data.items.add(new File([content], 'fit.json', { type: 'application/json' }));
    return data;
  }, saved);
  await page.dispatchEvent('main', 'dragover', { dataTransfer: transfer });
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
  await expect(page.locator('.from')).toContainText('fit.json · 28 runs in the fit');
  await expect(page.locator('.summary .answer')).toContainText('3×10²²');
  await page.goto('./#fit');
  await expect(page.getByText('weigh runs (1 held)')).toBeVisible();
  await expect.poll(figures).toEqual(before);
});

for (const [design, named, rows] of [
  [
    'one budget',
    'One compute budget only.',
    [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((step) => [1e9 * 2 ** step, 2e10 / 2 ** step]),
  ],
  [
    'all D equal',
    'All runs share D.',
    [1e7, 3e7, 1e8, 3e8, 1e9, 3e9, 1e10, 2e10].map((params) => [params, 2e10]),
  ],
  [
    'four runs',
    'Too few runs.',
    [
      [1e8, 2e9],
      [1e9, 3e9],
      [3e9, 9e10],
      [3e8, 5e10],
    ],
  ],
] as const) {
  test(`a design that cannot answer shows no numbers: ${design}`, async ({ page }) => {
    const measured = rows.map((row) => {
      const [params, tokens] = row as readonly [number, number];
      return [params, tokens, 1.8 + 400 / params ** 0.34 + 2000 / tokens ** 0.37];
    });
    await lay(page, measured, 'N,D,loss');
    await page.goto('./#fit');
    const verdict = page.getByRole('region', { name: 'Verdict' });
    await expect(verdict).toContainText(named);
    await expect(verdict).toContainText('Nothing yet');
    await expect(verdict).not.toContainText(/best size at|Intervals|NaN|undefined/);
    const law = page.locator('.summary .coefficient-list dd');
    await expect(law).toHaveText(['–', '–', '–', '–', '–']);
    await page.goto('./#plan');
    await chartsDrawn(page);
    await expect(page.locator('.summary')).toContainText(named);
    await expect(page.locator('.summary')).not.toContainText('parameters on');
    await expect(page.getByText('compute-optimal')).toHaveCount(0);
    await expect(page.getByRole('rowheader', { name: /This fit/ })).toHaveCount(0);
  });
}
