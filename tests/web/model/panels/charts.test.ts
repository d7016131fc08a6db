import { describe, expect, test } from 'vitest';
import type { IntervalsLayer, LineLayer, PointsLayer } from '../../../../web/src/charts/panel';
import type { Approach2Report, Parabola } from '../../../../web/src/core/estimation-protocol';
import type { Catalog, Law, Preset } from '../../../../web/src/core/protocol';
import { allocationChart, budgetsFor } from '../../../../web/src/model/panels/allocation';
import { scatter, thinned } from '../../../../web/src/model/panels/draws';
import {
  forest,
  ownRow,
  presetRow,
  profileInterval,
} from '../../../../web/src/model/panels/forest';
import { heldOutChart } from '../../../../web/src/model/panels/held-out';
import {
  influenceChart,
  influences,
  pathChart,
  profileChart,
} from '../../../../web/src/model/panels/hinges';
import { isoFlopChart, parabolaCurve } from '../../../../web/src/model/panels/isoflop';
import { measuresOf, printedInterval } from '../../../../web/src/model/panels/measures';
import { coverages, recovery } from '../../../../web/src/model/panels/self-test';
import { spreadOf } from '../../../../web/src/model/panels/sensitivity';
import { quantities } from '../../charts/study';

const catalog = { quantities } as unknown as Catalog;
const law = {
  id: 'made_up',
  has_optimum: true,
  coefficients: [
    { id: 'scale', symbol: 'A', meaning: 'Size of the term.', unit: '', role: 'scale' },
    { id: 'slope', symbol: 'α', meaning: 'Its exponent.', unit: '', role: 'exponent' },
  ],
} as unknown as Law;
const measures = measuresOf(catalog, law, [
  {
    id: 'share',
    symbol: 'a',
    name: 'Exponent of C',
    value: 0.5,
    standard_error: null,
    interval: null,
  },
]);
const measure = (id: string) => measures.find((one) => one.id === id)!;
const named = (count: number, columns: Record<string, Float64Array> = {}) => ({
  dataset: { rows: Array.from({ length: count }, (_, i) => ({ index: 10 + i, name: `run ${i}` })) },
  columns,
});

test('measures are the coefficients, what follows from them, and the answers', () => {
  expect(measures.map(({ id, of, scale }) => [id, of, scale])).toEqual([
    ['scale', 'coefficient', 'log'],
    ['slope', 'coefficient', 'linear'],
    ['share', 'implied', 'linear'],
    ['params', 'answer', 'log'],
    ['tokens', 'answer', 'log'],
    ['tokens_per_param', 'answer', 'log'],
    ['loss', 'answer', 'linear'],
  ]);
  expect(measure('tokens_per_param').symbol).toBe('D/N');
  expect(printedInterval(measure('params'), [6.8e10, 1.38e11])).toBe('68–138B');
});

describe('forest plot', () => {
  const preset = {
    id: 'paper',
    name: 'A paper',
    coefficients: { slope: 0.34, scale: 400 },
    standard_errors: { slope: 0.02 },
  } as unknown as Preset;

  test('a printed standard error becomes a 95 % interval, a missing one no whisker', () => {
    expect(presetRow(preset, measure('slope'), null)!.interval).toEqual([
      0.34 - 1.96 * 0.02,
      0.34 + 1.96 * 0.02,
    ]);
    const bare = presetRow(preset, measure('scale'), null)!;
    expect(bare.interval).toBeNull();
    expect(presetRow(preset, measure('params'), null)).toBeNull();
  });

  test('rows keep their places, ours and published ones in layers of their own', () => {
    const rows = [
      ownRow('bootstrap', 0.35, [0.33, 0.37])!,
      presetRow(preset, measure('slope'), null)!,
    ];
    const [panel] = forest('f', 'F', measure('slope'), rows).panels;
    const [own, published] = panel!.layers as IntervalsLayer[];
    expect([own!.y[0], published!.y[0]]).toEqual([0, 1]);
    expect([own!.role, published!.role]).toEqual(['ink', { category: 0 }]);
    expect('categories' in panel!.y && panel!.y.categories).toHaveLength(2);
  });

  test('an interval that reaches zero runs to the edge of a log axis', () => {
    const chart = forest('f', 'F', measure('scale'), [ownRow('sandwich', 400, [-20, 900])!]);
    expect((chart.panels[0]!.layers[0] as IntervalsLayer).lower[0]).toBe(-Infinity);
  });

  test('a profile open on one side is open there', () => {
    expect(profileInterval({ value: 1, lower: null, upper: 2 })).toEqual([-Infinity, 2]);
    expect(profileInterval({ value: 1, lower: null, upper: null })).toBeNull();
  });
});

