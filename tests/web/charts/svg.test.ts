import { describe, expect, it, vi } from 'vitest';
import { chartViews } from '../../../web/src/charts';
import { chartContext } from '../../../web/src/charts/context';
import { describedChart } from '../../../web/src/charts/panel-view';
import { chartSvg, SvgContext } from '../../../web/src/charts/svg';
import type { Theme } from '../../../web/src/charts/theme';
import { fetchCurves, planCurves } from '../../../web/src/model/curves';
import { forest } from './described';
import { isoFlopStudy, madeUpEngine } from './study';
import { all, parseXml, type Element } from './xml';

// As in a browser, where Chart.js would rather hand over paths that nobody can look into.
vi.hoisted(() => {
  globalThis.Path2D ??= class {
    moveTo() {}
    lineTo() {}
  } as never;
});

const grey = (level: number) => `rgb(${level}, ${level}, ${level})`;
const theme: Theme = {
  ink: grey(10),
  text: grey(40),
  muted: grey(120),
  grid: grey(230),
  surface: grey(255),
  accent: 'rgb(200, 60, 10)',
  sequence: ['rgb(70, 0, 90)', 'rgb(200, 180, 0)'],
  categories: Array.from({ length: 8 }, (_, i) => `rgb(${i}, 0, 200)`),
  family: 'system-ui, "Segoe UI", sans-serif',
  size: 12,
};

async function study() {
  const input = isoFlopStudy();
  const curves = await fetchCurves(planCurves(input)!, input, madeUpEngine().engine);
  const context = chartContext(input, curves);
  return { context, views: chartViews(context) };
}
const textsOf = (svg: Element) =>
  [...all(svg)].filter(({ name }) => name === 'text' || name === 'title');
const seen = (svg: Element) =>
  textsOf(svg)
    .filter(({ attributes }) => !attributes['aria-hidden'])
    .map(({ text }) => text);

