import type { Quantity } from '../core/protocol';
import { NO_CURVES, type CurveSet } from '../model/curves';
import { linesOfStudy } from '../model/curves-lines';
import { colourKey, type ColourKey } from './colours';
import { readingOf, type Reading } from './reading';
import type { AxisView, ChartView, CurveView, MarkView, PointsView } from './scene';
import type { ChartInput, ChartRow } from './types';

/** What the points of a chart stand for, and what their colours mean. */
export interface Subject {
  /** Points name their row by its place in here; an index of −1 is no row of the table. */
  rows: ChartRow[];
  key: ColourKey;
  /** `at`: place in the rows. */
  reading: (at: number) => Reading;
  /** Rows are runs, which the fit uses or leaves out. */
  runs: boolean;
}

/** What a view-model is made from: the input, the law's curves, and what colours mean. */
export interface ChartContext extends Subject {
  input: ChartInput;
  curves: CurveSet;
}

/** One chart on offer. `view` is pure, and null where the chart would say nothing. */
export interface ChartDefinition {
  id: string;
  /** Quantities that must be there, and vary. */
  needs: string[];
  view: (context: ChartContext) => ChartView | null;
}

/** Curves of another law than the one shown are not drawn. */
export function chartContext(input: ChartInput, curves: CurveSet): ChartContext {
  const fitting = input.fit && curves.law === input.law.id ? curves : NO_CURVES;
  const lines = linesOfStudy(input.columns, input.rows);
  return {
    input,
    curves: fitting,
    key: colourKey(input, lines),
    rows: input.rows,
    reading: (at) => readingOf(input, at),
    runs: true,
  };
}

export function varies({ columns, rows }: ChartInput, id: string): boolean {
  const column = columns[id];
  if (!column) return false;
  let first = NaN;
  for (let i = 0; i < rows.length; ++i) {
    const value = column[i]!;
    if (!(value > 0)) continue;
    if (Number.isNaN(first)) first = value;
    else if (value !== first) return true;
  }
  return false;
}

/** Runs at (x, y); those without either number are not drawn, nor those off a log axis. */
export function points(
  { input, key }: ChartContext,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
): PointsView {
  const seen = (i: number) => Number.isFinite(x[i]) && Number.isFinite(y[i]);
  let count = 0;
  for (let i = 0; i < input.rows.length; ++i) if (seen(i)) ++count;
  const found: PointsView = {
    row: new Int32Array(count),
    x: new Float64Array(count),
    y: new Float64Array(count),
    colour: new Int16Array(count),
  };
  let at = 0;
  for (let i = 0; i < input.rows.length; ++i) {
    if (!seen(i)) continue;
    found.row[at] = i;
    found.x[at] = x[i]!;
    found.y[at] = y[i]!;
    found.colour[at] = input.rows[i]!.used ? key.of[i]! : -1;
    ++at;
  }
  return found;
}

/** Room left at either end of an axis, as a share of its length. */
const ROOM = 0.04;

/** Smallest range that holds all finite (on a log axis: positive) values, with room at the ends. */
export function axis(
  { id, kind }: Pick<Quantity, 'id' | 'kind'>,
  label: string,
  values: Iterable<ArrayLike<number>>,
  room = ROOM,
): AxisView {
  let [lo, hi] = [Infinity, 0];
  for (const column of values) {
    for (let i = 0; i < column.length; ++i) {
      const value = column[i]!;
      if (value > 0 && value < lo) lo = value;
      if (value > hi && value < Infinity) hi = value;
    }
  }
  if (lo > hi) [lo, hi] = [1, 10];
  if (lo === hi) [lo, hi] = [lo / 1.5, hi * 1.5];
  const widen = (hi / lo) ** room;
  return { quantity: id, label, scale: 'log', min: lo / widen, max: hi * widen, format: kind };
}

/** Published models whose numbers lie on both axes. */
export function knownMarks({ known = [] }: ChartInput, x: AxisView, y: AxisView): MarkView[] {
  return known.flatMap(({ name, values }): MarkView[] => {
    const [px, py] = [values[x.quantity] ?? NaN, values[y.quantity] ?? NaN];
    const seen = px >= x.min && px <= x.max && py >= y.min && py <= y.max;
    return seen ? [{ x: px, y: py, label: name, labelAt: 'above', shape: 'dot' }] : [];
  });
}

export function curve(
  id: string,
  label: string,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  more: Partial<CurveView> = {},
): CurveView {
  return {
    id,
    label,
    labelAt: 'end',
    x,
    y,
    lower: null,
    upper: null,
    kind: 'law',
    beyond: false,
    colour: null,
    ...more,
  };
}
