import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../data/support';
import { csvOf, inventedRuns, isoloss, isolossJson, truth } from './support';
import type { FitJson } from './support';

const runs = inventedRuns();
const files = { 'runs.csv': csvOf(runs) };
const fit = (args: string[] = [], more: Record<string, string | Uint8Array> = files) =>
  isolossJson<FitJson>(['fit', 'runs.csv', '--law', 'additive', ...args], more);

it('finds the coefficients that made the runs', async () => {
  const report = await fit();
  expect(report).toMatchObject({
    schema: 'isoloss.fit/1',
    law: 'additive',
    rows: { read: 28, used: 28, left_out: [] },
    objective: { id: 'log_huber', delta: 1e-3 },
    status: 'converged',
    usable: true,
    optimum: null,
  });
  expect(report.starts.agreeing).toBeGreaterThan(report.starts.tried / 2);
  expect(Object.keys(report.coefficients)).toEqual(['E', 'A', 'B', 'alpha', 'beta']);
  for (const [name, value] of Object.entries(truth)) {
    expect(report.coefficients[name]!.value / value).toBeCloseTo(1, 4);
  }
});

it('says the best model for a budget, in any form of number', async () => {
  const { optimum } = await fit(['--flops', '1e22']);
  expect(optimum!.flops).toBe(1e22);
  const [N, D] = [optimum!.params.value, optimum!.tokens.value];
  expect(6 * N * D).toBeCloseTo(1e22, -13);
  expect(D / N).toBeCloseTo(optimum!.tokens_per_param.value, 8);
  const { E, A, B, alpha, beta } = truth;
  expect(optimum!.loss.value).toBeCloseTo(E + A / N ** alpha + B / D ** beta, 6);
  expect((await fit(['--flops', '10 ZFLOP'])).optimum).toEqual(optimum);
  expect((await fit(['--flops', '100 PF-days'])).optimum!.flops).toBe(8.64e21);
});

it('holds and ties coefficients', async () => {
  const fixed = await fit(['--fix', 'E=1.6', '--fix', 'alpha=0.33']);
  expect(fixed.coefficients.E!.value).toBe(1.6);
  expect(fixed.coefficients.alpha!.value).toBe(0.33);
  const tied = await fit(['--tie', 'alpha=beta']);
  expect(tied.coefficients.alpha!.value).toBe(tied.coefficients.beta!.value);
});

it('takes another objective and another δ', async () => {
  const absolute = await fit(['--objective', 'log_absolute']);
  expect(absolute.objective).toMatchObject({ id: 'log_absolute', delta: null });
  expect((await fit(['--delta', '1e-2'])).objective.delta).toBe(0.01);
});

it('names what is not determined', async () => {
  const line = runs.map((run) => ({ ...run, D: 20 * run.N }));
  const report = await fit([], { 'runs.csv': csvOf(line) });
  expect(report).toMatchObject({ status: 'flat_direction', usable: false });
  expect(report.warnings.find(({ code }) => code === 'ratio_fixed')).toMatchObject({
    value: expect.closeTo(20, 9),
    quantities: ['params', 'tokens'],
  });
  expect((await fit()).warnings).toEqual([]);
});

it('reads standard input', async () => {
  const report = await isolossJson<FitJson>(['fit', '-', '--law', 'additive'], {
    '-': files['runs.csv'],
  });
  expect(report.rows.used).toBe(28);
});

it('takes the law that the columns allow, where none is named', async () => {
  expect((await isolossJson<FitJson>(['fit', 'runs.csv'], files)).law).toBe('additive');
  const sizes = csvOf(runs.map(({ N, loss }) => ({ N, loss })));
  expect((await isolossJson<FitJson>(['fit', 'runs.csv'], { 'runs.csv': sizes })).law).toBe(
    'power-floor-params',
  );
});

