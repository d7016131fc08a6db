import { expect, test, vi } from 'vitest';
import { createApp } from '../../../web/src/state/app';
import { decodeAddress } from '../../../web/src/state/url';
import { fakeEngine, shelf, table } from './support';

async function open() {
  const { engine, fits } = fakeEngine();
  const stored = shelf();
  const app = createApp({ engine, shelf: stored, arrival: decodeAddress('') });
  app.openRuns({ text: table, name: '' });
  await vi.waitFor(() => expect(app.fit.state.value.value?.positions).toEqual([0, 1, 2, 3]));
  return { app, fits, stored };
}
const lossOf = (fits: { columns: Record<string, Float64Array> }[]) => [
  ...fits.at(-1)!.columns['loss']!,
];

test('a loss taken for another reaches the fit and the charts, and is taken back', async () => {
  const { app, fits } = await open();
  const own = app.dataset.value!.columns['loss']!.slice();
  app.takeLoss(1, 2.5);
  await vi.waitFor(() => expect(lossOf(fits)).toEqual([3.3, 2.5, 3.1, 3]));
  expect([...app.prepared.value.value!.columns['loss']!]).toEqual([3.3, 2.5, 3.1, 3]);
  expect(app.dataset.value!.columns['loss']).toEqual(own);
  app.takeLoss(1, null);
  await vi.waitFor(() => expect(lossOf(fits)).toEqual([3.3, 3.2, 3.1, 3]));
  expect(app.whatIf.value.size).toBe(0);
});

test('several are taken back at once; none is stored, and none survives other runs', async () => {
  const { app, stored } = await open();
  app.takeLoss(0, 2);
  app.takeLoss(3, 4);
  expect(app.whatIf.value.size).toBe(2);
  expect([...stored.entries.values()].join()).not.toContain('"4"');
  app.endWhatIf();
  expect(app.whatIf.value.size).toBe(0);
  app.takeLoss(0, 2);
  app.openRuns({ text: `${table}1e9,4e9,2.9\n`, name: '' });
  await vi.waitFor(() => expect(app.rows.value).toHaveLength(5));
  expect(app.whatIf.value.size).toBe(0);
  expect(app.prepared.value.value!.columns['loss']![0]).toBe(3.3);
});

test('several runs are switched at once', async () => {
  const { app } = await open();
  app.switchRows([0, 2], false);
  expect(app.counts.value).toMatchObject({ used: 2, switchedOff: 2 });
  app.switchRows([2, 3], false);
  expect(app.counts.value.switchedOff).toBe(3);
  app.switchRows([0, 2, 3], true);
  expect(app.counts.value.switchedOff).toBe(0);
});
