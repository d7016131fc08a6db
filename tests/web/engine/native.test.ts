/**
 * The module that the page loads, held against numbers computed elsewhere: the recorded optimum of
 * the public Chinchilla runs, and what the native build says about the bundled example.
 */
import { existsSync, readFileSync } from 'node:fs';
import createIsoloss from 'isoloss-engine';
import wasmUrl from 'isoloss-engine.wasm?url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Columns, EngineModule, FitReport } from '../../../web/src/core/protocol';
import { sharedData } from '../data/support';

type Coefficients = Record<string, number>;

let module: EngineModule;
let memory: WebAssembly.Memory;

beforeAll(async () => {
  const wasmBinary = readFileSync(new URL(wasmUrl));
  module = await createIsoloss<EngineModule>({
    instantiateWasm(
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, compiled: WebAssembly.Module) => void,
    ) {
      const compiled = new WebAssembly.Module(wasmBinary);
      const instance = new WebAssembly.Instance(compiled, imports);
      memory = Object.values(instance.exports).find((item) => item instanceof WebAssembly.Memory)!;
      done(instance, compiled);
      return instance.exports;
    },
  });
});

function fit(columns: Columns) {
  const request = { law: 'additive', objective: { id: 'log_huber', delta: 1e-3 } };
  let answer = module.fitStart(request, columns);
  while (answer.ok && (answer.result as { fraction: number }).fraction < 1) {
    answer = module.fitStep();
  }
  const end = module.fitResult();
  if (!end.ok) throw new Error(end.error.message);
  const report = end.result as FitReport;
  const coefficients: Coefficients = {};
  for (const { id, value } of report.coefficients) coefficients[id] = value!;
  return { report, coefficients, predicted: end.columns['predicted']! };
}

const additive = ({ E, A, B, alpha, beta }: Coefficients, N: number, D: number) =>
  E! + A! * N ** -alpha! + B! * D ** -beta!;

/** Within the runs and far beyond them. */
function comparePredictions(found: Coefficients, expected: Coefficients) {
  for (const N of [1e8, 1e10, 1e12]) {
    for (const D of [1e9, 1e11, 1e13]) {
      expect(additive(found, N, D) / additive(expected, N, D)).toBeCloseTo(1, 9);
    }
  }
}

function example(): Columns {
  const answer = module.call('example', { id: 'isoflop' }, {});
  if (!answer.ok) throw new Error(answer.error.message);
  const { rows } = answer.result as { rows: number[][] };
  const column = (index: number) => Float64Array.from(rows, (row) => row[index]!);
  return { params: column(1), tokens: column(2), loss: column(4) };
}

/** As the native build prints them (recorded; tests/core fits such studies natively). */
const nativeExample = {
  objective: 0.0001423278592600273,
  coefficients: {
    E: 1.8179155632466766,
    A: 506.71518625242066,
    B: 1881.402127536227,
    alpha: 0.35111023079511194,
    beta: 0.3609621743375037,
  },
};

describe('the WebAssembly engine', () => {
  it('says of the bundled example what the native build says', () => {
    const columns = example();
    const { report, coefficients, predicted } = fit(columns);
    expect(report.status).toBe('converged');
    expect(report.objective.value! / nativeExample.objective).toBeCloseTo(1, 9);
    comparePredictions(coefficients, nativeExample.coefficients);
    predicted.forEach((loss, row) => {
      const { params, tokens } = columns;
      const expected = additive(nativeExample.coefficients, params![row]!, tokens![row]!);
      expect(loss / expected).toBeCloseTo(1, 9);
    });
  });

  const file = new URL('chinchilla_besiroglu.csv', sharedData);
  it.skipIf(!existsSync(file))('reaches the recorded optimum of the Chinchilla runs', () => {
    const [header, ...rows] = readFileSync(file, 'utf8')
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(','));
    const kept = rows.filter((row) => row[header!.indexOf('outlier_dropped_by_authors')] === '0');
    const column = (name: string) =>
      Float64Array.from(kept, (row) => Number(row[header!.indexOf(name)]));
    const { report, coefficients } = fit({
      params: column('N'),
      tokens: column('D'),
      loss: column('loss'),
    });
    expect(kept).toHaveLength(240);
    expect(report.objective.value! / 0.001018274017800603).toBeCloseTo(1, 9);
    // Full-precision logarithms of the golden optimum.
    comparePredictions(coefficients, {
      E: Math.exp(0.597306814687),
      A: Math.exp(6.16924637372),
      B: Math.exp(7.6701567331),
      alpha: 0.347310498882,
      beta: 0.367172432628,
    });
  });

  it('fits a thousand times in the same memory', () => {
    const columns = example();
    for (let i = 0; i < 20; i += 1) fit(columns);
    const before = memory.buffer.byteLength;
    for (let i = 0; i < 1000; i += 1) fit(columns);
    expect(memory.buffer.byteLength).toBe(before);
  }, 120_000);

  it('answers requests that make no sense, and goes on', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 5000; i += 1) deep = [deep];
    const nonsense = [null, 1, 'x', [], {}, { law: deep }, { law: 'additive', objective: deep }];
    for (const request of nonsense as object[]) {
      for (const operation of ['prepare', 'predict', 'optimum', 'example'] as const) {
        expect(module.call(operation, request, {}).ok).toBe(false);
      }
      expect(module.fitStart(request, {}).ok).toBe(false);
    }
    expect(fit(example()).report.status).toBe('converged');
  });
});
