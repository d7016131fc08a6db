import { describe, expect, test } from 'vitest';
import type { DrawEstimate, IntervalsReport } from '../../../../web/src/core/estimation-protocol';
import type {
  Catalog,
  FitReport,
  FitWarning,
  Law,
  Optimum,
} from '../../../../web/src/core/protocol';
import {
  factorOf,
  verdict,
  type Next,
  type VerdictFacts,
} from '../../../../web/src/model/panels/verdict';
import { nextSentence, verdictSentence } from '../../../../web/src/text/panels';

const law = {
  id: 'made_up',
  name: 'Made up',
  coefficients: [
    { id: 'f', symbol: 'E', role: 'floor' },
    { id: 'p', symbol: 'α', role: 'exponent' },
  ],
} as Law;
const quantity = (id: string, symbol: string, unit: string, kind: string) => ({
  id,
  symbol,
  name: id,
  unit,
  kind,
  units: [],
});
const catalog = {
  quantities: [
    quantity('params', 'N', 'parameters', 'count'),
    quantity('tokens', 'D', 'tokens', 'count'),
    quantity('flops', 'C', 'FLOPs', 'compute'),
  ],
} as unknown as Catalog;

const free = (id: string, value: number, standard_error: number) =>
  ({ id, value, standard_error, interval: null, state: 'free', tied_to: null }) as const;
const report = (more: Partial<FitReport> = {}) =>
  ({
    status: 'converged',
    usable: true,
    coefficients: [free('f', 1.8, 0.02), free('p', 0.35, 0.01)],
    goodness: { rows: 240, median_abs_log_residual: 0.002 },
    warnings: [],
    ...more,
  }) as unknown as FitReport;
const optimum = (interval: [number, number] | null, outside = 0) =>
  ({
    flops: 1e24,
    params: { value: 1e11, standard_error: null, interval },
    tokens: { value: 1.7e12, standard_error: null, interval: null },
    tokens_per_param: { value: 17, standard_error: null, interval: null },
    loss: { value: 1.96, standard_error: 0.005, interval: [1.95, 1.97] },
    decades_outside: { flops: outside, params: null, tokens: null },
  }) as unknown as Optimum;
const draws = (interval: [number, number] | null, more: Partial<IntervalsReport> = {}) =>
  ({
    draws: 4000,
    failed: 0,
    at_bound: 0,
    optima: [{ flops: 1e24, params: { value: 1e11, interval } as DrawEstimate }],
    ...more,
  }) as unknown as IntervalsReport;
const warning = (code: string): FitWarning => ({
  code,
  coefficients: ['p'],
  quantities: ['params', 'tokens'],
  value: 0.999,
});
const facts = (more: Partial<VerdictFacts> = {}): VerdictFacts => ({
  law,
  report: report(),
  optimum: optimum([9e10, 1.1e11]),
  intervals: null,
  outliers: null,
  nextRun: null,
  ...more,
});
const codes = (points: { code: string }[]) => points.map(({ code }) => code);

describe('what the runs support', () => {
  test('a narrow interval is known, a wider one roughly, a wide one not', () => {
    const of = (interval: [number, number] | null) =>
      codes(verdict(facts({ optimum: optimum(interval) })).supported);
    expect(of([9e10, 1.1e11])).toContain('split_known');
    expect(of([7e10, 1.4e11])).toContain('split_rough');
    expect(of([2e10, 5e11]).filter((code) => code.startsWith('split'))).toEqual([]);
    expect(codes(verdict(facts({ optimum: optimum([2e10, 5e11]) })).doubtful)).toContain(
      'split_unknown',
    );
  });

  test('the bootstrap’s interval takes the place of the sandwich’s', () => {
    const said = verdict(facts({ intervals: draws([2e10, 5e11]) }));
    expect(codes(said.supported)).not.toContain('split_known');
    expect(said.doubtful[0]).toMatchObject({ code: 'split_unknown', interval: [2e10, 5e11] });
  });

  test('intervals at another budget are not quoted', () => {
    const other = draws([2e10, 5e11]);
    other.optima[0]!.flops = 1e22;
    expect(codes(verdict(facts({ intervals: other })).supported)).toContain('split_known');
  });

  test('nothing is supported by a fit that cannot be used', () => {
    const bad = report({ usable: false, warnings: [warning('too_few_runs')] });
    const said = verdict(facts({ report: bad, optimum: null }));
    expect(codes(said.supported)).toEqual(['nothing']);
    expect(said.next).toMatchObject({ code: 'way_out' });
  });

  test('an interval means nothing where a direction is flat', () => {
    const flat = report({ warnings: [warning('flat_direction')] });
    const said = verdict(facts({ report: flat }));
    expect(codes(said.supported)).not.toContain('split_known');
    expect(codes(said.doubtful)).toEqual(['split_unknown', 'warning']);
  });
});

