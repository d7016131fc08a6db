import { chartText } from '../text/charts';
import type { ColourKey } from './colours';
import { drawPanel } from './mount';
import type { ChartView } from './scene';
import { classColour, classShape, SHAPE_OUTLINES, type Theme } from './theme';

// Pixels before `RATIO`.
const RATIO = 2;
const MARGIN = 28;
const GUTTER = 12;
const ALONE = { width: 880, height: 560 };
const SMALL = { width: 660, height: 390 };
const LINE = 22;
const SIZE = 15;

/**
 * The chart as a picture that stands alone: title, whose runs and which law, key, note, on the ground of
 * the theme, twice as fine.
 */
export function chartPicture(
  view: ChartView,
  key: ColourKey,
  theme: Theme,
  caption: string,
): HTMLCanvasElement {
  const columns = Math.min(2, view.panels.length);
  const rows = Math.ceil(view.panels.length / columns);
  const panel = view.panels.length > 1 ? SMALL : ALONE;
  const width = columns * panel.width;
  const canvas = document.createElement('canvas');
  const ctx = canvas.getContext('2d');
  if (!ctx) return canvas;

  const font = (weight: number, size: number) => `${weight} ${size}px ${theme.family}`;
  ctx.font = font(400, SIZE - 1);
  const entries = keyEntries(ctx, key, width);
  const head = 2.8 * LINE + ((entries.at(-1)?.line ?? -1) + 1) * LINE + (view.note ? LINE : 0);
  canvas.width = (width + 2 * MARGIN) * RATIO;
  canvas.height = (head + rows * panel.height + 2.5 * MARGIN) * RATIO;
  ctx.scale(RATIO, RATIO);
  ctx.fillStyle = theme.surface;
  ctx.fillRect(0, 0, canvas.width, canvas.height);

  ctx.translate(MARGIN, MARGIN);
  ctx.textBaseline = 'top';
  ctx.fillStyle = theme.text;
  ctx.font = font(600, 22);
  ctx.fillText(view.title, 0, 0, width);
  ctx.font = font(400, SIZE - 1);
  ctx.fillStyle = theme.muted;
  ctx.fillText(caption, 0, 1.4 * LINE, width);
  for (const { label, index, x, line } of entries) {
    const top = (2.7 + line) * LINE;
    if (index !== null) {
      ctx.save();
      ctx.translate(x + 6, top + 7);
      ctx.fillStyle = classColour(theme, key, index);
      const outline = new Path2D(SHAPE_OUTLINES[classShape(index)]);
      // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a canvas is no array
      ctx.fill(outline);
      ctx.restore();
    }
    ctx.fillStyle = theme.text;
    ctx.fillText(label, index === null ? x : x + SWATCH, top);
  }
  ctx.fillStyle = theme.muted;
  ctx.fillText(view.note, 0, head - 0.8 * LINE, width);
  view.panels.forEach((one, i) => {
    const [w, h] = [panel.width - GUTTER, panel.height - GUTTER];
    const picture = drawPanel({ panel: one, key, theme: { ...theme, size: SIZE } }, w, h, RATIO);
    const [left, top] = [
      (i % columns) * panel.width,
      head + Math.floor(i / columns) * panel.height,
    ];
    ctx.drawImage(picture, left, top + GUTTER, w, h);
  });
  ctx.textAlign = 'right';
  ctx.font = font(400, 12);
  ctx.fillText(chartText.source, width, head + rows * panel.height + 0.8 * MARGIN);
  return canvas;
}

const SWATCH = 17;

interface KeyEntry {
  label: string;
  /** Null for the title. */
  index: number | null;
  x: number;
  line: number;
}

/** The key from left to right, on as many lines as it needs. */
function keyEntries(ctx: CanvasRenderingContext2D, key: ColourKey, width: number): KeyEntry[] {
  if (key.classes.length < 2) return [];
  const labels = [key.title, ...key.classes.map(({ label }) => label)];
  let [x, line] = [0, 0];
  return labels.map((label, i) => {
    const wide = ctx.measureText(label).width + (i > 0 ? SWATCH : 0);
    if (x + wide > width) [x, line] = [0, line + 1];
    const entry = { label, index: i > 0 ? i - 1 : null, x, line };
    x += wide + SWATCH;
    return entry;
  });
}
