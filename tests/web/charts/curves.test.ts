import { describe, expect, it } from 'vitest';
import {
  curveSource,
  fetchCurves,
  logGrid,
  NO_CURVES,
  planCurves,
  type CurveSet,
} from '../../../web/src/model/curves';
import { findLines, linesOfStudy } from '../../../web/src/model/curves-lines';
import { budgets, isoFlopStudy, law, madeUpEngine, madeUpLoss } from './study';

const all = () => true;
const usedRows = (count: number) => Array.from({ length: count }, () => ({ used: true }));

describe('lines of a study', () => {
  it('finds budgets, also digitised ones that scatter by a few percent', () => {
    const { columns } = isoFlopStudy();
    const rows = usedRows(columns.loss!.length);
    const flops = columns.flops!.map((value, i) => value * (1 + 0.03 * Math.sin(i)));
    const lines = linesOfStudy({ ...columns, flops }, rows);
    expect(lines?.quantity).toBe('flops');
    expect(lines?.values).toHaveLength(budgets.length);
    expect([...lines!.of]).toEqual(budgets.flatMap((_, line) => [line, line, line, line, line]));
  });

  it('finds token counts in a full grid, where budgets coincide only by chance', () => {
    const [params, tokens, flops]: number[][] = [[], [], []];
    for (const n of [1e8, 3e8, 1e9, 4e9]) {
      for (const d of [1e9, 7e9, 5e10, 2e11]) {
        params!.push(n);
        tokens!.push(d);
        flops!.push(6 * n * d);
      }
    }
    const columns = {
      params: Float64Array.from(params!),
      tokens: Float64Array.from(tokens!),
      flops: Float64Array.from(flops!),
    };
    expect(linesOfStudy(columns, usedRows(16))?.quantity).toBe('tokens');
  });

  it('looks again when a run is left out', () => {
    const { columns } = isoFlopStudy();
    const rows = usedRows(columns.loss!.length);
    expect(linesOfStudy(columns, rows)?.values).toHaveLength(4);
    const fewer = rows.map((row, i) => (i < 3 ? { used: false } : row));
    expect(linesOfStudy(columns, fewer)?.values).toHaveLength(3);
  });

  it('finds none among values that run on, nor among one size repeated', () => {
    const spread = Float64Array.from({ length: 200 }, (_, i) => 10 ** (18 + i / 50));
    expect(findLines({ flops: spread }, 'flops', all)).toBeNull();
    const { columns } = isoFlopStudy();
    expect(
      findLines({ ...columns, params: columns.params!.map(() => 1e9) }, 'flops', all, 'params'),
    ).toBeNull();
    expect(findLines({}, 'flops', all)).toBeNull();
  });
});

describe('planCurves', () => {
  it('asks for nothing without a fit of the law shown', () => {
    expect(planCurves(isoFlopStudy({ fit: null }))).toBeNull();
    expect(planCurves(isoFlopStudy({ fit: { law: 'another', coefficients: {} } }))).toBeNull();
  });

  it('holds the budget on the lines of an isoFLOP study, over the sizes of each', () => {
    const plan = planCurves(isoFlopStudy())!;
    const along = plan.curves.filter(
      (curve) => curve.purpose === 'loss' && curve.along === 'params',
    );
    expect(along.map((curve) => curve.held.flops)).toEqual(budgets);
    expect(along.every((curve) => curve.derived)).toBe(true);
    expect(along[0]!.x[0]).toBeLessThan(isoFlopStudy().columns.params![0]!);
    expect(along[0]!.x.at(-1)).toBeLessThan(isoFlopStudy().columns.params!.at(-1)!);
  });

  it('takes round values of the other variable where the study has no lines', () => {
    const input = isoFlopStudy();
    const shaken = input.columns.tokens!.map((value, i) => value * 2 ** Math.sin(7 * i));
    const flops = input.columns.params!.map((value, i) => 6 * value * shaken[i]!);
    const plan = planCurves({ ...input, columns: { ...input.columns, tokens: shaken, flops } })!;
    const held = plan.curves
      .filter((curve) => curve.along === 'params' && curve.purpose === 'loss')
      .map((curve) => curve.held.tokens!);
    expect(held.length).toBeGreaterThan(2);
    for (const value of held) expect(value.toExponential()).toMatch(/^[125]e/);
  });

  it('lets further variables rest at their middle, and one-variable laws alone', () => {
    const input = isoFlopStudy();
    const exits = input.columns.loss!.map((_, i) => 1 + (i % 5));
    const plan = planCurves({
      ...input,
      law: law(['params', 'tokens', 'exits']),
      columns: { ...input.columns, exits },
    })!;
    expect(plan.resting).toEqual({ exits: 3 });
    expect(plan.optimum?.at).toEqual({ exits: 1 });
    expect(plan.curves.filter((curve) => curve.along === 'exits')).toHaveLength(3);
    expect(plan.curves.find((curve) => curve.along === 'params')?.held.exits).toBe(3);

    const alone = planCurves({ ...input, law: law(['params'], false) })!;
    expect(alone.curves.map(({ held, along }) => ({ held, along }))).toEqual([
      { held: {}, along: 'params' },
    ]);
    expect(alone.optimum).toBeNull();
    expect(alone.map).toBeNull();
  });

  it('has the ends of the data and the chosen budget among the budgets', () => {
    const flops = planCurves(isoFlopStudy())!.optimum!.flops;
    expect(flops).toContain(1e18);
    expect(flops).toContain(1e21);
    expect(flops.at(-1)).toBe(1e23);
    expect(Math.max(...flops)).toBeGreaterThan(1e23);
  });
});

