import { describe, expect, it } from 'vitest';
import type { Quantity } from '../../../web/src/core/protocol';
import {
  formatCount,
  formatDecades,
  formatEstimate,
  formatFlops,
  formatInterval,
  formatLoss,
  formatNumber,
  formatPercent,
  formatQuantity,
  formatQuantityInterval,
  fullPrecision,
  powerOfTen,
} from '../../../web/src/format';

/** Expectations are written with plain spaces; the page uses narrow and no-break ones. */
const plain = (text: string) => text.replace(/[\u202f\u00a0]/g, ' ');

function quantity(kind: Quantity['kind'], unit: string): Quantity {
  return {
    id: 'q',
    symbol: 'Q',
    name: 'q',
    unit,
    kind,
    meaning: '',
    zero_is_missing: false,
    units: [],
  };
}
const params = quantity('count', 'parameters');
const compute = quantity('compute', 'FLOPs');
const loss = quantity('loss', 'nats per token');

describe('formatCount', () => {
  it.each([
    [70e9, '70B'],
    [1.4e12, '1.4T'],
    [405e6, '405M'],
    [12345, '12.3k'],
    [1000, '1k'],
    [999, '999'],
    [999.4, '999'],
    [999.6, '1k'],
    [999.7e6, '1B'],
    [44_123_456, '44.1M'],
    [18.39, '18.4'],
    [0.5, '0.5'],
    [0.00012, '1.2×10⁻⁴'],
    [1, '1'],
    [0, '0'],
    [-1500, '−1.5k'],
    [1e15, '10¹⁵'],
    [1.25e16, '1.25×10¹⁶'],
    [999.9e12, '10¹⁵'],
    [Infinity, '∞'],
    [NaN, '–'],
    [null, '–'],
  ])('%s is %s', (x, text) => expect(formatCount(x)).toBe(text));
});

describe('formatFlops', () => {
  it.each([
    [5.76e23, '5.76×10²³'],
    [1e20, '10²⁰'],
    [9.999e20, '10²¹'],
    [6e18, '6×10¹⁸'],
    [1.2345e21, '1.23×10²¹'],
    [3000, '3000'],
    [null, '–'],
  ])('%s is %s', (x, text) => expect(formatFlops(x)).toBe(text));
});

describe('formatNumber', () => {
  it.each([
    [482.01, '482'],
    [0.3478, '0.3478'],
    [1.8172, '1.817'],
    [2085.43, '2085'],
    [12530, '12 530'],
    [6.4e13, '6.4×10¹³'],
    [7e10, '7×10¹⁰'],
    [999_999, '10⁶'],
    [0.001234, '0.001234'],
    [0.0001234, '1.234×10⁻⁴'],
    [-0.041, '−0.041'],
    [-1e-9, '−10⁻⁹'],
    [-0, '0'],
    [0, '0'],
    [1e-300, '10⁻³⁰⁰'],
    [-Infinity, '−∞'],
    [undefined, '–'],
  ])('%s is %s', (x, text) => expect(plain(formatNumber(x))).toBe(text));
});

describe('formatLoss keeps its zeros', () => {
  it.each([
    [2.306, '2.306'],
    [2.3, '2.300'],
    [10, '10.00'],
    [0.9046, '0.9046'],
    [0, '0.000'],
  ])('%s is %s', (x, text) => expect(formatLoss(x)).toBe(text));
});

describe('formatQuantity', () => {
  it.each([
    [params, 70e9, '70B parameters'],
    [params, 1, '1 parameter'],
    [compute, 5.76e23, '5.76×10²³ FLOPs'],
    [loss, 2.3061, '2.306 nats/token'],
    [quantity('count', 'exits'), 4, '4 exits'],
    [quantity('count', ''), 4, '4'],
    [params, null, '–'],
    [params, NaN, '–'],
  ])('%s', (of, x, text) => expect(plain(formatQuantity(of, x))).toBe(text));
  it('leaves the unit out when asked', () => {
    expect(formatQuantity(params, 70e9, { unit: false })).toBe('70B');
  });
});

