/** The crew and the estimator with the module that the page loads, in as many instances as hands. */
import { expect, test } from 'vitest';
import { loadEngine } from '../../../web/src/cli/load-engine';
import type { Crew } from '../../../web/src/core/crew';
import { createEstimator, type Bootstrap, type DrawOptions } from '../../../web/src/core/estimator';
import { fittedRuns, type FittedRuns } from '../../../web/src/core/fitted';
import type { Columns, OptimumReport } from '../../../web/src/core/protocol';
import { crewOfSize, study } from './support';

async function fitted(crew: Crew): Promise<FittedRuns> {
  const engine = await loadEngine();
  const { defaults } = await engine.catalog();
  const { header, roles, rows } = await engine.example(defaults.example);
  const columns: Columns = {};
  roles.forEach((role, column) => {
    if (header[column] !== undefined && ['params', 'tokens', 'loss'].includes(role))
      columns[role] = Float64Array.from(rows, (row) => Number(row[column]));
  });
  const request = { law: defaults.law, objective: { id: defaults.objective } };
  return fittedRuns(request, columns, await crew.fit(request, columns));
}

async function bootstrapBy(
  size: number,
  change: (fit: FittedRuns) => Partial<DrawOptions> = () => ({}),
): Promise<{ fit: FittedRuns; found: Bootstrap }> {
  const crew = await crewOfSize(size);
  const fit = await fitted(crew);
  const { cost_model } = (await (await loadEngine()).catalog()).defaults;
  const target = { cost_model: { id: cost_model }, flops: [1e24] };
  const options = { draws: 1111, seed: 4, target, ...change(fit) };
  return { fit, found: await createEstimator(crew).bootstrap(fit, options) };
}

/** Bits, not numbers: −0 is not 0, and NaN is itself. */
const bits = (columns: Columns) =>
  Object.fromEntries(
    Object.entries(columns)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, x]) => [id, Buffer.from(x.buffer, x.byteOffset, x.byteLength).toString('base64')]),
  );

test('crews of one, two and three say the same to the last bit', async () => {
  const [one, two, three] = await Promise.all([1, 2, 3].map((size) => bootstrapBy(size)));
  expect(one!.found.draws['objective']).toHaveLength(1111);
  for (const { found } of [two!, three!]) {
    expect(bits(found.draws)).toEqual(bits(one!.found.draws));
    expect(bits(found.columns)).toEqual(bits(one!.found.columns));
    expect(found.report).toEqual(one!.found.report);
    expect(found.audit).toEqual(one!.found.audit);
  }
  // Another seed draws other runs.
  const other = await bootstrapBy(2, () => ({ seed: 5 }));
  expect(bits(other.found.draws)).not.toEqual(bits(one!.found.draws));
});

test('nor does it depend on the crew where draws must be searched for anew', async () => {
  const few = (fit: FittedRuns) => {
    // Below thirty runs no warm refit is trusted.
    for (const id of Object.keys(fit.columns)) fit.columns[id] = fit.columns[id]!.slice(0, 20);
    return { draws: 120 };
  };
  const [one, three] = await Promise.all([1, 3].map((size) => bootstrapBy(size, few)));
  expect(one!.found.audit).toMatchObject({ rerun: true, reason: 'few_runs' });
  expect(bits(three!.found.draws)).toEqual(bits(one!.found.draws));
});

test('the values are those of the fit, and lie within their intervals', async () => {
  const { fit, found } = await bootstrapBy(2);
  const { optima } = (
    await (
      await loadEngine()
    ).call<OptimumReport>(
      'optimum',
      { ...fit.request, cost_model: { id: 'six_nd' }, flops: [1e24] },
      {},
    )
  ).result;
  const best = found.report.optima[0]!;
  expect(best.params.value! / optima[0]!.params.value!).toBeCloseTo(1, 9);
  for (const { value, interval } of [best.params, best.tokens, best.loss, best.tokens_per_param]) {
    expect(interval![0]).toBeLessThan(value!);
    expect(interval![1]).toBeGreaterThan(value!);
  }
});

test('the bias of approach 2 is that of the fit to exact losses of the same law', async () => {
  const { fit, target, truth, estimator } = await study();
  const law = { law: fit.request.law, coefficients: truth };
  const bias = await estimator.approach2Bias(fit.known, { ...law, ...target });
  const { params, tokens } = fit.columns;
  const exact = params!.map(
    (N, i) => truth.E + truth.A / N ** truth.alpha + truth.B / tokens![i]! ** truth.beta,
  );
  const found = await estimator.approach2({ ...fit.known, loss: exact }, target);
  const exponent = truth.beta / (truth.alpha + truth.beta);
  expect(found.params!.exponent - exponent).toBeCloseTo(bias.params_exponent!, 6);
});

test('a restriction that is far from true is told from one that nearly is', async () => {
  const { fit, estimator } = await study();
  const offers = await estimator.nestedTests(fit.request.law);
  expect(offers.length).toBeGreaterThan(0);
  const options = { draws: 99, seed: 1 };
  const near = await estimator.nestedTest(fit, { fixed: { alpha: 0.33 } }, options);
  const far = await estimator.nestedTest(fit, { fixed: { alpha: 1 } }, options);
  expect(near.statistic).toHaveLength(99);
  expect(far.p).toBeLessThan(0.03);
  expect(near.p).toBeGreaterThan(far.p!);
});

test('groups of one law with scales of their own share its exponents', async () => {
  const group = Float64Array.from({ length: 42 }, (_, i) => Math.floor(i / 6) % 2);
  const { fit, truth, estimator } = await study(({ loss }) => {
    loss!.forEach((x, i) => (loss![i] = x + group[i]! * 0.3));
  });
  const { report, separate } = await estimator.groups(fit, group);
  expect(report.groups.map(({ rows }) => rows)).toEqual([24, 18]);
  expect(separate.map(({ rows }) => rows)).toEqual([24, 18]);
  const alpha = report.shared.find(({ id }) => id === 'alpha')!;
  expect(Math.abs(alpha.value! - truth.alpha)).toBeLessThan(0.1);
  const floors = report.groups.map(({ coefficients }) => coefficients['E']!);
  expect(floors[1]! - floors[0]!).toBeGreaterThan(0.2);
});
