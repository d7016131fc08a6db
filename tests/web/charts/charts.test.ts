import { describe, expect, it } from 'vitest';
import { chartContext } from '../../../web/src/charts/context';
import { chartCsv, fileName, tableTwin } from '../../../web/src/charts/export';
import { chartViews } from '../../../web/src/charts';
import { readingOf } from '../../../web/src/charts/reading';
import { same } from '../../../web/src/charts/same';
import type { ChartView } from '../../../web/src/charts/scene';
import { classColour, sequenceColour } from '../../../web/src/charts/theme';
import type { ChartInput } from '../../../web/src/charts/types';
import { fetchCurves, NO_CURVES, planCurves } from '../../../web/src/model/curves';
import { isoFlopStudy, law, madeUpEngine } from './study';

/** The same input as what charts are drawn from, without curves. */
const bare = (input: ChartInput) => chartContext(input, NO_CURVES);

async function contextOf(input: ChartInput) {
  const plan = planCurves(input);
  return chartContext(
    input,
    plan ? await fetchCurves(plan, input, madeUpEngine().engine) : NO_CURVES,
  );
}
const viewsOf = async (input: ChartInput) => chartViews(await contextOf(input));
const ids = (views: ChartView[]) => views.map(({ id }) => id);

/** What a reviewer can read: numbers to three digits, long lists by their ends. */
function summary(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(3));
  if (
    ArrayBuffer.isView(value) ||
    (Array.isArray(value) && value.length > 12 && typeof value[0] === 'number')
  ) {
    const list = Array.from(value as unknown as ArrayLike<number>);
    return `${list.length}: ${[list[0], list.at(-1)].map((x) => Number(x!.toPrecision(3))).join(' … ')}`;
  }
  if (Array.isArray(value)) return value.map(summary);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, summary(inner)]));
}

describe('what is drawn', () => {
  it('of an isoFLOP study', async () => {
    expect(summary(await viewsOf(isoFlopStudy()))).toMatchSnapshot();
  });

  it('has every chart that makes sense, and no other', async () => {
    const input = isoFlopStudy();
    const exits = input.columns.loss!.map((_, i) => 1 + (i % 4));
    const cases: [Partial<ChartInput>, string[]][] = [
      [
        {},
        [
          'loss-by-params',
          'iso-loss-map',
          'loss-by-flops',
          'predicted',
          'loss-by-tokens',
          'residuals',
        ],
      ],
      [
        { law: law(['params', 'tokens', 'exits']), columns: { ...input.columns, exits } },
        [
          'loss-by-params',
          'iso-loss-map',
          'loss-by-flops',
          'predicted',
          'loss-by-tokens',
          'loss-by-exits',
          'residuals',
        ],
      ],
      [{ law: law(['params'], false) }, ['loss-by-params', 'predicted', 'residuals']],
      [{ law: law(['flops'], false) }, ['loss-by-flops', 'predicted', 'residuals']],
      [
        { fit: null, predicted: null, residual: null },
        ['loss-by-params', 'iso-loss-map', 'loss-by-flops', 'loss-by-tokens'],
      ],
      [{ rows: [], columns: {} }, []],
    ];
    for (const [more, expected] of cases)
      expect(ids(await viewsOf({ ...input, ...more }))).toEqual(expected);
  });

  it('parts interpolation from extrapolation', async () => {
    const view = (await viewsOf(isoFlopStudy())).find(({ id }) => id === 'loss-by-flops')!;
    const [inside, outside] = view.panels[0]!.curves;
    expect(inside).toMatchObject({ beyond: false, label: 'compute-optimal' });
    expect(outside!.beyond).toBe(true);
    expect(outside!.label.replace('\u00a0', ' ')).toBe('2 decades beyond the data');
    expect(inside!.x[inside!.x.length - 1]).toBe(1e21);
    expect(outside!.x[0]).toBe(1e21);
    expect(view.panels[0]!.rules).toMatchObject([{ on: 'x', value: 1e23, moves: true }]);
  });

  it('draws no curves of another law than the one shown', async () => {
    const input = isoFlopStudy();
    const stale = await contextOf(input);
    const views = chartViews(
      chartContext({ ...input, law: { ...input.law, id: 'other' } }, stale.curves),
    );
    for (const { panels } of views) {
      for (const { curves } of panels)
        expect(curves.filter(({ kind }) => kind !== 'guide')).toEqual([]);
    }
  });

  it('leaves rows without numbers out, and marks those that are left out', async () => {
    const input = isoFlopStudy();
    input.columns.params![3] = NaN;
    const [view] = await viewsOf(input);
    const { row, colour } = view!.panels[0]!.points;
    expect([...row]).not.toContain(3);
    expect(colour[[...row].indexOf(19)]).toBe(-1);
  });

  it('keeps outliers in sight, and the residuals centred', async () => {
    const view = (await viewsOf(isoFlopStudy())).find(({ id }) => id === 'residuals')!;
    for (const { y, points } of view.panels) {
      expect(y.min).toBe(-y.max);
      expect(Math.max(...points.y.map(Math.abs))).toBeLessThan(y.max);
    }
  });

  it('is quick with 5,000 runs', async () => {
    const input = isoFlopStudy();
    const many = Array.from({ length: 5000 }, (_, i) => i);
    const columns = Object.fromEntries(
      Object.entries(input.columns).map(([id, column]) => [
        id,
        Float64Array.from(many, (i) => column[i % 20]! * (1 + i * 1e-7)),
      ]),
    );
    const rows = many.map((index) => ({ ...input.rows[0]!, index }));
    const context = await contextOf({
      ...input,
      columns,
      rows,
      predicted: columns.loss!,
      residual: columns.loss!.map(() => 0),
    });
    const start = performance.now();
    chartViews(context);
    expect(performance.now() - start).toBeLessThan(250);
  });
});

