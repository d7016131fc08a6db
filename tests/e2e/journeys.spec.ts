import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { chartsDrawn, expect, paste, table, test } from './fixtures';

// What people come to do, from the first visit on.

const shared = join(import.meta.dirname, '../../../shared/data');
const chinchilla = join(shared, 'chinchilla_besiroglu.csv');

const column = (page: Page) => page.locator('aside.summary');
const room = (page: Page, name: string) => page.locator(`.room-link[href^="#${name}"]`);
const counts = (page: Page) => page.locator('.counts');
const objective = (page: Page) => page.locator('data[data-name=objective]');

test('the first visit finds an example, fitted', async ({ page }) => {
  await page.goto('./');
  await expect(column(page)).toContainText(/At .* FLOPs: .*parameters on .*tokens/);
  await expect(column(page)).toContainText(/\d+ of \d+ starts agree/);
  await expect(page.getByText(/^Example: simulated/).first()).toBeVisible();
  await page.getByText('Where these numbers come from').click();
  await expect(page.locator('.on-screen li').first()).toBeVisible();
  await chartsDrawn(page);
});

test('the page can be read before it is alive', async ({ browser, site }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: site });
  const page = await context.newPage();
  await page.goto('./');
  await expect(page.getByText(/Fit a scaling law to your training runs/)).toBeVisible();
  await context.close();
});

test('pasted runs are recognised, filtered and fitted', async ({ page }) => {
  test.skip(!existsSync(chinchilla), 'the shared tables are not here');
  const { fits } = JSON.parse(readFileSync(join(shared, 'reference-fits.json'), 'utf8')) as {
    fits: { id: string; best_objective: number }[];
  };
  const best = fits.find(({ id }) => id === 'besiroglu-240-huber1e-3')!.best_objective;

  await page.goto('./#data');
  await paste(page, readFileSync(chinchilla, 'utf8'));
  await expect(counts(page)).toContainText('245 used');
  for (const [header, role] of Object.entries({
    N: 'params',
    D: 'tokens',
    C: 'flops',
    loss: 'loss',
  })) {
    await expect(page.getByLabel(`Meaning: ${header}`, { exact: true })).toHaveValue(role);
  }
  await page.getByRole('radio', { name: /Keep only 0 \(240 rows\)/ }).click();
  await expect(counts(page)).toContainText('240 used');

  await room(page, 'fit').click();
  await expect
    .poll(async () => Number(await objective(page).getAttribute('value')) / best - 1)
    .toBeLessThan(1e-9);
  expect(Number(await objective(page).getAttribute('value')) / best - 1).toBeGreaterThan(-1e-9);
});

test('any column of few values can be filtered by', async ({ page }) => {
  const [header, ...rows] = table(40).split('\n');
  await page.goto('./#data');
  await paste(
    page,
    [`${header},corpus`, ...rows.map((row, i) => `${row},${i % 4 ? 'web' : 'books'}`)].join('\n'),
  );
  await expect(counts(page)).toContainText('40 used');
  const kept = page.getByLabel('Rows kept: corpus', { exact: true });
  if (!(await kept.isVisible())) await page.getByText(/^Show .*unused/).click();
  await kept.selectOption({ label: 'only web (30 rows)' });
  await expect(counts(page)).toContainText('30 used · 10 left out by a filter');
  await page.reload();
  await expect(kept).toHaveValue('0');
  await kept.selectOption({ label: 'keep all rows' });
  await expect(counts(page)).toContainText('40 used');
});

test('laws that the columns do not allow say what they lack', async ({ page }) => {
  await page.goto('./');
  await chartsDrawn(page);
  const menu = page.getByRole('combobox', { name: 'Law' });
  const lacking = menu.locator('option[disabled]');
  await expect(lacking.filter({ hasText: 'needs G: exits' })).not.toHaveCount(0);
  const options = menu.locator('option:not([disabled])');
  const other = await options.last().getAttribute('value');
  await menu.selectOption(other!);
  await expect(column(page).getByRole('heading')).toHaveText((await options.last().textContent())!);
  await expect(page).toHaveURL(new RegExp(`law=${other}`));
  await page
    .getByRole('combobox', { name: 'Law' })
    .selectOption((await options.first().getAttribute('value'))!);
  await expect(column(page)).toContainText(/parameters on/);
});

