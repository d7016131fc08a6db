import type { ColourKey } from './colours';

/**
 * What a thing is drawn in, by what it is: ink for the law and other estimates of ours, muted for what stands
 * back, accent for what is chosen, a category (0…7) for things without order, a share (0…1) of the sequence
 * for things in order. Colours double with shapes and labels, never stand alone.
 */
export type ColourRole = 'ink' | 'muted' | 'accent' | { category: number } | { share: number };

/** Colours and type of charts, as the style sheet has them now (styles/charts.css). */
export interface Theme {
  ink: string;
  text: string;
  muted: string;
  grid: string;
  surface: string;
  accent: string;
  sequence: string[];
  categories: string[];
  family: string;
  /** Pixels. */
  size: number;
}

const SEQUENCE = 7;
const CATEGORIES = 8;

/** Reads the custom properties where `host` stands; a probe resolves light-dark() and friends. */
export function readTheme(host: HTMLElement): Theme {
  const probe = document.createElement('span');
  probe.hidden = true;
  host.append(probe);
  const style = getComputedStyle(probe);
  const colour = (name: string) => {
    probe.style.color = `var(--chart-${name})`;
    return style.color;
  };
  const many = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => colour(`${name}-${i + 1}`));
  const theme: Theme = {
    ink: colour('ink'),
    text: colour('text'),
    muted: colour('muted'),
    grid: colour('grid'),
    surface: colour('surface'),
    accent: colour('accent'),
    sequence: many('sequence', SEQUENCE),
    categories: many('category', CATEGORIES),
    family: style.fontFamily,
    size: parseFloat(style.fontSize),
  };
  probe.remove();
  return theme;
}

/** Calls back when the page turns light or dark, by its own switch or the system's, or to paper. */
export function watchTheme(changed: () => void): () => void {
  const queries = ['(prefers-color-scheme: dark)', '(forced-colors: active)', 'print'].map(
    (query) => matchMedia(query),
  );
  for (const query of queries) query.addEventListener('change', changed);
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true });
  return () => {
    for (const query of queries) query.removeEventListener('change', changed);
    observer.disconnect();
  };
}

/** "rgb(1, 2, 3)" → [1, 2, 3] */
function channels(colour: string): number[] {
  return (colour.match(/[\d.]+/g) ?? ['0', '0', '0']).slice(0, 3).map(Number);
}

/** The colour at `share` (0…1) of the sequence. */
export function sequenceColour(stops: string[], share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const [from, to] = [channels(stops[Math.floor(at)]!), channels(stops[Math.ceil(at)]!)];
  return `rgb(${from.map((value, i) => Math.round(value + (to[i]! - value) * (at % 1))).join(', ')})`;
}

export function roleColour(theme: Theme, role: ColourRole): string {
  if (typeof role === 'string') return theme[role];
  if ('share' in role) return sequenceColour(theme.sequence, role.share);
  return theme.categories[role.category % theme.categories.length]!;
}

export function classColour(theme: Theme, key: ColourKey, index: number): string {
  const one = key.classes[index];
  if (one?.role) return roleColour(theme, one.role);
  if (!one || one.other) return theme.muted;
  if (!key.ordered) return theme.categories[index % theme.categories.length]!;
  const steps = key.classes.filter(({ other }) => !other).length;
  return sequenceColour(theme.sequence, steps > 1 ? index / (steps - 1) : 0.4);
}

/** The colour with some of its strength taken away. */
export function faded(colour: string, alpha: number): string {
  return `rgba(${channels(colour).join(', ')}, ${alpha})`;
}

export type Shape = 'circle' | 'rectRot' | 'triangle' | 'rect';

/** As SVG paths around the origin, five units from the centre, for keys. */
export const SHAPE_OUTLINES: Record<Shape, string> = {
  circle: 'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0',
  rectRot: 'M0 -5.5L5.5 0L0 5.5L-5.5 0Z',
  triangle: 'M0 -5.2L5.4 4.4L-5.4 4.4Z',
  rect: 'M-4.5 -4.5H4.5V4.5H-4.5Z',
};
const SHAPES = Object.keys(SHAPE_OUTLINES) as Shape[];

/** Shape doubles colour: neighbours differ in both. */
export function classShape(key: ColourKey, index: number): Shape {
  return key.classes[index]?.shape ?? SHAPES[index % SHAPES.length]!;
}
