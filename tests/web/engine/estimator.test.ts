/** How questions are split and put together, over an engine whose answers tell what was asked. */
import { expect, test, vi } from 'vitest';
import { crewOf, type Hand } from '../../../web/src/core/crew';
import { EngineFailure } from '../../../web/src/core/engine';
import { createEstimator } from '../../../web/src/core/estimator';
import { fittedRuns, type FittedRuns } from '../../../web/src/core/fitted';
import type { Columns, FitReport, Law } from '../../../web/src/core/protocol';

interface Asked {
  operation: string;
  request: Record<string, unknown> & { from: number; to: number };
  columns: Columns;
}
type Answer = { result: unknown; columns: Columns };
type Engine = (asked: Asked) => Answer | undefined;

/** Answers come in an order that has nothing to do with that of the questions. */
function crewOfSize(size: number, engine: Engine) {
  const asked: Asked[] = [];
  let turn = 0;
  const hand: Hand = {
    async call(operation, request, columns) {
      turn += 1;
      const question = { operation, request, columns } as Asked;
      asked.push(question);
      await new Promise((resolve) => setTimeout(resolve, (turn * 7) % 5));
      return (engine(question) ?? { result: null, columns: {} }) as never;
    },
    fit: async (request, columns) => ({
      report: reportOf(request.law, request.objective.id),
      columns: { residual: columns['loss']!.map(() => columns['loss']!.length) },
    }),
  };
  return { asked, crew: crewOf(Array.from({ length: size }, () => ({ ...hand }))) };
}

function reportOf(law: string, objective = 'robust', value: number | null = 2): FitReport {
  return {
    law,
    objective: { id: objective, delta: objective === 'robust' ? 0.01 : null, value: 0 },
    usable: true,
    coefficients: [{ id: 'k', value }],
    covariance: null,
  } as unknown as FitReport;
}

function fitOf(rows: number): FittedRuns {
  const columns = { loss: Float64Array.from({ length: rows }, (_, row) => row + 1) };
  const request = { law: 'law', objective: { id: 'robust' }, fixed: {} };
  const residual = new Float64Array(rows);
  const flops = columns.loss.map((x) => 10 * x);
  return fittedRuns(
    request,
    columns,
    { report: reportOf('law'), columns: { residual } },
    { known: { flops } },
  );
}

/** A number of its own for every draw. */
const drawn = (i: number) => Math.fround(Math.sin(i + 1));
const bootstrapEngine =
  (audit: object, better: number[] = []): Engine =>
  ({ operation, request }) => {
    if (operation === 'audit') return { result: audit, columns: {} };
    if (operation === 'intervals')
      return { result: { level: 0.95 }, columns: { 'params:0': Float64Array.of(1) } };
    const every = (request['every'] as number | undefined) ?? 1;
    const draws: number[] = [];
    for (let i = request.from; i < request.to; i += 1) if (i % every === 0) draws.push(i);
    const shift = { warm: 0, scanned: 100, thorough: 200 }[request['effort'] as string]!;
    return {
      result: null,
      columns: {
        k: Float64Array.from(draws, (i) => drawn(i) + shift),
        objective: Float64Array.from(draws, (i) =>
          shift === 200 && better.includes(i) ? i - 1 : i,
        ),
        at_bound: Float64Array.from(draws, () => 0),
      },
    };
  };
const target = { cost_model: { id: 'six' }, flops: [1e24] };
const options = { draws: 1234, seed: 7, target };

test.each([1, 2, 3])('a crew of %i gives the draws in their order', async (size) => {
  const { asked, crew } = crewOfSize(size, bootstrapEngine({ rerun: false }));
  const onProgress = vi.fn();
  const found = await createEstimator(crew).bootstrap(fitOf(240), { ...options, onProgress });
  expect([...found.draws['k']!]).toEqual(Array.from({ length: 1234 }, (_, i) => drawn(i)));
  expect(onProgress).toHaveBeenLastCalledWith(1);
  const shares = onProgress.mock.calls.map(([share]) => share as number);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));

  const warm = asked.filter(({ request }) => request['effort'] === 'warm');
  for (const { request } of warm) {
    expect(request.to - request.from).toBeLessThanOrEqual(250);
    expect(request).toMatchObject({ seed: 7, coefficients: { k: 2 }, objective: { delta: 0.01 } });
  }
});

test('the audit sees every fiftieth draw beside all of them', async () => {
  const { asked, crew } = crewOfSize(2, bootstrapEngine({ rerun: false }));
  await createEstimator(crew).bootstrap(fitOf(240), options);
  const { columns } = asked.find(({ operation }) => operation === 'audit')!;
  expect(columns['objective']).toHaveLength(1234);
  expect(columns['audited']).toHaveLength(1234);
  columns['audited']!.forEach((value, i) => expect(value).toBe(i % 50 === 0 ? i : NaN));
});