describe('formatEstimate', () => {
  it.each([
    [0.347, 0.015, '0.347 ± 0.015'],
    [0.34731, 0.0148, '0.347 ± 0.015'],
    [482.01, 124.58, '480 ± 120'],
    [2085.43, 1293.23, '2100 ± 1300'],
    [1.8172, 0.0261, '1.817 ± 0.026'],
    [0.3478, 0.0996, '0.35 ± 0.10'],
    [1.8, 0.999, '1.8 ± 1.0'],
    [12530, 4321, '12 500 ± 4300'],
    [7e10, 1.5e9, '(7.00 ± 0.15)×10¹⁰'],
    [1.234e9, 1.5e8, '(1.23 ± 0.15)×10⁹'],
    [2e5, 3e6, '(0.2 ± 3.0)×10⁶'],
    [1.2e-5, 3e-6, '(1.20 ± 0.30)×10⁻⁵'],
    [0.0002, 0.015, '0.000 ± 0.015'],
    [-0.0002, 0.015, '0.000 ± 0.015'],
    [-0.041, 0.0123, '−0.041 ± 0.012'],
    [12.3, 4500, '0 ± 4500'],
    [1.8172, 1e-12, '1.81720 ± 10⁻¹²'],
    [0.347, null, '0.347'],
    [0.347, 0, '0.347'],
    [0.347, NaN, '0.347'],
    [0.347, Infinity, '0.347 ± ∞'],
    [null, 0.1, '–'],
  ])('%s and %s is %s', (value, error, text) =>
    expect(plain(formatEstimate(value, error))).toBe(text),
  );

  it('never shows an exponent as computers do', () => {
    for (let exponent = -20; exponent <= 30; ++exponent) {
      for (const error of [null, 1e-9, 0.01, 3, 1e8]) {
        expect(formatEstimate(7.3 * 10 ** exponent, error)).not.toMatch(/e[+-]?\d/i);
      }
    }
  });
});

describe('formatInterval', () => {
  it.each([
    [[0.317, 0.373], '0.317–0.373'],
    [[0.31698, 0.37321], '0.317–0.373'],
    [[1.769, 1.871], '1.77–1.87'],
    [[230, 730], '230–730'],
    [[-0.012, 0.034], '−0.012 to 0.034'],
    [[-0.034, -0.012], '−0.034 to −0.012'],
    [[6.8e10, 1.38e11], '0.68–1.38×10¹¹'],
    [[1, 2e5], '1–200 000'],
    [[0, Infinity], '0–∞'],
    [[2, 2], '2'],
    [null, '–'],
    [[NaN, 1], '–'],
  ] as [[number, number] | null, string][])('%s is %s', (interval, text) =>
    expect(plain(formatInterval(interval))).toBe(text),
  );
});

describe('formatQuantityInterval', () => {
  it.each([
    [params, [6.81e10, 1.382e11], '68–138B'],
    [params, [8.02e8, 1.23e9], '800M–1.2B'],
    [params, [69.96e9, 70.04e9], '70B'],
    [params, [1e9, 4e11], '1B–400B'],
    [params, [7.98e9, 9.52e9], '8.0–9.5B'],
    [params, [8e9, 9e9], '8–9B'],
    [compute, [6.8e22, 1.38e23], '0.68–1.38×10²³'],
    [loss, [1.951, 1.967], '1.951–1.967'],
    [params, null, '–'],
  ] as [Quantity, [number, number] | null, string][])('%s %s is %s', (of, interval, text) =>
    expect(plain(formatQuantityInterval(of, interval))).toBe(text),
  );
});

describe('formatPercent and formatDecades', () => {
  it.each([
    [0.0186, '1.9 %'],
    [0.00186, '0.19 %'],
    [0.000312, '0.03 %'],
    [0.158, '16 %'],
    [1.58, '158 %'],
    [-0.0186, '−1.9 %'],
    [0, '0.0 %'],
    [null, '–'],
  ])('%s is %s', (x, text) => expect(plain(formatPercent(x))).toBe(text));
  it('shows the sign of a gain when asked, none on zero', () => {
    expect(plain(formatPercent(0.0186, { sign: true }))).toBe('+1.9 %');
    expect(plain(formatPercent(-0.0186, { sign: true }))).toBe('−1.9 %');
    expect(plain(formatPercent(0, { sign: true }))).toBe('0.0 %');
  });
  it.each([
    [1.9, '1.9 decades'],
    [1.02, '1 decade'],
    [0, '0 decades'],
    [2, '2 decades'],
  ])('%s is %s', (x, text) => expect(plain(formatDecades(x))).toBe(text));
});

describe('fullPrecision', () => {
  it('reads back as the same number', () => {
    for (const x of [1 / 3, 5.76e23, 1e21, 1e-9, -0.1, 123456789012345680000]) {
      expect(Number(fullPrecision(x))).toBe(x);
      expect(fullPrecision(x)).not.toContain('+');
    }
    expect(fullPrecision(NaN)).toBe('');
    expect(fullPrecision(null)).toBe('');
  });
});

it('writes powers of ten with raised digits', () => {
  expect(powerOfTen(20)).toBe('10²⁰');
  expect(powerOfTen(-3)).toBe('10⁻³');
});
