/**
 * Draws a panel with Chart.js, and is the only file that knows it. Only what is used is registered: a
 * scatter of runs, lines for the law, two scales. What else a plot has one small plugin draws
 * (ornaments.ts); the ring around a run lies on a canvas of its own, so that pointing at runs redraws
 * nothing else.
 */
import {
  BasicPlatform,
  Chart,
  LineElement,
  PointElement,
  Scale,
  ScatterController,
  type ChartDataset,
  type ChartOptions,
} from 'chart.js';
import { inBox, indexPoints, nearest, step, type PointIndex } from './nearest';
import {
  drawBefore,
  drawBehind,
  endLabelSpace,
  ticksOf,
  type Drawing,
  type Stage,
} from './ornaments';
import type { AxisView, CurveView } from './scene';
import { classColour, classShape, faded, roleColour, type Theme } from './theme';
import { tickLabel } from './ticks';

/**
 * An axis between ends that are given, even in the value or in its logarithm. Chart.js's own scales would
 * bring their way of finding ends and ticks along, which are ours here (context.ts, ticks.ts).
 */
class PlainScale extends Scale {
  static id = 'plain';
  static defaults = {};
  private log = false;
  private from = 0;
  private extent = 1;

  override determineDataLimits(): void {
    const { min, max } = this.options as unknown as AxisView;
    Object.assign(this, { min, max });
  }
  override configure(): void {
    super.configure();
    // Kept: options are looked up through proxies, too slow to ask for every point.
    this.log = (this.options as unknown as { log: boolean }).log;
    const [from, to] = [this.min, this.max].map((end) => (this.log ? Math.log(end) : end));
    this.from = from!;
    this.extent = to! - from!;
  }
  override getPixelForValue(value: number): number {
    return this.getPixelForDecimal(
      ((this.log ? Math.log(value) : value) - this.from) / this.extent,
    );
  }
  override getValueForPixel(pixel: number): number {
    const value = this.from + this.getDecimalForPixel(pixel) * this.extent;
    return this.log ? Math.exp(value) : value;
  }
}

Chart.register(ScatterController, PointElement, LineElement, PlainScale);

type ScatterChart = Chart<'scatter', { x: number; y: number }[]>;
type Dataset = ChartDataset<'scatter', { x: number; y: number }[]>;

export interface MountedPanel {
  update: (drawing: Drawing) => void;
  /** Rings the run at this place of the input's rows; null for none. */
  highlight: (row: number | null) => void;
  /** Row of the nearest run at a place of the plot, in its pixels; null when there is none about. */
  rowAt: (x: number, y: number, reach: number) => number | null;
  /** Row of the run before or after `row` along the x axis; the first or last from null. */
  rowBeside: (row: number | null, by: number) => number | null;
  /** Where a run stands in the plot, in pixels; null when it is not in this panel. */
  placeOf: (row: number) => { x: number; y: number } | null;
  /** Whether a movable rule is at this place, and the value along x there. */
  ruleAt: (x: number, reach: number) => boolean;
  valueAt: (x: number, on?: 'x' | 'y') => number;
  /** Places in the panel's points that stand within a box, in pixels. */
  within: (box: Box) => number[];
  /** Draws on the overlay, over ring and runs, whenever that is drawn; null for no more. */
  paint: (over: Overlay | null) => void;
  /** The overlay again. */
  repaint: () => void;
  destroy: () => void;
}

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}
export type Overlay = (ctx: CanvasRenderingContext2D, area: Box, theme: Theme) => void;

// A dash without end: of a line with none Chart.js draws vertices of one pixel column as an upright bar.
const SOLID = [1e6, 0];
const GUIDE_DASH = [2, 3];
const BEYOND_DASH = [6, 5];

