/**
 * What a chart shows, as plain data: no DOM, no colours, no pixels. View-models make it (also of what other
 * parts of the page describe, panel.ts), mount.ts draws it, export.ts writes it down, tests compare it.
 */
import type { ColourRole } from './theme';

export interface AxisView {
  /** Column id, as in files. */
  quantity: string;
  /** Quantity and unit: "Training compute C (FLOPs)". */
  label: string;
  /** category: rows one under the other, the first on top; values are their numbers from 0. */
  scale: 'log' | 'linear' | 'category';
  min: number;
  max: number;
  format: 'count' | 'compute' | 'loss' | 'percent' | 'number';
  /** Of the rows of a category axis. */
  categories?: string[];
}

/** An interval for each point, NaN for none. */
export interface Whiskers {
  lower: Float64Array;
  upper: Float64Array;
}

/** Runs, or other items. Entry i of each array is one; `row` is its place in the subject's rows. */
export interface PointsView {
  row: Int32Array;
  x: Float64Array;
  y: Float64Array;
  /** Class of the colour key; −1 for runs that are left out, −2 for what is read but not drawn. */
  colour: Int16Array;
  whiskersX?: Whiskers;
  whiskersY?: Whiskers;
}

export interface CurveView {
  /** Unique within the panel; the series name in files. */
  id: string;
  /** '' for none. */
  label: string;
  /** end: right of where the line leaves · start: inside its beginning · below: left below its middle. */
  labelAt: 'end' | 'start' | 'below';
  /** A NaN parts one stretch of line from the next. */
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  lower: ArrayLike<number> | null;
  upper: ArrayLike<number> | null;
  /** Where the bounds stand when not above and below the line itself. */
  lowerX?: ArrayLike<number>;
  upperX?: ArrayLike<number>;
  /** law: the one ink · guide: a help line such as the diagonal · contour: a level of a map · band: the bounds alone. */
  kind: 'law' | 'guide' | 'contour' | 'band';
  /** Instead of the ink, or of the guides' grey. */
  role?: ColourRole;
  /** Outside the data: dashed and paler. */
  beyond: boolean;
  /** Class of the colour key that the curve belongs to: a dot of that colour goes before the label. */
  colour: number | null;
}

/** A line across the panel, at a value of one axis. `moves`: it can be dragged along x, and means the budget. */
export interface RuleView {
  on: 'x' | 'y';
  value: number;
  label: string;
  moves: boolean;
  /** The accent where nothing is said. */
  role?: ColourRole;
}

/** A place of note that is no run, such as the optimum at the chosen budget. */
export interface MarkView {
  x: number;
  y: number;
  label: string;
  /** dot: small and grey, as known models are · none: the label alone · the ring of what is chosen otherwise. */
  shape?: 'dot' | 'none';
  /** Left of the place, on the side where the plot is emptier. */
  labelAt: 'above' | 'below';
}

export interface PanelView {
  x: AxisView;
  y: AxisView;
  points: PointsView;
  curves: CurveView[];
  rules: RuleView[];
  marks: MarkView[];
}

export interface ChartView {
  /** Stable: links, file names and tests use it. */
  id: string;
  /** The question, or the finding. */
  title: string;
  /** What the title cannot hold; may be empty. */
  note: string;
  panels: PanelView[];
  /** What the table has beside the axes; one number per row of the subject. */
  columns?: TableColumn[];
}

export interface TableColumn {
  label: string;
  format: AxisView['format'];
  values: ArrayLike<number>;
}
