import { readFile } from 'node:fs/promises';
import { chartsDrawn, expect, test } from './fixtures';

test('every chart is saved as an SVG that a strict reader takes and an image shows', async ({
  page,
  context,
}) => {
  await page.goto('./#fit');
  await chartsDrawn(page);
  const cards = page.locator('.chart-card');
  const blank = await context.newPage();
  const count = await cards.count();
  expect(count).toBeGreaterThan(4);
  for (let i = 0; i < count; ++i) {
    const card = cards.nth(i);
    const title = await card.locator('.chart-title').textContent();
    const download = page.waitForEvent('download');
    await card.locator('.chart-menu summary').click();
    await card.getByRole('button', { name: 'Save SVG' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe(`isoloss-${await card.getAttribute('data-chart')}.svg`);
    const text = await readFile(await file.path(), 'utf8');
    const read = await blank.evaluate(async (text) => {
      const { documentElement: root } = new DOMParser().parseFromString(text, 'image/svg+xml');
      const image = new Image();
      // An image fetches nothing and runs nothing: what it shows stands alone.
      image.src = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
      await image.decode();
      return {
        name: root.nodeName,
        error: root.querySelector('parsererror')?.textContent ?? null,
        words: [...root.querySelectorAll('text')].map((one) => one.textContent),
        strokes: root.querySelectorAll('path[stroke]').length,
        size: [image.naturalWidth, image.naturalHeight],
        asked: [root.getAttribute('width'), root.getAttribute('height')].map(Number),
      };
    }, text);
    expect(read).toMatchObject({ name: 'svg', error: null });
    expect(read.words).toContain(title);
    expect(read.size).toEqual(read.asked);
    expect(read.strokes).toBeGreaterThan(3);
  }
  await blank.close();
});

test('a chart is read by keyboard, and says where it reads', async ({ page }) => {
  await page.goto('./#fit');
  await chartsDrawn(page);
  const plot = page.locator('[data-chart="loss-by-params"] .chart-plot');
  await expect(plot).toHaveAttribute('data-x', 'params');
  await plot.focus();
  await page.keyboard.press('Home');
  const [row, x, y] = (await plot.getAttribute('data-read'))!.split(' ').map(Number);
  const box = (await plot.boundingBox())!;
  await page.keyboard.press('Escape');
  await expect(plot).not.toHaveAttribute('data-read');
  await page.mouse.move(box.x + x!, box.y + y!);
  await expect(plot).toHaveAttribute('data-read', `${row} ${x} ${y}`);
});
