/** The HTML flavour of the clipboard, or a saved page: the table with the most cells, without a DOM. */
import type { Importer } from './importer';
import { emptyGrid } from './importer';

export const html: Importer = {
  id: 'html',
  recognise: (text) =>
    /^\s*(?:<!doctype|<(?:html|head|body|meta|table|google-sheets|!--))/i.test(text),
  read(text) {
    const tables = readTables(text);
    const size = (rows: Row[]) => rows.reduce((cells, row) => cells + row.cells.length, 0);
    const table = tables.sort((a, b) => size(b) - size(a))[0];
    if (!table || size(table) === 0) return emptyGrid('html', 'html_without_table');
    return {
      format: 'html',
      rows: table.map(({ cells }) => cells),
      lines: table.map(({ line }) => line),
      headed: false,
      notes: [],
    };
  },
};

interface Row {
  cells: string[];
  line: number;
}

const token =
  /<!--[\s\S]*?-->|<(style|script)\b[\s\S]*?<\/\1\s*>|<(\/?)([a-z][a-z0-9-]*)([^>]*)>|[^<]+|</gi;

function readTables(text: string): Row[][] {
  const tables: Row[][] = [];
  let row: Row | null = null;
  let cell: string | null = null;
  let span = 1;
  let line = 1;
  const endCell = () => {
    if (row && cell !== null) row.cells.push(cell.trim(), ...Array<string>(span - 1).fill(''));
    cell = null;
  };
  for (const [whole, , closing, tag, attributes] of text.matchAll(token)) {
    const here = line;
    line += whole.split('\n').length - 1;
    if (!tag) {
      if (cell !== null && !whole.startsWith('<')) cell += decode(whole).replace(/\s+/g, ' ');
      continue;
    }
    const name = tag.toLowerCase();
    if (name === 'table' && !closing) tables.push([]);
    if (name === 'tr' || name === 'table') {
      endCell();
      row = null;
      if (name === 'tr' && !closing) {
        row = { cells: [], line: here };
        tables.at(-1)?.push(row);
      }
    } else if (name === 'td' || name === 'th') {
      endCell();
      if (!closing) {
        cell = '';
        span = Math.min(
          100,
          Number(/colspan\s*=\s*["']?(\d+)/i.exec(attributes ?? '')?.[1] ?? 1) || 1,
        );
      }
    } else if (cell !== null && name === 'sup' && !closing) cell += '^';
    else if (cell !== null && name === 'br') cell += ' ';
  }
  endCell();
  return tables.map((rows) => rows.filter(({ cells }) => cells.length > 0));
}

const entities: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  times: '×',
  minus: '−',
  middot: '·',
  mdash: '—',
  ndash: '–',
  asymp: '≈',
  thinsp: ' ',
  plusmn: '±',
};

function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex, code, name) => {
    if (name) return entities[(name as string).toLowerCase()] ?? whole;
    const point = hex ? parseInt(hex as string, 16) : Number(code);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
