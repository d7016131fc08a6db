import { describe, expect, it } from 'vitest';
import { guessMapping } from '../../../web/src/data/guess-mapping';
import { withChoice, withFilter } from '../../../web/src/data/mapping';
import { parseTable } from '../../../web/src/data/parse-table';
import { read, rolesOf } from './support';

const columnsOf = (text: string) => guessMapping(parseTable(text)).columns;

describe('names are checked against values', () => {
  it('a column of words is no number of parameters', () => {
    const { mapping, table } = read(
      'param_count,N,loss\nkaplan,1e8,3.1\nstandard,2e8,2.9\nkaplan,3e8,2.8',
    );
    expect(rolesOf({ mapping, table })).toEqual({ params: 'N', loss: 'loss' });
    expect(mapping.columns[0]!.reason).toBe('not_numbers');
  });

  it('small letters may be widths and layers', () => {
    const { mapping, table } = read('d,l,n,val_loss\n512,8,1e8,3.1\n768,12,2e8,2.9');
    expect(rolesOf({ mapping, table })).toEqual({ params: 'n', loss: 'val_loss' });
    expect(mapping.columns[0]!.reason).toBe('values_unlikely');
  });

  it.each(['0.2B', '20e9'])('data may be tokens, as %s says', (cell) => {
    expect(rolesOf(read(`N,data,loss\n1e8,${cell},3.1\n2e8,40e9,2.9`)).tokens).toBe('data');
  });

  it.each([
    ['c4', 'pile'],
    ['0.2', '0.4'],
  ])('data of %s and %s are no tokens', (first, second) => {
    const { mapping } = read(`N,data,loss\n1e8,${first},3.1\n2e8,${second},2.9`);
    expect(mapping.columns[1]!.role).toBe('ignore');
  });

  it('data give way to a better name', () => {
    expect(rolesOf(read('N,data,D,loss\n1e8,1e9,2e9,3.1\n2e8,2e9,4e9,2.9')).tokens).toBe('D');
  });

  it('a column of zeros holds nothing', () => {
    expect(columnsOf('N,D,C,loss\n1e8,0,1e18,3.1\n2e8,0,2e18,2.9')[1]!.role).toBe('ignore');
  });

  it('a loss of which all runs diverged is a loss', () => {
    expect(rolesOf(read('N,D,loss\n1e8,2e9,nan\n2e8,4e9,inf')).loss).toBe('loss');
  });

  it('attention heads are no exits', () => {
    const wide = read('N,D,width,n_heads,loss\n1e8,2e9,512,8,3.1\n2e8,4e9,768,12,2.9');
    expect(rolesOf(wide).exits).toBeUndefined();
    expect(wide.dataset.notes.map(({ code }) => code)).not.toContain('heads_may_be_exits');
    const family = read('N,D,n_heads,loss\n1e8,2e9,2,3.1\n2e8,4e9,4,2.9');
    const note = family.dataset.notes.find(({ code }) => code === 'heads_may_be_exits');
    expect(note!.fix!.mapping.columns[2]).toMatchObject({ role: 'exits', unit: 'count' });
  });
});

describe('of several columns', () => {
  it.each([
    ['train_loss', 'val_loss', 'val_loss'],
    ['loss', 'eval_loss', 'eval_loss'],
    ['train/loss', 'smooth loss', 'smooth loss'],
    ['loss_ptb', 'loss_c4_val', 'loss_c4_val'],
    ['eval/bpb', 'loss', 'loss'],
  ])('%s, %s: %s', (first, second, best) => {
    expect(rolesOf(read(`N,D,${first},${second}\n1e8,2e9,3.1,3.2\n2e8,4e9,2.9,3.0`)).loss).toBe(
      best,
    );
  });

  it('offers the other one', () => {
    const { dataset } = read('N,N_no_emb,D,loss\n1e8,8e7,2e9,3.1\n2e8,1.7e8,4e9,2.9');
    const [note] = dataset.notes;
    expect(note).toMatchObject({
      code: 'other_columns',
      values: { role: 'params', name: 'N', others: 'N_no_emb' },
    });
    expect(note!.fix!.mapping.columns.map(({ role }) => role)).toEqual([
      'ignore',
      'params',
      'tokens',
      'loss',
    ]);
    expect(note!.fix!.mapping.columns[1]).toMatchObject({
      convention: 'non_embedding',
      unit: 'count',
    });
  });

  it('a budget beside C tells the groups', () => {
    const text =
      'N,D,C,compute_budget,loss\n1e8,1e10,6e18,6e18,3.1\n2e8,5e9,6e18,6e18,3.0\n2e8,1e10,1.2e19,1e19,2.9\n4e8,5e9,1.2e19,1e19,2.8';
    expect(rolesOf(read(text))).toMatchObject({ flops: 'C', group: 'compute_budget' });
  });
});

describe('values, where names say nothing', () => {
  it.each([
    ['1e8,2e9,3.1\n2e8,4e9,2.9', { params: 'column 1', tokens: 'column 2', loss: 'column 3' }],
    ['2e9,1e8,3.1\n4e9,2e8,2.9', { tokens: 'column 1', params: 'column 2', loss: 'column 3' }],
    ['6e18,1e8,3.1\n1e19,2e8,2.9', { flops: 'column 1', params: 'column 2', loss: 'column 3' }],
    ['foo,bar,baz\n1e8,2e9,3.1\n2e8,4e9,2.9', { params: 'foo', tokens: 'bar', loss: 'baz' }],
    ['1,2,3\n4,5,6', {}],
  ])('%j', (text, roles) => expect(rolesOf(read(text))).toEqual(roles));

  it('say why', () => {
    expect(columnsOf('1e8,2e9,3.1\n2e8,4e9,2.9')[0]).toMatchObject({
      reason: 'values_look_like',
      evidence: '100000000 – 200000000',
    });
  });
});

