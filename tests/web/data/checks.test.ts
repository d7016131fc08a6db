import { describe, expect, it } from 'vitest';
import type { Columns, Quantity } from '../../../web/src/core/protocol';
import { checkData } from '../../../web/src/data/checks';
import type { Note } from '../../../web/src/data/types';
import { noteText } from '../../../web/src/text/data';
import { read } from './support';

const unit = (id: string, factor: number) => ({
  id,
  name: id,
  kind: 'scale' as const,
  factor,
  ratio_name: '',
});
const quantity = (id: string, units: Quantity['units']): Quantity => ({
  id,
  symbol: id,
  name: id,
  unit: '',
  kind: 'count',
  meaning: '',
  zero_is_missing: true,
  units,
});
const quantities = [
  quantity('flops', [unit('flop', 1), unit('gflop', 1e9), unit('pf_day', 8.64e19)]),
  quantity('loss', [unit('nats', 1), { ...unit('perplexity', 1), kind: 'log' as const }]),
];

/** Base units = written units here, and C/(N·D) as the engine adds it. */
function check(text: string): Note[] {
  const { mapping, dataset } = read(text);
  const columns: Columns = { ...dataset.columns };
  const { params, tokens, flops } = columns;
  if (params && tokens && flops) {
    columns.flops_per_param_token = flops.map((C, row) => C / (params[row]! * tokens[row]!));
  }
  const used = dataset.rows
    .filter(({ problems }) => problems.length === 0)
    .map(({ index }) => index);
  return checkData({ mapping, dataset, columns, used, quantities });
}

const table = (header: string, rows: (string | number)[][]) =>
  [header, ...rows.map((row) => row.join(','))].join('\n');
const runs = [
  [1e8, 1e9, 3.9],
  [1e8, 4e9, 3.5],
  [2e8, 2e9, 3.4],
  [4e8, 9e9, 2.9],
] as const;
const withFlops = (ratio: (row: number) => number) =>
  check(
    table(
      'N,D,C,loss',
      runs.map(([N, D, L], row) => [N, D, ratio(row) * N * D, L]),
    ),
  );
const codes = (notes: Note[]) => notes.map(({ code }) => code);

it('says nothing of ordinary runs', () => {
  expect(
    check(
      table(
        'N,D,loss',
        runs.map((row) => [...row]),
      ),
    ),
  ).toEqual([]);
});

describe('C/(N·D)', () => {
  it('six is usual', () => expect(codes(withFlops(() => 6))).toEqual(['ratio_six']));
  it('two is the forward pass; C can be computed instead', () => {
    const [note] = withFlops(() => 2);
    expect(note!.code).toBe('ratio_two');
    expect(note!.fix!.mapping.columns[2]!.role).toBe('ignore');
  });
  it('another constant', () => expect(codes(withFlops(() => 8))).toEqual(['ratio_constant']));
  it('drifts with attention', () => {
    const [note] = withFlops((row) => 6 + row);
    expect(note).toMatchObject({ code: 'ratio_drifts', values: { low: 6, high: 9 } });
  });
  it.each([
    [1e9, 'gflop'],
    [8.64e19, 'pf_day'],
  ])('%d times too small is another unit: %s', (factor, id) => {
    const [note] = withFlops(() => 6 / factor);
    expect(note!.code).toBe('ratio_other_unit');
    expect(note!.fix!.mapping.columns[2]).toMatchObject({ role: 'flops', unit: id });
  });
});

