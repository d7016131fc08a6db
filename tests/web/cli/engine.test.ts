/** The wrapping of a module, with a module that only pretends. */
import { expect, it } from 'vitest';
import { createEngine, EngineFailure } from '../../../web/src/core/engine';
import type { EngineModule, ModuleAnswer } from '../../../web/src/core/protocol';

const ok = (result: unknown, columns = {}): ModuleAnswer => ({
  ok: true,
  result,
  columns,
});
const refused = (field: string): ModuleAnswer => ({
  ok: false,
  error: { field, message: 'is wrong.' },
  columns: {},
});

/** A fit of so many steps, each taking some ms of the thread. */
function moduleOf({ steps = 5, busy = 0, trap = false } = {}) {
  const said: string[] = [];
  let done = 0;
  const module: EngineModule = {
    call: (operation, request, columns) => {
      said.push(`${operation} ${JSON.stringify(request)}`);
      if (trap) throw new WebAssembly.RuntimeError('unreachable');
      return operation === 'optimum' ? refused('flops') : ok({ answer: operation }, columns);
    },
    fitStart: (request) => {
      said.push(`start ${JSON.stringify(request)}`);
      done = 0;
      return ok(null);
    },
    fitStep: () => {
      done += 1;
      for (const end = performance.now() + busy; performance.now() < end;);
      return ok({ fraction: done / steps, starts_tried: done, best_objective: null });
    },
    fitResult: () =>
      ok({ status: done < steps ? 'cancelled' : 'converged' }, { residual: Float64Array.of(done) }),
  };
  return { module, said, steps: () => done };
}

it('passes requests and columns on as they are', async () => {
  const { module, said } = moduleOf();
  const engine = createEngine(module);
  const columns = { params: Float64Array.of(1, 2) };
  expect(await engine.prepare({ units: {}, cost_model: { id: 'x' } }, columns)).toEqual({
    report: { answer: 'prepare' },
    columns,
  });
  await engine.example('study');
  expect(said).toEqual(['prepare {"units":{},"cost_model":{"id":"x"}}', 'example {"id":"study"}']);
});

it('makes a refusal an EngineFailure that names the field', async () => {
  const engine = createEngine(moduleOf().module);
  const request = { law: 'x', coefficients: {}, cost_model: { id: 'x' }, flops: [] };
  await expect(engine.optimum(request)).rejects.toThrow(EngineFailure);
  await expect(engine.optimum(request)).rejects.toMatchObject({
    field: 'flops',
    message: 'is wrong.',
  });
});

it('lets a trap through as what it is', async () => {
  await expect(createEngine(moduleOf({ trap: true }).module).catalog()).rejects.toThrow(
    WebAssembly.RuntimeError,
  );
});

it('runs a fit to its end', async () => {
  const { module, steps } = moduleOf({ steps: 40, busy: 1 });
  const seen: number[] = [];
  const { report, columns } = await createEngine(module).fit(
    { law: 'x', objective: { id: 'y' } },
    {},
    {
      onProgress: ({ fraction }) => seen.push(fraction),
    },
  );
  expect(report.status).toBe('converged');
  expect([...columns['residual']!]).toEqual([40]);
  expect(steps()).toBe(40);
  expect(seen.at(-1)).toBe(1);
  expect(seen.length).toBeGreaterThan(1);
  expect(seen.length).toBeLessThan(40);
});

it('hears a cancel between slices, and reports what it has', async () => {
  const { module, steps } = moduleOf({ steps: 10_000, busy: 1 });
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 40);
  const { report } = await createEngine(module).fit(
    { law: 'x', objective: { id: 'y' } },
    {},
    { signal: abort.signal },
  );
  expect(report.status).toBe('cancelled');
  expect(steps()).toBeLessThan(5000);
});

it('does nothing for a request that is cancelled already', async () => {
  const { module, steps } = moduleOf();
  const { report } = await createEngine(module).fit(
    { law: 'x', objective: { id: 'y' } },
    {},
    { signal: AbortSignal.abort() },
  );
  expect(report.status).toBe('cancelled');
  expect(steps()).toBe(0);
});