describe('units', () => {
  it.each([
    ['N,D,bpb\n1e8,2e9,1.1\n2e8,4e9,1.0', { role: 'loss', unit: 'bits_per_byte', ratio: null }],
    ['N,D,val_ppl\n1e8,2e9,22.1\n2e8,4e9,18.5', { role: 'loss', unit: 'perplexity' }],
    ['N,D,loss (bits)\n1e8,2e9,4.4\n2e8,4e9,4.1', { role: 'loss', unit: 'bits' }],
    ['N,loss,total_gflops\n1e8,3.1,1.2e9\n2e8,2.9,4.8e9', { role: 'flops', unit: 'gflop' }],
    ['N,loss,C\n1e8,3.1,0.2 PF-days\n2e8,2.9,0.8 PF-days', { role: 'flops', unit: 'pf_day' }],
    [
      'N,loss,compute (EFLOP)\n1e8,3.1,1.2\n2e8,2.9,4.8',
      { role: 'flops', unit: 'flop', scale: 1e18 },
    ],
    ['loss,D,N (B)\n3.1,2e9,0.1\n2.9,4e9,0.2', { role: 'params', unit: 'count', scale: 1e9 }],
  ])('%j', (text, column) => expect(columnsOf(text)[2]).toMatchObject(column));
});

describe('the decimal mark', () => {
  it('of an open column follows the others', () => {
    expect(columnsOf('N;loss\n1,234;3,15\n5,678;2,95')[0]).toMatchObject({ decimal: ',' });
    expect(columnsOf('N\tloss\n1,234\t3.15\n5,678\t2.95')[0]).toMatchObject({ decimal: '.' });
  });

  it('of points beside decimal commas is thousands', () => {
    const { dataset } = read('N;D;loss\n70.500;1.234;3,15\n160.250;2.345;2,95');
    expect([...dataset.columns.params!]).toEqual([70500, 160250]);
    expect(dataset.notes.map(({ code }) => code)).toContain('assumed_decimal');
    expect([...read('N,loss\n1e8,3.412\n2e8,2.987').dataset.columns.loss!]).toEqual([3.412, 2.987]);
  });

  it('stays open where nobody can tell, and then nothing is used', () => {
    const { mapping, dataset } = read('N\tD\n1,234\t5,678\n2,345\t6,789');
    expect(mapping.columns.map(({ undecided }) => undecided)).toEqual([true, true]);
    expect(dataset.rows[0]!.problems.map(({ code }) => code)).toEqual([
      'ambiguous_number',
      'ambiguous_number',
    ]);
    const notes = dataset.notes.filter(({ code }) => code === 'ambiguous_decimal');
    expect(notes).toHaveLength(2);
    const [note] = notes;
    expect(
      note!.fix!.mapping.columns.map(({ decimal, undecided }) => [decimal, undecided]),
    ).toEqual([
      ['.', undefined],
      ['.', undefined],
    ]);
    expect(note!.alternative!.mapping.columns.map(({ decimal }) => decimal)).toEqual([',', ',']);
    expect(note!.fix!.values.value).toBe(1234);
    expect(note!.alternative!.values.value).toBe(1.234);
  });

  it('of losses between 300 and 15,000 is a comma', () => {
    const { mapping, dataset } = read('N\tD\tloss\n1e8\t2e9\t3,412\n2e8\t4e9\t2,987');
    expect(mapping.columns[2]!.decimal).toBe(',');
    expect([...dataset.columns.loss!]).toEqual([3.412, 2.987]);
    const note = dataset.notes.find(({ code }) => code === 'assumed_decimal');
    expect(note!.fix!.mapping.columns[2]!.decimal).toBe('.');
  });
});

describe('choosing by hand', () => {
  const mapping = guessMapping(parseTable('N,M,D,loss\n1e8,8e7,2e9,3.1\n2e8,1.7e8,4e9,2.9'));

  it('moves a role, and keeps the rest', () => {
    const next = withChoice(mapping, 1, { role: 'params' });
    expect(next.columns.map(({ role }) => role)).toEqual(['ignore', 'params', 'tokens', 'loss']);
    expect(next.columns[1]).toMatchObject({ unit: 'count', reason: 'chosen_by_you' });
    expect(next.columns[0]).toMatchObject({ reason: 'other_column_chosen', evidence: 'params' });
    expect(mapping.columns[0]!.role).toBe('params');
  });

  it('changes a unit without touching the role', () => {
    expect(withChoice(mapping, 3, { unit: 'perplexity' }).columns[3]).toMatchObject({
      role: 'loss',
      unit: 'perplexity',
    });
  });

  it('sets, replaces and lifts a filter', () => {
    const one = withFilter(mapping, 1, ['a']);
    expect(one.filters).toEqual([{ column: 1, values: ['a'] }]);
    expect(withFilter(one, 1, ['b']).filters).toEqual([{ column: 1, values: ['b'] }]);
    expect(withFilter(one, 1, null).filters).toEqual([]);
  });
});