describe('the loss', () => {
  const losses = (scale: number, header = 'N,D,loss') =>
    check(
      table(
        header,
        runs.map(([N, D, L]) => [N, D, L * scale]),
      ),
    );

  it('too high for nats may be a perplexity', () => {
    const [note] = losses(8);
    expect(note!.code).toBe('loss_like_perplexity');
    expect(note!.fix!.mapping.columns[2]!.unit).toBe('perplexity');
  });
  it('low may be bits per byte', () => {
    expect(losses(0.1)[0]).toMatchObject({ code: 'loss_low', severity: 'warning' });
    expect(losses(0.25)[0]).toMatchObject({ code: 'loss_low', severity: 'info' });
  });
  it('in another unit is not judged', () => {
    expect(losses(8, 'N,D,val_ppl')).toEqual([]);
  });
  it('rising with D at the same N', () => {
    const notes = check(
      table('N,D,loss', [
        [1e8, 1e9, 3.5],
        [1e8, 4e9, 3.9],
        [1e8, 8e9, 3.3],
        [2e8, 2e9, 3.4],
        [4e8, 9e9, 2.9],
      ]),
    );
    expect(notes).toMatchObject([{ code: 'loss_rises', rows: [1] }]);
  });
});

describe('what does not vary', () => {
  it('one D', () => {
    const notes = check(
      table('N,D,loss', [
        [1e8, 1e9, 3.9],
        [2e8, 1e9, 3.6],
        [4e8, 1e9, 3.4],
      ]),
    );
    expect(notes).toMatchObject([
      { code: 'not_spread', values: { quantity: 'tokens', value: 1e9 } },
    ]);
  });
  it('two N', () => {
    const notes = check(
      table('N,D,loss', [
        [1e8, 1e9, 3.9],
        [2e8, 3e9, 3.6],
        [1e8, 4e9, 3.4],
      ]),
    );
    expect(notes).toMatchObject([
      { code: 'few_distinct', values: { quantity: 'params', count: 2 } },
    ]);
  });
  it('one budget', () => {
    const notes = check(
      table('N,D,C,loss', [
        [1e8, 4e9, 2.4e18, 3.9],
        [2e8, 2e9, 2.4e18, 3.6],
        [4e8, 1e9, 2.4e18, 3.7],
      ]),
    );
    expect(codes(notes)).toEqual(['ratio_six', 'one_budget']);
  });
  it('one D/N', () => {
    const notes = check(
      table('N,D,loss', [
        [1e8, 2e9, 3.9],
        [2e8, 4e9, 3.6],
        [4e8, 8e9, 3.4],
      ]),
    );
    expect(notes).toMatchObject([{ code: 'fixed_tokens_per_param', values: { ratio: 20 } }]);
  });
  it('one G', () => {
    expect(
      codes(
        check(
          table(
            'N,D,G,loss',
            runs.map(([N, D, L]) => [N, D, 4, L]),
          ),
        ),
      ),
    ).toEqual(['single_exits']);
  });
});

describe('repeats', () => {
  it('the same N and D', () => {
    const notes = check(table('N,D,loss', [...runs.map((row) => [...row]), [2e8, 2e9, 3.41]]));
    expect(notes).toMatchObject([
      { code: 'duplicates', rows: [2, 4], values: { points: 1, rows: 2 } },
    ]);
    const alone = check(
      table('N,loss', [
        [1e8, 3.4],
        [2e8, 3.2],
        [4e8, 3],
        [4e8, 3.1],
      ]),
    );
    const note = alone.find(({ code }) => code === 'duplicates')!;
    expect(noteText(note)).toContain('2 rows share 1 value of N (');
  });
  it('nearly the same N, more often than by chance', () => {
    const rows = [1, 1.001, 2, 2.004, 4, 4.01, 8].map((N, index) => [
      N * 1e8,
      (index + 1) * 1e9,
      4 - index / 5,
    ]);
    expect(codes(check(table('N,D,loss', rows)))).toEqual(['near_duplicates']);
    const apart = Array.from({ length: 20 }, (_, index) => [
      (index < 17 ? 1.3 ** index : 1.3 ** (index - 17) * 1.001) * 1e8,
      1e9 + index * 1e8,
      4 - index / 10,
    ]);
    expect(codes(check(table('N,D,loss', apart)))).not.toContain('near_duplicates');
  });
});
