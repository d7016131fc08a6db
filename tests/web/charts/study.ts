import type { Columns, Engine, Estimate, Law, Quantity } from '../../../web/src/core/protocol';
import type { ChartInput } from '../../../web/src/charts/types';

/**
 * A small study and an engine that answers by a made-up law of its own, so that charts are tested without
 * the real one: L = 2·(1 + (1e9/x)^0.1 + (1e10/y)^0.1)·z^0.05 over sizes x, tokens y, and exits z.
 */
export const madeUpLoss = (x: number, y: number, z = 1) =>
  2 * (1 + (1e9 / x) ** 0.1 + (1e10 / y) ** 0.1) * z ** 0.05;

function quantity(
  id: string,
  symbol: string,
  name: string,
  unit: string,
  kind: Quantity['kind'],
): Quantity {
  const units: Quantity['units'] = [
    { id: 'thousand', name: 'thousand', kind: 'scale', factor: 1e3, ratio_name: '' },
    { id: 'one', name: unit, kind: 'scale', factor: 1, ratio_name: '' },
  ];
  return { id, symbol, name, unit, kind, meaning: '', zero_is_missing: false, units };
}

export const quantities = [
  quantity('params', 'N', 'parameters', 'parameters', 'count'),
  quantity('tokens', 'D', 'training tokens', 'tokens', 'count'),
  quantity('flops', 'C', 'training compute', 'FLOPs', 'compute'),
  quantity('exits', 'G', 'exits', 'exits', 'count'),
  quantity('loss', 'L', 'loss', 'nats per token', 'loss'),
];

export function law(variables: string[], has_optimum = true): Law {
  return {
    id: 'made_up',
    response: 'loss',
    variables,
    has_optimum,
    coefficients: [],
    presets: [],
  } as unknown as Law;
}

export const budgets = [1e18, 1e19, 1e20, 1e21];

/** Budgets × five sizes; the last run is left out. */
export function isoFlopStudy(more: Partial<ChartInput> = {}): ChartInput {
  const columns: Columns = { params: [], tokens: [], flops: [], loss: [] } as never;
  const lists: Record<string, number[]> = { params: [], tokens: [], flops: [], loss: [] };
  for (const flops of budgets) {
    for (let i = -2; i <= 2; ++i) {
      const params = Math.sqrt(flops / 120) * 2 ** i;
      const tokens = flops / 6 / params;
      lists.params!.push(params);
      lists.tokens!.push(tokens);
      lists.flops!.push(flops);
      lists.loss!.push(madeUpLoss(params, tokens) * (1 + 0.01 * i));
    }
  }
  for (const [id, list] of Object.entries(lists)) columns[id] = Float64Array.from(list);
  const count = lists.loss!.length;
  const used = (i: number) => i < count - 1;
  const predicted = Float64Array.from({ length: count }, (_, i) =>
    used(i) ? madeUpLoss(columns.params![i]!, columns.tokens![i]!) : NaN,
  );
  return {
    catalog: { quantities } as never,
    law: law(['params', 'tokens']),
    rows: Array.from({ length: count }, (_, i) => ({
      index: i + 100,
      name: i === 0 ? 'first, "best"' : '',
      group: '',
      used: used(i),
      leftOut: used(i) ? null : 'you left it out',
    })),
    columns,
    predicted,
    residual: predicted.map((value, i) => Math.log(value / columns.loss![i]!)),
    fit: { law: 'made_up', coefficients: {} },
    costModel: { id: 'six' },
    range: { flops: [1e18, 1e21] },
    flops: 1e23,
    ...more,
  };
}

const estimate = (value: number): Estimate => ({
  value,
  standard_error: 0.01 * value,
  interval: [0.98 * value, 1.02 * value],
});

/** Counts what it is asked. */
export function madeUpEngine() {
  const asked = {
    prepare: 0,
    predict: 0,
    optimum: 0,
    rows: 0,
    units: {} as Record<string, { id: string }>,
  };
  const engine: Pick<Engine, 'prepare' | 'predict' | 'optimum'> = {
    async prepare({ units }, { params, tokens, flops }) {
      ++asked.prepare;
      asked.units = units;
      return {
        report: { derived: [], unusable: [] },
        columns: {
          params: params!.map((x, i) => (x > 0 ? x : flops![i]! / 6 / tokens![i]!)),
          tokens: tokens!.map((y, i) => (y > 0 ? y : flops![i]! / 6 / params![i]!)),
          flops: flops!,
        },
      };
    },
    async predict(_, columns) {
      ++asked.predict;
      const [first] = Object.values(columns);
      asked.rows = first!.length;
      const loss = first!.map((_value, i) =>
        madeUpLoss(
          columns.params?.[i] ?? 1e9,
          columns.tokens?.[i] ?? 1e10,
          columns.exits?.[i] ?? 1,
        ),
      );
      return {
        columns: { loss, lower: loss.map((x) => 0.99 * x), upper: loss.map((x) => 1.01 * x) },
      };
    },
    async optimum({ flops, range }) {
      ++asked.optimum;
      const optima = flops.map((budget) => {
        const size = Math.sqrt(budget / 120);
        const [lo, hi] = range?.flops ?? [0, Infinity];
        return {
          flops: budget,
          params: estimate(size),
          tokens: estimate(budget / 6 / size),
          tokens_per_param: estimate(20),
          loss: estimate(madeUpLoss(size, budget / 6 / size)),
          method: 'numeric' as const,
          decades_outside: {
            flops: Math.max(0, Math.log10(budget / hi), Math.log10(lo / budget)),
            params: null,
            tokens: null,
          },
        };
      });
      return { optima, unavailable: null };
    },
  };
  return { engine, asked };
}
