/**
 * Charts as SVG: what draws on a canvas draws on `SvgContext` instead, which writes the same strokes down as
 * shapes and text. Only what our drawing and Chart.js use of the canvas is there. The document stands alone:
 * text is text in system fonts, no scripts, no references but to its own clips.
 */
import type { ChartView } from './scene';
import { drawPanel } from './mount';
import type { Subject } from './context';
import { drawPicture, type Sheet } from './picture';
import type { Theme } from './theme';

/** The chart as an SVG document: title, whose runs and which law, key, note and panels. */
export function chartSvg(view: ChartView, subject: Subject, theme: Theme, caption: string): string {
  const ids = uniqueIds(view.id);
  const ctx = new SvgContext(ids);
  const size = { width: 0, height: 0 };
  const sheet: Sheet = {
    ctx: ctx as unknown as CanvasRenderingContext2D,
    resize: (width, height) => void Object.assign(size, { width, height }),
    swatch(outline, x, y, colour, hollow) {
      const style = hollow ? ` fill="none"${ink('stroke', colour)}` : ink('fill', colour);
      ctx.add(`<path d="${outline}" transform="translate(${short(x)} ${short(y)})"${style}/>`);
    },
    panel(drawing, left, top, width, height) {
      const own = new SvgContext(ids);
      Object.assign(own.canvas, { width, height });
      drawPanel(drawing, own.canvas, 1, () =>
        ctx.add(`<g transform="translate(${short(left)} ${short(top)})">\n${own.toString()}\n</g>`),
      );
    },
  };
  drawPicture(sheet, view, subject, theme, caption);
  const { width, height } = size;
  const heading = escaped(view.title);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${heading}">`,
    `<title>${heading}</title>`,
    `<desc>${escaped([caption, view.note].filter(Boolean).join('. '))}</desc>`,
    ctx.toString(),
    '</svg>',
    '',
  ].join('\n');
}

function uniqueIds(prefix: string): () => string {
  let count = 0;
  return () => `${prefix.replaceAll(/[^\w-]/g, '-')}-clip-${++count}`;
}

/** Two decimals are a twentieth of a hair. */
function short(x: number): string {
  return Number.isFinite(x) ? String(Number(x.toFixed(2))) : '0';
}

