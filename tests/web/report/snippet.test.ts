/**
 * The Python program that a report carries is run, where Python has numpy and scipy: from starts of its
 * own it has to come to our objective. An outside referee as much as a test of the text.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine, FitRequest } from '../../../web/src/core/protocol';
import { python, pythonSnippet } from '../../../web/src/report/snippet';
import { chinchilla, inputOf, loadEngine, simulate } from './support';

const interpreter = ['python3', '/usr/bin/python3'].find(
  (name) => spawnSync(name, ['-c', 'import scipy']).status === 0,
);

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

function runPython(program: string): Record<string, number> {
  const out = execFileSync(interpreter!, ['-'], { input: program, encoding: 'utf8' });
  const lines = out
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  return Object.fromEntries(lines.map(([name, value]) => [name, Number(value)]));
}

async function agree(request: FitRequest, runs: Awaited<ReturnType<typeof simulate>>) {
  const input = await inputOf(engine, request, runs);
  const found = runPython(pythonSnippet(input)!);
  const ours = input.report.objective.value!;
  expect(Math.abs(found.objective! - ours) / ours).toBeLessThan(1e-6);
}

const additive = { E: 1.82, A: 482, B: 2085, alpha: 0.348, beta: 0.366 };
const laws: [string, Record<string, number>][] = [
  ['additive', additive],
  ['familial', { ...additive, gamma: 0.041 }],
  ['kaplan', { N_c: 6.4e13, D_c: 1.8e13, alpha_N: 0.076, alpha_D: 0.103 }],
  ['kaplan-floor', { E: 1.2, N_c: 5e8, D_c: 1e10, alpha_N: 0.24, alpha_D: 0.25 }],
  ['power-floor-flops', { E: 1.7, A: 700, alpha: 0.15 }],
  ['power-params', { A: 14, alpha: 0.09 }],
];
const objectives: FitRequest['objective'][] = [
  { id: 'log_huber' },
  { id: 'log_huber_lower' },
  { id: 'log_absolute' },
  { id: 'log_squares' },
  { id: 'squares' },
];

// scipy is no part of the toolchain: where it is missing these say that they are skipped.
describe.skipIf(!interpreter)(
  'the Python program comes to our optimum',
  { timeout: 120_000 },
  () => {
    it.each(laws)('%s', async (law, coefficients) => {
      await agree(
        { law, objective: { id: 'log_huber' } },
        await simulate(engine, law, coefficients),
      );
    });
    it.each(objectives)('$id', async (objective) => {
      await agree({ law: 'additive', objective }, await simulate(engine, 'additive', additive));
    });
    it('with coefficients fixed, tied and bounded, and weights by compute', async () => {
      const runs = await simulate(engine, 'additive', additive);
      const objective = { id: 'log_huber' };
      await agree(
        { law: 'additive', objective, fixed: { E: 1.8 }, tied: [['alpha', 'beta']] },
        runs,
      );
      await agree({ law: 'additive', objective, weights: 'sqrt_flops' }, runs);
      await agree({ law: 'additive', objective, bounds: { alpha: [0.4, null] } }, runs);
    });
    it('with a column of weights', async () => {
      const runs = await simulate(engine, 'additive', additive);
      runs.weight = runs.loss!.map((_, i) => 1 + (i % 3));
      await agree({ law: 'additive', objective: { id: 'log_squares' } }, runs);
    });
    it.skipIf(!chinchilla())('the 240 Chinchilla runs', async () => {
      await agree({ law: 'additive', objective: { id: 'log_huber', delta: 1e-3 } }, chinchilla()!);
    });
  },
);

describe('what is written', () => {
  it('no coefficient of our fit stands in the program', async () => {
    const runs = await simulate(engine, 'additive', additive);
    const input = await inputOf(engine, { law: 'additive', objective: { id: 'log_huber' } }, runs);
    const program = pythonSnippet(input)!;
    for (const { value } of input.report.coefficients)
      expect(program).not.toContain(value!.toPrecision(4));
  });
  it('brackets keep the order of the tree', () => {
    const a = { op: 'symbol', id: 'a' } as const;
    const b = { op: 'symbol', id: 'b' } as const;
    const c = { op: 'symbol', id: 'c' } as const;
    const pair = (op: 'add' | 'subtract' | 'divide' | 'power', left: never, right: never) =>
      ({ op, left, right }) as never;
    expect(python(pair('subtract', a as never, pair('subtract', b as never, c as never)))).toBe(
      'a - (b - c)',
    );
    expect(python(pair('power', pair('power', a as never, b as never), c as never))).toBe(
      '(a ** b) ** c',
    );
    expect(python(pair('divide', a as never, pair('divide', b as never, c as never)))).toBe(
      'a / (b / c)',
    );
    expect(python(pair('divide', pair('add', a as never, b as never), c as never))).toBe(
      '(a + b) / c',
    );
  });
  it('is refused where a coefficient is not determined', async () => {
    const runs = await simulate(engine, 'additive', additive);
    runs.tokens!.fill(1e10);
    const input = await inputOf(engine, { law: 'additive', objective: { id: 'log_huber' } }, runs);
    expect(pythonSnippet(input)).toBeNull();
  });
});
