/** Every form of table, read from tests/golden/import/: shapes of public exports, numbers invented. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseTable } from '../../../web/src/data/parse-table';
import type { Role } from '../../../web/src/data/types';
import { codesOf, read, readFile, rolesOf, usableRows } from './support';

const folder = new URL('../../golden/import/', import.meta.url);

interface Expected {
  format: string;
  rows: number;
  usable?: number;
  roles: Partial<Record<Role, string>>;
  /** Numbers of the first row, in the unit as written. */
  first: Record<string, number>;
  notes?: string[];
  perRun?: 'last';
}

const expected: Record<string, Expected> = {
  'plain.csv': {
    format: 'csv',
    rows: 4,
    roles: { flops: 'C', params: 'N', tokens: 'D', loss: 'loss' },
    first: { flops: 6e17, params: 1e8, tokens: 1e9, loss: 3.9012 },
  },
  'figure-readout.csv': {
    format: 'csv',
    rows: 5,
    roles: { params: 'Model Size', flops: 'Training FLOP', loss: 'loss' },
    first: { params: 57.3e6, flops: 9.4e17, loss: 4.113 },
  },
  'snake-case.csv': {
    format: 'csv',
    rows: 4,
    roles: { params: 'model_size', tokens: 'n_tokens', loss: 'loss' },
    first: { params: 41e6, tokens: 820e6, loss: 4.021 },
  },
  'budget-and-tokens.csv': {
    format: 'csv',
    rows: 6,
    roles: { flops: 'compute_budget', tokens: 'training_tokens', loss: 'validation_loss' },
    first: { flops: 1e18, tokens: 2.1e9, loss: 3.404 },
  },
  'wandb-runs.csv': {
    format: 'wandb_runs',
    rows: 4,
    usable: 3,
    roles: {
      run: 'Name',
      group: 'optimizer',
      params: 'parameter_count',
      tokens: 'throughput/total_tokens',
      flops: 'throughput/total_gflops',
      loss: 'eval/paloma/c4_en/loss',
      step: '_step',
    },
    first: { params: 30123456, tokens: 1048576000, flops: 189500000, loss: 3.8123 },
    notes: ['other_columns', 'diverged_runs'],
  },
  'wandb-chart.csv': {
    format: 'wandb_chart',
    rows: 5,
    usable: 2,
    roles: {
      run: 'run',
      step: 'Step',
      loss: 'eval/loss',
      params: 'params (from run)',
      flops: 'flops (from run)',
    },
    first: { loss: 5.1, params: 1e8, flops: 1e18 },
    notes: ['wandb_chart_long', 'column_from_names', 'column_from_names', 'step_log_last'],
    perRun: 'last',
  },
  'mlflow-runs.csv': {
    format: 'mlflow_runs',
    rows: 3,
    usable: 2,
    roles: { run: 'Name', params: 'n_params', tokens: 'num_train_tokens', loss: 'val_loss' },
    first: { params: 120e6, tokens: 2.4e9, loss: 3.312 },
    notes: ['diverged_runs', 'rows_with_gaps'],
  },
  'tensorboard.csv': {
    format: 'tensorboard',
    rows: 3,
    usable: 1,
    roles: { step: 'Step', loss: 'Value' },
    first: { loss: 10.83 },
    notes: ['no_sizes', 'step_log_last'],
    perRun: 'last',
  },
  'trainer_state.json': {
    format: 'hf_trainer',
    rows: 3,
    usable: 1,
    roles: { loss: 'eval_loss', step: 'step' },
    first: { loss: 4.93 },
    notes: ['no_sizes', 'other_columns', 'step_log_last'],
    perRun: 'last',
  },
  'course.json': {
    format: 'json_rows',
    rows: 3,
    roles: { params: 'parameters', flops: 'compute_budget', loss: 'final_loss' },
    first: { params: 49e6, flops: 6e18, loss: 7.12 },
  },
  'by-optimizer.json': {
    format: 'json_rows',
    rows: 3,
    roles: { group: 'group', params: 'params', tokens: 'tokens', loss: 'eval.loss' },
    first: { params: 130e6, tokens: 2.6e9, loss: 3.41 },
  },
  'columns.json': {
    format: 'json_columns',
    rows: 3,
    usable: 2,
    roles: { params: 'N', tokens: 'D', loss: 'loss' },
    first: { params: 1e8, tokens: 2e9, loss: 3.5 },
    notes: ['rows_with_gaps'],
  },
  'pandas.json': {
    format: 'json_columns',
    rows: 2,
    roles: { params: 'N', tokens: 'D', loss: 'loss' },
    first: { params: 1e8, tokens: 2e9, loss: 3.5 },
  },
  'runs.jsonl': {
    format: 'json_lines',
    rows: 3,
    usable: 2,
    roles: { run: 'run', params: 'num_params', tokens: 'train_tokens', loss: 'final_val_loss' },
    first: { params: 1.1e8, tokens: 2.2e9, loss: 3.48 },
    notes: ['diverged_runs'],
  },
  'checkpoints.csv': {
    format: 'csv',
    rows: 6,
    usable: 3,
    roles: { run: 'name', params: 'N', tokens: 'D', flops: 'C_6ND', loss: 'loss', step: 'step' },
    first: { params: 176e6, tokens: 262144000, flops: 2.77e17, loss: 5.31 },
    notes: ['other_columns', 'other_columns', 'step_log_last'],
    perRun: 'last',
  },
  'ladder-log.csv': {
    format: 'csv',
    rows: 6,
    usable: 2,
    roles: {
      step: 'global_step',
      tokens: 'throughput/total_tokens',
      flops: 'throughput/total_training_Gflops',
      loss: 'eval/c4_en-validation/CrossEntropyLoss',
      run: 'name',
      params: 'params (from name)',
    },
    first: { tokens: 262144000, flops: 2.9e8, loss: 4.412, params: 190e6 },
    notes: ['column_from_names', 'other_columns', 'step_log_last'],
    perRun: 'last',
  },
  'architecture-sweep.csv': {
    format: 'csv',
    rows: 3,
    roles: { params: 'N', tokens: 'D', loss: 'loss', run: 'exp_name' },
    first: { params: 214e6, tokens: 1e11, loss: 2.4101 },
    notes: ['other_columns'],
  },
  'planned-and-achieved.csv': {
    format: 'csv',
    rows: 3,
    usable: 2,
    roles: {
      params: 'parameter_count',
      tokens: 'total_tokens',
      flops: 'achieved_flops',
      loss: 'min_saved_val_loss',
    },
    first: { params: 30150000, tokens: 599785472, flops: 1.31e17, loss: 3.912 },
    notes: ['other_columns', 'other_columns', 'other_columns', 'other_columns', 'diverged_runs'],
  },
  'long-seeds.csv': {
    format: 'csv',
    rows: 6,
    roles: {
      group: 'experiment',
      params: 'model_size__n_params',
      tokens: 'dataset_size__n_tokens',
      loss: 'test_loss__c4',
    },
    first: { params: 12e6, tokens: 240e6, loss: 4.71 },
  },
  'decimal-comma.csv': {
    format: 'semicolon',
    rows: 3,
    roles: { params: 'Parameter (Mio.)', tokens: 'Tokens', loss: 'Verlust (loss)' },
    first: { params: 70.5e6, tokens: 1.4e9, loss: 3.914 },
    notes: ['assumed_decimal'],
  },
  'clipboard.tsv': {
    format: 'tsv',
    rows: 3,
    roles: { run: 'run', params: 'params [M]', tokens: 'tokens [B]', loss: 'loss [nats]' },
    first: { params: 70e6, tokens: 1.4e9, loss: 3.914 },
    notes: ['units_row', 'totals_row'],
  },
  'readme-table.md': {
    format: 'markdown',
    rows: 3,
    roles: { run: 'Model', params: 'Params', tokens: 'Tokens', loss: 'Eval loss' },
    first: { params: 14e6, tokens: 300e6, loss: 4.88 },
  },
  'psql.txt': {
    format: 'markdown',
    rows: 2,
    roles: { run: 'run', params: 'params', tokens: 'tokens', loss: 'val_loss' },
    first: { params: 14e6, tokens: 300e6, loss: 4.88 },
  },
  'paper.tex': {
    format: 'latex',
    rows: 3,
    roles: { run: 'Model', params: 'N', tokens: 'Tokens', loss: 'Loss' },
    first: { params: 1.4e7, tokens: 300e6, loss: 4.88 },
  },
  'sheet.html': {
    format: 'html',
    rows: 2,
    roles: { params: 'N', flops: 'C', loss: 'loss' },
    first: { params: 7e6, flops: 5e17, loss: 4.8 },
  },
  'numpy.txt': {
    format: 'spaces',
    rows: 2,
    roles: { params: 'N', tokens: 'D', loss: 'L' },
    first: { params: 1.4e7, tokens: 3e8, loss: 4.88 },
    notes: ['comment_lines'],
  },
  'commented.csv': {
    format: 'csv',
    rows: 3,
    roles: { params: 'N', tokens: 'D', loss: 'loss' },
    first: { params: 14e6, tokens: 300e6, loss: 4.88 },
    notes: ['comment_lines', 'repeated_header'],
  },
  'numbers-only.csv': {
    format: 'csv',
    rows: 3,
    roles: { params: 'column 1', tokens: 'column 2', loss: 'column 3' },
    first: { params: 14e6, tokens: 300e6, loss: 4.881 },
    notes: ['no_header'],
  },
  'steps-and-batch.csv': {
    format: 'csv',
    rows: 2,
    roles: {
      run: 'run',
      params: 'n_params',
      tokens: 'tokens (max_step × bs × seq_len × gradient_accumulation_steps)',
      loss: 'eval_loss',
    },
    first: { params: 14e6, tokens: 1000 * 32 * 1024 * 2, loss: 4.88 },
    notes: ['tokens_from_steps'],
  },
  'exits.csv': {
    format: 'csv',
    rows: 4,
    roles: {
      group: 'family',
      params: 'num_params',
      tokens: 'D_tokens',
      exits: 'granularity',
      loss: 'validation loss (nats)',
    },
    first: { params: 1.4e8, tokens: 3e9, exits: 1, loss: 3.41 },
  },
  'mixture.csv': {
    format: 'csv',
    rows: 2,
    roles: { run: 'name', params: 'total_params', tokens: 'train_tokens', loss: 'final_loss' },
    first: { params: 6.7e10, tokens: 1e11, loss: 2.31 },
    notes: ['other_columns'],
  },
  'row-names.csv': {
    format: 'csv',
    rows: 2,
    roles: { params: 'params', tokens: 'tokens', loss: 'loss' },
    first: { params: 14e6, tokens: 300e6, loss: 4.88 },
  },
};