export function mountPanel(host: HTMLElement, first: Drawing): MountedPanel {
  const canvas = host.appendChild(document.createElement('canvas'));
  const overlay = host.appendChild(document.createElement('canvas'));
  overlay.className = 'chart-overlay';
  for (const one of [canvas, overlay]) one.setAttribute('aria-hidden', 'true');
  let drawing = first;
  let ringed: number | null = null;
  let index: PointIndex | null = null;
  let over: Overlay | null = null;

  const chart = createChart(
    canvas,
    () => drawing,
    true,
    (drawn) => {
      index = null;
      drawOverlay(drawn);
    },
  );

  function pointIndex(): PointIndex {
    const { x, y } = chart.scales as Record<'x' | 'y', Scale>;
    const { points } = drawing.panel;
    index ??= indexPoints(
      points.x.map((value) => x.getPixelForValue(value)),
      points.y.map((value) => y.getPixelForValue(value)),
    );
    return index;
  }
  /** Without clouds: nobody steps through thousands of draws. */
  function stops(): PointIndex {
    const all = pointIndex();
    const { key, panel } = drawing;
    if (!key.classes.some(({ cloud }) => cloud)) return all;
    const order = all.order.filter((at) => !key.classes[panel.points.colour[at]!]?.cloud);
    return order.length ? { ...all, order } : all;
  }

  function placeIn({ scales }: Chart, row: number): { x: number; y: number } | null {
    const at = drawing.panel.points.row.indexOf(row);
    if (at < 0) return null;
    const { x, y } = scales as Record<'x' | 'y', Scale>;
    return {
      x: x.getPixelForValue(drawing.panel.points.x[at]!),
      y: y.getPixelForValue(drawing.panel.points.y[at]!),
    };
  }

  function drawOverlay(chart: Chart) {
    const ratio = chart.currentDevicePixelRatio;
    if (overlay.width !== canvas.width) overlay.width = canvas.width;
    if (overlay.height !== canvas.height) overlay.height = canvas.height;
    const context = overlay.getContext('2d');
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, overlay.width, overlay.height);
    const place = ringed === null ? null : placeIn(chart, ringed);
    if (place) drawRing(context, chart.chartArea, place);
    over?.(context, chart.chartArea, drawing.theme);
  }

  function drawRing(
    context: CanvasRenderingContext2D,
    { left, bottom }: Box,
    place: { x: number; y: number },
  ) {
    const { theme } = drawing;
    context.strokeStyle = faded(theme.text, 0.35);
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(place.x, place.y);
    context.lineTo(place.x, bottom);
    context.moveTo(place.x, place.y);
    context.lineTo(left, place.y);
    context.stroke();
    const radius = pointRadius(markers(drawing), theme) + 0.3 * theme.size;
    for (const [colour, width] of [
      [theme.surface, 5],
      [theme.accent, 2.5],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      context.arc(place.x, place.y, radius, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  const rowOf = (at: number) => (at < 0 ? null : (drawing.panel.points.row[at] ?? null));
  return {
    update(next) {
      drawing = next;
      index = null;
      const { data, options } = configuration(() => drawing);
      chart.data = data;
      chart.options = { ...options, ...SIZED };
      chart.update('none');
    },
    highlight(row) {
      if (row === ringed) return;
      ringed = row;
      drawOverlay(chart);
    },
    placeOf: (row) => placeIn(chart, row),
    rowAt: (x, y, reach) => rowOf(nearest(pointIndex(), x, y, reach)),
    rowBeside: (row, by) =>
      rowOf(step(stops(), row === null ? -1 : drawing.panel.points.row.indexOf(row), by)),
    ruleAt: (x, reach) =>
      drawing.panel.rules.some(
        (rule) => rule.moves && Math.abs(chart.scales.x!.getPixelForValue(rule.value) - x) <= reach,
      ),
    valueAt: (at, on = 'x') => chart.scales[on]!.getValueForPixel(at) ?? NaN,
    within: (box) => inBox(pointIndex(), box),
    paint(next) {
      over = next;
      drawOverlay(chart);
    },
    repaint: () => drawOverlay(chart),
    destroy() {
      chart.destroy();
      canvas.remove();
      overlay.remove();
    },
  };
}

/**
 * The panel on a canvas that is on no page, for pictures: a real one, or what answers like one (svg.ts).
 * `take` sees it drawn; afterwards it is wiped.
 */
export function drawPanel(
  drawing: Drawing,
  canvas: Pick<HTMLCanvasElement, 'width' | 'height' | 'getContext'>,
  ratio: number,
  take: () => void,
): void {
  const chart = createChart(
    canvas as HTMLCanvasElement,
    () => drawing,
    false,
    () => {},
    ratio,
  );
  take();
  chart.destroy();
}

/** With segments lines are drawn step by step, which can be kept (svg.ts), not as a Path2D, which cannot. */
const STILL = { responsive: false, datasets: { scatter: { segment: {} } } } as const;
const SIZED = { responsive: true, maintainAspectRatio: false } as const;

function createChart(
  canvas: HTMLCanvasElement,
  drawing: () => Drawing,
  responsive: boolean,
  drawn: (chart: Chart) => void,
  ratio?: number,
): ScatterChart {
  const { data, options } = configuration(drawing);
  return new Chart(canvas, {
    type: 'scatter',
    data,
    options: {
      ...options,
      ...(responsive ? SIZED : STILL),
      ...(ratio ? { devicePixelRatio: ratio } : {}),
    },
    // Pictures need no page.
    ...(responsive ? {} : { platform: BasicPlatform }),
    plugins: [
      {
        id: 'ornaments',
        beforeDatasetsDraw: (chart) => drawBehind(chart as unknown as Stage, drawing()),
        afterDatasetsDraw: (chart) => drawBefore(chart as unknown as Stage, drawing()),
        afterRender: (chart) => drawn(chart as unknown as Chart),
      },
    ],
  }) as ScatterChart;
}

/** Panel → Chart.js. A dataset per class of runs keeps the options of its points shared, so that 5,000 stay quick. */
function configuration(drawing: () => Drawing) {
  const { panel, key, theme } = drawing();
  const { points } = panel;
  const byClass = new Map<number, { x: number; y: number }[]>();
  points.colour.forEach((colour, i) => {
    const run = { x: points.x[i]!, y: points.y[i]! };
    const found = byClass.get(colour);
    if (found) found.push(run);
    else byClass.set(colour, [run]);
  });
  const count = markers(drawing());
  const radius = pointRadius(count, theme);
  const dense = count > 400;
  const runs = key.classes.map(({ cloud }, index): Dataset => {
    const colour = classColour(theme, key, index);
    const shape = classShape(key, index);
    const size = cloud ? 0.13 * theme.size : radius;
    return {
      data: byClass.get(index) ?? [],
      pointStyle: shape,
      // Shapes of equal area.
      pointRadius: shape === 'circle' ? size : shape === 'rect' ? size * 1.2 : size * 1.3,
      pointBackgroundColor: faded(colour, cloud ? 0.3 : dense ? 0.7 : 0.85),
      pointBorderWidth: 0,
    };
  });
  const leftOut: Dataset = {
    data: byClass.get(-1) ?? [],
    pointStyle: 'circle',
    pointRadius: radius,
    pointBackgroundColor: 'transparent',
    pointBorderColor: theme.muted,
    pointBorderWidth: 1.2,
  };
  const lines = panel.curves.flatMap((one): Dataset[] => {
    if (one.kind === 'band') return [];
    const line: Dataset = {
      data: Array.from(one.x, (x, i) => ({ x, y: one.y[i]! })),
      showLine: true,
      pointRadius: 0,
      borderWidth: lineWidth(one, theme),
      borderColor: lineColour(one, theme),
      borderDash: one.kind === 'guide' ? GUIDE_DASH : one.beyond ? BEYOND_DASH : SOLID,
      borderJoinStyle: 'round',
    };
    // The law is read over crowds of points by a rim of the ground colour.
    const rim = {
      ...line,
      borderColor: faded(theme.surface, 0.8),
      borderWidth: 1.9 * lineWidth(one, theme),
    };
    return one.kind === 'law' && !one.beyond ? [line, rim] : [line];
  });
  const right = endLabelSpace(drawing());
  const clouds = key.classes.map(({ cloud }) => !!cloud);
  const crowded = clouds.includes(true);
  return {
    // Drawn from the last to the first: runs lie on the lines, save where crowds of them would hide a line.
    // Clouds lie under what stands out from them.
    data: {
      datasets: crowded
        ? [
            ...runs.filter((_, i) => !clouds[i]),
            leftOut,
            ...lines,
            ...runs.filter((_, i) => clouds[i]),
          ]
        : dense
          ? [...lines, ...runs, leftOut]
          : [...runs, leftOut, ...lines],
    },
    options: {
      animation: false as const,
      parsing: false as const,
      events: [],
      color: theme.text,
      font: { family: theme.family, size: theme.size },
      layout: { padding: { top: 1.9 * theme.size, right, left: 0, bottom: 0 } },
      scales: { x: scaleOptions(panel.x, 'x', theme), y: scaleOptions(panel.y, 'y', theme) },
    },
  };
}

function scaleOptions(axis: AxisView, id: 'x' | 'y', theme: Theme) {
  const font = { family: theme.family, size: theme.size };
  return {
    type: 'plain',
    log: axis.scale === 'log',
    reverse: axis.scale === 'category',
    min: axis.min,
    max: axis.max,
    border: { color: theme.muted },
    grid: { color: theme.grid, drawTicks: true, tickLength: 5, lineWidth: 1 },
    // The title of y stands above its axis, where it can be read without turning the head.
    title: {
      display: id === 'x',
      text: axis.label,
      color: theme.text,
      font,
      padding: { top: 2, bottom: 0 },
    },
    ticks: {
      color: theme.text,
      font,
      autoSkip: false,
      maxRotation: 0,
      callback: (value: number | string) => {
        const label = tickLabel(axis, Number(value));
        return axis.categories ? inTwoLines(label) : label;
      },
    },
    afterBuildTicks(scale: Scale) {
      scale.ticks = ticksOf(axis, id, scale.chart, theme).major.map((value) => ({ value }));
    },
  } as unknown as NonNullable<ChartOptions<'scatter'>['scales']>[string];
}

/** Points that are no part of a cloud. */
function markers({ panel: { points }, key }: Drawing): number {
  if (!key.classes.some(({ cloud }) => cloud)) return points.row.length;
  return points.colour.filter((index) => !key.classes[index]?.cloud).length;
}

/** Names of rows leave the plot its room: a long one breaks at the space nearest to its middle. */
function inTwoLines(label: string): string | string[] {
  if (label.length <= 24) return label;
  const off = (at: number) => Math.abs(at - label.length / 2);
  const spaces = Array.from(label.matchAll(/ /g), ({ index }) => index);
  if (spaces.length === 0) return label;
  const at = spaces.reduce((best, space) => (off(space) < off(best) ? space : best));
  return [label.slice(0, at), label.slice(at + 1)];
}

function pointRadius(count: number, theme: Theme): number {
  return (theme.size / 12) * (count <= 120 ? 3.6 : count <= 600 ? 3 : count <= 2000 ? 2.3 : 1.7);
}

function lineWidth({ kind, beyond }: CurveView, theme: Theme): number {
  return (theme.size / 12) * (kind === 'law' && !beyond ? 1.6 : 1.2);
}

function lineColour({ kind, beyond, role }: CurveView, theme: Theme): string {
  if (kind === 'guide') return role ? roleColour(theme, role) : theme.muted;
  return faded(roleColour(theme, role ?? 'ink'), beyond ? 0.55 : kind === 'contour' ? 0.6 : 0.85);
}
