/** What is said of designs that cannot answer: the engine's warning by name, and no number that means nothing. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Catalog, Columns, Engine, Law } from '../../../../web/src/core/protocol';
import { numbersOf } from '../../../../web/src/core/fitted';
import { GRAVE, verdict } from '../../../../web/src/model/panels/verdict';
import { warningFinding } from '../../../../web/src/text/engine';
import { nextSentence, verdictSentence } from '../../../../web/src/text/panels';
import { loadEngine } from '../../report/support';

let engine: Engine;
let catalog: Catalog;
let law: Law;
beforeAll(async () => {
  engine = await loadEngine();
  catalog = await engine.catalog();
  law = catalog.laws.find(({ id }) => id === 'additive')!;
});

type Run = [params: number, tokens: number, loss: number];
const run = (params: number, tokens: number, i: number): Run => {
  const scatter = 1 + 0.003 * (2 * ((i * 0.6180339887) % 1) - 1);
  return [params, tokens, (1.8 + 400 / params ** 0.34 + 2000 / tokens ** 0.37) * scatter];
};
const study = (budgets: number[], steps: number[]): Run[] =>
  budgets.flatMap((flops, b) =>
    steps.map((step, i) => {
      const params = Math.sqrt(flops / 120) * 2 ** step;
      return run(params, flops / 6 / params, 1 + steps.length * b + i);
    }),
  );
const sound = study([1e18, 1e19, 1e20, 1e21], [-3, -2, -1, 0, 1, 2, 3]);

async function said(runs: Run[]) {
  const columns: Columns = Object.fromEntries(
    ['params', 'tokens', 'loss'].map((id, k) => [id, Float64Array.from(runs, (one) => one[k]!)]),
  );
  const { report } = await engine.fit({ law: 'additive', objective: { id: 'log_huber' } }, columns);
  const target = { cost_model: { id: catalog.cost_models[0]!.id }, flops: [1e24] };
  const numbers = report.usable ? numbersOf(report) : null;
  const optimum = numbers && (await engine.optimum({ ...numbers, ...target })).optima[0]!;
  const facts = { law, report, optimum, intervals: null, outliers: null, nextRun: null };
  const found = verdict(facts);
  const words = [
    ...[...found.supported, ...found.doubtful].map((point) => verdictSentence(point, law, catalog)),
    ...(found.next ? [nextSentence(found.next, law, catalog)] : []),
  ].map((parts) => parts.map((part) => (typeof part === 'string' ? part : part.strong)).join(''));
  const warned = found.doubtful.flatMap((point) =>
    point.code === 'warning' ? [point.warning.code] : [],
  );
  return { report, optimum, words, warned, next: found.next };
}

const nothing = async (runs: Run[], warning: string, words: RegExp) => {
  const { report, optimum, warned, next, words: sentences } = await said(runs);
  expect(report.usable).toBe(false);
  expect(optimum).toBeNull();
  expect(warned[0]).toBe(warning);
  expect(next).toMatchObject({ code: 'way_out', warning: { code: warning } });
  expect(sentences.join(' ')).toMatch(words);
  // Nothing is said of a best size, a loss to expect or an exponent.
  expect(sentences.join(' ')).not.toMatch(/best size at|loss to expect|exponent is known|NaN|∞/);
};

describe('designs that cannot answer', () => {
  test('one budget', () =>
    nothing(study([1e20], [-4, -3, -2, -1, 0, 1, 2, 3, 4]), 'one_budget', /One compute budget/));
  test('all D equal', () =>
    nothing(
      [1e7, 3e7, 1e8, 3e8, 1e9, 3e9, 1e10, 2e10].map((params, i) => run(params, 2e10, i)),
      'single_value',
      /All runs share D/,
    ));
  test('D in proportion to N', () =>
    nothing(study([1e17, 1e18, 1e19, 1e20, 1e21, 1e22], [0]), 'ratio_fixed', /tokens per param/));
  test('four runs', () =>
    nothing(
      [1, 9, 20, 25].map((i) => sound[i]!),
      'too_few_runs',
      /at least 6/,
    ));
  test('one run twice', () => nothing([sound[3]!, sound[3]!], 'single_value', /All runs share N/));
});

describe('designs that answer with a doubt', () => {
  const trueParams = async () => {
    const coefficients = { E: 1.8, A: 400, B: 2000, alpha: 0.34, beta: 0.37 };
    const cost_model = { id: catalog.cost_models[0]!.id };
    const { optima } = await engine.optimum({
      law: 'additive',
      coefficients,
      cost_model,
      flops: [1e24],
    });
    return optima[0]!.params.value!;
  };
  test('two identical rows among others', async () => {
    const { warned, report, optimum } = await said([...sound, sound[11]!]);
    expect(warned).toContain('duplicate_rows');
    expect(report.usable).toBe(true);
    expect(optimum!.params.value! / (await trueParams())).toBeGreaterThan(0.8);
    expect(optimum!.params.value! / (await trueParams())).toBeLessThan(1.25);
  });
  test('a tenth of the rows is garbage', async () => {
    const garbage = [25, 0.01, 9.7];
    const runs = sound.map(([params, tokens, loss], i): Run => {
      return [params, tokens, i % 10 === 4 ? garbage[(i - 4) / 10]! : loss];
    });
    const { warned, optimum } = await said(runs);
    expect(warned).toContain('heavy_tails');
    expect(optimum!.params.value! / (await trueParams())).toBeGreaterThan(0.8);
    expect(optimum!.params.value! / (await trueParams())).toBeLessThan(1.25);
  });
  test('a sound design has no warning', async () => {
    expect((await said(sound)).warned).toEqual([]);
  });
});

test('every warning that the verdict ranks is one that has words', () => {
  const words = (code: string) => {
    const warning = { code, coefficients: [], quantities: [], value: 1 };
    return warningFinding(warning, law, catalog.quantities);
  };
  const { text } = words('unheard_of');
  for (const code of GRAVE) expect(words(code).text, code).not.toBe(text);
});
