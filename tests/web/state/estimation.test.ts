import { effect } from '@preact/signals';
import { expect, test, vi } from 'vitest';
import { crewOf, type Hand } from '../../../web/src/core/crew';
import type { Columns } from '../../../web/src/core/protocol';
import { createApp } from '../../../web/src/state/app';
import type { Asked, Estimation } from '../../../web/src/state/estimation';
import { decodeAddress } from '../../../web/src/state/url';
import { fakeEngine, shelf, table } from './support';

// From runs to intervals, over a crew that answers at once.

interface Job {
  operation: string;
  request: Record<string, unknown> & { from: number; to: number; flops: number[] };
  columns: Columns;
}

function open(override: (job: Job) => unknown = () => undefined) {
  const { engine, fits } = fakeEngine();
  const jobs: Job[] = [];
  const hand: Hand = {
    fit: engine.fit,
    async call(operation, request, columns) {
      const job = { operation, request, columns } as Job;
      jobs.push(job);
      return ((await override(job)) ?? answer(job)) as never;
    },
  };
  const hireCrew = vi.fn(async () => crewOf([hand]));
  const app = createApp({ engine, shelf: shelf(), arrival: decodeAddress(''), hireCrew });
  const count = (operation: string) => jobs.filter((job) => job.operation === operation).length;
  return { app, jobs, fits, hireCrew, count };
}

function answer({ operation, request }: Job) {
  const numbers = (x: number) => new Float64Array(Math.max(0, request.to - request.from)).fill(x);
  switch (operation) {
    case 'bootstrap':
      return {
        result: null,
        columns: { E: numbers(2), objective: numbers(0), at_bound: numbers(0) },
      };
    case 'audit':
      return { result: { rerun: false }, columns: {} };
    case 'intervals': {
      const params = { value: 2e9, standard_error: 1e7, interval: [0.8e9, 1.3e9] };
      const others = { tokens: params, tokens_per_param: params, loss: params };
      const optima = request.flops.map((flops) => ({ flops, params, ...others }));
      return { result: { optima }, columns: {} };
    }
    case 'optimum':
      return { result: { optima: [null], unavailable: null }, columns: {} };
    case 'influence':
      return { result: { method: 'exact' }, columns: { 'params:0': numbers(0.1) } };
    case 'outliers':
      return { result: { scale: 1, outliers: [{ row: 1, reasons: [] }] }, columns: {} };
    default:
      return { result: { of: operation }, columns: {} };
  }
}

async function sure(app: ReturnType<typeof open>['app']): Promise<Estimation> {
  await vi.waitFor(() =>
    expect(app.estimation.value?.bootstrap.state.value).toMatchObject({
      pending: false,
      value: { fit: app.fit.state.value.value },
    }),
  );
  return app.estimation.value!;
}

const watch = (asked: Asked<unknown>) => effect(() => void asked.state.value);
const soon = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

test('nobody is hired before the first fit, and only once', async () => {
  const { app, hireCrew } = open();
  expect(hireCrew).not.toHaveBeenCalled();
  await sure(app);
  app.set({ objective: 'squares' });
  await vi.waitFor(() => expect(app.fit.state.value.value?.report.objective.id).toBe('squares'));
  await sure(app);
  expect(hireCrew).toHaveBeenCalledOnce();
});

test('intervals follow the fit, what stands out and the next run follow them', async () => {
  const { app, jobs } = open();
  const estimation = await sure(app);
  expect(estimation.bootstrap.state.value.value).toMatchObject({ seed: 1, count: 4000 });
  expect(estimation.bootstrap.state.value.value!.draws['E']).toHaveLength(4000);
  await vi.waitFor(() => {
    expect(estimation.outliers.state.value.value?.report.outliers[0]?.row).toBe(1);
    expect(estimation.nextRun.state.value.value?.report).toEqual({ of: 'next_run' });
  });
  const outliers = jobs.find(({ operation }) => operation === 'outliers')!;
  expect(outliers.columns['influence']).toHaveLength(3);
  // Influence is a difference of logarithms, and so is its yardstick.
  expect(outliers.request['standard_error']).toBeCloseTo(1e7 / 2e9, 12);
});

