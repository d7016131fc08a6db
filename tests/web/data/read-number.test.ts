import { describe, expect, it } from 'vitest';
import {
  decideDecimal,
  readBudget,
  readCell,
  readCompute,
} from '../../../web/src/data/read-number';
import type { Decimal } from '../../../web/src/data/read-number';

const numberIn = (text: string, decimal: Decimal = '.') => {
  const cell = readCell(text, decimal);
  return cell.kind === 'number' ? cell.value : cell.kind;
};

describe('a cell', () => {
  it.each([
    ['7e9', 7e9],
    ['7E+09', 7e9],
    ['-3', -3],
    ['+3', 3],
    ['.5', 0.5],
    ['5.', 5],
    ['7B', 7e9],
    ['7 b', 7e9],
    ['7bn', 7e9],
    ['7 billion', 7e9],
    ['7 billions', 7e9],
    ['1.4T', 1.4e12],
    ['1.4 trillion', 1.4e12],
    ['70 M', 70e6],
    ['125m', 125e6],
    ['125 Mio', 125e6],
    ['350k', 350e3],
    ['7G', 7e9],
    ['20_000_000', 20e6],
    ['6.8×10^9', 6.8e9],
    ['6.8*10^9', 6.8e9],
    ['6.8·10^9', 6.8e9],
    ['6.8 x 10^9', 6.8e9],
    ['6.8×10⁹', 6.8e9],
    ['6.8×10**9', 6.8e9],
    ['5×10⁻³', 5e-3],
    ['10^20', 1e20],
    ['10²⁰', 1e20],
    ['2^30', 2 ** 30],
    ['1e20 FLOPs', 1e20],
    ['3 EFLOP', 3e18],
    ['5 ZFLOP', 5e21],
    ['2 exaFLOPs', 2e18],
    ['12 PFLOP', 12e15],
    ['0.2 PF-days', 0.2],
    ['0.2 petaflop/s-days', 0.2],
    ['≈7B', 7e9],
    ['~7B', 7e9],
    ['ca. 7B', 7e9],
    ['−3.5', -3.5],
    ['7 000 000', 7e6],
    ['7\u00a0000\u00a0000', 7e6],
    ['7\u2009000\u202f000', 7e6],
    ['７０Ｂ', 70e9],
    ["7'000'000", 7e6],
    ['7’000’000', 7e6],
    ['1,23,45,678', 12345678],
    ['1,234,567', 1234567],
    ['1,234,567.5', 1234567.5],
    ['3.91 ± 0.02', 3.91],
    ['7B params', 7e9],
    ['300B tokens', 300e9],
    ['3.1 nats/token', 3.1],
  ])('%s', (text, value) => expect(numberIn(text)).toBe(value));

  it.each([
    ['3,14', 3.14],
    ['1.234,5', 1234.5],
    ['1.234.567', 1234567],
    ['1.234', 1234],
    ['1 234,5', 1234.5],
    ['6,8×10^9', 6.8e9],
    ['1,4T', 1.4e12],
    ['7', 7],
    ['7e9', 7e9],
  ])('%s with a decimal comma', (text, value) => expect(numberIn(text, ',')).toBe(value));

  it.each(['', 'NA', 'n/a', 'null', 'None', '-', '—', '–', '#N/A', '?', 'missing'])(
    '%j is missing',
    (text) => expect(numberIn(text)).toBe('missing'),
  );

  it.each(['nan', 'NaN', 'inf', '-inf', 'Infinity', '−∞'])('%s is not finite', (text) =>
    expect(numberIn(text)).toBe('not_finite'),
  );

  it.each([
    '5%',
    '1.4 TB',
    '7 GiB',
    '3 TFLOP/s',
    '12 34',
    '1,5',
    '1,2345',
    '2024-01-01',
    '12:30',
    'Jan-70',
    '0x10',
    'e5',
    '7e',
    '3E',
    '<7B',
    '7B/2',
    '1e400',
    'abc',
    '1.2.3',
    '$5',
    '3.1*',
  ])('%s is no number', (text) => expect(numberIn(text)).toBe('unreadable'));

  it('names the unit and the suffix it saw', () => {
    expect(readCell('3 EFLOP', '.')).toMatchObject({ unit: 'flop', suffix: 'e' });
    expect(readCell('0.2 PF-days', '.')).toMatchObject({ unit: 'pf_day' });
    expect(readCell('1.1 bits/byte', '.')).toMatchObject({ unit: 'bits_per_byte' });
    expect(readCell('7B', '.')).toMatchObject({ unit: '', suffix: 'b' });
  });

  it('is the same double whichever way it is written', () => {
    expect(numberIn('6.8B')).toBe(6.8e9);
    expect(numberIn('1.1T')).toBe(1.1e12);
    expect(numberIn('5.76×10^23')).toBe(5.76e23);
  });
});

describe('the decimal mark of a column', () => {
  it.each<[string[], Decimal, string]>([
    [['1.5', '2.25'], '.', 'written'],
    [['1,5', '2,25'], ',', 'written'],
    [['1.234,5', '3'], ',', 'written'],
    [['1,234.5', '3'], '.', 'written'],
    [['1,234,567', '1,234'], '.', 'written'],
    [['1.234.567', '1.234'], ',', 'written'],
    [['1,234', '5,678'], '.', 'undecided'],
    [['1,234', '0,567'], ',', 'written'],
    [['1,234', '5,6'], ',', 'written'],
    [['1,234e9'], ',', 'written'],
    [['1.234', '5.678'], '.', 'assumed'],
    [['7', '8'], '.', 'assumed'],
    [['1.5', '2.5', '2,25'], '.', 'mixed'],
    [['1,5', '2,5', '2.25'], ',', 'mixed'],
    [['web, filtered', 'code'], '.', 'assumed'],
  ])('%j', (cells, decimal, certainty) =>
    expect(decideDecimal(cells)).toMatchObject({ decimal, certainty }),
  );
});

describe('a compute budget', () => {
  const unit = (id: string, factor: number) => ({
    id,
    name: id,
    kind: 'scale' as const,
    factor,
    ratio_name: '',
  });
  const units = [unit('flop', 1), unit('pf_day', 8.64e19)];

  it.each([
    ['1e24', 1e24],
    ['5.76e23', 5.76e23],
    ['5,76e23', 5.76e23],
    [' 5.76×10²³ FLOPs ', 5.76e23],
    ['1e24 FLOP', 1e24],
    ['3 ZFLOP', 3e21],
    ['100 PF-days', 100 * 8.64e19],
    ['10^24', 1e24],
  ])('%s', (text, flops) => expect(readBudget(text, units)).toBe(flops));

  it.each(['', '-1e24', '0', 'lots', '7B params', '1,234', '3 nats', 'NaN', '1e24 FLOP/s'])(
    '%j is none',
    (text) => expect(readBudget(text, units)).toBeNull(),
  );

  it('keeps the unit for the catalog to convert', () => {
    expect(readCompute('2 PF-days')).toEqual({ value: 2, unit: 'pf_day' });
    expect(readBudget('2 PF-days', [])).toBeNull();
  });
});
