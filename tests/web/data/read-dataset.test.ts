import { describe, expect, it } from 'vitest';
import { withChoice, withFilter } from '../../../web/src/data/mapping';
import { readDataset } from '../../../web/src/data/read-dataset';
import type { Dataset } from '../../../web/src/data/types';
import { read, usableRows } from './support';

const problemsOf = (dataset: Dataset) =>
  dataset.rows.map(({ problems }) => problems.map(({ code }) => code).join(' '));
const noteOf = (dataset: Dataset, code: string) => dataset.notes.find((note) => note.code === code);

describe('numbers', () => {
  it('stand in the unit as written', () => {
    const { dataset } = read('N (M),D,total_gflops,bpb\n70,1.4B,5.9e8,1.21\n0.16B,3.2B,3.1e9,1.12');
    expect([...dataset.columns.params!]).toEqual([70e6, 160e6]);
    expect([...dataset.columns.tokens!]).toEqual([1.4e9, 3.2e9]);
    expect([...dataset.columns.flops!]).toEqual([5.9e8, 3.1e9]);
    expect(dataset.units).toEqual({
      params: { id: 'count' },
      tokens: { id: 'count' },
      flops: { id: 'gflop' },
      loss: { id: 'bits_per_byte' },
    });
    expect(noteOf(dataset, 'ratio_needed')?.severity).toBe('error');
  });

  it('carry the ratio once it is given', () => {
    const { table, mapping } = read('N,D,bpb\n1e8,2e9,1.1\n2e8,4e9,1.0');
    const dataset = readDataset(table, withChoice(mapping, 2, { ratio: 4.2 }));
    expect(dataset.units.loss).toEqual({ id: 'bits_per_byte', ratio: 4.2 });
    expect(noteOf(dataset, 'ratio_needed')).toBeUndefined();
  });

  it('scale without a rounding error', () => {
    const { dataset } = read('N (B),D (T),loss\n7.1,0.3,2.1\n6.7,1.1,2.0');
    expect([...dataset.columns.params!]).toEqual([7.1e9, 6.7e9]);
    expect([...dataset.columns.tokens!]).toEqual([0.3e12, 1.1e12]);
  });
});

describe('rows that cannot be used stay and say why', () => {
  it.each([
    ['1e8,2e9,n/a', 'missing'],
    ['1e8,2e9,nan', 'diverged'],
    ['1e8,2e9,inf', 'diverged'],
    ['1e8,2e9,-0.1', 'not_positive'],
    ['1e8,2e9,soon', 'not_a_number'],
    ['-1e8,2e9,3.1', 'not_positive'],
    ['1e8,2e9,2.1 bits', 'other_unit'],
    ['1e8,2e9,3.1', ''],
  ])('%s', (row, problems) => {
    const { dataset } = read(`N,D,loss\n${row}\n2e8,4e9,2.9\n3e8,6e9,2.8\n4e8,8e9,2.7`);
    expect(dataset.rows).toHaveLength(4);
    expect(problemsOf(dataset)[0]).toBe(problems);
    expect(usableRows({ dataset })).toBe(problems === '' ? 4 : 3);
  });

  it('which of N, D, C are needed is for the law to say, but none is too few', () => {
    const { dataset } = read(
      'N,D,C,loss\n1e8,2e9,1.2e18,3.1\n2e8,,4.8e18,2.9\n3e8,,,2.8\n0,0,0,2.7',
    );
    const none = 'missing missing missing';
    expect(problemsOf(dataset)).toEqual(['', '', '', none]);
  });

  it('zero is what the catalog says it is', () => {
    const { table, mapping } = read('N,D,loss\n0,2e9,3.1\n2e8,4e9,2.9');
    const quantity = {
      id: 'params',
      symbol: 'N',
      name: '',
      unit: '',
      kind: 'count' as const,
      meaning: '',
      units: [],
    };
    const [row] = problemsOf(
      readDataset(table, mapping, [{ ...quantity, zero_is_missing: false }]),
    );
    expect(row).toBe('not_positive');
  });

  it('crashed runs are left out until their column is filtered', () => {
    const { table, mapping, dataset } = read(
      'run,state,N,D,loss\na,finished,1e8,2e9,3.1\nb,crashed,2e8,4e9,5.9\nc,running,2e8,4e9,3.0',
    );
    expect(problemsOf(dataset)).toEqual(['', 'diverged', '']);
    expect(noteOf(dataset, 'diverged_runs')!.rows).toEqual([1]);
    const all = readDataset(table, withFilter(mapping, 1, ['finished', 'crashed']));
    expect(problemsOf(all)).toEqual(['', '', 'filtered']);
  });

  it('says so when none is left', () => {
    const { dataset } = read('N,D,loss\n1e8,2e9,nan\n2e8,4e9,nan\n,,2.5');
    expect(noteOf(dataset, 'no_usable_rows')?.severity).toBe('error');
  });
});