test('another budget needs no other draws', async () => {
  const { app, jobs, count } = open();
  await sure(app);
  const before = count('bootstrap');
  app.set({ budget: '1e25' });
  await vi.waitFor(() =>
    expect(app.estimation.value!.bootstrap.state.value.value!.target.flops).toEqual([1e25]),
  );
  expect(count('bootstrap')).toBe(before);
  expect(jobs.findLast(({ operation }) => operation === 'intervals')!.request.flops).toEqual([
    1e25,
  ]);
});

test('another seed, number of draws, cluster or run needs new ones', async () => {
  const { app, jobs, count } = open();
  app.openRuns({ text: table, name: '' });
  await vi.waitFor(() => expect(app.counts.value.used).toBe(4));
  await sure(app);
  const redone = async (change: () => void) => {
    const before = count('bootstrap');
    change();
    await vi.waitFor(() => expect(count('bootstrap')).toBeGreaterThan(before));
    await sure(app);
    return jobs.findLast(({ operation }) => operation === 'bootstrap')!;
  };
  expect((await redone(() => app.set({ seed: 5 }))).request['seed']).toBe(5);
  await redone(() => app.set({ draws: 100 }));
  expect(app.estimation.value!.bootstrap.state.value.value!.count).toBe(100);
  // Three runs of one size of data, one of another.
  const { columns } = await redone(() => app.set({ cluster: 'D' }));
  expect([...columns['cluster']!]).toEqual([0, 0, 0, 1]);
  await redone(() => app.toggleRow(2));
});

test('of many changes in a hurry only the last is computed', async () => {
  const { app, jobs } = open();
  await sure(app);
  await soon(200);
  const before = jobs.length;
  for (let seed = 2; seed < 12; seed += 1) {
    app.set({ seed });
    await soon(2);
  }
  await vi.waitFor(() => expect(app.estimation.value!.bootstrap.state.value.value!.seed).toBe(11));
  const seeds = jobs
    .slice(before)
    .filter(({ operation }) => operation === 'bootstrap')
    .map(({ request }) => request['seed']);
  // The first began at once; none of those in between did.
  expect(new Set(seeds)).toEqual(new Set([2, 11]));
});

test('above 20,000 runs the intervals stay those of the fit, and what stands out is still said', async () => {
  const { app, count } = open();
  const rows = Array.from({ length: 20_001 }, (_, i) => `${1e8 + i},2e9,3`);
  app.openRuns({ text: ['N,D,loss', ...rows].join('\n'), name: '' });
  await vi.waitFor(() => expect(app.estimation.value?.tooLarge.value).toBe(true));
  const before = count('bootstrap');
  await vi.waitFor(() => {
    const { fit } = app.estimation.value!.outliers.state.value.value!;
    expect(fit.positions).toHaveLength(20_001);
  });
  expect(app.estimation.value!.bootstrap.state.value.value).toBeNull();
  expect(count('bootstrap')).toBe(before);
});

test('a question is asked while somebody looks, and once', async () => {
  const { app, count } = open();
  const estimation = await sure(app);
  const profile = estimation.asked('profile', { of: 'E' });
  expect(estimation.asked('profile', { of: 'E' })).toBe(profile);
  expect(estimation.asked('profile', { of: 'params' })).not.toBe(profile);
  await soon(5);
  expect(count('profile')).toBe(0);

  const look = watch(profile);
  const another = watch(profile);
  await vi.waitFor(() => expect(profile.state.value.value).toMatchObject({ report: {} }));
  expect(profile.state.value.pending).toBe(false);
  expect(count('profile')).toBe(1);
  look();
  another();
  await soon();
  // Looked at again: still known.
  const again = watch(profile);
  await soon(5);
  expect(count('profile')).toBe(1);
  again();

  // Nobody looks: nothing is computed for another fit until somebody does.
  await soon();
  app.set({ objective: 'squares' });
  await vi.waitFor(() => expect(app.fit.state.value.value?.report.objective.id).toBe('squares'));
  await soon(5);
  expect(count('profile')).toBe(1);
  expect(estimation.asked('profile', { of: 'E' })).not.toBe(profile);
  const last = watch(profile);
  await vi.waitFor(() => expect(count('profile')).toBe(2));
  // And while somebody looks, the answer follows the fit.
  app.set({ objective: 'robust' });
  await vi.waitFor(() => expect(count('profile')).toBe(3));
  last();
});

