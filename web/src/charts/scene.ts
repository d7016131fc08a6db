/**
 * What a chart shows, as plain data: no DOM, no colours, no pixels. View-models make it, mount.ts draws
 * it, csv.ts and the table twin write it down, tests compare it.
 */

export interface AxisView {
  /** Column id, as in files. */
  quantity: string;
  /** Quantity and unit: "Training compute C (FLOPs)". */
  label: string;
  scale: 'log' | 'linear';
  min: number;
  max: number;
  format: 'count' | 'compute' | 'loss' | 'percent';
}

/** Runs. Entry i of each array is one run; `row` is its place in the input's rows. */
export interface PointsView {
  row: Int32Array;
  x: Float64Array;
  y: Float64Array;
  /** Class of the colour key; −1 for runs that are left out. */
  colour: Int16Array;
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
  /** law: the one ink · guide: a help line such as the diagonal · contour: a level of a map. */
  kind: 'law' | 'guide' | 'contour';
  /** Outside the data: dashed and paler. */
  beyond: boolean;
  /** Class of the colour key that the curve belongs to: a dot of that colour goes before the label. */
  colour: number | null;
}

/** A vertical line across the panel. `moves`: it can be dragged, and means the budget. */
export interface RuleView {
  x: number;
  label: string;
  moves: boolean;
}

/** A place of note that is no run, such as the optimum at the chosen budget. */
export interface MarkView {
  x: number;
  y: number;
  label: string;
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
}
