/** What a plot has and Chart.js has no element for: bands, fine ticks, rulers, marks, labels of lines. */
import type { ColourKey } from './colours';
import { spread, type Label } from './labels';
import type { AxisView, CurveView, PanelView } from './scene';
import { classColour, faded, type Theme } from './theme';
import { linearTicks, logTicks, type Ticks } from './ticks';

/** A panel with what it is drawn in. */
export interface Drawing {
  panel: PanelView;
  key: ColourKey;
  theme: Theme;
}

/** The canvas, and where values stand on it. */
export interface Stage {
  ctx: CanvasRenderingContext2D;
  width: number;
  height: number;
  chartArea: { left: number; right: number; top: number; bottom: number };
  scales: { x: Axis; y: Axis };
}
interface Axis {
  getPixelForValue: (value: number) => number;
}

const BAND_ALPHA = 0.14;
/** Ems between lines of text. */
const LINE = 1.15;
/** Ems that the dot before a label takes. */
const DOT = 0.85;

/** Room for a tick's label, in ems: along x by what it may hold, along y a line and a half of air. */
const TICK_ROOM = { compute: 4.6, count: 4.2, percent: 4, loss: 3 };

export function ticksOf(
  axis: AxisView,
  id: 'x' | 'y',
  { width, height }: Pick<Stage, 'width' | 'height'>,
  theme: Theme,
): Ticks {
  const length = (id === 'x' ? width : height) - 6 * theme.size;
  const room = (id === 'x' ? TICK_ROOM[axis.format] : 2.4) * theme.size;
  const most = Math.max(2, Math.floor(length / room));
  return (axis.scale === 'log' ? logTicks : linearTicks)(axis.min, axis.max, most);
}

/** Under runs and lines. */
export function drawBehind(stage: Stage, { panel, theme }: Drawing): void {
  const { ctx, chartArea } = stage;
  const { x, y } = stage.scales;
  ctx.save();
  ctx.beginPath();
  const { left, right, top, bottom } = chartArea;
  ctx.rect(left, top, right - left, bottom - top);
  ctx.clip();
  for (const { lower, upper, lowerX, upperX, x: along, beyond } of panel.curves) {
    if (!lower || !upper) continue;
    const [above, below] = [upperX ?? along, lowerX ?? along];
    ctx.fillStyle = faded(theme.ink, beyond ? 0.8 * BAND_ALPHA : BAND_ALPHA);
    ctx.beginPath();
    for (let i = 0; i < upper.length; ++i) {
      ctx.lineTo(x.getPixelForValue(above[i]!), y.getPixelForValue(upper[i]!));
    }
    for (let i = lower.length - 1; i >= 0; --i) {
      ctx.lineTo(x.getPixelForValue(below[i]!), y.getPixelForValue(lower[i]!));
    }
    ctx.fill();
  }
  ctx.restore();
  drawFineTicks(stage, panel, theme);
}

/** Over runs and lines. */
export function drawBefore(stage: Stage, drawing: Drawing): void {
  const { panel, theme } = drawing;
  const { ctx, chartArea } = stage;
  ctx.save();
  ctx.font = font(theme);
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  drawRules(stage, panel, theme);
  drawMarks(stage, panel, theme);
  const wished = [
    ...panel.curves.map((one) => lineLabel(stage, drawing, one)),
    ...panel.marks.map((mark) => markLabel(stage, theme, mark)),
  ].filter((label) => label !== null);
  const half = (LINE * theme.size) / 2;
  for (const label of spread(wished, 2 * half, chartArea.top + half, chartArea.bottom - half)) {
    drawLabel(ctx, label, theme);
  }
  ctx.fillStyle = theme.text;
  ctx.fillText(panel.y.label, 0, 0.75 * theme.size);
  ctx.restore();
}

/** Pixels right of the plot for the labels of lines that end near its edge. */
export function endLabelSpace({ panel, theme }: Drawing): number {
  const { x: axis } = panel;
  const share = (x: number) =>
    axis.scale === 'log'
      ? Math.log(x / axis.min) / Math.log(axis.max / axis.min)
      : (x - axis.min) / (axis.max - axis.min);
  let space = theme.size;
  for (const one of panel.curves) {
    const end = visible(one, panel).at(-1);
    if (one.label && one.labelAt === 'end' && end !== undefined && share(one.x[end]!) > 0.93) {
      space = Math.max(space, labelWidth(one, theme) + 0.4 * theme.size);
    }
  }
  return Math.min(space, 14 * theme.size);
}

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

function labelWidth({ label, colour }: CurveView, theme: Theme): number {
  return textWidth(label, theme) + ((colour === null ? 0 : DOT) + 0.4) * theme.size;
}

