import { expect, test, vi } from 'vitest';
import { createApp } from '../../../web/src/state/app';
import { decodeAddress } from '../../../web/src/state/url';
import { fakeEngine, shelf, table } from './support';

// The whole road from text to plan, over an engine that answers at once.

function open(hash = '', stored = shelf()) {
  const { engine, fits } = fakeEngine();
  return { app: createApp({ engine, shelf: stored, arrival: decodeAddress(hash) }), fits, stored };
}

test('the first visit fits the default example and plans at its budget', async () => {
  const { app, fits } = open();
  await vi.waitFor(() => expect(app.plan.value.value?.optimum?.flops).toBe(1e22));
  expect(app.source.value).toBe('study');
  expect(fits[0]!.request).toEqual({
    law: 'two',
    objective: { id: 'robust', delta: 0.001 },
    fixed: {},
    tied: [],
    bounds: {},
    weights: 'equal',
  });
  expect(app.counts.value.used).toBe(3);
});

test('own runs take the place of the example, which can be looked at again', async () => {
  const { app } = open();
  app.openRuns({ text: table, name: '' });
  await vi.waitFor(() => expect(app.fit.state.value.value?.positions).toEqual([0, 1, 2, 3]));
  app.toggleRow(2);
  await vi.waitFor(() => expect(app.fit.state.value.value?.positions).toEqual([0, 1, 3]));
  expect(app.fit.state.value.value!.residual[2]).toBeNaN();
  app.openExample('study');
  await vi.waitFor(() => expect(app.fit.state.value.value?.positions).toEqual([0, 1, 2]));
  app.showOwn();
  await vi.waitFor(() => expect(app.fit.state.value.value?.positions).toEqual([0, 1, 3]));
});

test('a reload finds runs, rows and settings as they were', async () => {
  const { app, stored } = open();
  app.openRuns({ text: table, name: 'runs.csv' });
  app.set({ law: 'size', objective: 'squares', budget: '3e23' });
  app.toggleRow(1);
  const again = open('', stored).app;
  await vi.waitFor(() => expect(again.fit.state.value.value?.positions).toEqual([0, 2, 3]));
  expect(again.law.value?.id).toBe('size');
  expect(again.objective.value).toEqual({ id: 'squares', delta: null, penalty: null });
  expect(again.flops.value).toBe(3e23);
  expect(again.own.value?.name).toBe('runs.csv');
});

test('edits made in other runs are dropped', () => {
  const { app, stored } = open();
  app.openRuns({ text: table, name: '' });
  app.toggleRow(1);
  const key = [...stored.entries.keys()].find((name) => name.includes('runs'))!;
  stored.entries.set(key, '\nN,D,loss\n1,2,3');
  expect(open('', stored).app.settings.value.edits).toEqual({});
});

test('an address wins over what is stored, and says what it could not', async () => {
  const { app, stored } = open();
  app.set({ budget: '3e23' });
  const { app: addressed } = open('#plan?C=1e25&law=none&odd=1', stored);
  await vi.waitFor(() => expect(addressed.plan.value.value?.optimum?.flops).toBe(1e25));
  expect(addressed.unread.value).toEqual(['odd', 'none']);
  expect(addressed.law.value?.id).toBe('two');
});

test('what stands in the way is named', async () => {
  const { app } = open();
  const obstacle = async (text: string, expected: string) => {
    app.openRuns({ text, name: '' });
    await vi.waitFor(() => expect(app.obstacle.value).toBe(expected));
    await vi.waitFor(() => expect(app.fit.state.value.value).toBeNull());
  };
  await obstacle('', 'no_rows');
  await obstacle('[{"N": 1e8', 'no_table');
  await obstacle('N,D\n1e8,2e9\n2e8,4e9', 'no_response');
  await obstacle('loss\n3\n2.9\n2.8', 'no_law');
  await obstacle('N,D,loss\n1e8,2e9,nan\n2e8,4e9,nan', 'no_used_rows');
});

test('a shelf that denies everything changes nothing but what is kept', async () => {
  const { engine } = fakeEngine();
  const app = createApp({ engine, shelf: null, arrival: decodeAddress('') });
  app.openRuns({ text: table, name: '' });
  await vi.waitFor(() => expect(app.counts.value.used).toBe(4));
  expect(app.keeping.value).toBe('denied');
});

test('what was set of weights, bounds and penalty is what is asked for', async () => {
  const { app, fits } = open();
  app.openRuns({
    text: 'N,D,loss,weight\n1e8,2e9,3.3,1\n2e8,2e9,3.2,2\n4e8,2e9,3.1,4\n',
    name: '',
  });
  await vi.waitFor(() => expect(app.counts.value.used).toBe(3));
  const asked = async (change: Parameters<typeof app.set>[0]) => {
    const before = fits.length;
    app.set(change);
    await vi.waitFor(() => expect(fits.length).toBeGreaterThan(before));
    return fits.at(-1)!;
  };
  // The table has weights, and nobody said otherwise.
  await vi.waitFor(() => expect(fits.at(-1)!.request.weights).toBe('column'));
  expect([...fits.at(-1)!.columns['weight']!]).toEqual([1, 2, 4]);
  const equal = await asked({ weights: 'equal' });
  expect(equal.request.weights).toBe('equal');
  expect(equal.columns).not.toHaveProperty('weight');
  const bounded = await asked({ bounds: { E: [1, null], none: [0, 1] } });
  expect(bounded.request.bounds).toEqual({ E: [1, null] });
  // A coefficient that is held has no room to be bounded in.
  const held = await asked({ fixed: { E: 1.5 } });
  expect(held.request).toMatchObject({ fixed: { E: 1.5 }, bounds: {} });
  expect((await asked({ objective: 'tilted' })).request.objective).toEqual({
    id: 'tilted',
    delta: 0.001,
    penalty: 10,
  });
  expect((await asked({ penalty: 4 })).request.objective.penalty).toBe(4);
  expect((await asked({ objective: 'squares' })).request.objective).toEqual({ id: 'squares' });
});