test('a column that varies is taken by the law, and the answer says at what', async ({ page }) => {
  const lines = ['N,D,G,loss'];
  for (let i = 0; i < 48; ++i) {
    const [N, D, G] = [1e7 * 3 ** (i % 6), 1e9 * 4 ** (Math.floor(i / 6) % 4), 1 + 3 * (i % 2)];
    const loss = (1.2 + 400 / N ** 0.34 + 410 / D ** 0.28) * G ** 0.04;
    lines.push([N, D, G, loss * (1 + 0.002 * Math.sin(i * i))].join(','));
  }
  await page.goto('./#fit');
  await paste(page, lines.join('\n'));
  await expect(column(page)).toContainText('48 runs in the fit');
  await expect(column(page).locator('.law-name')).toContainText('Familial');
  await expect(column(page)).toContainText(/FLOPs, G\s=\s1: /);
});

test('coefficients can be held', async ({ page }) => {
  await page.goto('./');
  await chartsDrawn(page);
  await page.getByText('Fix, tie or bound coefficients').click();
  const hold = page.locator('.holding select').first();
  await hold.selectOption('fixed');
  await expect(page.locator('table.numbers .tag', { hasText: /^fixed$/ })).toHaveCount(1);
  await page.locator('.holding input').fill('1.5');
  await page.locator('.holding input').blur();
  await expect(page.locator('table.numbers data').first()).toHaveAttribute('value', '1.5');
});

test('a run is left out by a click on its point, in table and charts alike', async ({ page }) => {
  await page.goto('./');
  await chartsDrawn(page);
  const all = Number(/(\d+) runs in the fit/.exec((await column(page).textContent())!)![1]);
  const plot = page.getByRole('application').first();
  await plot.focus();
  await page.keyboard.press('Home');
  const reading = plot.locator('.chart-reading');
  await expect(reading).toBeVisible();
  const box = (await plot.boundingBox())!;
  const place = await reading.evaluate((element: HTMLElement) => {
    const { left, right, top } = element.style;
    const width = element.parentElement!.clientWidth;
    return {
      x: left ? parseFloat(left) - 16 : width + 16 - parseFloat(right),
      y: parseFloat(top) + 40,
    };
  });
  await page.mouse.click(box.x + place.x, box.y + place.y);
  await expect(column(page)).toContainText(`${all - 1} runs in the fit`);
  await plot.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(column(page)).toContainText(`${all} runs in the fit`);

  await room(page, 'data').click();
  const first = page.locator('.run-table tbody input').first();
  await first.click();
  await expect(counts(page)).toContainText(`${all - 1} used · 1 switched off`);
  await expect(page.locator('.run-table tbody tr').first()).toContainText('switched off by you');
  await page.getByRole('button', { name: 'Switch all on' }).click();
  await expect(counts(page)).toContainText(`${all} used`);
});