describe('draws', () => {
  test('are thinned evenly, without those that lack a number', () => {
    const x = Float64Array.from({ length: 10_000 }, (_, i) => (i % 10 === 0 ? NaN : i));
    const { x: kept } = thinned(x, x, 4000);
    expect(kept.length).toBeLessThanOrEqual(4000);
    expect(kept.length).toBeGreaterThan(2000);
    expect(kept.some(Number.isNaN)).toBe(false);
    expect(thinned(x.subarray(0, 100), x, 4000).x).toHaveLength(90);
  });

  test('answers are taken at the first budget', () => {
    const draws = { slope: Float64Array.of(1, 2), 'params:0': Float64Array.of(3, 4) };
    const chart = scatter(draws, [measure('slope'), measure('params')], [1.5, 3.5])!;
    const [cloud, fit] = chart.panels[0]!.layers as PointsLayer[];
    expect([...(cloud!.y as Float64Array)]).toEqual([3, 4]);
    expect([fit!.x[0], fit!.y[0]]).toEqual([1.5, 3.5]);
    expect(scatter(draws, [measure('slope'), measure('loss')], [1, 1])).toBeNull();
  });
});

describe('what a fit hangs on', () => {
  const positions = [0, 2, 3];
  const runs = named(4, { flops: Float64Array.of(1e18, 1e19, 1e20, 1e21) });

  test('influence is sorted by strength and named by the run that was sent', () => {
    const found = influences(
      { 'params:0': Float64Array.of(Math.log(1.01), Math.log(0.8), NaN) },
      positions,
      runs,
    );
    expect(found.map(({ index, name }) => [index, name])).toEqual([
      [12, 'run 2'],
      [10, 'run 0'],
    ]);
    expect(found[0]!.change).toBeCloseTo(-0.2, 12);
    expect(found[0]!.flops).toBe(1e20);
    const points = influenceChart(found, 'N_opt')!.panels[0]!.layers[1] as PointsLayer;
    expect([...(points.rows as number[])]).toEqual([12, 10]);
  });

  test('a profile is drawn with the line at 3.84', () => {
    const chart = profileChart(measure('slope'), {
      x: Float64Array.of(1, 2),
      deviance: Float64Array.of(0, 5),
    })!;
    expect(chart.panels[0]!.layers[0]).toMatchObject({ kind: 'rule', on: 'y', value: 3.84 });
    expect(profileChart(measure('slope'), {})).toBeNull();
  });

  test('a path names the run that goes at each step', () => {
    const columns = {
      'drop.row': Float64Array.of(NaN, 1, 0),
      'drop.params:0': Float64Array.of(1e11, 1.1e11, 1.2e11),
      'drop.slope': Float64Array.of(0.3, 0.31, 0.32),
    };
    const chart = pathChart('drop', columns, measure('params'), positions, runs, null)!;
    const points = chart.panels[0]!.layers.find(({ kind }) => kind === 'points') as PointsLayer;
    expect([...(points.rows as number[])]).toEqual([-1, 12, 10]);
    expect([...(points.x as number[])]).toEqual([0, 1, 2]);
    expect([...(points.y as Float64Array)]).toEqual([1e11, 1.1e11, 1.2e11]);
    const slope = pathChart('drop', columns, measure('slope'), positions, runs, null)!;
    const line = slope.panels[0]!.layers.find(({ kind }) => kind === 'line') as LineLayer;
    expect([...(line.y as Float64Array)]).toEqual([0.3, 0.31, 0.32]);
    expect(pathChart('delta', columns, measure('params'), positions, runs, 1e-3)).toBeNull();
  });
});