describe('columns', () => {
  const strange = csvOf(
    runs.map(({ N, D, loss }) => ({ a: N, 'b, in tokens': D, c: loss, N: 1, w: 1 })),
  ).replace('b, in tokens', '"b, in tokens"');

  it('are named by symbol or id', async () => {
    const one = await fit(['--columns', 'N=a,D=b, in tokens,L=c'], { 'runs.csv': strange });
    expect(one.coefficients.alpha!.value).toBeCloseTo(truth.alpha, 4);
    const several = [
      '--columns',
      'params=a',
      '--columns',
      'tokens=b, in tokens',
      '--columns',
      'loss=c',
    ];
    expect(await fit(several, { 'runs.csv': strange })).toEqual(one);
  });

  it('may weigh, but only when told to', async () => {
    const weighed = csvOf(runs.map((row, index) => ({ ...row, weight: index < 4 ? 1e-6 : 1 })));
    const broken = weighed.replace(/^(\d+,\d+),[\d.]+,(1e-6|0\.000001)$/gm, '$1,9.9,$2');
    const heavy = await fit(['--weights', 'weight', '--objective', 'log_squares'], {
      'runs.csv': broken,
    });
    expect(heavy.coefficients.alpha!.value).toBeCloseTo(truth.alpha, 2);
    const light = await fit(['--objective', 'log_squares'], { 'runs.csv': broken });
    expect(Math.abs(light.coefficients.alpha!.value - truth.alpha)).toBeGreaterThan(0.05);
  });

  it('carry units', async () => {
    const bytes = csvOf(runs.map(({ N, D, loss }) => ({ N, D, bpb: loss / Math.LN2 / 4.2 })));
    const report = await fit(['--units', 'L=bits_per_byte:4.2'], { 'runs.csv': bytes });
    expect(report.coefficients.E!.value).toBeCloseTo(truth.E, 4);
    const { code, err } = await isoloss(['fit', 'runs.csv'], { 'runs.csv': bytes });
    expect([code, err]).toEqual([1, expect.stringContaining('how many bytes a token has')]);
  });

  it('of N, D, C: two give the third', async () => {
    const compute = csvOf(runs.map(({ N, D, loss }) => ({ C: 6 * N * D, N, loss })));
    const report = await fit([], { 'runs.csv': compute });
    expect(report.coefficients.beta!.value).toBeCloseTo(truth.beta, 4);
  });

  it('with decimal commas are chosen by hand where the file leaves it open', async () => {
    const rows = [1, 2, 3, 4, 5, 6, 7, 8].map((i) => `${i},111\t${i + 1},222\t${4 - i / 5}`);
    const text = `N (B)\tD (T)\tnote\n${rows.join('\n')}`.replaceAll('.', ',');
    const { code, err } = await isoloss(['fit', 'runs.csv', '--columns', 'L=note'], {
      'runs.csv': `N\tD\tnote\n1,234\t5,678\t3,141\n`,
    });
    expect([code, err]).toEqual([1, expect.stringContaining('can be read in two ways')]);
    const report = await isolossJson<FitJson>(
      ['fit', 'runs.csv', '--columns', 'L=note', '--decimal', 'comma', '--law', 'power-params'],
      { 'runs.csv': text },
    );
    expect(report.rows.used).toBe(8);
  });
});

