/** Whatever comes in, something sensible comes out: a sentence, or the table as it stands. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkData } from '../../../web/src/data/checks';
import { parseTable } from '../../../web/src/data/parse-table';
import { noteText } from '../../../web/src/text/data';
import { read } from './support';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

describe('what cannot be read says so', () => {
  it.each<[string | Uint8Array, string, RegExp]>([
    ['', 'empty_text', /nothing here/],
    ['  \n \n', 'empty_text', /nothing here/],
    ['N,D,loss', 'only_header', /only a header \(N, D, loss\)/],
    ['We trained some models.\nThey were good.', 'not_a_table', /not a table/],
    ['a,b\nx,y\nz,w', 'no_numbers', /None of the 2 columns holds a number/],
    [bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), 'binary_file', /PNG image.*CSV/],
    [bytes('PK\x03\x04\x14\0\x06\0[Content_Types].xml'), 'binary_file', /Excel \(xlsx\).*CSV/],
    [bytes('PK\x03\x04\x14\0\x06\0readme.txt'), 'binary_file', /zip/],
    [bytes('PAR1\x15\x04\x15'), 'binary_file', /Parquet/],
    [bytes('\x1f\x8b\x08\0\0'), 'binary_file', /gzip/],
    [bytes('%PDF-1.7'), 'binary_file', /PDF/],
    [bytes('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), 'binary_file', /xls/],
    [bytes('abc\0\x01\x02\x03\x04\x05 long enough'), 'binary_file', /binary file/],
    ['PK\x03\x04', 'binary_file', /zip/],
    [
      '<!doctype html><html><body><p>404</p></body></html>',
      'html_without_table',
      /web page without a table/,
    ],
    ['<table></table>', 'html_without_table', /table/],
    ['{"runs": [\n  {"N": 1e8,}\n]}', 'json_broken', /line 2, character 13/],
    ['[{"N": 1e8}, {"N": 2', 'json_truncated', /ends in the middle/],
    ['{"N": "1e8', 'json_broken', /line 1/],
    ['[1, 2, 3]', 'json_no_table', /no runs/],
    ['[]', 'json_no_table', /no runs/],
    ['{}', 'json_no_table', /no runs/],
    ['[{}]', 'empty_text', /nothing/],
  ])('%j', (input, code, sentence) => {
    const table = parseTable(input);
    const [note] = table.notes.filter(({ severity }) => severity === 'error');
    expect(note?.code).toBe(code);
    expect(noteText(note!)).toMatch(sentence);
  });
});

describe('what can be repaired is repaired and said', () => {
  it('a row with more cells than the header is kept, not used', () => {
    const { table, dataset } = read('N,D,loss\n1e8,2e9,3,1\n2e8,4e9,2.9\n3e8,4e9,2.8');
    expect(table.rows).toHaveLength(3);
    expect(table.notes.map(({ code, rows }) => [code, rows])).toEqual([['long_rows', [0]]]);
    expect(dataset.rows[0]!.problems.map(({ code }) => code)).toEqual(['long_row']);
  });

  it('a short row keeps its place and lacks what it lacks', () => {
    const { table, dataset } = read('N,D,loss\n1e8,2e9\n2e8,4e9,2.9');
    expect(table.rows[0]).toEqual(['1e8', '2e9', '']);
    expect(table.notes.map(({ code }) => code)).toEqual(['short_rows']);
    expect(dataset.rows[0]!.problems.map(({ code }) => code)).toEqual(['missing']);
  });

  it('a quote that never closes swallows nothing', () => {
    const { table } = read('name,N,loss\n"a,1e8,3.1\nb,2e8,2.9\nc,3e8,2.8');
    expect(table.rows.map(([name]) => name)).toEqual(['a', 'b', 'c']);
    expect(table.notes.map(({ code, values }) => [code, values.line])).toEqual([
      ['unclosed_quote', 2],
    ]);
  });

  it('broken JSON lines are counted', () => {
    const { table } = read('{"N":1e8,"loss":3.1}\noops\n{"N":2e8,"loss":2.9}\n{"N":3e8,"lo');
    expect(table.rows).toHaveLength(2);
    expect(table.lines).toEqual([1, 3]);
    expect(table.notes.map(({ code, values }) => [code, values])).toEqual([
      ['json_lines_broken', { count: 2, line: 2 }],
    ]);
  });

  it('equal names are told apart', () => {
    const { table } = read('N,loss,loss\n1e8,3.1,3.2\n2e8,2.9,3.0');
    expect(table.header).toEqual(['N', 'loss', 'loss (2)']);
    expect(table.notes.map(({ code }) => code)).toEqual(['repeated_names']);
  });

  it('columns without name or content go', () => {
    const { table } = read('N,,loss,\n1e8,,3.1,\n2e8,,2.9,');
    expect(table.header).toEqual(['N', 'loss']);
    expect(table.notes).toEqual([]);
  });

  it('lists of unequal length are said', () => {
    const { table } = read('{"N":[1e8,2e8,3e8],"loss":[3.1,2.9]}');
    expect(table.rows).toHaveLength(3);
    expect(table.notes.map(({ code }) => code)).toContain('json_uneven');
  });

  it('a huge cell is quoted in part', () => {
    const { dataset, table } = read(`N,loss\n${'x'.repeat(1e6)},3.1\n2e8,2.9\n3e8,2.8`);
    expect(dataset.rows[0]!.problems[0]!.code).toBe('not_a_number');
    expect(table.rows[0]![0]).toHaveLength(1e6);
  });

  it('survives names that objects have of themselves', () => {
    const { table } = read('[{"__proto__": 1, "constructor": 2, "N": 1e8, "loss": 3}]');
    expect(table.header).toEqual(['__proto__', 'constructor', 'N', 'loss']);
  });

  it('survives JSON of any depth', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    expect(() => read(`[{"N": 1e8, "x": ${deep}}]`)).not.toThrow();
    const nested = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    expect(() => read(nested)).not.toThrow();
    expect(() => read(nested.slice(0, -1))).not.toThrow();
  });
});

/** Reads, maps and checks; only an exception can fail it. */
function whole(input: string | Uint8Array): void {
  const { table, mapping, dataset } = read(input);
  for (const row of table.rows) expect(row).toHaveLength(table.header.length);
  expect(dataset.rows).toHaveLength(table.rows.length);
  for (const note of [...table.notes, ...dataset.notes]) expect(noteText(note)).not.toBe('');
  const used = dataset.rows
    .filter(({ problems }) => problems.length === 0)
    .map(({ index }) => index);
  checkData({ mapping, dataset, columns: dataset.columns, used, quantities: [] });
}

