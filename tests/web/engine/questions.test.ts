/** What the fit hangs on, asked of the real module, and each answer checked another way. */
import { expect, test } from 'vitest';
import { study } from './support';

test('influence is what a fit without the run says', async () => {
  const { fit, target, best, estimator } = await study();
  const { report, columns } = await estimator.influence(fit, target);
  expect(report.method).toBe('exact');
  expect(columns['params:0']).toHaveLength(42);
  const whole = await best(fit.columns);
  for (const row of [0, 17, 41]) {
    const rest = Object.fromEntries(
      Object.entries(fit.columns).map(([id, x]) => [id, x.filter((_, i) => i !== row)]),
    );
    expect(columns['params:0']![row]).toBeCloseTo((await best(rest)) - whole, 6);
  }
});

test('a profile has its bottom at the fit, and rises to both sides', async () => {
  const { fit, target, best, estimator } = await study();
  const { report, columns } = await estimator.profile(fit, target, { of: 'params', points: 21 });
  expect(Math.log(report.value!)).toBeCloseTo(await best(fit.columns), 6);
  const deviance = columns['deviance']!;
  expect(Math.min(...deviance)).toBeGreaterThan(-1e-6);
  expect(deviance.at(0)).toBeGreaterThan(1);
  expect(deviance.at(-1)).toBeGreaterThan(1);
  if (report.lower !== null) expect(report.lower).toBeLessThan(report.value!);
  if (report.upper !== null) expect(report.upper).toBeGreaterThan(report.value!);
});

test('paths begin at the fit', async () => {
  const { fit, target, estimator } = await study();
  const columns = await estimator.paths(fit, target, { drop: 3, deltas: 4 });
  expect(columns['drop.row']).toHaveLength(4);
  expect(columns['delta']).toHaveLength(4);
  for (const [id, value] of Object.entries(fit.request.coefficients))
    expect(columns[`drop.${id}`]![0]! / value).toBeCloseTo(1, 6);
});

test('a new run scatters more than the mean', async () => {
  const { fit, estimator, engine } = await study();
  const { columns: draws } = await estimator.draw(fit, { draws: 200, seed: 1 });
  const params = Float64Array.of(1e8, 1e9);
  const tokens = Float64Array.of(1e10, 1e11);
  const flops = Float64Array.of(6e18, 6e20);
  const bands = await estimator.bands(fit, draws, { params, tokens, flops }, { seed: 1 });
  const { law, coefficients } = fit.request;
  const { columns } = await engine.predict({ law, coefficients }, { params, tokens });
  columns['loss']!.forEach((loss, i) => {
    expect(bands['lower']![i]).toBeLessThan(loss);
    expect(bands['upper']![i]).toBeGreaterThan(loss);
    expect(bands['new_lower']![i]).toBeLessThan(bands['lower']![i]!);
    expect(bands['new_upper']![i]).toBeGreaterThan(bands['upper']![i]!);
  });
});

test('the next run makes the answer surer, the best one first', async () => {
  const { fit, target, estimator } = await study();
  const { candidates } = await estimator.nextRun(fit, target);
  expect(candidates.length).toBeGreaterThan(0);
  const shrinks = candidates.map((one) => one.shrinks);
  expect(shrinks[0]).toBeLessThan(1);
  expect(shrinks).toEqual([...shrinks].sort((a, b) => a - b));
});

test('a run that was spoilt stands out', async () => {
  const { fit, target, estimator } = await study(({ loss }) => (loss![9] = loss![9]! * 1.2));
  const { columns } = await estimator.influence(fit, target);
  const judged = { influence: columns['params:0'], standardError: 0.1 };
  const { outliers } = await estimator.outliers(fit, judged);
  expect(outliers.map(({ row }) => row)).toContain(9);
});

test('laws without noise are recovered', async () => {
  const { fit, estimator } = await study();
  const request = { kind: 'recovery', law: fit.request.law, seed: 1 } as const;
  const { columns } = await estimator.selfTest(request, 12);
  expect(columns['error']).toHaveLength(12);
  expect(Math.max(...columns['predicted_error']!)).toBeLessThan(1e-6);
});