test('a budget is typed, and everything survives a reload', async ({ page }) => {
  await page.goto('./#plan');
  const budget = page.getByLabel('Budget', { exact: true });
  await budget.fill('100 PF-days');
  await expect(column(page)).toContainText('At 8.64×10²¹ FLOPs');
  await budget.fill('a lot');
  await expect(page.getByText(/“a lot” could not be read as a budget/)).toBeVisible();
  await budget.fill('5.76e23');
  await expect(page.locator('.figures')).toContainText('outside your data');
  await expect(page.locator('table.numbers tbody tr').nth(1)).toContainText(
    'no interval available',
  );
  await page.getByText('Sources and caveats').click();
  await expect(page.locator('.sources a.citation').first()).toBeVisible();
  const setting = page.locator('main .fields input[type=number]').first();
  await setting.fill('-5');
  await setting.press('Enter');
  await expect(page.getByText(/^Not used: /)).toBeVisible();
  await expect(column(page)).toContainText('At 5.76×10²³ FLOPs');
  await setting.fill('6');
  await setting.press('Enter');
  await expect(page.getByText(/^Not used: /)).toBeHidden();

  await paste(page, table(30));
  await expect(column(page)).toContainText('30 runs in the fit');
  await room(page, 'data').click();
  await page.locator('.run-table tbody input').nth(4).click();
  await page.getByLabel('Meaning: run').selectOption('ignore');
  await expect(column(page)).toContainText('29 runs in the fit');
  await page.reload();
  await expect(column(page)).toContainText('29 runs in the fit');
  await expect(column(page)).toContainText('At 5.76×10²³ FLOPs');
  await expect(page.locator('.on-screen')).toContainText('30 rows');
  await expect(page.getByRole('button', { name: 'Show the unused column' })).toBeVisible();
});

test('one’s own runs wait while an example is looked at', async ({ page }) => {
  await page.goto('./');
  await paste(page, table(30));
  await expect(column(page)).toContainText('30 runs in the fit');
  const menu = page.getByLabel('Choose an example', { exact: true });
  await menu.selectOption({ index: 1 });
  await expect(column(page)).toContainText('Example: simulated');
  await menu.selectOption('');
  await expect(column(page)).toContainText('Your runs · 30 runs in the fit');
});

test('a file is dropped anywhere', async ({ page }) => {
  await page.goto('./');
  await chartsDrawn(page);
  const transfer = await page.evaluateHandle((content) => {
    const data = new DataTransfer();
    data.items.add(new File([content], 'runs.csv', { type: 'text/csv' }));
    return data;
  }, table(24));
  await page.dispatchEvent('main', 'dragover', { dataTransfer: transfer });
  await expect(page.getByText('Drop the file to read its runs')).toBeVisible();
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
  await expect(column(page)).toContainText('Your runs: runs.csv · 24 runs in the fit');
});

test('a file that is no text is refused in words', async ({ page }) => {
  await page.goto('./');
  const chooser = page.locator('input[type=file]');
  const png = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\0', 'latin1');
  await chooser.setInputFiles({ name: 'plot.png', mimeType: 'image/png', buffer: png });
  await expect(page.getByText(/plot.png is not text but PNG image/)).toBeVisible();
  await chooser.setInputFiles({
    name: 'runs.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(table(20)),
  });
  await expect(column(page)).toContainText('20 runs in the fit');
  await expect(page.getByText(/is not text/)).toHaveCount(0);
});

const bad: [name: string, text: string, answer: RegExp, note?: RegExp][] = [
  ['prose', 'I trained a few models last week.', /No runs were found/, /only a header/],
  [
    'JSON that breaks off',
    '[{"N": 1e8, "D": 2e9, "loss":',
    /No runs were found/,
    /ends in the middle/,
  ],
  ['no loss', 'N,D\n1e8,2e9\n2e8,4e9', /No loss yet/],
  ['only a loss', 'loss\n3\n2.9\n2.8', /No law fits these columns/],
  ['one row', 'N,D,loss\n1e8,2e9,3.1', /Too few/],
  ['nothing readable', 'N,D,loss\nx,y,z\nx,y,z', /./],
  ['a header alone', 'N,D,loss', /No runs were found/, /only a header/],
  ['zeros', 'N,D,loss\n0,0,0\n0,0,0', /./],
  [
    'one size',
    'N,D,loss\n1e8,2e9,3.3\n1e8,4e9,3.2\n1e8,8e9,3.1\n1e8,16e9,3.05\n1e8,32e9,3.02\n1e8,64e9,3.01',
    /All runs share N|Not determined/,
  ],
];
for (const [name, text, answer, note] of bad) {
  test(`bad input gets a sentence: ${name}`, async ({ page }) => {
    await page.goto('./#data');
    await expect(column(page)).toContainText('starts agree');
    await paste(page, text);
    await expect(page.locator('.on-screen')).toContainText('Your runs');
    await expect(column(page).locator('.notice').first()).toContainText(answer);
    if (note) await expect(page.locator('main .notice').first()).toContainText(note);
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect(column(page)).toContainText('No runs yet');
  });
}