describe('a chart as SVG', () => {
  it('is well-formed and stands alone, whichever chart', async () => {
    const { context, views } = await study();
    expect(views.length).toBeGreaterThan(5);
    for (const view of views) {
      const text = chartSvg(view, context, theme, 'Runs of <A & "B"> · law\u0000\ud800');
      const svg = parseXml(text);
      expect(svg.name).toBe('svg');
      expect(svg.attributes.xmlns).toBe('http://www.w3.org/2000/svg');
      expect(seen(svg)).toContain(view.title);
      expect(seen(svg)).toContain('Runs of <A & "B"> · law');
      // Nothing is fetched, nothing runs: the only references are to its own clips.
      expect(text.replace('http://www.w3.org/2000/svg', '')).not.toMatch(
        /https?:|href|<script|<image|@import/,
      );
      const clips = new Set(
        [...all(svg)]
          .filter(({ name }) => name === 'clipPath')
          .map(({ attributes }) => attributes.id),
      );
      const used = [...text.matchAll(/url\(#([^)]*)\)/g)].map(([, id]) => id!);
      expect(used.length).toBeGreaterThan(0);
      for (const id of used) expect(clips).toContain(id);
      expect(text).not.toMatch(/NaN|undefined|Infinity|rgba/);
    }
  });

  it('has its words as text: title, key, axes, ticks, labels of lines', async () => {
    const { context, views } = await study();
    const view = views.find(({ id }) => id === 'loss-by-params')!;
    const words = seen(parseXml(chartSvg(view, context, theme, 'Study')));
    expect(words).toEqual(expect.arrayContaining(['Parameters N', 'Loss L (nats per token)']));
    expect(words).toEqual(expect.arrayContaining(['100M', '1B', '10B', '10¹⁸', '10²¹']));
    expect(words).toContain('Training compute C (FLOPs)');
    // A rim of the ground lies under labels, not beside them: what is read aloud is read once.
    expect(words.filter((word) => word === 'Loss L (nats per token)')).toHaveLength(1);
  });

  it('draws every line, each vertex of it, dashed where the law goes beyond the data', async () => {
    const { context, views } = await study();
    const view = views.find(({ id }) => id === 'loss-by-flops')!;
    const svg = parseXml(chartSvg(view, context, theme, ''));
    const lines = [...all(svg)].filter(
      ({ name, attributes }) =>
        name === 'path' && attributes.stroke === 'rgb(10,10,10)' && attributes.d!.length > 100,
    );
    const [inside, beyond] = view.panels[0]!.curves;
    const vertices = lines.map(({ attributes }) => attributes.d!.match(/[ML]/g)!.length);
    expect(vertices.sort((a, b) => a - b)).toEqual(
      [inside!.x.length, beyond!.x.length].sort((a, b) => a - b),
    );
    const dashed = lines.filter(({ attributes }) => attributes['stroke-dasharray'] === '6 5');
    expect(dashed.map(({ attributes }) => attributes.d!.match(/[ML]/g)!.length)).toEqual([
      beyond!.x.length,
    ]);
  });

  it('draws every run as a shape of its own, left-out ones hollow', async () => {
    const { context, views } = await study();
    const view = views.find(({ id }) => id === 'loss-by-params')!;
    const svg = parseXml(chartSvg(view, context, theme, ''));
    const shapes = [...all(svg)];
    const circles = shapes.filter(({ name }) => name === 'circle');
    const hollow = circles.filter(({ attributes }) => attributes.stroke === 'rgb(120,120,120)');
    expect(hollow).toHaveLength(1);
    expect(seen(svg)).toContain('left out');
    // Five runs and the dot before a label are circles of the first class.
    const first = circles.filter(({ attributes }) => attributes.fill === 'rgb(70,0,90)');
    expect(first).toHaveLength(6);
  });

  it('draws whiskers, rows and what a description says', () => {
    const { view, subject } = describedChart(forest);
    const svg = parseXml(chartSvg(view, subject, theme, 'Fits'));
    expect(seen(svg)).toEqual(expect.arrayContaining(['These runs', 'Others 2022', 'Exponent']));
    const lines = [...all(svg)].filter(
      ({ name, attributes }) =>
        name === 'path' &&
        attributes.stroke === 'rgb(10,10,10)' &&
        /^M[\d. ]+L[\d. ]+$/.test(attributes.d!),
    );
    const lengths = lines.map(({ attributes }) => {
      const [x0, y0, x1, y1] = attributes.d!.match(/[\d.]+/g)!.map(Number);
      expect(y0).toBe(y1);
      return x1! - x0!;
    });
    // 0.30…0.40 against 0.33…0.35, on one linear axis: five times as long, to the rounding of the file.
    expect(lengths).toHaveLength(2);
    expect(lengths[0]! / lengths[1]!).toBeCloseTo(5, 1);
  });
});

describe('the context that keeps what is drawn', () => {
  const context = () => {
    let count = 0;
    return new SvgContext(() => `c${++count}`);
  };
  const only = (ctx: SvgContext) => parseXml(`<g>${ctx.toString()}</g>`).children;

  it('places by the transformation at the time', () => {
    const ctx = context();
    ctx.save();
    ctx.translate(10, 20);
    ctx.rotate(Math.PI / 2);
    ctx.scale(2, 2);
    ctx.beginPath();
    ctx.moveTo(1, 0);
    ctx.lineTo(1, 1);
    ctx.lineWidth = 3;
    ctx.stroke();
    ctx.restore();
    ctx.fillRect(0, 0, 5, 5);
    const [line, box] = only(ctx);
    expect(line!.attributes).toMatchObject({ d: 'M10 22L8 22', 'stroke-width': '6' });
    expect(box!.attributes.d).toBe('M0 0L5 0L5 5L0 5Z');
  });

  it('parts colour from opacity, and draws nothing that cannot be seen', () => {
    const ctx = context();
    ctx.beginPath();
    ctx.arc(5, 6, 2, 0, 2 * Math.PI);
    ctx.closePath();
    ctx.fillStyle = 'rgba(1, 2, 3, 0.5)';
    ctx.globalAlpha = 0.5;
    ctx.fill();
    ctx.fillStyle = 'transparent';
    ctx.fill();
    expect(only(ctx).map(({ attributes }) => attributes)).toEqual([
      { cx: '5', cy: '6', r: '2', fill: 'rgb(1,2,3)', 'fill-opacity': '0.25' },
    ]);
  });

  it('clips what follows until it is restored, clips within clips too', () => {
    const ctx = context();
    ctx.save();
    ctx.beginPath();
    ctx.rect(0, 0, 10, 10);
    ctx.clip();
    ctx.fillRect(1, 1, 2, 2);
    ctx.beginPath();
    ctx.rect(5, 5, 10, 10);
    ctx.clip();
    ctx.fillRect(6, 6, 2, 2);
    ctx.restore();
    ctx.fillRect(20, 20, 2, 2);
    const parts = only(ctx);
    expect(parts.map(({ name, attributes }) => [name, attributes['clip-path']])).toEqual([
      ['clipPath', undefined],
      ['g', 'url(#c1)'],
      ['clipPath', undefined],
      ['g', 'url(#c2)'],
      ['path', undefined],
    ]);
    expect(parts[2]!.children[0]!.attributes['clip-path']).toBe('url(#c1)');
  });

  it('sets dashes, none for a dash without end, and half circles', () => {
    const ctx = context();
    ctx.beginPath();
    ctx.arc(0, 0, 4, 0, Math.PI);
    ctx.setLineDash([6, 5]);
    ctx.stroke();
    ctx.setLineDash([1e6, 0]);
    ctx.stroke();
    const [dashed, solid] = only(ctx);
    expect(dashed!.attributes).toMatchObject({
      d: 'M4 0A4 4 0 0 1 -4 0',
      'stroke-dasharray': '6 5',
    });
    expect(solid!.attributes['stroke-dasharray']).toBeUndefined();
  });

  it('anchors text and sets its baseline by hand', () => {
    const ctx = context();
    ctx.font = '600 10px "A B", serif';
    ctx.textAlign = 'right';
    ctx.textBaseline = 'middle';
    ctx.fillText('a < b & c', 30, 40);
    const [text] = only(ctx);
    expect(text!.text).toBe('a < b & c');
    expect(text!.attributes).toMatchObject({
      x: '30',
      y: '43.5',
      'font-weight': '600',
      'font-size': '10',
      'font-family': '"A B", serif',
      'text-anchor': 'end',
    });
  });
});