describe('rows', () => {
  const marked = csvOf(
    runs.map((row, index) => ({
      ...row,
      outlier: index % 7 === 0 ? '1' : '0',
      set: index < 14 ? 'a' : 'b',
    })),
  );
  const used = async (...args: string[]) => (await fit(args, { 'runs.csv': marked })).rows;

  it('are chosen by the text or the number of a cell', async () => {
    expect((await used('--where', 'outlier=0')).used).toBe(24);
    expect((await used('--where', 'outlier=0.0')).used).toBe(24);
    expect((await used('--where', 'set=a')).used).toBe(14);
    expect((await used('--where', 'set=a', '--where', 'set=b')).used).toBe(28);
    expect((await used('--where', 'set=a', '--where', 'outlier=0')).used).toBe(12);
  });

  it('left out are named, from 1', async () => {
    const rows = await used('--where', 'outlier=0');
    expect(rows.read).toBe(28);
    expect(rows.left_out.map(({ row }) => row)).toEqual([1, 8, 15, 22]);
    expect(rows.left_out[0]!.reason).toBe('outlier: left out by the filter: “1”');
  });

  it('that cannot be used say why', async () => {
    const text = `${files['runs.csv']}\n1e9,2e10,nan\n1e9,2e10,soon\n1e9,,2.9`;
    const { rows } = await fit([], { 'runs.csv': text });
    expect(rows.used).toBe(28);
    expect(rows.left_out).toEqual([
      { row: 29, reason: 'loss: the run diverged (“nan”)' },
      { row: 30, reason: 'loss: “soon” is not a number' },
      { row: 31, reason: 'training tokens is missing' },
    ]);
  });

  it('of a log count once per run', async () => {
    const log = csvOf(
      runs.flatMap(({ N, D, loss }, run) =>
        [1, 2].map((step) => ({ run, step, N, D: D * (step / 2), loss: loss + 2 - step })),
      ),
    );
    const { rows } = await fit([], { 'runs.csv': log });
    expect([rows.read, rows.used]).toEqual([56, 28]);
    expect((await fit(['--per-run', 'all'], { 'runs.csv': log })).rows.used).toBe(56);
  });
});

it('a fit that may not be relied on is a report all the same', async () => {
  const few = csvOf(runs.slice(0, 3));
  const { code, out } = await isoloss(
    ['fit', 'runs.csv', '--law', 'additive', '--json', '--flops', '1e22'],
    { 'runs.csv': few },
  );
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ status: 'too_few_points', usable: false });
});

it('prints a table for people', async () => {
  const { code, out, err } = await isoloss(
    ['fit', 'runs.csv', '--law', 'additive', '--flops', '1e22'],
    files,
  );
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^Additive in N and D: L = E \+ A/);
  expect(out).toMatch(/28 of 28 rows used; N from “N”, D from “D”, L from “loss”\./);
  expect(out).toMatch(/^Coefficient +Value +95 % interval/m);
  expect(out).toMatch(/^alpha +0\.33/m);
  expect(out).toMatch(/Converged\. \d+ of \d+ starts agree\./);
  expect(out).toMatch(/^At 10²² FLOPs: .*parameters.* on .*tokens.*, loss /m);
});

describe.skipIf(!existsSync(sharedData))('published runs (skipped where they are absent)', () => {
  const reference = () =>
    (
      JSON.parse(readFileSync(new URL('reference-fits.json', sharedData), 'utf8')) as {
        fits: { id: string; best_objective: number }[];
      }
    ).fits;
  const best = (id: string) => reference().find((entry) => entry.id === id)!.best_objective;
  const file = (name: string) => ({
    'runs.csv': new Uint8Array(readFileSync(new URL(name, sharedData))),
  });

  it('240 runs of Chinchilla, refitted: the objective of a global search', async () => {
    const report = await fit(
      ['--where', 'outlier_dropped_by_authors=0'],
      file('chinchilla_besiroglu.csv'),
    );
    expect(report.rows).toMatchObject({ read: 245, used: 240 });
    const expected = best('besiroglu-240-huber1e-3');
    expect(Math.abs(report.objective.value - expected)).toBeLessThanOrEqual(1e-9 * expected);
    expect(report.objective.value / 0.001018274017800603).toBeCloseTo(1, 9);
  });

  it('120 simulated familial runs', async () => {
    const report = await isolossJson<FitJson>(
      ['fit', 'runs.csv', '--law', 'familial'],
      file('familial_w3.csv'),
    );
    expect(report.objective.value / 0.00039003659696303).toBeCloseTo(1, 9);
    expect(report.coefficients.gamma!.value).toBeCloseTo(0.041139, 5);
  });
});
