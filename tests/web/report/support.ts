import { existsSync, readFileSync } from 'node:fs';
import createIsoloss from 'isoloss-estimation';
import wasmUrl from 'isoloss-estimation.wasm?url';
import { createEngine } from '../../../web/src/core/engine';
import type { Columns, Engine, EngineModule, FitRequest } from '../../../web/src/core/protocol';
import type { ReportInput } from '../../../web/src/report/input';
import { sharedData } from '../data/support';

export async function loadEngine(): Promise<Engine> {
  const wasmBinary = readFileSync(new URL(wasmUrl));
  return createEngine(await createIsoloss<EngineModule>({ wasmBinary }));
}

/** Noise with a spread of about one that needs no generator: a fixed sequence, spread evenly. */
const wobble = (i: number) => 2 * Math.sqrt(3) * (((i + 1) * 0.618033988749895) % 1) - Math.sqrt(3);

/** Runs over three decades of size and tokens, from a law with numbers, with 1 % noise. */
export async function simulate(
  engine: Engine,
  law: string,
  coefficients: Record<string, number>,
  rows = 60,
): Promise<Columns> {
  const spread = (i: number, step: number) => 10 ** (3 * ((i * step) % 1));
  const column = (of: (i: number) => number) =>
    Float64Array.from({ length: rows }, (_, i) => of(i));
  const params = column((i) => 1e7 * spread(i, 0.7548776662466927));
  const tokens = column((i) => 1e9 * spread(i, 0.5698402909980532));
  const all: Columns = {
    params,
    tokens,
    flops: column((i) => 6 * params[i]! * tokens[i]!),
    exits: column((i) => 2 ** (i % 4)),
  };
  const { laws } = await engine.catalog();
  const variables = laws.find(({ id }) => id === law)!.variables;
  const inputs = Object.fromEntries(variables.map((id) => [id, all[id]!]));
  const { columns } = await engine.predict({ law, coefficients }, inputs);
  return {
    ...inputs,
    flops: all.flops!,
    loss: column((i) => columns.loss![i]! * Math.exp(0.01 * wobble(i))),
  };
}

/** A report of a fit to these runs, with nothing else computed. */
export async function inputOf(
  engine: Engine,
  request: FitRequest,
  runs: Columns,
  more: Partial<ReportInput> = {},
): Promise<ReportInput> {
  const catalog = await engine.catalog();
  const law = catalog.laws.find(({ id }) => id === request.law)!;
  const sent = { ...runs };
  if (!law.variables.includes('flops') && request.weights !== 'sqrt_flops') delete sent.flops;
  const { report } = await engine.fit(request, sent);
  return {
    catalog,
    law,
    source: { name: 'simulated for a test', provenance: [], citation: null },
    read: runs.loss!.length,
    leftOut: [],
    runs,
    names: [],
    paramsConvention: null,
    request,
    report,
    range: {},
    costModel: { id: catalog.defaults.cost_model },
    optimum: null,
    bootstrap: null,
    outliers: null,
    compared: null,
    approaches: null,
    charts: [],
    link: null,
    ...more,
  };
}

/** The 240 Chinchilla runs without the authors' outliers; null where the data are not at hand. */
export function chinchilla(): Columns | null {
  const file = new URL('chinchilla_besiroglu.csv', sharedData);
  if (!existsSync(file)) return null;
  const [header, ...lines] = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const at = (name: string) => header!.indexOf(name);
  const kept = lines.filter((line) => line[at('outlier_dropped_by_authors')] === '0');
  const column = (name: string) => Float64Array.from(kept, (line) => Number(line[at(name)]));
  return { params: column('N'), tokens: column('D'), flops: column('C'), loss: column('loss') };
}