describe('colours', () => {
  const grouped = (groups: string[]) => {
    const input = isoFlopStudy();
    return chartContext(
      {
        ...input,
        rows: input.rows.map((row, i) => ({ ...row, group: groups[i % groups.length]! })),
      },
      NO_CURVES,
    ).key;
  };

  it('follow the budgets of an isoFLOP study, in order', async () => {
    const { key } = await contextOf(isoFlopStudy());
    expect(key).toMatchObject({ title: 'Training compute C (FLOPs)', ordered: true });
    expect(key.classes.map(({ label }) => label)).toEqual(['10¹⁸', '10¹⁹', '10²⁰', '10²¹']);
  });

  it('follow groups where there are any: numbers in order, names as categories, eight and others', () => {
    expect(grouped(['32', '8', '128'])).toMatchObject({
      ordered: true,
      classes: [{ label: '8' }, { label: '32' }, { label: '128' }],
    });
    expect(grouped(['c4', 'pile'])).toMatchObject({
      ordered: false,
      classes: [{ label: 'c4' }, { label: 'pile' }],
    });
    const many = grouped(Array.from('abcdefghijk'));
    expect(many.classes).toHaveLength(9);
    expect(many.classes.at(-1)).toEqual({ label: 'other', other: true });
    expect(Math.max(...many.of)).toBe(8);
  });

  it('take steps where nothing groups the runs, and one colour where nothing varies', () => {
    const input = isoFlopStudy();
    const flops = input.columns.flops!.map((_, i) => 10 ** (18 + i / 5));
    const params = flops.map((value) => Math.sqrt(value));
    const steps = chartContext(
      { ...input, columns: { ...input.columns, flops, params, tokens: params } },
      NO_CURVES,
    ).key;
    expect(steps.classes.map(({ label }) => label)).toEqual([
      '< 10¹⁹',
      '10¹⁹–10²⁰',
      '10²⁰–10²¹',
      '≥ 10²¹',
    ]);
    expect(
      chartContext({ ...input, columns: { loss: input.columns.loss! } }, NO_CURVES).key.classes,
    ).toHaveLength(1);
  });

  it('run evenly along the sequence', () => {
    expect(sequenceColour(['rgb(0, 0, 0)', 'rgb(100, 200, 50)'], 0.5)).toBe('rgb(50, 100, 25)');
    expect(sequenceColour(['rgb(0, 0, 0)', 'rgb(100, 200, 50)'], 7)).toBe('rgb(100, 200, 50)');
    const theme = {
      muted: 'grey',
      sequence: ['rgb(0, 0, 0)', 'rgb(10, 10, 10)'],
      categories: ['a', 'b'],
    } as never;
    const key = {
      title: '',
      ordered: true,
      byLine: false,
      of: new Int16Array(),
      classes: [
        { label: '', other: false },
        { label: '', other: false },
        { label: '', other: true },
      ],
    };
    expect([0, 1, 2].map((index) => classColour(theme, key, index))).toEqual([
      'rgb(0, 0, 0)',
      'rgb(10, 10, 10)',
      'grey',
    ]);
  });
});

