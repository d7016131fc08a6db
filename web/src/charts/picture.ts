import { chartText } from '../text/charts';
import type { ColourKey } from './colours';
import { drawPanel } from './mount';
import type { ChartView } from './scene';
import { classColour, type Theme } from './theme';

const WIDTH = 880;
const HEIGHT = 560;
const RATIO = 2;

/** The chart as a picture that stands alone: title, note, key, on the ground of the theme, twice as fine. */
export function chartPicture(view: ChartView, key: ColourKey, theme: Theme): HTMLCanvasElement {
  const scaled = { ...theme, size: 15 };
  const count = view.panels.length;
  const width = WIDTH * (count > 1 ? Math.min(count, 2) * 0.75 : 1);
  const columns = Math.min(count, 2);
  const rows = Math.ceil(count / columns);
  const panelWidth = width / columns;
  const panelHeight = count > 1 ? HEIGHT * 0.7 : HEIGHT;
  const margin = 28;
  const head = 92;
  const canvas = document.createElement('canvas');
  canvas.width = (width + 2 * margin) * RATIO;
  canvas.height = (head + rows * panelHeight + 2 * margin) * RATIO;
  const ctx = canvas.getContext('2d');
  if (!ctx) return canvas;
  ctx.scale(RATIO, RATIO);
  ctx.fillStyle = theme.surface;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.textBaseline = 'top';
  ctx.fillStyle = theme.text;
  ctx.font = `600 22px ${theme.family}`;
  ctx.fillText(view.title, margin, margin, width);
  ctx.font = `14px ${theme.family}`;
  let x = margin;
  const classes = key.classes.length > 1 ? key.classes : [];
  if (classes.length) {
    ctx.fillText(key.title, x, margin + 36);
    x += ctx.measureText(key.title).width + 14;
  }
  classes.forEach(({ label }, index) => {
    ctx.fillStyle = classColour(theme, key, index);
    ctx.beginPath();
    ctx.arc(x + 5, margin + 44, 5, 0, 2 * Math.PI);
    ctx.fill();
    ctx.fillStyle = theme.text;
    ctx.fillText(label, x + 14, margin + 36);
    x += ctx.measureText(label).width + 30;
  });
  ctx.fillStyle = theme.muted;
  ctx.fillText(view.note, margin, margin + 58, width);
  view.panels.forEach((panel, i) => {
    const picture = drawPanel(
      { panel, key, theme: scaled },
      panelWidth - 12,
      panelHeight - 12,
      RATIO,
    );
    ctx.drawImage(
      picture,
      margin + (i % columns) * panelWidth,
      margin + head + Math.floor(i / columns) * panelHeight,
      panelWidth - 12,
      panelHeight - 12,
    );
  });
  ctx.fillStyle = theme.muted;
  ctx.textAlign = 'right';
  ctx.font = `12px ${theme.family}`;
  ctx.fillText(chartText.source, width + margin, head + rows * panelHeight + 1.4 * margin);
  return canvas;
}
