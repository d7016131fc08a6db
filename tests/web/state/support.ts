/** The page over an engine that answers at once. */
import type {
  Catalog,
  Columns,
  Engine,
  FitReport,
  FitRequest,
} from '../../../web/src/core/protocol';
import type { Shelf } from '../../../web/src/state/saved';

const unit = (id: string) => ({ id, name: id, kind: 'scale', factor: 1, ratio_name: '' });
const quantity = (id: string, symbol: string, base: string) => ({
  id,
  symbol,
  name: id,
  unit: base,
  kind: id === 'loss' ? 'loss' : 'count',
  meaning: '',
  zero_is_missing: id !== 'loss',
  units: [unit(base)],
});
const law = (id: string, variables: string[]) => ({
  id,
  name: id,
  response: 'loss',
  variables,
  coefficients: [{ id: 'E', symbol: 'E' }],
  presets: [],
  has_optimum: variables.length > 1,
});
export const catalog = {
  quantities: [
    quantity('params', 'N', 'count'),
    quantity('tokens', 'D', 'count'),
    quantity('flops', 'C', 'flop'),
    quantity('exits', 'G', 'count'),
    quantity('loss', 'L', 'nats'),
  ],
  laws: [
    law('two', ['params', 'tokens']),
    law('size', ['params']),
    law('family', ['params', 'exits']),
  ],
  objectives: [
    { id: 'robust', default_delta: 0.001, default_penalty: null },
    { id: 'squares', default_delta: null, default_penalty: null },
    { id: 'tilted', default_delta: 0.001, default_penalty: 10 },
  ],
  cost_models: [{ id: 'six', settings: [] }],
  examples: [{ id: 'study', name: 'Study', label: 'a study', law: 'two', flops: 1e22 }],
  statuses: [],
  defaults: {
    law: 'two',
    preset: '',
    objective: 'robust',
    cost_model: 'six',
    example: 'study',
    flops: 1e24,
  },
} as unknown as Catalog;

export const example = {
  header: ['N', 'D', 'loss'],
  roles: ['params', 'tokens', 'loss'],
  rows: [
    [1e8, 2e9, 3.2],
    [2e8, 4e9, 3.0],
    [4e8, 8e9, 2.8],
  ],
};

const instant = { value: 1e9, standard_error: 1e8, interval: [0.9e9, 1.1e9] };
const plan = { params: instant, tokens: instant, tokens_per_param: instant, loss: instant };

export function fakeEngine() {
  const fits: { request: FitRequest; columns: Columns }[] = [];
  const engine: Engine = {
    catalog: async () => catalog,
    example: async () => example,
    prepare: async (_request, columns) => ({ report: { derived: [], unusable: [] }, columns }),
    predict: async () => ({ columns: {} }),
    fit: async (request, columns) => {
      fits.push({ request, columns });
      const report = {
        law: request.law,
        objective: { ...request.objective, value: 0 },
        status: 'converged',
        usable: true,
        coefficients: [{ id: 'E', value: 1.8 }],
        covariance: null,
        warnings: [],
      } as unknown as FitReport;
      const { loss } = columns;
      return { report, columns: { predicted: loss!, residual: loss!.map(() => 0) } };
    },
    optimum: async ({ flops }) =>
      ({ optima: [{ flops: flops[0], ...plan }], unavailable: null }) as Awaited<
        ReturnType<Engine['optimum']>
      >,
  };
  return { engine, fits };
}

export function shelf(): Shelf & { entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
  };
}

export const table = 'N,D,loss\n1e8,2e9,3.3\n2e8,2e9,3.2\n4e8,2e9,3.1\n8e8,4e9,3\n';