describe('what they do not', () => {
  test('a sound fit within its data leaves no doubt', () => {
    expect(codes(verdict(facts()).doubtful)).toEqual(['no_doubt']);
  });

  test('what follows from a warning is not said beside it, and the gravest comes first', () => {
    const many = ['ridge', 'weak_exponent', 'starts_disagree', 'collinear'].map(warning);
    const { doubtful } = verdict(facts({ report: report({ warnings: many }) }));
    expect(
      doubtful.flatMap((point) => (point.code === 'warning' ? point.warning.code : [])),
    ).toEqual(['collinear', 'starts_disagree']);
  });

  test('distance, bounds and runs that stand out are said', () => {
    const said = verdict(
      facts({
        optimum: optimum([9e10, 1.1e11], 1.9),
        intervals: draws([9e10, 1.1e11], { at_bound: 0.21 }),
        outliers: { scale: 0.01, outliers: [{ row: 3, reasons: [] }] },
      }),
    );
    expect(said.doubtful).toEqual([
      { code: 'extrapolates', decades: 1.9, flops: 1e24 },
      { code: 'at_bound', share: 0.21 },
      { code: 'outliers', rows: [3] },
    ]);
  });
});

describe('which run next', () => {
  const said = (next: Next | null) =>
    nextSentence(next!, law, catalog)
      .map((part) => (typeof part === 'string' ? part : part.strong))
      .join('')
      .replace(/\s/g, ' ');
  const candidate = { params: 1.2e9, tokens: 4e10, flops: 3e20, shrinks: 0.82 };
  test('the best candidate, by how much it narrows', () => {
    const { next } = verdict(facts({ nextRun: { candidates: [candidate] } }));
    expect(next).toMatchObject({ code: 'run', params: 1.2e9, tokens: 4e10, flops: 3e20 });
    expect(said(next)).toBe(
      'One run of 1.2B parameters on 40B tokens (3×10²⁰ FLOPs, 33 tokens per parameter) would narrow the interval of the best size by 18 %. Of all runs near those there are, it helps most.',
    );
  });

  test('a run that hardly helps is not recommended', () => {
    const nextRun = { candidates: [{ ...candidate, shrinks: 0.995 }] };
    expect(verdict(facts({ nextRun })).next).toMatchObject({ code: 'no_single_run', flops: 3e20 });
    expect(said(verdict(facts({ nextRun })).next)).toMatch(/^One more run would not help much/);
  });

  test('a design that cannot answer is mended before a run is added to it', () => {
    const poor = report({ warnings: [warning('collinear')] });
    const { next } = verdict(facts({ report: poor, nextRun: { candidates: [candidate] } }));
    expect(next).toMatchObject({ code: 'way_out', warning: { code: 'collinear' } });
  });

  test('nothing is said before it is known', () => {
    expect(verdict(facts()).next).toBeNull();
  });
});

test('every point has a sentence that ends, for every warning as well', () => {
  const many = [
    'one_budget',
    'no_floor',
    'ratio_fixed',
    'second_optimum',
    'errors_differ',
    'unheard_of',
  ];
  for (const code of many) {
    for (const point of verdict(
      facts({
        report: report({ warnings: [warning(code)] }),
        optimum: optimum([1e10, 1e12], 2),
        intervals: draws([1e10, 1e12], { at_bound: 0.2, failed: 800 }),
      }),
    ).doubtful) {
      const words = verdictSentence(point, law, catalog)
        .map((part) => (typeof part === 'string' ? part : part.strong))
        .join('');
      expect(words).toMatch(/^[^a-z].*\.$/s);
      expect(words).not.toMatch(/undefined|NaN/);
    }
  }
});

test('the factor of an interval is how far its ends are from the geometric middle', () => {
  expect(factorOf([1, 4])).toBe(2);
  expect(factorOf([0, 4])).toBe(Infinity);
});