test('what the audit does not trust is searched for anew', async () => {
  const engine = bootstrapEngine({ rerun: true, reason: 'few_runs' });
  const { crew } = crewOfSize(2, engine);
  const found = await createEstimator(crew).bootstrap(fitOf(12), options);
  expect(found.audit.reason).toBe('few_runs');
  expect([...found.draws['k']!]).toEqual(Array.from({ length: 1234 }, (_, i) => drawn(i) + 100));
});

test('a draw that the audit found a lower objective for is kept as the audit has it', async () => {
  const { crew } = crewOfSize(2, bootstrapEngine({ rerun: false }, [100]));
  const { draws } = await createEstimator(crew).bootstrap(fitOf(240), options);
  expect(draws['k']![100]).toBe(drawn(100) + 200);
  expect(draws['objective']![100]).toBe(99);
  expect(draws['k']![50]).toBe(drawn(50));
});

test('runs that belong together are drawn together', async () => {
  const { asked, crew } = crewOfSize(1, bootstrapEngine({ rerun: false }));
  const cluster = Float64Array.from({ length: 240 }, (_, row) => row % 9);
  await createEstimator(crew).draw(fitOf(240), { draws: 50, seed: 1, cluster });
  const draws = asked.filter(({ operation }) => operation === 'bootstrap');
  expect(draws.every(({ columns }) => columns['cluster'] === cluster)).toBe(true);
});

test('more runs, smaller parts: nobody waits long for a turn', async () => {
  const { asked, crew } = crewOfSize(1, bootstrapEngine({ rerun: false }));
  await createEstimator(crew).draw(fitOf(5000), { draws: 100, seed: 1 });
  for (const { request } of asked.filter(({ request }) => request['effort'] === 'warm'))
    expect(request.to - request.from).toBeLessThanOrEqual(12);
});

test('work that takes seconds leaves a hand to whoever else needs it', async () => {
  const most = async (rows: number, draws: number) => {
    let [now, highest] = [0, 0];
    const engine = bootstrapEngine({ rerun: false });
    const hand: Hand = {
      fit: () => Promise.reject(new Error('unused')),
      async call(operation, request, columns) {
        highest = Math.max(highest, ++now);
        await new Promise((resolve) => setTimeout(resolve));
        now -= 1;
        return engine({ operation, request, columns } as Asked) as never;
      },
    };
    const crew = crewOf(Array.from({ length: 3 }, () => ({ ...hand })));
    await createEstimator(crew).draw(fitOf(rows), { draws, seed: 1 });
    return highest;
  };
  expect(await most(240, 4000)).toBe(3);
  expect(await most(5000, 1000)).toBe(2);
});

test('an abort ends the work, and no further part is begun', async () => {
  const { asked, crew } = crewOfSize(1, bootstrapEngine({ rerun: false }));
  const abort = new AbortController();
  const work = createEstimator(crew).bootstrap(fitOf(240), { ...options, signal: abort.signal });
  setTimeout(() => abort.abort(new Error('enough')), 8);
  await expect(work).rejects.toThrow('enough');
  const begun = asked.length;
  expect(begun).toBeLessThan(5);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(asked).toHaveLength(begun);
});

test('a part whose worker died is done once more, by another', async () => {
  let died = 0;
  const engine = bootstrapEngine({ rerun: false });
  const { crew } = crewOfSize(2, (asked) => {
    if (asked.request.from === 250 && died++ === 0)
      throw new EngineFailure({ field: '', message: 'unreachable' });
    return engine(asked);
  });
  const found = await createEstimator(crew).bootstrap(fitOf(240), options);
  expect(found.draws['k']).toHaveLength(1234);
  expect(died).toBeGreaterThan(0);
});