test('what the engine refuses is said where it was asked', async () => {
  const { app } = open(({ operation }) => {
    if (operation === 'paths') throw new Error('No paths here.');
  });
  const estimation = await sure(app);
  const paths = estimation.asked('paths', { drop: 5, deltas: 5 });
  const stop = watch(paths);
  await vi.waitFor(() => expect(paths.state.value.failure).toBe('No paths here.'));
  expect(paths.state.value.pending).toBe(false);
  expect(estimation.bootstrap.state.value.failure).toBeNull();
  stop();
});

test('the sensitivity table takes all objectives, as set where set, and leaves out what stands out', async () => {
  const { app } = open();
  app.set({ delta: 0.01 });
  const estimation = await sure(app);
  const table = estimation.asked('sensitivity', {});
  const stop = watch(table);
  await vi.waitFor(() =>
    expect(table.state.value).toMatchObject({ pending: false, failure: null }),
  );
  expect(table.state.value.value!.map(({ objective, rows }) => [objective, rows])).toEqual([
    [{ id: 'robust', delta: 0.01 }, 3],
    [{ id: 'robust', delta: 0.01 }, 2],
    [{ id: 'squares' }, 3],
    [{ id: 'squares' }, 2],
    [{ id: 'tilted' }, 3],
    [{ id: 'tilted' }, 2],
  ]);
  stop();
});

test('points of training curves count for the envelope, and say which row they are', async () => {
  const text =
    'run,step,N,D,loss\na,1,1e8,1e9,4\na,2,1e8,2e9,3.5\nb,1,2e8,1e9,3.9\nb,2,2e8,2e9,3.3\n';
  const { app, jobs } = open(({ operation, columns }) =>
    operation === 'approach_1'
      ? { result: {}, columns: { row: Float64Array.of(columns['loss']!.length - 1, 0) } }
      : undefined,
  );
  app.openRuns({ text, name: '' });
  await vi.waitFor(() => expect(app.mapping.value?.columns[0]?.role).toBe('run'));
  app.setMapping({ ...app.mapping.value!, perRun: 'last' });
  await vi.waitFor(() => expect(app.counts.value.used).toBe(2));
  const estimation = await sure(app);
  const envelope = estimation.asked('approach1', {});
  const stop = watch(envelope);
  await vi.waitFor(() => expect([...envelope.state.value.value!.columns['row']!]).toEqual([3, 0]));
  const { columns } = jobs.find(({ operation }) => operation === 'approach_1')!;
  expect([...columns['loss']!]).toEqual([4, 3.5, 3.9, 3.3]);
  expect([...columns['curve']!]).toEqual([0, 0, 1, 1]);
  stop();
});

test('the plan has the interval of the sandwich until that of the bootstrap is there', async () => {
  let release = () => {};
  let gate = new Promise<void>((resolve) => (release = resolve));
  const { app } = open(async ({ operation }) => {
    if (operation === 'bootstrap') await gate;
  });
  await vi.waitFor(() => expect(app.plan.value.value).not.toBeNull());
  expect(app.plan.value.value).toMatchObject({
    intervals: 'sandwich',
    optimum: { params: { value: 1e9, interval: [0.9e9, 1.1e9] } },
  });
  release();
  await sure(app);
  // The value stays that of the fit.
  expect(app.plan.value.value).toMatchObject({
    intervals: 'bootstrap',
    optimum: { flops: 1e22, params: { value: 1e9, standard_error: 1e7, interval: [0.8e9, 1.3e9] } },
  });
  // Of another fit they would be those of numbers that nobody sees any more.
  gate = new Promise(() => {});
  app.toggleRow(0);
  await vi.waitFor(() => expect(app.plan.value.value?.intervals).toBe('sandwich'));
  expect(app.fit.state.value.value?.positions).toEqual([1, 2]);
});