it('every file has its expectation', () => {
  const files = readdirSync(folder).filter((name) => name !== 'README.md');
  expect(files.sort()).toEqual(Object.keys(expected).sort());
});

it.each(Object.entries(expected))(
  '%s',
  (name, { format, rows, usable, roles, first, notes, perRun }) => {
    const result = readFile(folder, name);
    expect(result.table.format).toBe(format);
    expect(result.table.rows).toHaveLength(rows);
    expect(result.table.lines).toHaveLength(rows);
    expect(rolesOf(result)).toEqual(roles);
    const numbers = Object.entries(result.dataset.columns).map(([id, column]) => [id, column[0]]);
    expect(Object.fromEntries(numbers)).toEqual(first);
    expect(codesOf(result).sort()).toEqual((notes ?? []).sort());
    expect(usableRows(result)).toBe(usable ?? rows);
    expect(result.mapping.perRun).toBe(perRun ?? 'all');
  },
);

it('takes a W&B chart without twins for what it is', () => {
  const { table, mapping } = read('Step,"a - val/loss","b - val/loss"\n100,3.5,3.6\n200,3.1,3.2');
  expect(table.format).toBe('wandb_chart');
  expect(table.header).toEqual(['run', 'Step', 'val/loss']);
  expect(table.rows.map(([run]) => run)).toEqual(['a', 'a', 'b', 'b']);
  expect(table.lines).toEqual([2, 3, 2, 3]);
  expect(mapping.perRun).toBe('last');
});

