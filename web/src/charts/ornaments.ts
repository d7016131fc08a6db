/** What a plot has and Chart.js has no element for: bands, fine ticks, rulers, marks, labels of lines. */
import type { ColourKey } from './colours';
import { arrange, type Label } from './labels';
import type { AxisView, CurveView, MarkView, PanelView } from './scene';
import { classColour, faded, roleColour, type Theme } from './theme';
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
const TICK_ROOM = { compute: 4.6, count: 4.2, percent: 4, loss: 3, number: 3.6 };

export function ticksOf(
  axis: AxisView,
  id: 'x' | 'y',
  { width, height }: Pick<Stage, 'width' | 'height'>,
  theme: Theme,
): Ticks {
  if (axis.categories) return { major: [...axis.categories.keys()], minor: [] };
  const length = (id === 'x' ? width : height) - 6 * theme.size;
  const room = (id === 'x' ? TICK_ROOM[axis.format] : 2.4) * theme.size;
  const most = Math.max(2, Math.floor(length / room));
  return (axis.scale === 'log' ? logTicks : linearTicks)(axis.min, axis.max, most);
}

/** Under runs and lines. */
export function drawBehind(stage: Stage, { panel, key, theme }: Drawing): void {
  const { ctx, chartArea } = stage;
  const { x, y } = stage.scales;
  ctx.save();
  ctx.beginPath();
  const { left, right, top, bottom } = chartArea;
  ctx.rect(left, top, right - left, bottom - top);
  ctx.clip();
  for (const { lower, upper, lowerX, upperX, x: along, beyond, kind, role } of panel.curves) {
    if (!lower || !upper) continue;
    const pale = !beyond ? 1 : kind === 'band' ? 0.5 : 0.8;
    const [above, below] = [upperX ?? along, lowerX ?? along];
    ctx.fillStyle = faded(roleColour(theme, role ?? 'ink'), pale * BAND_ALPHA);
    ctx.beginPath();
    for (let i = 0; i < upper.length; ++i) {
      ctx.lineTo(x.getPixelForValue(above[i]!), y.getPixelForValue(upper[i]!));
    }
    for (let i = lower.length - 1; i >= 0; --i) {
      ctx.lineTo(x.getPixelForValue(below[i]!), y.getPixelForValue(lower[i]!));
    }
    ctx.fill();
  }
  drawRules(stage, panel, theme);
  drawWhiskers(stage, panel, key, theme);
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
  drawRuleLabels(stage, panel, theme);
  drawMarks(stage, panel, theme);
  const wished = [
    ...panel.curves.map((one) => lineLabel(stage, drawing, one)),
    ...panel.marks.map((mark) => markLabel(stage, theme, mark)),
  ].filter((label) => label !== null);
  const half = (LINE * theme.size) / 2;
  for (const label of arrange(wished, 2 * half, chartArea.top + half, chartArea.bottom - half)) {
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
export function textWidth(text: string, theme: Theme): number {
  // Outside a page (charts written by a program) the width is guessed.
  if (typeof document === 'undefined') return 0.56 * theme.size * text.length;
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
    weak: one.kind === 'contour' || one.kind === 'guide',
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

function markLabel(stage: Stage, theme: Theme, mark: MarkView): Label | null {
  const x = stage.scales.x.getPixelForValue(mark.x);
  const { left: first, right: last } = stage.chartArea;
  if (x < first || x > last) return null;
  const dot = mark.shape !== undefined;
  const off = dot ? 0 : (mark.labelAt === 'above' ? -0.9 : 0.8) * theme.size;
  const y = stage.scales.y.getPixelForValue(mark.y) + off;
  const width = textWidth(mark.label, theme);
  const gap = (dot ? 0.6 : 0.8) * theme.size;
  const [before, after] = [x - width - gap, x + gap];
  const left = (dot ? after + width > last : before > first) ? before : after;
  return { text: mark.label, width, left, y, colour: dot ? theme.text : theme.accent, dot: null };
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
  const { top, bottom, left, right } = chartArea;
  ctx.lineWidth = theme.size / 8;
  for (const { on, value, role } of panel.rules) {
    const at = scales[on].getPixelForValue(value);
    ctx.strokeStyle = roleColour(theme, role ?? 'accent');
    ctx.beginPath();
    ctx.moveTo(on === 'x' ? at : left, on === 'x' ? top : at);
    ctx.lineTo(on === 'x' ? at : right, on === 'x' ? bottom : at);
    ctx.stroke();
  }
}

function drawRuleLabels({ ctx, chartArea, scales }: Stage, panel: PanelView, theme: Theme) {
  const { top, bottom, left, right } = chartArea;
  const gap = 0.5 * theme.size;
  for (const { on, value, label, role } of panel.rules) {
    const at = scales[on].getPixelForValue(value);
    if (on === 'x' ? at < left || at > right : at < top || at > bottom) continue;
    const width = textWidth(label, theme);
    const beside = at + gap + width < right ? at + gap : at - gap - width;
    const [x, y] = on === 'x' ? [beside, top] : [right - width - gap, at - 1.6 * theme.size];
    drawText(ctx, label, x, y + 0.8 * theme.size, theme, roleColour(theme, role ?? 'accent'));
  }
}

/** Intervals of points; what has no end is drawn to the edge. */
function drawWhiskers(
  { ctx, chartArea, scales }: Stage,
  panel: PanelView,
  key: ColourKey,
  theme: Theme,
) {
  const { points } = panel;
  const { left, right, top, bottom } = chartArea;
  const within = (value: number, lo: number, hi: number) => Math.min(hi, Math.max(lo, value));
  ctx.lineWidth = theme.size / 7;
  for (const id of ['x', 'y'] as const) {
    const whiskers = id === 'x' ? points.whiskersX : points.whiskersY;
    for (let i = 0; whiskers && i < points.row.length; ++i) {
      const ends = [whiskers.lower[i]!, whiskers.upper[i]!];
      if (ends.some(Number.isNaN)) continue;
      const [from, to] = ends.map((end) => {
        const far = end === -Infinity || (end <= 0 && panel[id].scale === 'log');
        const at = scales[id].getPixelForValue(far ? panel[id].min : Math.min(end, panel[id].max));
        return id === 'x' ? within(at, left, right) : within(at, top, bottom);
      }) as [number, number];
      const [x, y] = [
        scales.x.getPixelForValue(points.x[i]!),
        scales.y.getPixelForValue(points.y[i]!),
      ];
      ctx.strokeStyle =
        points.colour[i]! < 0 ? theme.muted : classColour(theme, key, points.colour[i]!);
      ctx.beginPath();
      ctx.moveTo(id === 'x' ? from : x, id === 'x' ? y : from);
      ctx.lineTo(id === 'x' ? to : x, id === 'x' ? y : to);
      ctx.stroke();
    }
  }
}

function drawMarks({ ctx, scales }: Stage, panel: PanelView, theme: Theme) {
  ctx.lineWidth = theme.size / 6;
  for (const mark of panel.marks) {
    if (mark.shape === 'none') continue;
    const dot = mark.shape === 'dot';
    const [x, y] = [scales.x.getPixelForValue(mark.x), scales.y.getPixelForValue(mark.y)];
    ctx.fillStyle = dot ? theme.text : theme.surface;
    ctx.strokeStyle = dot ? theme.surface : theme.accent;
    ctx.beginPath();
    ctx.arc(x, y, (dot ? 0.3 : 0.38) * theme.size, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
  }
}
