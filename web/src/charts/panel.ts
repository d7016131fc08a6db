/**
 * A chart said in plain data, for every part of the page that is not the first grid of charts: what its
 * axes are and which layers lie on them. `PanelChart` (panel-chart.tsx) draws it with all that a chart has:
 * readable ticks, reading under the pointer and by keyboard, table, PNG, SVG, CSV, enlarging, light and dark.
 *
 * Nothing here knows pixels or colours. Layers are drawn in the order given, lines under points. Axes hold
 * all values of all layers unless they say otherwise. A NaN is no number: not drawn, and a gap in a line.
 */
import type { Signal } from '@preact/signals';
import type { ColourRole, Shape } from './theme';

/** A chart: a title and one or more panels side by side that share one key of colours. */
export interface ChartDescription {
  /** Stable and unique on the page: file names, links and tests use it. */
  id: string;
  /** The finding, or the question. */
  title: string;
  /** A sentence that the title cannot hold. */
  note?: string;
  panels: PanelDescription[];
}

export interface PanelDescription {
  x: ValueAxis;
  y: ValueAxis | CategoryAxis;
  layers: Layer[];
}

/** What the numbers along an axis are, and how they are printed. */
export interface ValueAxis {
  /** Column id, as in files. */
  quantity: string;
  /** "Training compute C"; the unit follows in brackets. */
  name: string;
  /** Short name before a value in the reading, such as the symbol "C"; the name where it is left out. */
  symbol?: string;
  unit?: string;
  scale: 'log' | 'linear';
  /** count: "70B" · compute: "5.76×10²³" · loss: four digits · percent: of a share, 0.01 = "1 %" · number */
  kind: 'count' | 'compute' | 'loss' | 'percent' | 'number';
  /** Fixed ends; without them all values of all layers, with room at the ends. */
  range?: [number, number];
  /** A value that the axis must reach where there is no fixed range, such as 0. */
  holds?: number[];
}

/**
 * Rows one under the other, the first on top (a forest plot): y = 0 is the first row, y = 1 the second;
 * fractions put several marks beside each other in one row (0.8, 1, 1.2).
 */
export interface CategoryAxis {
  /** Column id, as in files. */
  quantity: string;
  name: string;
  scale: 'category';
  categories: string[];
}

export type Layer = PointsLayer | IntervalsLayer | LineLayer | BandLayer | ContourLayer | RuleLayer;

/** Points, one entry per point in every array. */
export interface PointsLayer {
  kind: 'points';
  /** What the points are: "Runs", "Bootstrap draws". Stands in the key, in the table and in files. */
  name: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** What each is called where it is read; `name` where there is none. */
  labels?: ArrayLike<string>;
  /** Row of the run's table (`ChartRow.index`) that each point is; −1 for none. Shared highlight follows it. */
  rows?: ArrayLike<number>;
  /** Left out of the fit: hollow and grey. */
  off?: ArrayLike<boolean>;
  role: ColourRole;
  /** By default each layer of a panel has the next shape. */
  shape?: Shape;
  /** A crowd to be seen as a cloud: small, pale, and not stepped through by keyboard. */
  cloud?: boolean;
  /** The labels stand beside the points, as for published models on a map; few points only. */
  labelled?: boolean;
  /** In the key of colours; default yes where a chart has more than one layer of points. */
  inKey?: boolean;
}

/** Estimates with whiskers, one entry per estimate. */
export interface IntervalsLayer extends Omit<PointsLayer, 'kind' | 'cloud'> {
  kind: 'intervals';
  /** x: whiskers lie (a forest plot) · y: whiskers stand. */
  along: 'x' | 'y';
  /** Ends of the interval, in values of that axis; ±Infinity is drawn to the edge, NaN is no whisker. */
  lower: ArrayLike<number>;
  upper: ArrayLike<number>;
}

export interface LineLayer {
  kind: 'line';
  /** Series name in files; unique in the panel. */
  name: string;
  /** At the end of the line; the name where it is left out, '' for none. */
  label?: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  role: ColourRole;
  /** Extrapolated: dashed and paler. */
  dashed?: boolean;
  /** A help line, such as a diagonal: fine dots. */
  guide?: boolean;
  /**
   * Its vertices are read like points: by default those of all lines but guides, where a panel has neither
   * points nor intervals.
   */
  read?: boolean;
}

/** The ground between two curves: an interval along x. */
export interface BandLayer {
  kind: 'band';
  /** Series name in files, unique in the panel: "95 % bootstrap". */
  name: string;
  x: ArrayLike<number>;
  lower: ArrayLike<number>;
  upper: ArrayLike<number>;
  role: ColourRole;
  /** Half as strong: beyond the data, or the wider interval of a new run around that of the mean. */
  pale?: boolean;
}

/** Lines of equal height of a surface, labelled at their ends. */
export interface ContourLayer {
  kind: 'contours';
  name: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** Positive; of (x[i], y[j]) at i·y.length + j. Straight between grid points in the logarithms. */
  value: ArrayLike<number>;
  levels: { value: number; label: string }[];
  role: ColourRole;
}

/** A line across the whole panel: upright at a value of x, or level at a value of y. */
export interface RuleLayer {
  kind: 'rule';
  on: 'x' | 'y';
  value: number;
  label: string;
  role: ColourRole;
  /** Can be dragged along x; what that means is `PanelHandlers.onRule`. */
  moves?: boolean;
}

/** What a panel can do beside being read; all optional. */
export interface PanelHandlers {
  /** Row under the pointer or the keyboard (`ChartRow.index`), shared with table and charts. */
  highlighted?: Signal<number | null>;
  /** Click or Enter on a point that has a row. */
  onToggle?: (rowIndex: number) => void;
  /** A rule that moves was dragged here. */
  onRule?: (value: number) => void;
}

/** Of the component `PanelChart` in panel-chart.tsx; load that file lazily, it brings all of the charts along. */
export interface PanelChartProps {
  chart: ChartDescription;
  /** Whose runs and which law, for a picture that leaves the page. */
  caption: string;
  handlers?: PanelHandlers;
}
