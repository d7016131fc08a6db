/**
 * From text to a dataset, in three pure steps, each shown to the user and each undoable:
 *
 *   parseTable(text)            → RawTable   cells as text, header, how the text was split
 *   guessMapping(table)         → Mapping    what each column means, with the reason for each guess
 *   readDataset(table, mapping) → Dataset    numbers in the written units, rows with their problems
 *
 * The engine then turns written units into base units and derives the missing one of N, D, C
 * (`prepare` in core/protocol.ts). A row keeps its index from here to the last chart.
 */

/** A sentence is made from a note in text/data.ts; here it is data. */
export interface Note {
  code: string;
  severity: 'info' | 'warning' | 'error';
  /** Index into RawTable.header; absent: about the whole table. */
  column?: number;
  /** Indices into RawTable.rows. */
  rows?: number[];
  /** What the sentence quotes: names, values, counts. */
  values: Record<string, string | number>;
  /** One-click fix. */
  fix?: Fix;
  /** The other way out, where there are two: a decimal comma or a thousands separator. */
  alternative?: Fix;
}

/** What a button on a note does; text/data.ts makes its label. */
export interface Fix {
  label: string;
  values: Record<string, string | number>;
  /** The mapping as it would be after it. */
  mapping: Mapping;
}

export interface RawTable {
  header: string[];
  /** Cells as they stand, trimmed; every row as long as the header. */
  rows: string[][];
  /** 1-based line (or element, for JSON) in the text of each row, for messages. */
  lines: number[];
  /** "csv", "tsv", "semicolon", "pipe", "markdown", "latex", "json_rows", "json_columns", "json_lines", "html", … */
  format: string;
  /** What was left out or repaired while splitting (comment lines, units row, repeated header, totals, twins). */
  notes: Note[];
}

/** params, tokens, flops, exits, loss are the engine's quantities; the others are the page's own. */
export type Role =
  'params' | 'tokens' | 'flops' | 'exits' | 'loss' | 'run' | 'step' | 'group' | 'weight' | 'ignore';

export type ParamsConvention = 'total' | 'non_embedding' | 'active';

export interface ColumnChoice {
  role: Role;
  /** Unit id of the quantity (catalog); '' for the page's own roles. */
  unit: string;
  /** per_ratio units only: bytes per token; null = not given yet (an error note asks for it). */
  ratio: number | null;
  /** How numbers are written in this column, decided from all its cells. */
  decimal: '.' | ',';
  /** All cells are like "1,234": nobody can tell, so none is used until `decimal` has been chosen. */
  undecided?: boolean;
  /** Cells are in so many: 1e9 under the header "N (B)"; 1 when absent. A cell with its own suffix is not scaled. */
  scale?: number;
  /** params only. */
  convention: ParamsConvention;
  /** Why this was chosen, by code ("name_matches", "values_look_like", "chosen_by_you"). */
  reason: string;
  /** What the reason quotes; the header where absent. */
  evidence?: string;
}

/** Rows kept: those whose cell equals one of `values` (as text). Offered for flag-like columns. */
export interface RowFilter {
  column: number;
  values: string[];
}

export interface Mapping {
  columns: ColumnChoice[];
  filters: RowFilter[];
  /** For step logs (several rows per run): which row of a run counts. */
  perRun: 'all' | 'last' | 'minimum';
}

/** A column that looks like a switch (outlier flags, run state), with its values and counts. */
export interface FilterOffer {
  column: number;
  values: { value: string; rows: number }[];
  /** Values we would keep. */
  suggestion: string[];
  reason: string;
}

export interface RowProblem {
  column: number | null;
  /** "missing", "not_a_number", "not_positive", "diverged", "ambiguous_number", "filtered", "not_last_of_run", … */
  code: string;
  /** The cell as it stands. */
  cell: string;
}

export interface DataRow {
  /** Index into RawTable.rows. */
  index: number;
  /** For hover: run name or "row 12". */
  name: string;
  /** Value of the group column, or ''. */
  group: string;
  /** Why the row cannot be used; empty = it can (as far as the importer can tell). */
  problems: RowProblem[];
}

export interface Dataset {
  rows: DataRow[];
  /** Quantity id → numbers in the unit as written, one per row, NaN = missing. `weight` too if there is one. */
  columns: Record<string, Float64Array>;
  /** Quantity id → unit as written, for the engine's prepare. */
  units: Record<string, { id: string; ratio?: number }>;
  offers: FilterOffer[];
  notes: Note[];
}