test('bits per byte ask for their ratio, decimal commas are read', async ({ page }) => {
  const lines = ['model;N (B);Tokens;val_bpb'];
  for (let i = 0; i < 12; ++i) {
    const comma = (x: number) => x.toFixed(3).replace('.', ',');
    lines.push(
      `m${i};${comma(0.1 * 1.7 ** i)};${10 * (1 + (i % 4))}B;${comma(1.3 / 1.04 ** i + (i % 4) / 50)}`,
    );
  }
  await page.goto('./#data');
  await paste(page, lines.join('\n'));
  await expect(column(page)).toContainText('One number is missing');
  await expect(counts(page)).toContainText('0 used · 12 waiting for a ratio · 0 unreadable');
  await expect(page.locator('.run-table thead')).toContainText('bits per byte');
  await expect(page.locator('.run-table tbody tr').first()).toContainText('1,300');
  await page.getByLabel('bytes per token').fill('4.2');
  await page.getByLabel('bytes per token').blur();
  await expect(column(page)).toContainText('12 runs in the fit');
  await expect(page.locator('.run-table tbody tr').first()).toContainText('100M');
});

test('runs that share a quantity are fitted by a law without it at a click', async ({ page }) => {
  const rows = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89].map(
    (n, i) => `${n}e7,2e9,${(2 + 300 / (n * 1e7) ** 0.3 + 0.002 * Math.sin(i * i)).toFixed(4)}`,
  );
  await page.goto('./');
  await chartsDrawn(page);
  await paste(page, ['N,D,loss', ...rows].join('\n'));
  await expect(column(page)).toContainText('All runs share D.');
  await column(page)
    .getByRole('button', { name: /^Fit .* instead$/ })
    .click();
  await expect(column(page)).not.toContainText('All runs share D.');
  await expect(column(page)).toContainText(/fitted to 10 runs/);
});

test('the Fit room says what stands in the way, and leads to the Data room', async ({ page }) => {
  await page.goto('./');
  await chartsDrawn(page);
  await paste(page, '[{"N": 1e8, "D": 2e9, "loss":');
  const main = page.locator('main');
  await expect(main).toContainText('No runs were found in this text.');
  await expect(main.getByRole('combobox', { name: 'Law' })).toHaveCount(0);
  await main.getByRole('link', { name: 'Open the Data room' }).click();
  await expect(page).toHaveURL(/#data/);
  await expect(page.locator('main .notice').first()).toContainText(/ends in the middle/);
});

test('the coefficients table says how the budget is split', async ({ page }) => {
  await page.goto('./#fit?C=3e21');
  await chartsDrawn(page);
  const row = page.locator('.implied').filter({ hasText: 'D/N at 3×10²¹ FLOPs' });
  await expect(row).toContainText('follows from the fit');
  const ratio = Number(await row.locator('data').getAttribute('value'));
  const text = (await row.locator('td').nth(1).textContent())!;
  const [low, high] = text.split('–').map(Number);
  expect(low).toBeLessThan(ratio);
  expect(high).toBeGreaterThan(ratio);
  await paste(page, 'N,loss\n1e7,4\n2e7,3.7\n4e7,3.5\n8e7,3.32\n16e7,3.2\n32e7,3.1');
  await expect(column(page)).toContainText('6 runs in the fit');
  await expect(page.locator('.implied').filter({ hasText: 'D/N' })).toHaveCount(0);
});

test('a saved picture names its runs and its law', async ({ page }) => {
  await page.addInitScript(() => {
    const written: string[] = [];
    Object.assign(globalThis, { written });
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
      written.push(text);
      fillText.call(this, text, ...rest);
    };
  });
  await page.goto('./');
  await chartsDrawn(page);
  await paste(page, table(30));
  await expect(column(page)).toContainText('30 runs in the fit');
  const law = await column(page).getByRole('heading').textContent();
  await page.locator('.chart-menu summary').first().click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save PNG' }).first().click();
  expect((await download).suggestedFilename()).toMatch(/\.png$/);
  const written = await page.evaluate(
    () => (globalThis as unknown as { written: string[] }).written,
  );
  expect(written).toContain(`Your runs · 30 runs in the fit · ${law}`);
});

