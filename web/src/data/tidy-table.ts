/**
 * From split cells to a table: which line is the header, which lines are no runs (comments, titles,
 * units, repeated headers, totals), and rows of equal length. Everything left out or repaired leaves
 * a note.
 */
import type { Grid } from './importers/importer';
import { readCell, readTail } from './read-number';
import type { Note, RawTable } from './types';

interface Line {
  cells: string[];
  line: number;
}

export function tidyTable(grid: Grid): RawTable {
  const notes: Note[] = [...grid.notes];
  let lines = grid.rows
    .map((row, index): Line => ({
      cells: row.map((cell) => cell.trim()),
      line: grid.lines[index]!,
    }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));

  if (!grid.headed) lines = withoutPreamble(lines, notes);
  const header = grid.headed ? lines.shift()?.cells : takeHeader(lines, notes);
  if (!header) return { header: [], rows: [], lines: [], format: grid.format, notes };

  if (!grid.headed || grid.format === 'markdown') {
    takeUnits(header, lines, notes);
    lines = withoutTotals(lines, notes);
  }
  lines = withoutRepeatedHeader(header, lines, notes);
  const even = evenOut(header, lines, notes);
  return { ...even, format: grid.format, notes };
}

function isNumber(cell: string): boolean {
  return readCell(cell, '.').kind === 'number' || readCell(cell, ',').kind === 'number';
}

/** Share of numbers among the cells that say anything. */
function numberShare(cells: string[]): number {
  const telling = cells.filter((cell) => {
    const { kind } = readCell(cell, '.');
    return kind !== 'missing' && kind !== 'not_finite';
  });
  return telling.length === 0 ? 0 : telling.filter(isNumber).length / telling.length;
}

const filled = (cells: string[]) => cells.filter((cell) => cell !== '').length;

/** "#N/A" is a cell, "# from the cluster" a comment. */
const isComment = ({ cells }: Line) =>
  /^#(?!N\/A|DIV|VALUE|REF|NUM|NAME|NULL)/i.test(cells[0] ?? '');