describe('never throws', () => {
  const marks = [
    '"',
    ',',
    ';',
    '\t',
    '|',
    '\n',
    '\r\n',
    '#',
    '{',
    '}',
    '[',
    ']',
    '&',
    '\\\\',
    '<td>',
    '<tr>',
    '<table>',
    '---',
    '1e8',
    '3,1',
    'N',
    'loss',
    'NaN',
    ' - ',
    '__MIN',
    '\0',
    '\ufeff',
    'é',
  ];
  it('on any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), whole));
  });
  it('on text made of what tables are made of', () => {
    const text = fc
      .array(fc.constantFrom(...marks), { maxLength: 60 })
      .map((parts) => parts.join(''));
    fc.assert(fc.property(text, whole), { numRuns: 1000 });
  });
  it('on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), whole));
  });
  it('on any JSON', () => {
    fc.assert(fc.property(fc.json(), whole));
    fc.assert(
      fc.property(
        fc.array(fc.json(), { maxLength: 5 }).map((lines) => lines.join('\n')),
        whole,
      ),
    );
  });
  it('on tables cut anywhere', () => {
    const table = '[{"name":"a, \\"b\\"","N":1e8,"loss":3.1},{"name":"c","N":2e8,"loss":2.9}]';
    for (let length = 0; length <= table.length; length += 1) whole(table.slice(0, length));
  });
});

describe('round trip', () => {
  const word = fc
    .stringMatching(/^[a-z][a-z _.()/"',;|-]{0,12}[a-z]$/)
    .filter(
      (text) =>
        !/^(?:na|nan|inf|nil|null|none|sum|avg|min|max|std|mean|total|count|missing|unknown|undefined)/.test(
          text,
        ),
    );
  const name = fc
    .stringMatching(/^[a-z]{3,10}$/)
    .filter((text) => !/^(?:total|sum|mean|avg|med|std|min|max|count|av)/.test(text));
  const number = fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 })
    .map(String);
  const tables = fc.uniqueArray(name, { minLength: 2, maxLength: 6 }).chain((header) =>
    fc.record({
      header: fc.constant(header),
      rows: fc.array(fc.tuple(word, ...header.slice(1).map(() => number)), {
        minLength: 1,
        maxLength: 20,
      }),
    }),
  );
  const cut = (mark: string) => (row: readonly string[]) =>
    row
      .map((cell) =>
        /["\n]/.test(cell) || cell.includes(mark) ? `"${cell.replaceAll('"', '""')}"` : cell,
      )
      .join(mark);
  type Table = { header: string[]; rows: string[][] };
  const objects = ({ header, rows }: Table) =>
    rows.map((row) =>
      Object.fromEntries(
        header.map((key, column) => [key, column === 0 ? row[0] : Number(row[column])]),
      ),
    );
  const writers: [string, (table: Table) => string][] = [
    ['csv', ({ header, rows }) => [header, ...rows].map(cut(',')).join('\n')],
    ['tsv', ({ header, rows }) => [header, ...rows].map(cut('\t')).join('\r\n')],
    ['json_rows', (table) => JSON.stringify(objects(table), null, 2)],
    [
      'json_lines',
      (table) =>
        objects(table)
          .map((run) => JSON.stringify(run))
          .join('\n'),
    ],
  ];

  it.each(writers)('%s', (format, write) => {
    fc.assert(
      fc.property(tables, (table) => {
        const rows = table.rows.map((row) => row.map(String));
        const back = parseTable(write({ ...table, rows }));
        if (format !== 'json_lines' || rows.length > 1) expect(back.format).toBe(format);
        expect(back.header.slice(0, table.header.length)).toEqual(table.header);
        const cells = back.rows.map((row) => row.slice(0, table.header.length));
        const numbers = (text: string[]) =>
          text.map((cell, column) => (column === 0 ? cell : Number(cell)));
        expect(cells.map(numbers)).toEqual(rows.map(numbers));
      }),
      { numRuns: 300 },
    );
  });
});
