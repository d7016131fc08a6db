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
}

export interface ChartHandlers {
  /** prepare: curves of equal compute need the tokens that a size and a budget leave. */
  engine: Pick<Engine, 'prepare' | 'predict' | 'optimum'>;
  /** Row under the pointer or the keyboard, shared by table and charts. */
  highlighted: Signal<number | null>;
  /** Whose runs and which law, for a picture that leaves the page. */
  caption: string;
  /** Click or Enter on a point: switch the run off or on. */
  onToggle: (rowIndex: number) => void;
  /** The budget line was dragged here; without it the line stands still. */
  onBudget?: ((flops: number) => void) | undefined;
}