test('5,000 rows scroll and switch without a hitch', async ({ page }) => {
  await page.goto('./#data');
  await paste(page, table(5000));
  await expect(counts(page)).toContainText('5000 used');
  await expect(column(page)).toContainText('5000 runs in the fit');
  expect(await page.locator('.run-table tbody tr').count()).toBeLessThan(120);
  const frames = await page.locator('.run-table').evaluate(async (box) => {
    const times: number[] = [];
    let last = performance.now();
    for (let i = 0; i < 60; ++i) {
      box.scrollTop += 900;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      times.push(now - last);
      last = now;
    }
    return times.sort((a, b) => a - b);
  });
  // A frame takes 16 ms; a machine that is busy with other tests may lose some.
  expect(frames[30]).toBeLessThan(50);
  await page.locator('.run-table').evaluate((box) => (box.scrollTop = box.scrollHeight));
  await expect(page.locator('.run-table')).toContainText('run 5000');
  await page.getByLabel('Use run 5000', { exact: true }).click();
  await expect(counts(page)).toContainText('4999 used');
});

test('a worker that dies is replaced', async ({ page }) => {
  await page.goto('./');
  await chartsDrawn(page);
  await page.evaluate(() =>
    (globalThis as unknown as { isoloss: { crash(): void } }).isoloss.crash(),
  );
  await expect(column(page)).toContainText('A calculation broke off');
  await page.getByLabel('Objective', { exact: true }).selectOption({ index: 1 });
  await expect(column(page)).toContainText('starts agree');
  await expect(column(page)).toContainText(/parameters on/);
});

test('storage that is denied is said, and nothing breaks', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, 'localStorage', {
      get() {
        throw new DOMException('denied', 'SecurityError');
      },
    });
  });
  await page.goto('./');
  await paste(page, table(20));
  await expect(column(page)).toContainText('20 runs in the fit');
  await expect(column(page)).toContainText('does not let the page store anything');
});

test('runs too large to keep are said to be, settings are kept', async ({ page }) => {
  await page.addInitScript(() => {
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = function (key: string, value: string) {
      if (key.includes('runs')) throw new DOMException('full', 'QuotaExceededError');
      setItem.call(this, key, value);
    };
  });
  await page.goto('./#plan');
  await paste(page, table(20));
  await expect(column(page)).toContainText('too large for this browser’s storage');
  await page.getByLabel('Budget', { exact: true }).fill('2e22');
  await page.reload();
  await expect(column(page)).toContainText('At 2×10²² FLOPs');
});

test('a browser without WebAssembly keeps the runs and says so', async ({ page }) => {
  await page.goto('./');
  await paste(page, table(20));
  await expect(column(page)).toContainText('20 runs in the fit');
  await page.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'WebAssembly');
  });
  await page.reload();
  await expect(column(page)).toContainText('The calculations need WebAssembly');
  await expect(page.locator('.on-screen')).toContainText('Your runs · 20 rows');
});

test('what an address says wins over what is stored', async ({ page }) => {
  await page.goto('./');
  await paste(page, table(20));
  await expect(column(page)).toContainText('20 runs in the fit');
  await page.goto('./#plan?C=3e21&law=law-of-2031&nonsense=1');
  await expect(column(page)).toContainText('At 3×10²¹ FLOPs');
  await expect(column(page)).toContainText('“nonsense”, “law-of-2031”');
  await page.goto('./#data');
  await expect(page.getByRole('heading', { name: 'Data' })).toBeAttached();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Plan' })).toBeAttached();
});
