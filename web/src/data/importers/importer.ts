import type { Note } from '../types';

/** A text split into cells, before header, units row, totals and gaps are looked at (tidy-table.ts). */
export interface Grid {
  format: string;
  rows: string[][];
  /** 1-based line (or element, for JSON) in the text of each row. */
  lines: number[];
  /** The format itself says that the first row is the header; otherwise it is looked for. */
  headed: boolean;
  notes: Note[];
}

/**
 * One form in which tables come. Adding one: a file here, its entry in index.ts, the name of its
 * format in text/data.ts.
 */
export interface Importer {
  id: string;
  /** Cheap: looks at the beginning, or for a tell-tale word. The first importer that says yes reads. */
  recognise(text: string): boolean;
  /** Total: text that is broken gives a grid with notes, never an exception. */
  read(text: string): Grid;
}

/** Nothing could be read, and why. */
export function emptyGrid(format: string, code: string, values: Note['values'] = {}): Grid {
  const notes: Note[] = [{ code, severity: 'error', values }];
  return { format, rows: [], lines: [], headed: false, notes };
}

/** The text up to its first line break that has something before it. */
export function firstLine(text: string): string {
  return /[^\n\s][^\n]*/.exec(text)?.[0] ?? '';
}