describe('logs of steps', () => {
  const text =
    'run,step,N,D,loss\na,200,1e8,2e9,3.2\na,100,1e8,1e9,3.1\na,300,1e8,3e9,nan\nb,100,2e8,1e9,3.3\nb,200,2e8,2e9,3.0';

  it('the last usable row of each run counts, by step', () => {
    const { mapping, dataset } = read(text);
    expect(mapping.perRun).toBe('last');
    expect(problemsOf(dataset)).toEqual(['', 'not_last_of_run', 'diverged', 'not_last_of_run', '']);
    expect(noteOf(dataset, 'step_log_last')?.severity).toBe('warning');
  });

  it('or the lowest loss, or all', () => {
    const { table, dataset } = read(text);
    const { fix, alternative } = noteOf(dataset, 'step_log_last')!;
    expect(problemsOf(readDataset(table, fix!.mapping))).toEqual([
      'not_minimum_of_run',
      '',
      'diverged',
      'not_minimum_of_run',
      '',
    ]);
    expect(usableRows({ dataset: readDataset(table, alternative!.mapping) })).toBe(4);
  });

  it('are not suspected where each run has one row', () => {
    expect(read('run,step,N,D,loss\na,200,1e8,2e9,3.2\nb,100,1e8,1e9,3.1').mapping.perRun).toBe(
      'all',
    );
  });
});

describe('notes with a way out', () => {
  it('small counts are in millions or billions', () => {
    const { table, dataset } = read(
      'params,tokens,loss\n70,1.4e9,3.9\n160,3.2e9,3.4\n410,8.2e9,3.0',
    );
    const note = noteOf(dataset, 'small_counts')!;
    expect(readDataset(table, note.fix!.mapping).columns.params![0]).toBe(70e6);
    expect(readDataset(table, note.alternative!.mapping).columns.params![0]).toBe(70e9);
  });

  it('G is billion, and said', () => {
    expect(noteOf(read('N,D,loss\n7G,1T,2.1\n13G,1T,2.0').dataset, 'giga')?.values.sample).toBe(
      '7G',
    );
  });

  it('mixed decimals are warned of', () => {
    const { dataset } = read('N\tD\tloss\n1e8\t2e9\t3.15\n2e8\t4e9\t2.95\n3e8\t6e9\t2,85');
    expect(noteOf(dataset, 'mixed_decimals')?.values.sample).toBe('2,85');
    expect(problemsOf(dataset)).toEqual(['', '', 'not_a_number_comma']);
  });

  it('a role twice uses the first', () => {
    const { table, mapping } = read('N,M,D,loss\n1e8,8e7,2e9,3.1\n2e8,1.7e8,4e9,2.9');
    const columns = mapping.columns.map((column, index) =>
      index === 1 ? { ...column, role: 'params' as const } : column,
    );
    const dataset = readDataset(table, { ...mapping, columns });
    expect(dataset.columns.params![0]).toBe(1e8);
    expect(noteOf(dataset, 'repeated_role')!.fix!.mapping.columns[1]!.role).toBe('ignore');
  });
});

describe('offers', () => {
  it.each([
    ['outlier', ['0', '1', '0'], ['0']],
    ['is_outlier', ['False', 'True', 'False'], ['False']],
    ['success', ['true', 'false', 'true'], ['true']],
    ['state', ['finished', 'failed', 'running'], ['finished']],
    ['reason', ['', 'loss spike', ''], ['']],
    ['used_in_fit', ['1', '0', '1'], ['1']],
    ['qc_reason', ['none', 'noisy', 'none'], ['none']],
  ])('%s: keep %j', (name, cells, suggestion) => {
    const rows = cells
      .map((cell, index) => `${index + 1}e8,2e9,3.${index},${cell},x${index}`)
      .join('\n');
    const { dataset } = read(`N,D,loss,${name},notes\n${rows}`);
    expect(dataset.offers.map((offer) => offer.suggestion)).toEqual([suggestion]);
  });

  it.each(['dropout', 'seed', 'layers'])('%s is no switch', (name) => {
    expect(read(`N,D,loss,${name}\n1e8,2e9,3.1,0\n2e8,4e9,2.9,1`).dataset.offers).toEqual([]);
  });
});
