import { describe, expect, it } from 'vitest';
import { chartCsv, tableTwin } from '../../../web/src/charts/export';
import type { ChartDescription, Layer, ValueAxis } from '../../../web/src/charts/panel';
import { describedChart } from '../../../web/src/charts/panel-view';
import { forest } from './described';

const size: ValueAxis = {
  quantity: 'params',
  name: 'Size',
  symbol: 'N',
  scale: 'log',
  kind: 'count',
};
const loss: ValueAxis = {
  quantity: 'loss',
  name: 'Loss',
  symbol: 'L',
  unit: 'nats',
  scale: 'linear',
  kind: 'loss',
};
const chart = (layers: Layer[], x = size, y = loss): ChartDescription => ({
  id: 'some',
  title: 'Some chart',
  panels: [{ x, y, layers }],
});
const made = (...given: Parameters<typeof chart>) => {
  const { view, subject } = describedChart(chart(...given));
  return { view, subject, panel: view.panels[0]! };
};

describe('a chart from its description', () => {
  it('has axes that hold everything, with their unit', () => {
    const { panel } = made([
      { kind: 'line', name: 'law', x: [1e8, 1e9], y: [3, 2], role: 'ink' },
      { kind: 'band', name: '95 %', x: [1e8, 1e10], lower: [2, 1], upper: [4, 3], role: 'ink' },
      { kind: 'rule', on: 'y', value: 0.5, label: 'floor', role: 'muted' },
    ]);
    expect(panel.x).toMatchObject({ label: 'Size', scale: 'log', format: 'count' });
    expect(panel.y.label).toBe('Loss (nats)');
    expect(panel.x.min).toBeLessThan(1e8);
    expect(panel.x.max).toBeGreaterThan(1e10);
    expect(panel.x.max).toBeLessThan(2e10);
    expect([panel.y.min < 0.5, panel.y.max > 4, panel.y.max < 5]).toEqual([true, true, true]);
  });

  it('keeps fixed ends, reaches what it must, and survives nothing and one value', () => {
    const points = (x: number[], y: number[]): Layer => ({
      kind: 'points',
      name: 'p',
      x,
      y,
      role: 'ink',
    });
    expect(made([points([1e8], [2])], { ...size, range: [1e7, 1e9] }).panel.x).toMatchObject({
      min: 1e7,
      max: 1e9,
    });
    expect(made([points([1e8], [2])], size, { ...loss, holds: [0] }).panel.y.min).toBeLessThan(0);
    for (const layers of [[], [points([], [])], [points([5], [0])], [points([NaN], [Infinity])]]) {
      const { panel } = made(layers);
      for (const { min, max } of [panel.x, panel.y]) {
        expect(Number.isFinite(min) && Number.isFinite(max)).toBe(true);
        expect(max).toBeGreaterThan(min);
      }
    }
  });

  it('leaves out what has no place on its axes', () => {
    const { panel } = made([
      { kind: 'points', name: 'p', x: [0, -1, NaN, 10, 20], y: [1, 2, 3, NaN, 5], role: 'ink' },
    ]);
    expect([...panel.points.x]).toEqual([20]);
  });

  it('reads points with their intervals; points of one row are one item in all panels', () => {
    const layer: Layer = {
      kind: 'intervals',
      name: 'Runs',
      along: 'y',
      x: [1e9, 2e9],
      y: [2.5, 2.25],
      lower: [2.4, NaN],
      upper: [2.6, NaN],
      labels: ['first', ''],
      rows: [7, -1],
      role: 'accent',
    };
    const tokens: ValueAxis = { ...size, quantity: 'tokens', name: 'Tokens', symbol: 'D' };
    const description = chart([layer]);
    description.panels.push({ x: tokens, y: loss, layers: [layer] });
    const { view, subject } = describedChart(description);
    expect(subject.rows.map(({ index }) => index)).toEqual([7, -1, -1]);
    expect(subject.reading(0).lines).toEqual([
      { label: 'N', value: '1B' },
      { label: 'L', value: '2.500 (2.400 to 2.600)' },
      { label: 'D', value: '1B' },
    ]);
    expect(subject.reading(0).title).toBe('first · Runs');
    expect(subject.reading(1)).toMatchObject({ title: 'Runs', sentence: 'Runs: N 2B, L 2.250.' });
    expect([...view.panels[1]!.points.row]).toEqual([0, 2]);
    expect(subject.key.classes).toHaveLength(1);
  });

  it('reads the vertices of lines where there is nothing else to read', () => {
    const line: Layer = { kind: 'line', name: 'profile', x: [1, 2, 3], y: [4, 5, 6], role: 'ink' };
    const guide: Layer = {
      kind: 'line',
      name: 'g',
      x: [1, 2],
      y: [1, 1],
      role: 'muted',
      guide: true,
    };
    const alone = made([line, guide]);
    expect([...alone.panel.points.colour]).toEqual([-2, -2, -2]);
    expect(alone.subject.reading(1).sentence).toBe('profile: N 2, L 5.000.');
    const dots: Layer = { kind: 'points', name: 'p', x: [1], y: [4], role: 'ink' };
    expect(made([line, dots]).panel.points.row).toHaveLength(1);
    expect(made([{ ...line, read: true }, dots]).panel.points.row).toHaveLength(4);
  });

  it('draws contours where the surface passes, by the names of their levels', () => {
    const x = [1, 10, 100];
    const { panel } = made(
      [
        {
          kind: 'contours',
          name: 'loss',
          x,
          y: x,
          value: x.flatMap((a) => x.map((b) => a * b)),
          levels: [{ value: 50, label: '50' }],
          role: 'muted',
        },
      ],
      size,
      { ...loss, scale: 'log' },
    );
    const [line] = panel.curves;
    expect(line).toMatchObject({ id: 'loss 50', label: '50', kind: 'contour', role: 'muted' });
    expect(line!.x.length).toBeGreaterThan(3);
    for (let i = 0; i < line!.x.length; ++i) expect(line!.x[i]! * line!.y[i]!).toBeCloseTo(50, 9);
  });

  it('keys layers by name, shape and role, silent where labels say it', () => {
    const { subject } = made([
      { kind: 'points', name: 'draws', x: [1], y: [1], role: 'ink', cloud: true, inKey: false },
      { kind: 'points', name: 'fit', x: [1], y: [1], role: { category: 2 }, shape: 'rect' },
    ]);
    expect(subject.key.classes).toEqual([
      { label: 'draws', role: 'ink', other: false, cloud: true, silent: true },
      { label: 'fit', role: { category: 2 }, other: false, shape: 'rect' },
    ]);
  });
});

