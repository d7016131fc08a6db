import { formatCount, formatNumber, powerOfTen } from '../format';
import type { AxisView } from './scene';

/** Marks on an axis: labelled ones, and the fine ones between them. */
export interface Ticks {
  major: number[];
  minor: number[];
}

/**
 * Ticks of [min, max], at most about `most` labelled: powers of ten beyond two decades (every second,
 * third … when they crowd), 1-2-5 within two, even steps where not even two of those would show.
 */
export function logTicks(min: number, max: number, most: number): Ticks {
  if (!(min > 0) || !(max > min)) return { major: [], minor: [] };
  const [first, last] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
  const inside = (x: number) => x >= min * (1 - 1e-9) && x <= max * (1 + 1e-9);
  const times = (steps: number[]) => {
    const values: number[] = [];
    for (let power = first; power <= last; ++power) {
      for (const step of steps) values.push(Number(`${step}e${power}`));
    }
    return values.filter(inside);
  };
  const span = Math.log10(max / min);
  const powers = times([1]);
  const every = (stride: number) => powers.filter((x) => Math.round(Math.log10(x)) % stride === 0);
  const even = () => [20, 10, 7, 5, 4, 3, 2].map((count) => linearTicks(min, max, count).major);
  const sets =
    span > 2
      ? [1, 2, 3, 4, 5, 10].map(every)
      : [
          ...(span <= 1.1 ? [...even(), times([1, 1.5, 2, 2.5, 3, 4, 5, 7])] : []),
          ...[[1, 2, 5], [1, 3], [1]].map(times),
        ];

  // The richest set whose closest neighbours have room; one that crowds before one that shows no scale.
  const gap = (values: number[]) =>
    Math.min(...values.slice(1).map((x, i) => Math.log10(x / values[i]!)));
  const scales = sets.filter((values) => values.length >= 2);
  const fitting = scales.filter((values) => gap(values) >= (span / most) * 0.999);
  const major = fitting.length
    ? fitting.reduce((best, values) => (values.length > best.length ? values : best))
    : (scales.sort((a, b) => gap(b) - gap(a))[0] ?? powers);
  const fine = span > 6 ? powers : times([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  return { major, minor: fine.filter((x) => !major.includes(x)) };
}

/** Even steps of 1, 2 or 5 times a power of ten. */
export function linearTicks(min: number, max: number, most: number): Ticks {
  if (!(max > min) || !Number.isFinite(max - min)) return { major: [], minor: [] };
  const rough = (max - min) / Math.max(1, most);
  const power = Math.floor(Math.log10(rough));
  for (const step of [1, 2, 5, 10, 20].map((factor) => factor * 10 ** power)) {
    const [from, to] = [Math.ceil(min / step - 1e-9), Math.floor(max / step + 1e-9)];
    if (to - from + 1 > most && to > from) continue;
    const major: number[] = [];
    for (let i = from; i <= to; ++i) major.push(Number((i * step).toPrecision(12)));
    return { major, minor: [] };
  }
  return { major: [], minor: [] };
}

/** "10M", "10²⁰", "2×10²⁰", "2.5", "−1 %". */
export function tickLabel(axis: Pick<AxisView, 'format' | 'categories'>, value: number): string {
  if (axis.categories) return axis.categories[value] ?? '';
  switch (axis.format) {
    case 'count':
      return formatCount(value);
    case 'compute': {
      const exponent = Math.floor(Math.log10(value) + 1e-9);
      const mantissa = Number((value / 10 ** exponent).toPrecision(3));
      return mantissa === 1 ? powerOfTen(exponent) : `${mantissa}×${powerOfTen(exponent)}`;
    }
    case 'loss':
    case 'number':
      return formatNumber(value);
    case 'percent':
      return `${formatNumber(value * 100)}\u202f%`;
  }
}
