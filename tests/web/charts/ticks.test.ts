import { describe, expect, it } from 'vitest';
import { linearTicks, logTicks, tickLabel } from '../../../web/src/charts/ticks';

const labels = (format: 'count' | 'compute' | 'loss' | 'percent', values: number[]) =>
  values.map((value) => tickLabel({ format }, value));

describe('ticks that people read', () => {
  it.each([
    ['powers of ten beyond two decades', 'count', 5e6, 2e10, 8, '10M 100M 1B 10B'],
    ['every second power where they crowd', 'compute', 1e17, 1e25, 5, '10¹⁸ 10²⁰ 10²² 10²⁴'],
    ['1-2-5 within two decades', 'count', 8e7, 3e9, 8, '100M 200M 500M 1B 2B'],
    ['1-2-5 of compute', 'compute', 9e19, 3e21, 8, '10²⁰ 2×10²⁰ 5×10²⁰ 10²¹ 2×10²¹'],
    ['plain numbers of loss', 'loss', 1.9, 3.3, 5, '2 2.5 3'],
    ['plain numbers of loss, wider', 'loss', 1.9, 5.2, 7, '2 2.5 3 4 5'],
    ['even steps close up', 'loss', 2.28, 2.42, 8, '2.28 2.3 2.32 2.34 2.36 2.38 2.4 2.42'],
    ['exits', 'count', 1, 60, 6, '1 2 5 10 20 50'],
    ['two at the very least', 'compute', 1.5e17, 3e21, 2, '10¹⁸ 10²¹'],
  ] as const)('%s', (_, format, min, max, most, expected) => {
    expect(labels(format, logTicks(min, max, most).major).join(' ')).toBe(expected);
  });

  it('never crowds, never leaves the axis, and always shows a scale', () => {
    for (let decades = 0.01; decades < 20; decades *= 1.3) {
      for (const start of [1, 2.37, 5e17, 9.9e-3]) {
        const [min, max] = [start, start * 10 ** decades];
        for (const most of [3, 5, 9]) {
          const { major, minor } = logTicks(min, max, most);
          expect(major.length, `${min} ${max} ${most}`).toBeGreaterThan(1);
          expect(major.length, `${min} ${max} ${most}: ${major}`).toBeLessThanOrEqual(most + 1);
          for (const x of [...major, ...minor]) {
            expect(x).toBeGreaterThanOrEqual(min * (1 - 1e-6));
            expect(x).toBeLessThanOrEqual(max * (1 + 1e-6));
          }
          expect(minor.some((x) => major.includes(x))).toBe(false);
        }
      }
    }
  });

  it('has none on an axis that is none', () => {
    expect(logTicks(0, 1, 5)).toEqual({ major: [], minor: [] });
    expect(logTicks(2, 2, 5)).toEqual({ major: [], minor: [] });
    expect(linearTicks(1, NaN, 5)).toEqual({ major: [], minor: [] });
  });

  it('steps evenly on linear axes, exactly through zero', () => {
    expect(linearTicks(-0.0435, 0.0435, 6).major).toEqual([-0.04, -0.02, 0, 0.02, 0.04]);
    expect(labels('percent', [-0.04, 0, 0.005]).map((text) => text.replace('\u202f', ' '))).toEqual(
      ['−4 %', '0 %', '0.5 %'],
    );
  });
});