test('what is refused is not asked twice, and calls off the rest', async () => {
  const { asked, crew } = crewOfSize(2, () => {
    throw new EngineFailure({ field: 'seed', message: 'No.' });
  });
  const work = createEstimator(crew).bootstrap(fitOf(240), options);
  await expect(work).rejects.toMatchObject({ field: 'seed' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(asked.length).toBeLessThanOrEqual(3);
});

test('bands look for runs near in compute where both sides know it', async () => {
  const { asked, crew } = crewOfSize(1, () => ({ result: null, columns: {} }));
  const estimator = createEstimator(crew);
  const draws = {
    k: Float64Array.of(1),
    objective: Float64Array.of(0),
    at_bound: Float64Array.of(0),
  };
  const params = Float64Array.of(1e9, 1e10);
  await estimator.bands(fitOf(3), draws, { params, flops: params }, { seed: 1 });
  await estimator.bands(fitOf(3), draws, { params }, { seed: 1 });
  expect(asked.map(({ columns }) => Object.keys(columns).sort())).toEqual([
    ['at.flops', 'at.params', 'draw.k', 'residual', 'residual.flops'],
    ['at.params', 'draw.k', 'residual'],
  ]);
});

test('laws are compared on their own columns, and averaged with their weights', async () => {
  const { asked, crew } = crewOfSize(2, ({ operation, request, columns }) => {
    if (operation === 'score')
      return { result: { aicc: request['law'] === 'a' ? -10 : -12 }, columns: {} };
    if (operation === 'optimum') {
      const value = request['law'] === 'a' ? 1 : 4;
      const number = { value };
      return {
        result: { optima: [{ params: number, tokens: number, loss: number }], unavailable: null },
        columns: {},
      };
    }
    if (operation === 'weigh') {
      expect(columns['value:params:0']).toEqual(Float64Array.of(1, NaN, 4));
      expect(columns['aicc']).toEqual(Float64Array.of(-10, -12, -12));
      return {
        result: null,
        columns: { weight: Float64Array.of(0.2, NaN, 0.8), 'average:params:0': Float64Array.of(3) },
      };
    }
    return undefined;
  });
  const law = (id: string, has_optimum: boolean) =>
    ({ id, has_optimum, variables: id === 'c' ? ['exits'] : [] }) as unknown as Law;
  const columns = { loss: Float64Array.of(3, 2) };
  const request = (id: string) => ({ law: id, objective: { id: 'robust' } });
  const { laws, averages } = await createEstimator(crew).compareLaws(
    [law('a', true), law('b', false), law('c', true)].map((law) => ({
      law,
      request: request(law.id),
      columns,
    })),
    { ...target, at: { exits: 4 } },
  );
  expect(laws.map(({ weight }) => weight)).toEqual([0.2, null, 0.8]);
  expect(averages).toEqual([{ params: 3, tokens: null, loss: null }]);
  const optima = asked.filter(({ operation }) => operation === 'optimum');
  expect(optima.map(({ request }) => request['at'])).toEqual([{}, { exits: 4 }]);
});

test('a nested test counts the runs among the draws', async () => {
  const { crew } = crewOfSize(2, ({ request }) => ({
    result: { statistic: 90, restricted: {} },
    columns: {
      statistic: Float64Array.from(
        { length: request.to - request.from },
        (_, i) => request.from + i,
      ),
    },
  }));
  const restriction = { tied: [['a', 'b']] as [string, string][] };
  const { p, statistic } = await createEstimator(crew).nestedTest(fitOf(9), restriction, {
    draws: 99,
    seed: 1,
  });
  expect(statistic).toHaveLength(99);
  // 90 … 98 are as large: (9 + 1)/(99 + 1), Davison and Hinkley 1997, §4.2.
  expect(p).toBe(0.1);
});

test('each objective is fitted to all runs and to those that do not stand out', async () => {
  const { crew } = crewOfSize(2, () => ({
    result: { optima: [null], unavailable: '' },
    columns: {},
  }));
  const objectives = [{ id: 'robust', delta: 0.01 }, { id: 'squares' }];
  const table = await createEstimator(crew).sensitivity(fitOf(10), objectives, [2, 5], target);
  expect(table.map(({ objective, without, rows }) => [objective.id, without, rows])).toEqual([
    ['robust', false, 10],
    ['robust', true, 8],
    ['squares', false, 10],
    ['squares', true, 8],
  ]);
});

test('groups are fitted together and each by itself', async () => {
  const { asked, crew } = crewOfSize(2, () => ({ result: { usable: true }, columns: {} }));
  const group = Float64Array.of(1, 0, 1, 1);
  const { separate } = await createEstimator(crew).groups(fitOf(4), group);
  expect(separate.map(({ group, rows }) => [group, rows])).toEqual([
    [0, 1],
    [1, 3],
  ]);
  expect(asked[0]!.request).not.toHaveProperty('coefficients');
});

test('runs without a group stand aside', async () => {
  const { asked, crew } = crewOfSize(2, () => ({ result: { usable: true }, columns: {} }));
  const group = Float64Array.of(1, NaN, 0, 1);
  const { separate } = await createEstimator(crew).groups(fitOf(4), group);
  expect(separate.map(({ group, rows }) => [group, rows])).toEqual([
    [0, 1],
    [1, 2],
  ]);
  const shared = asked.find(({ operation }) => operation === 'fit_groups')!;
  expect(shared.columns['group']).toEqual(Float64Array.of(1, 0, 1));
});