describe('isoFLOP curves', () => {
  const parabola: Parabola = {
    log_opt: Math.log(1e9),
    loss_opt: 2.5,
    curvature: 0.1,
    range: [Math.log(5e8), Math.log(2e9)],
    flags: [],
  };
  const report = {
    budgets: [
      { flops: 1e20, rows: [0, 1], params: parabola, tokens: parabola, used: true },
      {
        flops: 1e21,
        rows: [2],
        params: { ...parabola, log_opt: null, flags: ['negative_curvature'] },
        tokens: parabola,
        used: false,
      },
    ],
    optima: [
      { flops: 1e19, params: { value: 3e8, interval: null }, tokens: { value: 1, interval: null } },
      { flops: 1e20, params: { value: 1e9, interval: null }, tokens: { value: 1, interval: null } },
      { flops: 1e21, params: { value: 3e9, interval: null }, tokens: { value: 1, interval: null } },
    ],
  } as unknown as Approach2Report;

  test('a parabola is lowest at its vertex and covers the runs', () => {
    const { x, y } = parabolaCurve(parabola)!;
    expect(Math.min(...y)).toBeCloseTo(2.5, 6);
    expect(x[0]).toBeLessThan(5e8);
    expect(x.at(-1)).toBeGreaterThan(2e9);
    const i = y.indexOf(Math.min(...y));
    expect(x[i]! / 1e9).toBeCloseTo(1, 6);
    // One e-fold from the vertex the loss is higher by the curvature.
    const wide = parabolaCurve(
      { ...parabola, range: [parabola.log_opt! - 1, parabola.log_opt! + 1] },
      26,
    )!;
    const e = wide.x.findIndex((size) => Math.abs(Math.log(size / 1e9) - 1) < 1e-9);
    expect(wide.y[e]).toBeCloseTo(2.6, 9);
  });

  test('only budgets with a lowest point have a vertex', () => {
    const columns = {
      params: Float64Array.of(5e8, 2e9, 3e9),
      loss: Float64Array.of(2.6, 2.6, 2.4),
    };
    const chart = isoFlopChart(report, 'params', [0, 1, 2], named(3, columns), catalog)!;
    const vertices = chart.panels[1]!.layers.find(({ kind }) => kind === 'points') as PointsLayer;
    expect([...(vertices.x as number[])]).toEqual([1e20]);
    const line = chart.panels[1]!.layers.find(({ kind }) => kind === 'line') as LineLayer;
    expect([...(line.x as number[])]).toEqual([1e20, 1e21]);
    expect(isoFlopChart({ ...report, budgets: [] }, 'params', [], named(0), catalog)).toBeNull();
  });
});

test('budgets for the allocation hold the runs and the budget chosen', () => {
  const budgets = budgetsFor([1e18, 1e21], 1e24);
  expect(budgets[0]).toBeCloseTo(1e18, -10);
  expect(budgets.at(-1)! / 2e24).toBeCloseTo(1, 9);
  const ratios = budgets.slice(1).map((flops, i) => flops / budgets[i]!);
  expect(Math.max(...ratios) / Math.min(...ratios)).toBeCloseTo(1, 9);
});

test('approaches are drawn in colour with bands, published laws stand back', () => {
  const optima = (interval: [number, number] | null) =>
    [1e20, 1e22].map((flops) => ({
      flops,
      params: { value: 1e9, interval },
      tokens: { value: 2e10, interval },
    }));
  const chart = allocationChart(
    catalog,
    [
      { name: 'ours', own: true, place: 1, optima: optima([5e8, 2e9]) },
      { name: 'theirs', own: false, place: 0, optima: optima(null) },
      { name: 'none', own: true, place: 2, optima: [] },
    ],
    1e22,
  )!;
  expect(chart.panels).toHaveLength(2);
  expect(chart.panels[0]!.layers.map(({ kind }) => kind)).toEqual(['band', 'line', 'line', 'rule']);
  expect(chart.panels[0]!.layers[2]).toMatchObject({ role: 'muted', guide: true });
});

test('held-out runs are drawn by fold, against what was measured', () => {
  const report = {
    folds: [{ flops: 1e20 }, { flops: 1e21 }],
    mean_error: 0.0128,
  } as never;
  const chart = heldOutChart(
    report,
    {
      row: Float64Array.of(0, 1),
      fold: Float64Array.of(1, 1),
      predicted: Float64Array.of(2.5, 2.4),
      measured: Float64Array.of(2.45, 2.42),
    },
    [2, 0],
    named(3),
    catalog,
  )!;
  const points = chart.panels[0]!.layers.filter(({ kind }) => kind === 'points') as PointsLayer[];
  expect(points).toHaveLength(1);
  expect([...(points[0]!.rows as number[])]).toEqual([12, 10]);
  expect([...(points[0]!.x as number[])]).toEqual([2.45, 2.42]);
});

test('coverage counts the intervals that there were', () => {
  const held = Float64Array.from({ length: 101 }, (_, i) => (i === 100 ? NaN : i < 96 ? 1 : 0));
  const [good, poor] = coverages({
    'bootstrap.alpha': held,
    'sandwich.params': held.map((x) => (Number.isNaN(x) ? NaN : 0)),
  });
  expect(good).toMatchObject({
    method: 'bootstrap',
    quantity: 'alpha',
    studies: 100,
    share: 0.96,
    within: true,
  });
  expect(poor).toMatchObject({ share: 0, within: false });
});

test('a study is recovered when its coefficients are', () => {
  const columns = {
    error: Float64Array.of(1e-9, 0.2, NaN),
    predicted_error: Float64Array.of(1e-12, 0.1, NaN),
  };
  expect(recovery(columns)).toEqual({ studies: 3, recovered: 1, worst: 0.2, worstPredicted: 0.1 });
});

test('the spread is that of the numbers that there are', () => {
  expect(spreadOf([1, null, 4, NaN])).toBe(4);
  expect(spreadOf([3, null])).toBeNull();
});