it('keeps cells as they stand, and where they stood', () => {
  const { header, rows, lines } = readFile(folder, 'clipboard.tsv').table;
  expect(header).toEqual(['run', 'params [M]', 'tokens [B]', 'loss [nats]', 'notes']);
  expect(rows[0]).toEqual(['first', '70', '1.4', '3.914', 'two lines\nin a cell']);
  expect(rows[1]).toEqual(['second', '160', '3.2', '3.402', 'she said "ok"']);
  expect(lines).toEqual([3, 5, 6]);
});

it('reads the same table in every encoding', () => {
  const text = readFileSync(new URL('decimal-comma.csv', folder), 'utf8');
  const plain = parseTable(text);
  const wide = new Uint8Array(Buffer.from(text, 'utf16le'));
  const marked = new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));
  const bigEndian = new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le').swap16());
  for (const bytes of [wide, marked, bigEndian, new TextEncoder().encode(`\ufeff${text}`)]) {
    expect(parseTable(bytes)).toEqual(plain);
  }
  const old = parseTable(new Uint8Array(Buffer.from(text, 'latin1')));
  expect(old.rows).toEqual(plain.rows);
  expect(old.notes.map(({ code }) => code)).toContain('guessed_encoding');
  expect(parseTable(text.replaceAll('\n', '\r\n')).rows).toEqual(plain.rows);
  expect(parseTable(text.replaceAll('\n', '\r')).rows).toEqual(plain.rows);
});

