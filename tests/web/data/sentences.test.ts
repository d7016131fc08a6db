/** Every code has its sentence, and every sentence its code. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  fixText,
  formatText,
  noteText,
  offerText,
  problemSentence,
  problemText,
  reasonText,
} from '../../../web/src/text/data';
import { read } from './support';

const sources = new URL('../../../web/src/data/', import.meta.url);
const code = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(new URL(name, sources), 'utf8'))
  .join('\n')
  .replace(/\s+/g, ' ');
const text = readFileSync(new URL('../../../web/src/text/data.ts', import.meta.url), 'utf8');

/** The strings that stand at these places in the source. */
function used(...places: RegExp[]): Set<string> {
  return new Set(places.flatMap((place) => [...code.matchAll(place)].map((match) => match[1]!)));
}

/** The keys of a table of sentences in text/data.ts. */
function written(table: string): Set<string> {
  const body = new RegExp(`const ${table}: Record[\\s\\S]*?\\n};`).exec(text)![0];
  return new Set([...body.matchAll(/^ {2}([a-z_]+):/gm)].map((match) => match[1]!));
}

const word = String.raw`'([a-z_]+)'`;

describe.each([
  [
    'notes',
    used(
      new RegExp(`code: ${word}`, 'g'),
      new RegExp(`(?:leftOut|at|note|error)\\( ?${word}`, 'g'),
      new RegExp(`emptyGrid\\([^)]*?, ${word}`, 'g'),
      /\[?'(json_truncated|json_broken)'/g,
      /'(step_log_last|step_log_minimum|ratio_two|ratio_constant|no_numbers|not_a_table)'/g,
    ),
  ],
  ['fixes', used(new RegExp(`label: ${word}`, 'g'), /'(in_millions|in_billions|per_run_\w+)'/g)],
  [
    'problems',
    used(
      new RegExp(`add\\([^()]*?(?:\\([^()]*\\)[^()]*?)*?, ${word}`, 'g'),
      /'(not_last_of_run|not_minimum_of_run|not_a_number|not_a_number_comma)'/g,
    ),
  ],
  [
    'reasons',
    // "example" is the reason of a bundled table, whose columns nobody had to guess.
    used(
      new RegExp(`reason: (?:meaning \\? )?${word}`, 'g'),
      /'(known_not_needed|not_recognised)'/g,
    ).add('example'),
  ],
  ['offers', used(/suggest\(\w+, '([a-z_]+)'/g)],
  [
    'formats',
    used(
      new RegExp(`format: ${word}`, 'g'),
      new RegExp(`(?:gridOf|gridOfCells|tracker|emptyGrid)\\( ?${word}`, 'g'),
      /: '(tsv|semicolon|pipe|csv)'/g,
    ),
  ],
])('%s', (table, codes) => {
  it('are complete', () => expect([...written(table)].sort()).toEqual([...codes].sort()));
});

it('of a problem says what is wrong, where, and what to do', () => {
  const { dataset, table } = read('N,loss\n1e8,n/x\n2e8,2.9\n3e8,2.8');
  const [row] = dataset.rows;
  const [problem] = row!.problems;
  expect(problemText(problem!)).toBe('“n/x” is not a number');
  expect(problemSentence(row!, problem!, table.header)).toBe(
    'Row 1, column loss: “n/x” is not a number. Correct the cell or leave the row out.',
  );
});

it('quotes little of a huge cell, and few of many rows', () => {
  const cells = Array.from(
    { length: 40 },
    (_, row) => `${row + 1}e8,${row < 18 ? 'x'.repeat(500) : 3.1}`,
  );
  const { dataset, table } = read(`N,loss\n${cells.join('\n')}`);
  expect(problemText(dataset.rows[0]!.problems[0]!).length).toBeLessThan(90);
  const note = dataset.notes.find(({ code }) => code === 'unreadable_rows');
  expect(noteText(note!, table.header)).toBe(
    '18 rows hold a cell that cannot be used (rows 1, 2, 3, 4 and 14 more). Correct the cells, or leave the rows out.',
  );
});

it('labels what a click does', () => {
  const { dataset } = read('params,params_planned,tokens,loss\n70,70,1.4e9,3.9\n160,160,3.2e9,3.4');
  expect(
    dataset.notes.flatMap(({ fix, alternative }) =>
      [fix, alternative].filter((way) => !!way).map(fixText),
    ),
  ).toEqual([
    'They are in millions',
    'They are in billions',
    'Use “params_planned” as parameters (N)',
  ]);
});

it('says why a column is taken for what it is', () => {
  const { mapping, table, dataset } = read(
    'N,D,loss,outlier\n1e8,2e9,3.1,0\n2e8,4e9,2.9,1\n3e8,4e9,2.9,0',
  );
  expect(reasonText(mapping.columns[0]!)).toBe('The name “N” says so.');
  expect(reasonText(mapping.columns[3]!)).toBe('Neither name nor values are recognised.');
  expect(offerText(dataset.offers[0]!, table.header)).toBe(
    '“outlier” seems to mark rows that were not trusted.',
  );
  expect(formatText(table.format)).toBe('comma-separated');
});