describe('what is taken away', () => {
  it('is a CSV in full precision, of points and curves', async () => {
    const input = isoFlopStudy();
    const view = (await viewsOf(input)).find(({ id }) => id === 'loss-by-flops')!;
    const lines = chartCsv(view, bare(input)).trimEnd().split('\n');
    expect(lines[0]).toBe('x_quantity,y_quantity,series,row,run,group,used,x,y,lower,upper');
    expect(lines[1]).toBe(
      `flops,loss,runs,101,"first, ""best""",,1,1000000000000000000,${input.columns.loss![0]},,`,
    );
    expect(lines[20]).toMatch(/^flops,loss,runs,120,,,0,1e21,/);
    expect(lines.filter((line) => line.includes('compute-optimal')).length).toBeGreaterThan(40);
    expect(lines.join()).not.toMatch(/NaN|undefined|null/);
    expect(fileName(view, 'csv')).toBe('isoloss-loss-by-flops.csv');
  });

  it('has no holes of contours in it', async () => {
    const input = isoFlopStudy();
    const view = (await viewsOf(input)).find(({ id }) => id === 'iso-loss-map')!;
    for (const line of chartCsv(view, bare(input)).trimEnd().split('\n').slice(1)) {
      expect(
        line
          .split(',')
          .slice(-4, -2)
          .every((cell) => cell !== ''),
      ).toBe(true);
    }
  });

  it('is a table that says the same', async () => {
    const input = isoFlopStudy();
    const views = await viewsOf(input);
    const table = tableTwin(views[0]!, bare(input));
    expect(table.header).toEqual(['Run', 'Parameters N', 'Loss L (nats per token)', 'In the fit']);
    expect(table.rows[0]).toEqual(['first, "best"', '22.8M', '6.843', 'yes']);
    expect(table.rows.at(-1)?.at(-1)).toBe('you left it out');
    const map = tableTwin(
      views.find(({ id }) => id === 'iso-loss-map')!,
      bare(input),
    );
    expect(map.header.at(-2)).toBe('Loss L (nats per token)');
    expect(map.rows[0]?.at(-2)).toBe('6.843');
    const residuals = tableTwin(views.at(-1)!, bare(input));
    expect(residuals.header).toHaveLength(6);
    expect(residuals.rows).toHaveLength(19);
  });

  it('is a reading in figures and in a sentence', () => {
    const input = isoFlopStudy();
    const reading = readingOf(input, 0);
    expect(reading.lines.map(({ label }) => label)).toEqual(['N', 'D', 'C', 'L', 'law']);
    expect(reading.sentence.replace(/[\u00a0\u202f]/g, ' ')).toBe(
      'first, "best": N 22.8M parameters, D 7.3B tokens, C 10¹⁸ FLOPs, L 6.843 nats/token, the law predicts 2.0 % more.',
    );
    expect(readingOf(input, 19).sentence).toMatch(/^Run 120: .*Left out: you left it out\.$/);
  });
});

it('same compares by what is said', () => {
  expect(
    same({ a: [1, NaN], b: new Float64Array([1]) }, { a: [1, NaN], b: new Float64Array([1]) }),
  ).toBe(true);
  expect(same({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(same(new Float64Array([1]), new Float64Array([2]))).toBe(false);
  expect(same(null, {})).toBe(false);
});