/** Drops comment lines and titles above the header. A comment that names the columns becomes the header. */
function withoutPreamble(lines: Line[], notes: Note[]): Line[] {
  const comments = lines.filter(isComment);
  const kept = lines.filter((line) => !isComment(line));
  if (comments.length > 0 && comments.length <= kept.length) {
    const first = kept[0]!;
    const named = comments.filter(
      ({ cells, line }) =>
        line < first.line && filled(cells) > 1 && cells.length === first.cells.length,
    );
    const header = numberShare(first.cells) > 0 ? named.at(-1) : undefined;
    const left = comments.filter((comment) => comment !== header);
    if (left.length > 0) notes.push(leftOut('comment_lines', left));
    if (header) {
      kept.unshift({ ...header, cells: header.cells.map((cell) => cell.replace(/^#\s*/, '')) });
    }
    lines = kept;
  } else if (
    comments.length > 0 &&
    lines[0] &&
    isComment(lines[0]) &&
    !lines.slice(1).some(isComment)
  ) {
    lines = [
      { ...lines[0], cells: lines[0].cells.map((cell) => cell.replace(/^#\s*/, '')) },
      ...lines.slice(1),
    ];
  }

  const widest = Math.max(0, ...lines.slice(0, 50).map(({ cells }) => filled(cells)));
  const start = lines.findIndex(({ cells }) => filled(cells) > 1);
  if (widest < 3 || start <= 0 || start > 10) return lines;
  notes.push(leftOut('lines_before_header', lines.slice(0, start)));
  return lines.slice(start);
}

function leftOut(code: string, lines: Line[]): Note {
  return { code, severity: 'info', values: { count: lines.length, line: lines[0]!.line } };
}

/** Removes the header from `lines`; where the first line holds as many numbers as the others, there is none. */
function takeHeader(lines: Line[], notes: Note[]): string[] | undefined {
  const [first, ...others] = lines;
  if (!first) return undefined;
  const share = numberShare(first.cells);
  const sample = others.slice(0, 20);
  const usual =
    sample.reduce((sum, { cells }) => sum + numberShare(cells), 0) / (sample.length || 1);
  if (share === 0 || (share < 0.5 && share < usual / 2)) {
    lines.shift();
    return first.cells;
  }
  notes.push({ code: 'no_header', severity: 'warning', values: { columns: first.cells.length } });
  return first.cells.map((_, column) => `column ${column + 1}`);
}

/** A line of units under the header goes into the names: loss, nats → "loss [nats]". */
function takeUnits(header: string[], lines: Line[], notes: Note[]): void {
  const [first, second] = lines;
  if (!first || !second) return;
  const units = first.cells.map((cell) => cell.replace(/^[[(]|[\])]$/g, ''));
  const isUnit = (cell: string) => /[a-z]/i.test(cell) && readTail(cell) !== null;
  const fits = units.every(
    (unit, column) =>
      isUnit(unit) ||
      /^[-–—]?$/.test(unit) ||
      (!isNumber(unit) && !isNumber(second.cells[column] ?? '')),
  );
  if (!fits || !units.some(isUnit) || numberShare(second.cells) === 0) return;
  units.forEach((unit, column) => {
    if (isUnit(unit) && header[column] !== undefined)
      header[column] = `${header[column]} [${unit}]`;
  });
  lines.shift();
  notes.push(leftOut('units_row', [first]));
}

const totals =
  /^(?:grand )?(?:total|sum|average|mean|avg|median|std|stdev|min|max|minimum|maximum|count|Σ)s?:?$/i;

function withoutTotals(lines: Line[], notes: Note[]): Line[] {
  let end = lines.length;
  while (end > 1 && totals.test(lines[end - 1]!.cells.find((cell) => cell !== '') ?? '')) end -= 1;
  if (end === lines.length || lines.length - end > 6) return lines;
  notes.push(leftOut('totals_row', lines.slice(end)));
  return lines.slice(0, end);
}

function withoutRepeatedHeader(header: string[], lines: Line[], notes: Note[]): Line[] {
  const bare = header.map((name) => name.replace(/ \[[^\]]*\]$/, ''));
  const repeats = (cells: string[]) =>
    cells[0] === bare[0] &&
    cells.length > 1 &&
    bare.every((name, column) => cells[column] === name);
  const repeated = lines.filter(({ cells }) => repeats(cells));
  if (repeated.length === 0) return lines;
  notes.push(leftOut('repeated_header', repeated));
  return lines.filter(({ cells }) => !repeats(cells));
}

/** Rows as long as the header, names that differ, no empty columns. */
function evenOut(
  header: string[],
  lines: Line[],
  notes: Note[],
): Pick<RawTable, 'header' | 'rows' | 'lines'> {
  const lengths = lines.map(({ cells }) => cells.findLastIndex((cell) => cell !== '') + 1);
  const isLong = (length: number) => length > header.length;
  if (
    lines.length > 1 &&
    lines.every(({ cells }) => cells.length === header.length + 1) &&
    lengths.every(isLong)
  ) {
    header.unshift(''); // R writes row names without a name for their column
  } else if (lengths.filter(isLong).length > lines.length / 2) {
    const longest = Math.max(...lengths);
    while (header.length < longest) header.push('');
  }
  const width = header.length;
  const long: number[] = [];
  const short: number[] = [];
  const rows = lines.map(({ cells }, index) => {
    if (lengths[index]! > width) long.push(index);
    if (cells.length < width) short.push(index);
    return cells.length === width
      ? cells
      : Array.from({ length: width }, (_, column) => cells[column] ?? '');
  });
  if (long.length > 0) {
    const values = { count: long.length, cells: lengths[long[0]!]!, columns: width };
    notes.push({ code: 'long_rows', severity: 'warning', rows: long, values });
  }
  if (short.length > 0) {
    const values = { count: short.length, columns: width };
    notes.push({ code: 'short_rows', severity: 'warning', rows: short, values });
  }

  const used = header.map((name, column) => name !== '' || rows.some((row) => row[column] !== ''));
  const keep = <T>(cells: T[]) =>
    used.includes(false) ? cells.filter((_, column) => used[column]) : cells;
  return {
    header: distinctNames(keep(header.map((name, column) => nameOf(name, column))), notes),
    rows: rows.map(keep),
    lines: lines.map(({ line }) => line),
  };
}

function nameOf(name: string, column: number): string {
  const tidy = name.replace(/\s+/g, ' ');
  return tidy === '' || /^Unnamed: \d+$/.test(tidy) ? `column ${column + 1}` : tidy;
}

function distinctNames(names: string[], notes: Note[]): string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  const distinct = names.map((name) => {
    let unique = name;
    for (let copy = 2; seen.has(unique); copy += 1) unique = `${name} (${copy})`;
    if (unique !== name) repeated.add(name);
    seen.add(unique);
    return unique;
  });
  if (repeated.size > 0) {
    notes.push({
      code: 'repeated_names',
      severity: 'warning',
      values: { names: [...repeated].join(', ') },
    });
  }
  return distinct;
}
