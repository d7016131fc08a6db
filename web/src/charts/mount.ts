/**
 * Draws a panel with Chart.js, and is the only file that knows it. Only what is used is registered: a
 * scatter of runs, lines for the law, two scales. Bands, rulers, labels at line ends and the fine ticks
 * are drawn by one small plugin; the ring around a run lies on a canvas of its own, so that pointing at
 * runs redraws nothing else.
 */
import {
  Chart,
  LinearScale,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  type ChartDataset,
  type Plugin,
  type Scale,
  type ScaleOptionsByType,
} from 'chart.js';
import type { ColourKey } from './colours';
import { indexPoints, nearest, step, type PointIndex } from './nearest';
import type { AxisView, CurveView, PanelView } from './scene';
import { classColour, classShape, faded, type Theme } from './theme';
import { linearTicks, logTicks, tickLabel, type Ticks } from './ticks';

Chart.register(ScatterController, PointElement, LineElement, LinearScale, LogarithmicScale);

type ScatterChart = Chart<'scatter', { x: number; y: number }[]>;
type Dataset = ChartDataset<'scatter', { x: number; y: number }[]>;

/** A panel with what it is drawn in. */
export interface Drawing {
  panel: PanelView;
  key: ColourKey;
  theme: Theme;
}

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
const BAND_ALPHA = 0.14;

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
      ornaments(drawing),
      { id: 'drawn', afterRender: (chart) => drawn(chart as unknown as Chart) },
    ],
  }) as ScatterChart;
}

