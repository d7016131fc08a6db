/**
 * Draws a panel with Chart.js, and is the only file that knows it. Only what is used is registered: a
 * scatter of runs, lines for the law, two scales. What else a plot has one small plugin draws
 * (ornaments.ts); the ring around a run lies on a canvas of its own, so that pointing at runs redraws
 * nothing else.
 */
import {
  Chart,
  LinearScale,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  type ChartDataset,
  type Scale,
  type ScaleOptionsByType,
} from 'chart.js';
import { indexPoints, nearest, step, type PointIndex } from './nearest';
import {
  drawBefore,
  drawBehind,
  endLabelSpace,
  ticksOf,
  type Drawing,
  type Stage,
} from './ornaments';
import type { AxisView, CurveView, PanelView } from './scene';
import { classColour, classShape, faded, type Theme } from './theme';
import { tickLabel } from './ticks';

Chart.register(ScatterController, PointElement, LineElement, LinearScale, LogarithmicScale);

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
  valueAt: (x: number) => number;
  destroy: () => void;
}

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
    if (!place) return;
    const { theme, panel } = drawing;
    const { left, bottom } = chart.chartArea;
    context.strokeStyle = faded(theme.text, 0.35);
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(place.x, place.y);
    context.lineTo(place.x, bottom);
    context.moveTo(place.x, place.y);
    context.lineTo(left, place.y);
    context.stroke();
    const radius = pointRadius(panel, theme) + 0.3 * theme.size;
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
      rowOf(step(pointIndex(), row === null ? -1 : drawing.panel.points.row.indexOf(row), by)),
    ruleAt: (x, reach) =>
      drawing.panel.rules.some(
        (rule) => rule.moves && Math.abs(chart.scales.x!.getPixelForValue(rule.x) - x) <= reach,
      ),
    valueAt: (x) => chart.scales.x!.getValueForPixel(x) ?? NaN,
    destroy() {
      chart.destroy();
      canvas.remove();
      overlay.remove();
    },
  };
}

/** The panel on a canvas that is on no page, for pictures. */
export function drawPanel(
  drawing: Drawing,
  width: number,
  height: number,
  ratio: number,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const chart = createChart(
    canvas,
    () => drawing,
    false,
    () => {},
    ratio,
  );
  const picture = document.createElement('canvas');
  picture.width = canvas.width;
  picture.height = canvas.height;
  picture.getContext('2d')?.drawImage(canvas, 0, 0);
  chart.destroy();
  return picture;
}

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
      ...(responsive ? SIZED : { responsive: false }),
      ...(ratio ? { devicePixelRatio: ratio } : {}),
    },
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
  const radius = pointRadius(panel, theme);
  const dense = points.row.length > 400;
  const runs = key.classes.map((_, index): Dataset => {
    const colour = classColour(theme, key, index);
    const shape = classShape(index);
    return {
      data: byClass.get(index) ?? [],
      pointStyle: shape,
      // Shapes of equal area.
      pointRadius: shape === 'circle' ? radius : shape === 'rect' ? radius * 1.2 : radius * 1.3,
      pointBackgroundColor: faded(colour, dense ? 0.7 : 0.85),
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
  return {
    // Drawn from the last to the first: runs lie on the lines, save where crowds of them would hide a line.
    data: { datasets: dense ? [...lines, ...runs, leftOut] : [...runs, leftOut, ...lines] },
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
    type: axis.scale === 'log' ? 'logarithmic' : 'linear',
    min: axis.min,
    max: axis.max,
    bounds: 'data',
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
      callback: (value: number | string) => tickLabel(axis, Number(value)),
    },
    afterBuildTicks(scale: Scale) {
      scale.ticks = ticksOf(axis, id, scale.chart, theme).major.map((value) => ({ value }));
    },
  } as unknown as ScaleOptionsByType<'logarithmic'>;
}

function pointRadius({ points }: PanelView, theme: Theme): number {
  const count = points.row.length;
  return (theme.size / 12) * (count <= 120 ? 3.6 : count <= 600 ? 3 : count <= 2000 ? 2.3 : 1.7);
}

function lineWidth({ kind, beyond }: CurveView, theme: Theme): number {
  return (theme.size / 12) * (kind === 'law' && !beyond ? 1.6 : 1.2);
}

function lineColour({ kind, beyond }: CurveView, theme: Theme): string {
  if (kind === 'guide') return theme.muted;
  return faded(theme.ink, beyond ? 0.55 : kind === 'contour' ? 0.6 : 0.85);
}