describe('fetchCurves', () => {
  it('takes three questions, and each curve gets its own answers', async () => {
    const input = isoFlopStudy();
    const { engine, asked } = madeUpEngine();
    const set = await fetchCurves(planCurves(input)!, input, engine);
    expect(asked).toMatchObject({ prepare: 1, predict: 1, optimum: 1 });
    expect(asked.units.params).toEqual({ id: 'one' });
    const curve = set.curves.find((one) => one.along === 'params' && one.held.flops === 1e20)!;
    curve.x.forEach((size, i) => {
      expect(curve.columns.tokens![i]).toBeCloseTo(1e20 / 6 / size, -3);
      expect(curve.loss[i]).toBeCloseTo(madeUpLoss(size, 1e20 / 6 / size), 9);
      expect(curve.lower![i]).toBeLessThan(curve.loss[i]!);
    });
    const { params, tokens, loss } = set.map!;
    expect(loss).toHaveLength(params.length * tokens.length);
    expect(loss[3 * tokens.length + 7]).toBeCloseTo(madeUpLoss(params[3]!, tokens[7]!), 9);
    expect(set.chosen?.flops).toBe(1e23);
    const budgetsAsked = set.frontier.map(({ flops }) => flops);
    expect(budgetsAsked).toEqual(budgetsAsked.toSorted((a, b) => a - b));
  });

  it('misses out budgets without an answer', async () => {
    const input = isoFlopStudy();
    const { engine } = madeUpEngine();
    const optimum: typeof engine.optimum = async ({ flops }) => ({
      optima: flops.map(() => null),
      unavailable: 'no',
    });
    const set = await fetchCurves(planCurves(input)!, input, { ...engine, optimum });
    expect(set).toMatchObject({ frontier: [], chosen: null });
  });
});

describe('curveSource', () => {
  const settled = () => new Promise((done) => setTimeout(done, 0));

  it('skips wishes that were overtaken while the engine worked', async () => {
    const { engine, asked } = madeUpEngine();
    const source = curveSource(engine);
    for (const flops of [1e22, 2e22, 3e22, 4e22]) source.request(isoFlopStudy({ flops }));
    await settled();
    expect(asked.optimum).toBe(2);
    expect((source.curves.value as CurveSet).chosen?.flops).toBe(4e22);
  });

  it('shows none when the engine fails, and recovers', async () => {
    const { engine } = madeUpEngine();
    let broken = true;
    const source = curveSource({
      ...engine,
      predict: (request, columns) =>
        broken ? Promise.reject(new Error('gone')) : engine.predict(request, columns),
    });
    source.request(isoFlopStudy());
    await settled();
    expect(source.curves.value).toBe(NO_CURVES);
    broken = false;
    source.request(isoFlopStudy());
    await settled();
    expect(source.curves.value.curves.length).toBeGreaterThan(0);
  });
});

it('logGrid keeps its ends exactly', () => {
  const grid = logGrid([1e18, 1e24], 49);
  expect([grid[0], grid[48]]).toEqual([1e18, 1e24]);
  expect(grid[24]! / 1e21).toBeCloseTo(1, 9);
});
