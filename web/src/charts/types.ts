import type { Signal } from '@preact/signals';
import type {
  Catalog,
  Columns,
  CostChoice,
  DataRange,
  Engine,
  Law,
  LawWithNumbers,
} from '../core/protocol';

/** One training run as the charts see it; `index` is its row in the table, for ever. */
export interface ChartRow {
  index: number;
  name: string;
  group: string;
  /** In the fit now. */
  used: boolean;
  /** Why not, as a sentence; null when used. Rows that have no numbers are not drawn. */
  leftOut: string | null;
}

/** All that charts are drawn from. Columns are in base units, one entry per row, NaN = none. */
export interface ChartInput {
  catalog: Catalog;
  law: Law;
  rows: ChartRow[];
  columns: Columns;
  /** Of the fit, one entry per row; NaN where the row is not used. null before the first fit. */
  predicted: Float64Array | null;
  residual: Float64Array | null;
  /** The fitted law; null while there is none that can be drawn. */
  fit: LawWithNumbers | null;
  costModel: CostChoice;
  range: DataRange;
  /** The budget chosen on the page. */
  flops: number | null;
  /** What is planned for, of the law's further variables (exits); 1 where nothing is said, as the engine has it. */
  at?: Record<string, number> | undefined;
  /** Published models, as small labelled marks wherever their numbers fit the axes. */
  known?: KnownModel[] | undefined;
}

export interface KnownModel {
  name: string;
  /** By quantity, in base units; what is not known is missing. */
  values: Record<string, number>;
}

/** What a hand can do in a plot. What has no handler is not offered. Rows are `ChartRow.index`. */
export interface PlotHandlers {
  /** Row under the pointer or the keyboard, shared by table and charts. */
  highlighted: Signal<number | null>;
  /** Whose runs and which law, for a picture that leaves the page. */
  caption: string;
  /** Click or Enter on a point: switch the run off or on. */
  onToggle?: ((rowIndex: number) => void) | undefined;
  /** The budget line was dragged here; without it the line stands still. */
  onBudget?: ((flops: number) => void) | undefined;
  /**
   * "What if this run had this loss": while a point is dragged up and down, once a frame at most. Also with
   * a point read by keyboard, by Alt+Up and Alt+Down.
   */
  onMove?: ((rowIndex: number, move: Move) => void) | undefined;
  /** The point was let go there; null: Escape took it back, the run is to have its own loss again. */
  onMoveEnd?: ((rowIndex: number, move: Move | null) => void) | undefined;
  /** A frame was drawn around these runs (Shift and drag, or the brush button): switch them all off, or on. */
  onBrush?: ((rowIndices: number[], mode: 'off' | 'on') => void) | undefined;
  /** Double click beside the runs: take moves and brushes back. */
  onReset?: (() => void) | undefined;
}

export interface Move {
  loss: number;
}

/** Bounds over the rows of a grid: 95 % of the mean, and of a new run. */
export interface Bands {
  lower: Float64Array;
  upper: Float64Array;
  new_lower: Float64Array;
  new_upper: Float64Array;
}

/** Bounds (95 %) of the compute-optimal answers, one per budget asked; NaN where there is none. */
export type FrontierBands = Record<'params' | 'tokens' | 'loss', Pick<Bands, 'lower' | 'upper'>>;

export interface ChartHandlers extends PlotHandlers {
  /** prepare: curves of equal compute need the tokens that a size and a budget leave. */
  engine: Pick<Engine, 'prepare' | 'predict' | 'optimum'>;
  /**
   * Bootstrap intervals of this very fit over a grid (columns: the law's variables and what else is held along
   * the curves). The charts show the sandwich's until these come. Give none while the draws are those of an
   * older fit, and a new function (else the same one) when they are new: then the charts ask again. What
   * rejects is as if it were not there.
   */
  bands?: ((columns: Columns) => Promise<Bands>) | undefined;
  /** The same of the compute-optimal line, at budgets of the charts' choosing. */
  frontierBands?: ((flops: Float64Array) => Promise<FrontierBands>) | undefined;
}