/** Also without what XML cannot hold at all: control characters, halves of pairs. */
function escaped(text: string): string {
  const held = (code: number) =>
    code >= 32 ? (code < 0xd800 || code > 0xdfff) && code < 0xfffe : code === 9 || code === 10;
  return Array.from(text)
    .filter((letter) => held(letter.codePointAt(0)!) || letter.length > 1)
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** fill="rgb(…)" fill-opacity="…": older readers do not know rgba(). */
function ink(what: 'fill' | 'stroke', colour: string, strength = 1): string {
  const parts = /^rgba?\(\s*([\d.]+)[,\s]+([\d.]+)[,\s]+([\d.]+)(?:[,/\s]+([\d.]+))?\s*\)$/.exec(
    colour,
  );
  if (colour === 'transparent') return ` ${what}="none"`;
  const alpha = strength * Number(parts?.[4] ?? 1);
  const solid = parts ? `rgb(${parts.slice(1, 4).join(',')})` : colour;
  return ` ${what}="${escaped(solid)}"${alpha < 1 ? ` ${what}-opacity="${short(alpha)}"` : ''}`;
}

type Matrix = [number, number, number, number, number, number];

interface State {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  lineCap: string;
  lineJoin: string;
  globalAlpha: number;
  font: string;
  textAlign: string;
  textBaseline: string;
  dash: number[];
  matrix: Matrix;
  clip: string | null;
}

let ruler: CanvasRenderingContext2D | null = null;

/** A canvas context that keeps what is drawn as SVG elements. */
export class SvgContext {
  readonly canvas = { width: 0, height: 0, getContext: () => this as never };
  fillStyle = '#000';
  strokeStyle = '#000';
  lineWidth = 1;
  lineCap = 'butt';
  lineJoin = 'miter';
  lineDashOffset = 0;
  globalAlpha = 1;
  font = '10px sans-serif';
  textAlign = 'start';
  textBaseline = 'alphabetic';
  private dash: number[] = [];
  private matrix: Matrix = [1, 0, 0, 1, 0, 0];
  private clipped: string | null = null;
  private readonly states: State[] = [];
  private path = '';
  /** The path is this whole circle and nothing else. */
  private circle: [number, number, number] | null = null;
  private elements: { clip: string | null; text: string }[] = [];

  constructor(private readonly nextId: () => string) {}

  toString(): string {
    const lines: string[] = [];
    let open: string | null = null;
    for (const { clip, text } of [...this.elements, { clip: null, text: '' }]) {
      if (clip !== open) {
        if (open !== null) lines.push('</g>');
        if (clip !== null) lines.push(`<g clip-path="url(#${clip})">`);
        open = clip;
      }
      if (text) lines.push(text);
    }
    return lines.join('\n');
  }

  add(text: string): void {
    this.elements.push({ clip: this.clipped, text });
  }

  save(): void {
    const { fillStyle, strokeStyle, lineWidth, lineCap, lineJoin, globalAlpha, font } = this;
    const { textAlign, textBaseline, dash, matrix, clipped: clip } = this;
    const pen = { fillStyle, strokeStyle, lineWidth, lineCap, lineJoin, globalAlpha, font };
    this.states.push({ ...pen, textAlign, textBaseline, dash, matrix, clip });
  }
  restore(): void {
    const state = this.states.pop();
    if (!state) return;
    const { dash, matrix, clip, ...plain } = state;
    Object.assign(this, plain);
    [this.dash, this.matrix, this.clipped] = [dash, matrix, clip];
  }

  setTransform(...matrix: Matrix): void {
    this.matrix = matrix;
  }
  resetTransform(): void {
    this.matrix = [1, 0, 0, 1, 0, 0];
  }
  transform(a: number, b: number, c: number, d: number, e: number, f: number): void {
    const [A, B, C, D, E, F] = this.matrix;
    this.matrix = [
      A * a + C * b,
      B * a + D * b,
      A * c + C * d,
      B * c + D * d,
      A * e + C * f + E,
      B * e + D * f + F,
    ];
  }
  translate(x: number, y: number): void {
    this.transform(1, 0, 0, 1, x, y);
  }
  scale(x: number, y: number): void {
    this.transform(x, 0, 0, y, 0, 0);
  }
  rotate(angle: number): void {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    this.transform(cos, sin, -sin, cos, 0, 0);
  }

  beginPath(): void {
    this.path = '';
    this.circle = null;
  }
  closePath(): void {
    if (this.path && !this.path.endsWith('Z')) this.path += 'Z';
  }
  moveTo(x: number, y: number): void {
    this.step('M', x, y);
  }
  lineTo(x: number, y: number): void {
    this.step(this.path ? 'L' : 'M', x, y);
  }
  quadraticCurveTo(x1: number, y1: number, x: number, y: number): void {
    this.step('Q', x1, y1, x, y);
  }
  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    this.step('C', x1, y1, x2, y2, x, y);
  }
  rect(x: number, y: number, width: number, height: number): void {
    this.moveTo(x, y);
    this.step('L', x + width, y);
    this.step('L', x + width, y + height);
    this.step('L', x, y + height);
    this.closePath();
  }
  arc(x: number, y: number, radius: number, from: number, to: number, back = false): void {
    const at = (angle: number) =>
      [x + radius * Math.cos(angle), y + radius * Math.sin(angle)] as const;
    const sweep = back ? from - to : to - from;
    const alone = this.path === '';
    if (sweep >= 2 * Math.PI - 1e-9) {
      this.lineTo(...at(from));
      this.arcTo(radius, false, at(from + Math.PI));
      this.arcTo(radius, false, at(from));
      if (alone) this.circle = [...this.place(x, y), radius * this.stretch()];
      return;
    }
    this.lineTo(...at(from));
    const turn = ((sweep % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI);
    this.arcTo(radius, turn > Math.PI, at(to), back);
  }

  fill(path?: unknown): void {
    if (path) throw new Error('A Path2D cannot be written down');
    this.shape(`${ink('fill', this.fillStyle, this.globalAlpha)}`);
  }
  stroke(path?: unknown): void {
    if (path) throw new Error('A Path2D cannot be written down');
    this.shape(` fill="none"${this.pen()}`);
  }
  clip(): void {
    const id = this.nextId();
    const within = this.clipped === null ? '' : ` clip-path="url(#${this.clipped})"`;
    this.elements.push({
      clip: null,
      text: `<clipPath id="${id}"><path d="${this.path}"${within}/></clipPath>`,
    });
    this.clipped = id;
  }
  fillRect(x: number, y: number, width: number, height: number): void {
    this.alone(x, y, width, height, () => this.fill());
  }
  strokeRect(x: number, y: number, width: number, height: number): void {
    this.alone(x, y, width, height, () => this.stroke());
  }
  /** Wiping all starts afresh; of parts nobody wipes. */
  clearRect(): void {
    this.elements = [];
  }
  setLineDash(dash: number[]): void {
    // A dash without end is none.
    this.dash = dash.some((length) => length > 1e5) ? [] : dash;
  }

  measureText(text: string): { width: number } {
    if (typeof document === 'undefined') return { width: 0.56 * this.fontSize() * text.length };
    ruler ??= document.createElement('canvas').getContext('2d')!;
    ruler.font = this.font;
    return ruler.measureText(text);
  }
  fillText(text: string, x: number, y: number): void {
    this.text(text, x, y, ink('fill', this.fillStyle, this.globalAlpha));
  }
  /** A rim under the text of the same words: for eyes only. */
  strokeText(text: string, x: number, y: number): void {
    this.text(text, x, y, ` fill="none"${this.pen()} aria-hidden="true"`);
  }

  private step(command: string, ...numbers: number[]): void {
    this.circle = null;
    if (numbers.some((value) => !Number.isFinite(value))) return;
    const placed: number[] = [];
    for (let i = 0; i < numbers.length; i += 2)
      placed.push(...this.place(numbers[i]!, numbers[i + 1]!));
    this.path += command + placed.map(short).join(' ');
  }
  private arcTo(
    radius: number,
    large: boolean,
    [x, y]: readonly [number, number],
    back = false,
  ): void {
    const r = short(radius * this.stretch());
    this.path += `A${r} ${r} 0 ${large ? 1 : 0} ${back ? 0 : 1} ${this.place(x, y).map(short).join(' ')}`;
  }
  private place(x: number, y: number): [number, number] {
    const [a, b, c, d, e, f] = this.matrix;
    return [a * x + c * y + e, b * x + d * y + f];
  }
  private stretch(): number {
    const [a, b, c, d] = this.matrix;
    return Math.sqrt(Math.abs(a * d - b * c));
  }
  private fontSize(): number {
    return Number(/([\d.]+)px/.exec(this.font)?.[1] ?? 10);
  }
  private alone(x: number, y: number, width: number, height: number, draw: () => void): void {
    const { path, circle } = this;
    this.beginPath();
    this.rect(x, y, width, height);
    draw();
    [this.path, this.circle] = [path, circle];
  }
  private pen(): string {
    const { lineWidth, lineCap, lineJoin, dash } = this;
    return [
      ink('stroke', this.strokeStyle, this.globalAlpha),
      ` stroke-width="${short(lineWidth * this.stretch())}"`,
      lineCap === 'butt' ? '' : ` stroke-linecap="${lineCap}"`,
      lineJoin === 'miter' ? '' : ` stroke-linejoin="${lineJoin}"`,
      dash.length && dash.some((length) => length > 0)
        ? ` stroke-dasharray="${dash.map((length) => short(length * this.stretch())).join(' ')}"`
        : '',
    ].join('');
  }
  private shape(style: string): void {
    if (!this.path || / (fill|stroke)="none"$/.test(style)) return;
    if (this.circle) {
      const [x, y, r] = this.circle.map(short);
      this.add(`<circle cx="${x}" cy="${y}" r="${r}"${style}/>`);
    } else {
      this.add(`<path d="${this.path}"${style}/>`);
    }
  }
  private text(text: string, x: number, y: number, style: string): void {
    if (!text) return;
    const size = this.fontSize();
    const [, weight, family] =
      /^(?:(\d+|bold|normal) )?.*?px(?:\/\S+)? (.*)$/.exec(this.font) ?? [];
    const anchor = { center: 'middle', right: 'end', end: 'end' }[this.textAlign];
    // Baselines by hand: readers differ in what they know of dominant-baseline.
    const shift = { middle: 0.35, top: 0.86, hanging: 0.8, bottom: -0.2 }[this.textBaseline] ?? 0;
    const [a, b, c, d] = this.matrix;
    const plain = a === 1 && b === 0 && c === 0 && d === 1;
    const where = plain
      ? (([left, top]) => ` x="${short(left)}" y="${short(top)}"`)(this.place(x, y + shift * size))
      : ` x="${short(x)}" y="${short(y + shift * size)}" transform="matrix(${this.matrix.map(short).join(' ')})"`;
    this.add(
      `<text${where} font-size="${short(size)}" font-family="${escaped(family ?? 'sans-serif')}"` +
        `${weight && weight !== '400' && weight !== 'normal' ? ` font-weight="${weight}"` : ''}` +
        `${anchor ? ` text-anchor="${anchor}"` : ''}${style}>${escaped(text)}</text>`,
    );
  }
}
