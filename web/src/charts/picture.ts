import { chartText } from '../text/charts';
import type { Subject } from './context';
import { drawPanel } from './mount';
import type { Drawing } from './ornaments';
import type { ChartView } from './scene';
import { classColour, classShape, SHAPE_OUTLINES, type Theme } from './theme';

/** What a picture is drawn on: pixels here, shapes in svg.ts. */
export interface Sheet {
  ctx: CanvasRenderingContext2D;
  resize: (width: number, height: number) => void;
  /** An outline of the key around (x, y), filled or hollow. */
  swatch: (outline: string, x: number, y: number, colour: string, hollow: boolean) => void;
  panel: (drawing: Drawing, left: number, top: number, width: number, height: number) => void;
}

// Pixels before `RATIO`.
const RATIO = 2;
const MARGIN = 28;
const GUTTER = 12;
const ALONE = { width: 880, height: 560 };
const SMALL = { width: 660, height: 390 };
const LINE = 22;
const SIZE = 15;
const SWATCH = 17;

/** The chart as pixels, twice as fine. */
export function chartPicture(
  view: ChartView,
  subject: Subject,
  theme: Theme,
  caption: string,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  const ctx = canvas.getContext('2d')!;
  drawPicture(
    {
      ctx,
      resize(width, height) {
        canvas.width = width * RATIO;
        canvas.height = height * RATIO;
        ctx.scale(RATIO, RATIO);
      },
      swatch(outline, x, y, colour, hollow) {
        ctx.save();
        ctx.translate(x, y);
        ctx.fillStyle = ctx.strokeStyle = colour;
        const path = new Path2D(outline);
        if (hollow) ctx.stroke(path);
        // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a canvas is no array
        else ctx.fill(path);
        ctx.restore();
      },
      panel(drawing, left, top, width, height) {
        const own = document.createElement('canvas');
        Object.assign(own, { width, height });
        drawPanel(drawing, own, RATIO, () => ctx.drawImage(own, left, top, width, height));
      },
    },
    view,
    subject,
    theme,
    caption,
  );
  return canvas;
}

/**
 * The chart as a picture that stands alone: title, whose runs and which law, key, panels, note, on the ground
 * of the theme.
 */
export function drawPicture(
  sheet: Sheet,
  view: ChartView,
  subject: Subject,
  theme: Theme,
  caption: string,
): void {
  const { ctx } = sheet;
  const { key } = subject;
  const columns = Math.min(2, view.panels.length);
  const rows = Math.ceil(view.panels.length / columns);
  const panel = view.panels.length > 1 ? SMALL : ALONE;
  const width = columns * panel.width;

  const font = (weight: number, size: number) => `${weight} ${size}px ${theme.family}`;
  ctx.font = font(600, SIZE + 7);
  const title = wrapped(ctx, view.title, width);
  ctx.font = font(400, SIZE - 1);
  const [said, note] = [wrapped(ctx, caption, width), wrapped(ctx, view.note, width)];
  const entries = keyEntries(ctx, subject, width);
  const keyTop = (1.4 * title.length + said.length + 0.3) * LINE;
  const noteTop = keyTop + ((entries.at(-1)?.line ?? -1) + 1) * LINE;
  const head = noteTop + (note.length + 0.4) * LINE;
  const height = head + rows * panel.height;
  sheet.resize(width + 2 * MARGIN, Math.ceil(height + 2.5 * MARGIN));

  ctx.fillStyle = theme.surface;
  ctx.fillRect(0, 0, width + 2 * MARGIN, Math.ceil(height + 2.5 * MARGIN));
  ctx.textBaseline = 'top';
  const print = (lines: string[], top: number, line: number) =>
    lines.forEach((text, i) => ctx.fillText(text, MARGIN, MARGIN + top + i * line));
  ctx.fillStyle = theme.text;
  ctx.font = font(600, SIZE + 7);
  print(title, 0, 1.4 * LINE);
  ctx.font = font(400, SIZE - 1);
  ctx.fillStyle = theme.muted;
  print(said, 1.4 * title.length * LINE, LINE);
  print(note, noteTop, LINE);
  for (const { label, index, x, line } of entries) {
    const [left, top] = [MARGIN + x, MARGIN + keyTop + line * LINE];
    if (index !== null) {
      const hollow = index === LEFT_OUT;
      const outline = SHAPE_OUTLINES[hollow ? 'circle' : classShape(key, index)];
      const colour = hollow ? theme.muted : classColour(theme, key, index);
      sheet.swatch(outline, left + 6, top + 7, colour, hollow);
    }
    ctx.fillStyle = theme.text;
    ctx.fillText(label, index === null ? left : left + SWATCH, top);
  }
  view.panels.forEach((one, i) => {
    const left = MARGIN + (i % columns) * panel.width;
    const top = MARGIN + head + Math.floor(i / columns) * panel.height + GUTTER;
    const drawing = { panel: one, key, theme: { ...theme, size: SIZE } };
    sheet.panel(drawing, left, top, panel.width - GUTTER, panel.height - GUTTER);
  });
  ctx.fillStyle = theme.muted;
  ctx.textAlign = 'right';
  ctx.font = font(400, 12);
  ctx.fillText(chartText.source, MARGIN + width, MARGIN + height + 0.8 * MARGIN);
}

/** Lines that fit; a word that does not fit alone stands out. */
function wrapped(ctx: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter(Boolean)) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length && ctx.measureText(longer).width <= width) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines;
}

const LEFT_OUT = -1;

interface KeyEntry {
  label: string;
  /** Of the class; null for the title. */
  index: number | null;
  x: number;
  line: number;
}

/** The key from left to right, on as many lines as it needs. */
function keyEntries(
  ctx: CanvasRenderingContext2D,
  { key, rows, runs }: Subject,
  width: number,
): KeyEntry[] {
  const classes = key.classes.flatMap(({ silent, label }, index) =>
    silent ? [] : { label, index },
  );
  const leftOut = runs && rows.some(({ used }) => !used);
  const shown = [
    ...(classes.length > 1 ? classes : []),
    ...(leftOut ? [{ label: chartText.keyLeftOut, index: LEFT_OUT }] : []),
  ];
  let [x, line] = [0, 0];
  return [
    ...(key.title && classes.length > 1 ? [{ label: key.title, index: null }] : []),
    ...shown,
  ].map((one) => {
    const wide = ctx.measureText(one.label).width + (one.index === null ? 0 : SWATCH);
    if (x + wide > width) [x, line] = [0, line + 1];
    const entry = { ...one, x, line };
    x += wide + SWATCH;
    return entry;
  });
}