it.each([
  ['pipe', 'N|D|loss\n1e8|2e9|3.1\n2e8|4e9|2.9'],
  ['semicolon', 'N;D;loss\n1e8;2e9;3,1\n2e8;4e9;2,9'],
  ['tsv', 'N\tD\tloss\n1e8\t2e9\t3.1\n2e8\t4e9\t2.9'],
  ['spaces', 'N    D    loss\n1e8  2e9  3.1\n2e8  4e9  2.9'],
  ['csv', '"N","D","loss"\n"1e8","2e9","3.1"\n"2e8","4e9","2.9"'],
  ['csv', 'Table 3: runs\n\nN,D,loss\n1e8,2e9,3.1\n\n2e8,4e9,2.9\n'],
  ['json_rows', '{"runs":[{"N":1e8,"D":2e9,"loss":3.1},{"N":2e8,"D":4e9,"loss":2.9}]}'],
  ['json_rows', '[["N","D","loss"],[1e8,2e9,3.1],[2e8,4e9,2.9]]'],
  ['json_rows', '{"a":{"N":1e8,"D":2e9,"loss":3.1},"b":{"N":2e8,"D":4e9,"loss":2.9}}'],
  [
    'json_columns',
    '{"columns":["N","D","loss"],"index":[0,1],"data":[[1e8,2e9,3.1],[2e8,4e9,2.9]]}',
  ],
  ['json_columns', '{"data":{"N":[1e8,2e8],"D":[2e9,4e9],"loss":[3.1,2.9]}}'],
  ['latex', 'N & D & loss \\\\\n1e8 & 2e9 & 3.1 \\\\\n2e8 & 4e9 & 2.9 \\\\'],
  [
    'html',
    '<table><tr><th>N<th>D<th>loss<tr><td>1e8<td>2e9<td>3.1<tr><td>2e8<td>4e9<td>2.9</table>',
  ],
])('%s: %j', (format, text) => {
  const { table, dataset } = read(text);
  expect(table.format).toBe(format);
  expect([...dataset.columns.params!]).toEqual([1e8, 2e8]);
  expect([...dataset.columns.tokens!]).toEqual([2e9, 4e9]);
  expect([...dataset.columns.loss!]).toEqual([3.1, 2.9]);
});
