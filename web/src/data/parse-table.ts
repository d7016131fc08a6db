import { withAddedColumns } from './added-columns';
import { decode } from './decode';
import { importers } from './importers';
import { emptyGrid } from './importers/importer';
import type { Grid } from './importers/importer';
import { readCell } from './read-number';
import { tidyTable } from './tidy-table';
import type { Note, RawTable } from './types';

/**
 * Any text that holds a table, or the bytes of a file → cells as they stand. Never throws: what
 * cannot be read comes back without rows and with an error note. `fileName` only helps to say what
 * a binary file is.
 */
export function parseTable(input: string | Uint8Array, fileName = ''): RawTable {
  const decoded = decode(input);
  if ('binary' in decoded) {
    const kind = decoded.binary || /\.(\w{1,10})$/.exec(fileName)?.[1] || '';
    return tidyTable(emptyGrid('binary', 'binary_file', { kind }));
  }
  const table = withAddedColumns(tidyTable(readText(decoded.text)));
  if (decoded.guessedEncoding) {
    const values = { encoding: decoded.guessedEncoding };
    table.notes.push({ code: 'guessed_encoding', severity: 'warning', values });
  }
  const problem = problemOf(table);
  if (problem) table.notes.push(problem);
  return table;
}

function readText(text: string): Grid {
  if (text.trim() === '') return emptyGrid('empty', 'empty_text');
  return importers.find(({ recognise }) => recognise(text))!.read(text);
}

/** Why there is nothing to fit in a table that could be split; undefined = there may be. */
function problemOf({ header, rows, notes }: RawTable): Note | undefined {
  const error = (code: string, values: Note['values'] = {}): Note => ({
    code,
    severity: 'error',
    values,
  });
  if (notes.some(({ severity }) => severity === 'error')) return undefined;
  if (header.length === 0) return error('empty_text');
  if (rows.length === 0)
    return error('only_header', { columns: header.length, names: header.slice(0, 5).join(', ') });
  const sample = rows.slice(0, 1000);
  const number = sample.some((row) =>
    row.some(
      (cell) => readCell(cell, '.').kind === 'number' || readCell(cell, ',').kind === 'number',
    ),
  );
  if (number) return undefined;
  return error(header.length === 1 ? 'not_a_table' : 'no_numbers', {
    columns: header.length,
    rows: rows.length,
  });
}