/** Vertices inside the panel, in order. */
function visible({ x, y }: CurveView, panel: PanelView): number[] {
  const inside = (value: number, { min, max }: AxisView) => {
    const slack = 1e-9 * Math.abs(max);
    return value >= min - slack && value <= max + slack;
  };
  const found: number[] = [];
  for (let i = 0; i < x.length; ++i) {
    if (inside(x[i]!, panel.x) && inside(y[i]!, panel.y)) found.push(i);
  }
  return found;
}

/** Where the label of a line would like to stand; null when none of the line is seen. */
function lineLabel(stage: Stage, { panel, key, theme }: Drawing, one: CurveView): Label | null {
  const seen = one.label ? visible(one, panel) : [];
  const vertex = { end: seen.at(-1), start: seen[0], below: seen[seen.length >> 1] }[one.labelAt];
  if (vertex === undefined) return null;
  const x = stage.scales.x.getPixelForValue(one.x[vertex]!);
  const y = stage.scales.y.getPixelForValue(one.y[vertex]!);
  const em = theme.size;
  const label = {
    text: one.label,
    width: labelWidth(one, theme),
    colour: one.kind === 'guide' ? theme.muted : theme.text,
    dot: one.colour === null ? null : classColour(theme, key, one.colour),
  };
  switch (one.labelAt) {
    case 'start':
      return { ...label, left: x + em, y: y + 0.55 * em };
    case 'below': {
      const left = Math.max(stage.chartArea.left + 0.4 * em, x - label.width - 0.2 * em);
      return { ...label, left, y: y + 1.1 * em };
    }
    case 'end': {
      // Where there is no room beside the end, the label stands above the line, before its end.
      const left = x + 0.4 * em;
      const beside = left + label.width <= stage.width;
      return beside
        ? { ...label, left, y }
        : { ...label, left: stage.width - label.width, y: y - em };
    }
  }
}

function markLabel(stage: Stage, theme: Theme, mark: PanelView['marks'][number]): Label {
  const x = stage.scales.x.getPixelForValue(mark.x);
  const off = (mark.labelAt === 'above' ? -0.9 : 0.8) * theme.size;
  const y = stage.scales.y.getPixelForValue(mark.y) + off;
  const width = textWidth(mark.label, theme);
  const before = x - width - 0.8 * theme.size;
  const left = before > stage.chartArea.left ? before : x + 0.8 * theme.size;
  return { text: mark.label, width, left, y, colour: theme.accent, dot: null };
}

function drawLabel(ctx: CanvasRenderingContext2D, label: Label, theme: Theme) {
  const em = theme.size;
  let { left } = label;
  if (label.dot !== null) {
    ctx.fillStyle = label.dot;
    ctx.beginPath();
    ctx.arc(left + 0.3 * em, label.y, 0.3 * em, 0, 2 * Math.PI);
    ctx.fill();
    left += DOT * em;
  }
  drawText(ctx, label.text, left, label.y, theme, label.colour);
}

/** Text with a rim of the ground colour, to be read over lines and points. */
function drawText(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  theme: Theme,
  colour: string,
) {
  ctx.lineJoin = 'round';
  ctx.lineWidth = 0.35 * theme.size;
  ctx.strokeStyle = theme.surface;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}

function drawFineTicks(stage: Stage, panel: PanelView, theme: Theme) {
  const { ctx, scales } = stage;
  const { left, bottom } = stage.chartArea;
  ctx.save();
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (const value of ticksOf(panel.x, 'x', stage, theme).minor) {
    const at = Math.round(scales.x.getPixelForValue(value)) + 0.5;
    ctx.moveTo(at, bottom);
    ctx.lineTo(at, bottom + 3);
  }
  for (const value of ticksOf(panel.y, 'y', stage, theme).minor) {
    const at = Math.round(scales.y.getPixelForValue(value)) + 0.5;
    ctx.moveTo(left, at);
    ctx.lineTo(left - 3, at);
  }
  ctx.stroke();
  ctx.restore();
}

function drawRules({ ctx, chartArea, scales }: Stage, panel: PanelView, theme: Theme) {
  const { top, bottom, right } = chartArea;
  for (const rule of panel.rules) {
    const x = scales.x.getPixelForValue(rule.x);
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = theme.size / 8;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, bottom);
    ctx.stroke();
    const width = textWidth(rule.label, theme);
    const gap = 0.5 * theme.size;
    const left = x + gap + width < right ? x + gap : x - gap - width;
    drawText(ctx, rule.label, left, top + 0.8 * theme.size, theme, theme.accent);
  }
}

function drawMarks({ ctx, scales }: Stage, panel: PanelView, theme: Theme) {
  ctx.fillStyle = theme.surface;
  ctx.strokeStyle = theme.accent;
  ctx.lineWidth = theme.size / 6;
  for (const mark of panel.marks) {
    const [x, y] = [scales.x.getPixelForValue(mark.x), scales.y.getPixelForValue(mark.y)];
    ctx.beginPath();
    ctx.arc(x, y, 0.38 * theme.size, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
  }
}
