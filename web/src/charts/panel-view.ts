import { chartText } from '../text/charts';
import type { ColourClass } from './colours';
import { curve, type Subject } from './context';
import { contour } from './contours';
import type { CategoryAxis, ChartDescription, Layer, PanelDescription, ValueAxis } from './panel';
import type { Reading } from './reading';
import type { AxisView, ChartView, CurveView, MarkView, PanelView, RuleView } from './scene';
import type { ChartRow } from './types';
import { printed } from './words';

/** Room left at either end of an axis, as a share of its length. */
const ROOM = 0.05;

type Dots = Extract<Layer, { kind: 'points' | 'intervals' }>;

/** What is drawn of a description, and what its points stand for. */
export function describedChart(chart: ChartDescription): { view: ChartView; subject: Subject } {
  const items = new Items();
  const panels = chart.panels.map((panel) => panelView(panel, items));
  const { id, title, note = '' } = chart;
  return { view: { id, title, note, panels }, subject: items.subject() };
}

/** All points of a chart. Points of one row of the table are one item, in whichever panels they stand. */
class Items {
  private readonly rows: ChartRow[] = [];
  private readonly lines: Reading['lines'][] = [];
  private readonly classes: ColourClass[] = [];
  private readonly byRow = new Map<number, number>();

  /** Class of a layer; layers of one name in several panels are one. */
  classOf(layer: Dots): number {
    const known = this.classes.findIndex(({ label }) => label === layer.name);
    if (known >= 0) return known;
    const { name: label, role, shape, inKey } = layer;
    const cloud = layer.kind === 'points' && layer.cloud;
    this.classes.push({
      label,
      role,
      other: false,
      ...(shape ? { shape } : {}),
      ...(cloud ? { cloud } : {}),
      ...(inKey === false ? { silent: true } : {}),
    });
    return this.classes.length - 1;
  }

  add(row: Omit<ChartRow, 'leftOut'>, lines: Reading['lines']): number {
    const known = row.index < 0 ? undefined : this.byRow.get(row.index);
    if (known !== undefined) {
      const said = this.lines[known]!;
      said.push(...lines.filter(({ label }) => !said.some((line) => line.label === label)));
      return known;
    }
    const at = this.rows.push({ ...row, leftOut: row.used ? null : chartText.keyLeftOut }) - 1;
    this.lines.push([...lines]);
    if (row.index >= 0) this.byRow.set(row.index, at);
    return at;
  }

  subject(): Subject {
    const { rows, lines, classes } = this;
    return {
      rows,
      key: { title: '', ordered: false, byLine: false, classes, of: new Int16Array(rows.length) },
      runs: false,
      reading(at) {
        const { name, group } = rows[at]!;
        const title = group && group !== name ? `${name} · ${group}` : name;
        const said = lines[at]!.map(({ label, value }) => `${label} ${value}`);
        return {
          title,
          lines: lines[at]!,
          leftOut: null,
          sentence: `${title}: ${said.join(', ')}.`,
        };
      },
    };
  }
}

function panelView({ x, y, layers }: PanelDescription, items: Items): PanelView {
  const view = {
    x: axisView(x, spanned(layers, 'x')),
    y: y.scale === 'category' ? rowsView(y) : axisView(y, spanned(layers, 'y')),
  };
  const dots = layers.filter((layer): layer is Dots => isDots(layer));
  const curves = layers.flatMap((layer, i) => curvesOf(layer, `${i}`));
  const read = layers.filter(
    (layer) => layer.kind === 'line' && (layer.read ?? (dots.length === 0 && !layer.guide)),
  ) as Extract<Layer, { kind: 'line' }>[];

  const row: number[] = [];
  const colour: number[] = [];
  const [xs, ys]: number[][] = [[], []];
  const bounds = { x: ends(), y: ends() };
  const put = (at: number, px: number, py: number, of: number) => {
    row.push(at);
    xs!.push(px);
    ys!.push(py);
    colour.push(of);
    for (const { lower, upper } of [bounds.x, bounds.y]) {
      lower.push(NaN);
      upper.push(NaN);
    }
  };
  const onAxes = (px: number, py: number) => fits(px, view.x.scale) && fits(py, view.y.scale);

  for (const layer of dots) {
    const of = items.classOf(layer);
    for (let i = 0; i < layer.x.length; ++i) {
      const [px, py] = [layer.x[i]!, layer.y[i]!];
      if (!onAxes(px, py)) continue;
      const used = !layer.off?.[i];
      const interval =
        layer.kind === 'intervals' && !Number.isNaN(layer.lower[i]!)
          ? ([layer.lower[i]!, layer.upper[i]!] as const)
          : null;
      const along = layer.kind === 'intervals' ? layer.along : null;
      const name =
        layer.labels?.[i] ||
        (y.scale === 'category' ? y.categories[Math.round(py)] : '') ||
        layer.name;
      const lines = [
        line(x, view.x, px, along === 'x' ? interval : null),
        ...(y.scale === 'category' ? [] : [line(y, view.y, py, along === 'y' ? interval : null)]),
      ];
      const index = layer.rows?.[i] ?? -1;
      put(items.add({ index, name, group: layer.name, used }, lines), px, py, used ? of : -1);
      if (!interval || !along) continue;
      bounds[along].lower[row.length - 1] = interval[0];
      bounds[along].upper[row.length - 1] = interval[1];
    }
  }
  for (const layer of read) {
    for (let i = 0; i < layer.x.length; ++i) {
      const [px, py] = [layer.x[i]!, layer.y[i]!];
      if (!onAxes(px, py)) continue;
      const lines = [line(x, view.x, px, null), line(y as ValueAxis, view.y, py, null)];
      const item = { index: -1, name: layer.name, group: '', used: true };
      put(items.add(item, lines), px, py, -2);
    }
  }
  const whiskers = (id: 'x' | 'y') =>
    layers.some((layer) => layer.kind === 'intervals' && layer.along === id)
      ? {
          lower: Float64Array.from(bounds[id].lower),
          upper: Float64Array.from(bounds[id].upper),
        }
      : null;
  const [lying, standing] = [whiskers('x'), whiskers('y')];
  return {
    ...view,
    points: {
      row: Int32Array.from(row),
      x: Float64Array.from(xs!),
      y: Float64Array.from(ys!),
      colour: Int16Array.from(colour),
      ...(lying ? { whiskersX: lying } : {}),
      ...(standing ? { whiskersY: standing } : {}),
    },
    curves,
    rules: layers.flatMap((layer): RuleView[] =>
      layer.kind === 'rule'
        ? [
            {
              on: layer.on,
              value: layer.value,
              label: layer.label,
              moves: layer.moves ?? false,
              role: layer.role,
            },
          ]
        : [],
    ),
    marks: dots.flatMap((layer): MarkView[] =>
      layer.labelled
        ? Array.from(layer.x, (px, i): MarkView => ({
            x: px,
            y: layer.y[i]!,
            label: layer.labels?.[i] ?? '',
            labelAt: 'above',
            shape: 'none',
          })).filter(({ x: px, y: py, label }) => label && onAxes(px, py))
        : [],
    ),
  };
}