describe('what is taken away of it', () => {
  it('is a CSV with the intervals on their axis', () => {
    const { view, subject } = describedChart(forest);
    expect(chartCsv(view, subject).trimEnd().split('\n')).toEqual([
      'x_quantity,y_quantity,series,row,run,group,used,x,y,lower,upper,x_lower,x_upper',
      'alpha,source,Estimate,,These runs,Estimate,,0.35,0,,,0.3,0.4',
      'alpha,source,Estimate,,Others 2022,Estimate,,0.34,1,,,0.33,0.35',
      'alpha,source,Estimate,,Nobody,Estimate,,0.36,2,,,,',
    ]);
  });

  it('is a table that says the same, panels side by side where their heights differ', () => {
    const { view, subject } = describedChart(forest);
    expect(tableTwin(view, subject)).toEqual({
      header: ['Point', 'Exponent', 'Group'],
      rows: [
        ['These runs', '0.35 (0.3 to 0.4)', 'Estimate'],
        ['Others 2022', '0.34 (0.33 to 0.35)', 'Estimate'],
        ['Nobody', '0.36', 'Estimate'],
      ],
    });
    const two = chart([{ kind: 'points', name: 'p', x: [1e9], y: [2], role: 'ink' }]);
    two.panels.push({ ...two.panels[0]!, y: { ...loss, name: 'Other', unit: '' } });
    const { header, rows } = tableTwin(...(Object.values(describedChart(two)) as [never, never]));
    expect(header).toEqual(['Point', 'Size', 'Loss (nats)', 'Size', 'Other', 'Group']);
    expect(rows).toEqual([
      ['p', '1B', '2.000', '', '', 'p'],
      ['p', '', '', '1B', '2.000', 'p'],
    ]);
  });
});