/** Panel → Chart.js. A dataset per class of runs keeps the options of its points shared, so that 5,000 stay quick. */
function configuration(drawing: () => Drawing) {
  const { panel, key, theme } = drawing();
  const { points } = panel;
  const at = (index: number) =>
    points.colour.reduce<{ x: number; y: number }[]>((found, colour, i) => {
      if (colour === index) found.push({ x: points.x[i]!, y: points.y[i]! });
      return found;
    }, []);
  const radius = pointRadius(panel, theme);
  const dense = points.row.length > 400;
  const runs = key.classes.map((_, index): Dataset => {
    const colour = classColour(theme, key, index);
    const shape = classShape(index);
    return {
      data: at(index),
      pointStyle: shape,
      // Shapes of equal area.
      pointRadius: shape === 'circle' ? radius : shape === 'rect' ? radius * 1.2 : radius * 1.3,
      pointBackgroundColor: faded(colour, dense ? 0.7 : 0.85),
      pointBorderWidth: 0,
    };
  });
  const leftOut: Dataset = {
    data: at(-1),
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
  const labels = endLabelSpace(panel, theme);
  return {
    // Drawn from the last to the first: runs lie on the lines, save where crowds of them would hide a line.
    data: { datasets: dense ? [...lines, ...runs, leftOut] : [...runs, leftOut, ...lines] },
    options: {
      animation: false as const,
      parsing: false as const,
      events: [],
      color: theme.text,
      font: { family: theme.family, size: theme.size },
      layout: { padding: { top: 1.9 * theme.size, right: labels, left: 0, bottom: 0 } },
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

/** Room for a label, in ems: along x by what it may hold, along y a line and a half of air. */
const LABEL_ROOM = { compute: 4.6, count: 4.2, percent: 4, loss: 3 };
function ticksOf(
  axis: AxisView,
  id: 'x' | 'y',
  chart: { width: number; height: number },
  theme: Theme,
): Ticks {
  const length = (id === 'x' ? chart.width : chart.height) - 6 * theme.size;
  const room = (id === 'x' ? LABEL_ROOM[axis.format] : 2.4) * theme.size;
  const most = Math.max(2, Math.floor(length / room));
  return (axis.scale === 'log' ? logTicks : linearTicks)(axis.min, axis.max, most);
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

// ---------------------------------------------------------------------------------------------
// What Chart.js has no element for

function font(theme: Theme): string {
  return `${theme.size}px ${theme.family}`;
}

let ruler: CanvasRenderingContext2D | null = null;
function textWidth(text: string, theme: Theme): number {
  ruler ??= document.createElement('canvas').getContext('2d');
  if (!ruler) return 0;
  ruler.font = font(theme);
  return ruler.measureText(text).width;
}

const DOT = 0.85;
function labelWidth({ label, colour }: CurveView, theme: Theme): number {
  return textWidth(label, theme) + (colour === null ? 0 : DOT * theme.size) + 0.8 * theme.size;
}

/** Room right of the plot for the labels of lines that end near its edge. */
function endLabelSpace(panel: PanelView, theme: Theme): number {
  const share = (x: number) =>
    panel.x.scale === 'log'
      ? Math.log(x / panel.x.min) / Math.log(panel.x.max / panel.x.min)
      : (x - panel.x.min) / (panel.x.max - panel.x.min);
  let space = theme.size;
  for (const one of panel.curves) {
    const end = visible(one, panel).at(-1);
    if (one.label && one.labelAt === 'end' && end !== undefined && share(one.x[end]!) > 0.93) {
      space = Math.max(space, labelWidth(one, theme));
    }
  }
  return Math.min(space, 14 * theme.size);
}

/** Vertices inside the panel, in order. */
function visible({ x, y }: CurveView, panel: PanelView): number[] {
  const inside = (value: number, { min, max }: AxisView) =>
    value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9);
  const found: number[] = [];
  for (let i = 0; i < x.length; ++i) {
    if (inside(x[i]!, panel.x) && inside(y[i]!, panel.y)) found.push(i);
  }
  return found;
}

function ornaments(current: () => Drawing): Plugin<'scatter'> {
  return {
    id: 'ornaments',
    beforeDatasetsDraw(chart) {
      const { panel, theme } = current();
      const { ctx, chartArea: area } = chart;
      const { x, y } = chart.scales as Record<'x' | 'y', Scale>;
      ctx.save();
      ctx.beginPath();
      ctx.rect(area.left, area.top, area.width, area.height);
      ctx.clip();
      for (const one of panel.curves) {
        if (!one.lower || !one.upper) continue;
        ctx.fillStyle = faded(theme.ink, one.beyond ? BAND_ALPHA * 0.7 : BAND_ALPHA);
        const [lowerX, upperX] = [one.lowerX ?? one.x, one.upperX ?? one.x];
        ctx.beginPath();
        for (let i = 0; i < one.upper.length; ++i) {
          ctx.lineTo(x.getPixelForValue(upperX[i]!), y.getPixelForValue(one.upper[i]!));
        }
        for (let i = one.lower.length - 1; i >= 0; --i) {
          ctx.lineTo(x.getPixelForValue(lowerX[i]!), y.getPixelForValue(one.lower[i]!));
        }
        ctx.fill();
      }
      ctx.restore();
      drawFineTicks(ctx, chart, panel, theme);
    },
    afterDatasetsDraw(chart) {
      const { panel, key, theme } = current();
      const { ctx } = chart;
      ctx.save();
      ctx.font = font(theme);
      ctx.textBaseline = 'middle';
      drawRules(ctx, chart, panel, theme);
      drawMarks(ctx, chart, panel, theme);
      drawLabels(ctx, chart, panel, key, theme);
      ctx.fillStyle = theme.text;
      ctx.textAlign = 'left';
      ctx.fillText(panel.y.label, 0, 0.75 * theme.size);
      ctx.restore();
    },
  };
}

function drawFineTicks(
  ctx: CanvasRenderingContext2D,
  chart: Chart,
  panel: PanelView,
  theme: Theme,
) {
  const { left, bottom } = chart.chartArea;
  ctx.save();
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (const value of ticksOf(panel.x, 'x', chart, theme).minor) {
    const at = Math.round(chart.scales.x!.getPixelForValue(value)) + 0.5;
    ctx.moveTo(at, bottom);
    ctx.lineTo(at, bottom + 3);
  }
  for (const value of ticksOf(panel.y, 'y', chart, theme).minor) {
    const at = Math.round(chart.scales.y!.getPixelForValue(value)) + 0.5;
    ctx.moveTo(left, at);
    ctx.lineTo(left - 3, at);
  }
  ctx.stroke();
  ctx.restore();
}

/** Text with a rim of the ground colour, to be read over lines and points. */
function drawText(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  theme: Theme,
  colour = theme.text,
) {
  ctx.lineJoin = 'round';
  ctx.lineWidth = 0.35 * theme.size;
  ctx.strokeStyle = theme.surface;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}

function drawRules(ctx: CanvasRenderingContext2D, chart: Chart, panel: PanelView, theme: Theme) {
  const { top, bottom, right } = chart.chartArea;
  for (const rule of panel.rules) {
    const x = chart.scales.x!.getPixelForValue(rule.x);
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = theme.size / 8;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, bottom);
    ctx.stroke();
    const fits = x + textWidth(rule.label, theme) + theme.size < right;
    ctx.textAlign = fits ? 'left' : 'right';
    drawText(
      ctx,
      rule.label,
      x + (fits ? 0.5 : -0.5) * theme.size,
      top + 0.8 * theme.size,
      theme,
      theme.accent,
    );
  }
}

function drawMarks(ctx: CanvasRenderingContext2D, chart: Chart, panel: PanelView, theme: Theme) {
  for (const mark of panel.marks) {
    const [x, y] = [
      chart.scales.x!.getPixelForValue(mark.x),
      chart.scales.y!.getPixelForValue(mark.y),
    ];
    ctx.beginPath();
    ctx.arc(x, y, 0.38 * theme.size, 0, 2 * Math.PI);
    ctx.fillStyle = theme.surface;
    ctx.fill();
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = theme.size / 6;
    ctx.stroke();
    const left = x - textWidth(mark.label, theme) - theme.size > chart.chartArea.left;
    ctx.textAlign = left ? 'right' : 'left';
    drawText(
      ctx,
      mark.label,
      x + (left ? -0.8 : 0.8) * theme.size,
      y + 0.8 * theme.size,
      theme,
      theme.accent,
    );
  }
}

interface Label {
  one: CurveView;
  left: number;
  width: number;
  y: number;
}

/** Where the label of a line would like to stand. */
function labelPlace(one: CurveView, chart: Chart, panel: PanelView, theme: Theme): Label | null {
  const seen = one.label ? visible(one, panel) : [];
  const place = { end: seen.at(-1), start: seen[0], below: seen[seen.length >> 1] }[one.labelAt];
  if (place === undefined) return null;
  const width = labelWidth(one, theme);
  const x = chart.scales.x!.getPixelForValue(one.x[place]!);
  const y = chart.scales.y!.getPixelForValue(one.y[place]!);
  switch (one.labelAt) {
    case 'start':
      return { one, width, left: x + theme.size, y: y + 0.55 * theme.size };
    case 'below':
      return { one, width, left: x - width - 0.2 * theme.size, y: y + 1.1 * theme.size };
    case 'end': {
      // Where there is no room beside the end, the label stands above the line, before its end.
      const beside = x + width <= chart.width;
      const left = beside ? x + 0.4 * theme.size : chart.width - width;
      return { one, width, left, y: beside ? y : y - theme.size };
    }
  }
}

/** Labels of lines, moved up and down until none covers another. */
function drawLabels(
  ctx: CanvasRenderingContext2D,
  chart: Chart,
  panel: PanelView,
  key: ColourKey,
  theme: Theme,
) {
  const line = 1.15 * theme.size;
  const [highest, lowest] = [chart.chartArea.top + line / 2, chart.chartArea.bottom - line / 2];
  const clamped = (y: number) => Math.min(lowest, Math.max(highest, y));
  const labels = panel.curves
    .map((one) => labelPlace(one, chart, panel, theme))
    .filter((label) => label !== null);
  labels.sort((a, b) => a.y - b.y);
  for (let round = 0; round < 20; ++round) {
    for (const [i, lower] of labels.entries()) {
      for (const upper of labels.slice(0, i)) {
        const apart =
          upper.left + upper.width < lower.left || lower.left + lower.width < upper.left;
        const overlap = line - (lower.y - upper.y);
        if (apart || overlap <= 0) continue;
        upper.y = clamped(upper.y - overlap / 2);
        lower.y = clamped(upper.y + line);
      }
    }
  }
  ctx.textAlign = 'left';
  for (const { one, left, y } of labels) {
    const height = clamped(y);
    let start = left;
    if (one.colour !== null) {
      ctx.fillStyle = classColour(theme, key, one.colour);
      ctx.beginPath();
      ctx.arc(start + 0.3 * theme.size, height, 0.3 * theme.size, 0, 2 * Math.PI);
      ctx.fill();
      start += DOT * theme.size;
    }
    drawText(ctx, one.label, start, height, theme, one.kind === 'guide' ? theme.muted : theme.text);
  }
}