function isDots({ kind }: Layer): boolean {
  return kind === 'points' || kind === 'intervals';
}

function ends(): { lower: number[]; upper: number[] } {
  return { lower: [], upper: [] };
}

function fits(value: number, scale: AxisView['scale']): boolean {
  return Number.isFinite(value) && (scale !== 'log' || value > 0);
}

/** "N 70B", or "N 70B (60B to 80B)". */
function line(
  { symbol, name }: { symbol?: string; name: string },
  axis: AxisView,
  value: number,
  interval: readonly [number, number] | null,
): { label: string; value: string } {
  const ends = interval?.map((end) => printed(axis, end));
  const said = printed(axis, value);
  return {
    label: symbol ?? name,
    value: ends ? `${said} (${chartText.interval(ends[0]!, ends[1]!)})` : said,
  };
}

function curvesOf(layer: Layer, order: string): CurveView[] {
  switch (layer.kind) {
    case 'line':
      return [
        curve(layer.name, layer.label ?? layer.name, layer.x, layer.y, {
          kind: layer.guide ? 'guide' : 'law',
          role: layer.role,
          beyond: layer.dashed ?? false,
        }),
      ];
    case 'band': {
      const none = new Float64Array(layer.x.length).fill(NaN);
      const { lower, upper, role, pale } = layer;
      const more = { kind: 'band', lower, upper, role, beyond: pale ?? false } as const;
      return [curve(layer.name || `band ${order}`, '', layer.x, none, more)];
    }
    case 'contours':
      return layer.levels.map(({ value, label }) => {
        const found = contour(layer, value);
        return curve(`${layer.name} ${label}`, label, found.x, found.y, {
          kind: 'contour',
          role: layer.role,
        });
      });
    default:
      return [];
  }
}

/** Every value that an axis should hold. Intervals without an end do not stretch it. */
function* spanned(layers: Layer[], id: 'x' | 'y'): Generator<ArrayLike<number>> {
  for (const layer of layers) {
    if (layer.kind === 'rule') {
      if (layer.on === id) yield [layer.value];
      continue;
    }
    if (id === 'x' || layer.kind !== 'band') yield layer[id as 'x'];
    if (layer.kind === 'band' && id === 'y') yield* [layer.lower, layer.upper];
    if (layer.kind === 'intervals' && layer.along === id) yield* [layer.lower, layer.upper];
  }
}

function rowsView({ quantity, name, categories }: CategoryAxis): AxisView {
  return {
    quantity,
    label: name,
    scale: 'category',
    format: 'number',
    categories,
    min: -0.6,
    max: categories.length - 0.4,
  };
}

function axisView(axis: ValueAxis, columns: Iterable<ArrayLike<number>>): AxisView {
  const { quantity, name, unit, scale, kind: format } = axis;
  const label = unit ? `${name} (${unit})` : name;
  const [min, max] = axis.range ?? reach([...columns, axis.holds ?? []], scale);
  return { quantity, label, scale, min, max, format };
}

function reach(columns: ArrayLike<number>[], scale: 'log' | 'linear'): [number, number] {
  const log = scale === 'log';
  let [lo, hi] = [Infinity, -Infinity];
  for (const column of columns) {
    for (let i = 0; i < column.length; ++i) {
      const value = column[i]!;
      if (!fits(value, scale)) continue;
      lo = Math.min(lo, value);
      hi = Math.max(hi, value);
    }
  }
  if (lo > hi) return log ? [1, 10] : [0, 1];
  if (lo === hi)
    return log
      ? [lo / 1.5, hi * 1.5]
      : [lo - 0.5 * (Math.abs(lo) || 1), hi + 0.5 * (Math.abs(hi) || 1)];
  if (log) {
    const widen = (hi / lo) ** ROOM;
    return [lo / widen, hi * widen];
  }
  const widen = (hi - lo) * ROOM;
  return [lo - widen, hi + widen];
}
