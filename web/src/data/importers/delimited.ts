/** Cells between commas, tabs, semicolons, pipes or spaces: files, and what spreadsheets put on the clipboard. */
import Papa from 'papaparse';
import type { Note } from '../types';
import type { Grid, Importer } from './importer';

export const delimited: Importer = {
  id: 'delimited',
  recognise: () => true,
  read: readDelimited,
};

const formats: Record<string, string> = {
  '\t': 'tsv',
  ';': 'semicolon',
  '|': 'pipe',
  ',': 'csv',
};

export function readDelimited(text: string): Grid {
  const delimiter = guessDelimiter(text);
  if (delimiter === null) return splitAtSpaces(text);
  const notes: Note[] = [];
  const whole = split(text, delimiter);
  let { rows, lines } = whole;
  if (whole.openQuote !== null) {
    // A quote that never closes would swallow the rest of the table: take quotes as plain characters.
    notes.push({ code: 'unclosed_quote', severity: 'warning', values: { line: whole.openQuote } });
    ({ rows, lines } = split(text, delimiter, false));
  }
  return { format: formats[delimiter]!, rows, lines, headed: false, notes };
}

interface Split {
  rows: string[][];
  lines: number[];
  /** Line of the row in which a quote opens and never closes. */
  openQuote: number | null;
}

function split(text: string, delimiter: string, quotes = true, preview = 0): Split {
  const { data, errors } = Papa.parse<string[]>(text, {
    delimiter,
    newline: '\n',
    preview,
    ...(quotes ? {} : { fastMode: true }),
  });
  const lines: number[] = [];
  let line = 1;
  for (const row of data) {
    lines.push(line);
    line += 1;
    for (const cell of row) if (cell.includes('\n')) line += cell.split('\n').length - 1;
  }
  const open = errors.find(({ code }) => code === 'MissingQuotes');
  return {
    rows: quotes ? data : data.map((row) => row.map((cell) => cell.replace(/^\s*"|"\s*$/g, ''))),
    lines,
    openQuote: open ? (lines[Math.min(open.row ?? 0, lines.length - 1)] ?? 1) : null,
  };
}

/**
 * The mark that cuts the first lines into equally many cells, at least two, header included. Commas
 * come last, since they also stand inside numbers. Null: no mark does, but spaces do.
 */
function guessDelimiter(text: string): string | null {
  const sample = text.slice(0, 50_000);
  const candidates = Object.keys(formats).map((delimiter) => {
    const counts = split(sample, delimiter, true, 60)
      .rows.filter((row) => row.length > 1 || !/^\s*(?:#.*)?$/.test(row[0] ?? ''))
      .map((row) => row.length);
    const usual = mostCommon(counts);
    const agreeing = counts.filter((count) => count === usual).length / counts.length;
    return { delimiter, usual, agreeing, headerAgrees: counts[0] === usual };
  });
  const cutting = candidates.filter(({ usual }) => usual > 1);
  const best =
    cutting.find(({ agreeing, headerAgrees }) => agreeing > 0.7 && headerAgrees) ??
    cutting.sort((a, b) => b.agreeing - a.agreeing)[0];
  if (best) return best.delimiter;
  const rows = splitAtSpaces(sample).rows.filter(([first]) => !first?.startsWith('#'));
  const widths = rows.map((row) => row.length);
  const numbers = rows.flat().filter((cell) => /^[-+]?[\d.]/.test(cell)).length;
  const wide = widths.length > 1 && widths.every((width) => width === widths[0] && width > 1);
  return wide && numbers > widths.length ? null : ',';
}

function mostCommon(counts: number[]): number {
  const seen = new Map<number, number>();
  for (const count of counts) seen.set(count, (seen.get(count) ?? 0) + 1);
  return [...seen].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

/** As numpy.savetxt and many logs write it; a leading "# " belongs to the comment, not to a cell. */
function splitAtSpaces(text: string): Grid {
  const rows: string[][] = [];
  const lines: number[] = [];
  text.split('\n').forEach((line, index) => {
    const cells = line.trim().replace(/^#\s+/, '#').split(/\s+/);
    if (cells[0] === '') return;
    rows.push(cells);
    lines.push(index + 1);
  });
  return { format: 'spaces', rows, lines, headed: false, notes: [] };
}
