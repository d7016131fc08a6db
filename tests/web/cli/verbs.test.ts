import { describe, expect, it } from 'vitest';
import { csvOf, inventedRuns, isoloss, isolossJson, sharedEngine, truth } from './support';

const runs = inventedRuns();
const files = { 'runs.csv': csvOf(runs) };
const typed = Object.entries(truth).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
const byHand = ['--law', 'additive', ...typed];
const lossOf = (N: number, D: number) =>
  truth.E + truth.A / N ** truth.alpha + truth.B / D ** truth.beta;

interface Predictions {
  schema: string;
  predictions: {
    row?: number;
    params: number;
    tokens: number;
    loss: number;
    lower?: number;
    upper?: number;
  }[];
  left_out: { row: number }[];
}

describe('predict', () => {
  it('one model', async () => {
    const { predictions } = await isolossJson<Predictions>([
      'predict',
      ...byHand,
      '--params',
      '7B',
      '--tokens',
      '1.4T',
    ]);
    expect(predictions).toEqual([
      { params: 7e9, tokens: 1.4e12, loss: expect.closeTo(lossOf(7e9, 1.4e12), 12) as number },
    ]);
  });

  it('one model by its compute', async () => {
    const { predictions } = await isolossJson<Predictions>([
      'predict',
      ...byHand,
      '--params',
      '7B',
      '--flops',
      '5.88e22',
    ]);
    expect(predictions[0]!.tokens).toBeCloseTo(1.4e12, 0);
  });

  it('by a preset, whose law need not be named', async () => {
    const args = ['--params', '70B', '--tokens', '1.4T'];
    const named = await isolossJson<Predictions>([
      'predict',
      '--law',
      'additive',
      '--preset',
      'besiroglu-2024',
      ...args,
    ]);
    expect(named.predictions[0]!.loss).toBeCloseTo(1.97, 2);
    expect(await isolossJson(['predict', '--preset', 'besiroglu-2024', ...args])).toEqual(named);
  });

  it('a preset changed by hand', async () => {
    const args = ['predict', '--preset', 'besiroglu-2024', '--params', '70B', '--tokens', '1.4T'];
    const [before, after] = await Promise.all([
      isolossJson<Predictions>(args),
      isolossJson<Predictions>([...args, '--set', 'E=2.8172']),
    ]);
    expect(after.predictions[0]!.loss - before.predictions[0]!.loss).toBeCloseTo(1, 10);
  });

  it('by an earlier fit, with its doubt', async () => {
    const noisy = csvOf(
      runs.map(({ N, D, loss }, index) => ({
        N,
        D,
        loss: loss * (1 + 0.004 * Math.sin(7 * index)),
      })),
    );
    const fit = await isoloss(['fit', 'runs.csv', '--law', 'additive', '--json'], {
      'runs.csv': noisy,
    });
    const more = { 'fit.json': fit.out };
    const { predictions } = await isolossJson<Predictions>(
      ['predict', '--fit', 'fit.json', '--params', '7B', '--tokens', '1.4T'],
      more,
    );
    const [{ loss, lower, upper }] = predictions as [Required<Predictions['predictions'][0]>];
    expect(lower).toBeLessThan(loss);
    expect(upper).toBeGreaterThan(loss);
  });

  it('each row of a table, loss or not', async () => {
    const table = 'name,params,tokens\na,1e9,2e10\nb,2e9,\nc,4e9,8e10';
    const { predictions, left_out } = await isolossJson<Predictions>(
      ['predict', ...byHand, 'plan.csv'],
      { 'plan.csv': table },
    );
    expect(predictions.map(({ row, loss }) => [row, loss])).toEqual([
      [1, expect.closeTo(lossOf(1e9, 2e10), 12)],
      [3, expect.closeTo(lossOf(4e9, 8e10), 12)],
    ]);
    expect(left_out.map(({ row }) => row)).toEqual([2]);
    const { out } = await isoloss(['predict', ...byHand, 'runs.csv'], files);
    expect(out.split('\n')[0]).toMatch(/^Row +N +D +L$/);
    expect(out.split('\n')).toHaveLength(29);
  });
});

describe('optimum', () => {
  it('for people', async () => {
    const { out } = await isoloss(['optimum', '--preset', 'besiroglu-2024', '--flops', '1e24']);
    expect(out).toMatch(
      /At 10²⁴ FLOPs: 9\d\.?\d*B parameters on 1\.\d+T tokens, loss 1\.9\d+ nats\/token\./,
    );
  });

  it('as JSON', async () => {
    const { optimum, ...rest } = await isolossJson<{
      optimum: Record<string, number>;
      cost_model: string;
    }>(['optimum', ...byHand, '--flops', '1e22']);
    expect(rest).toMatchObject({
      schema: 'isoloss.optimum/1',
      law: 'additive',
      coefficients: truth,
    });
    expect(optimum['flops']).toBe(1e22);
    expect(optimum['tokens']! / optimum['params']!).toBeCloseTo(optimum['tokens_per_param']!, 8);
    expect(optimum['loss']).toBeCloseTo(lossOf(optimum['params']!, optimum['tokens']!), 10);
  });
});

describe('laws', () => {
  it('as JSON are the catalog', async () => {
    expect(await isolossJson(['laws'])).toEqual(await (await sharedEngine()).catalog());
  });

  it('for people name every law and preset', async () => {
    const { out } = await isoloss(['laws']);
    const { laws } = await (await sharedEngine()).catalog();
    for (const { id, presets } of laws) {
      expect(out).toContain(`${id}: `);
      for (const preset of presets) expect(out).toContain(preset.id);
    }
  });
});

describe('help', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']]])('%j', async (args) => {
    const { code, out } = await isoloss(args);
    expect(code).toBe(0);
    expect(out).toMatch(/Usage: isoloss VERB/);
  });

  it.each(['fit', 'compare', 'report', 'predict', 'optimum', 'laws'])('%s', async (verb) => {
    const { code, out } = await isoloss([verb, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Usage: isoloss ${verb}`));
    expect((await isoloss(['help', verb])).out).toBe(out);
  });

  it('the version is the engine’s', async () => {
    expect((await isoloss(['--version'])).out).toMatch(/^isoloss \d+\.\d+\.\d+$/);
  });
});

describe('what is wrong is said, with what would be possible', () => {
  const predict = ['predict', ...byHand];
  it.each<[number, string[], RegExp]>([
    [2, ['fot'], /“fot” is no verb\. Verbs: fit, compare, report, predict, optimum, laws/],
    [2, ['fit'], /A FILE is needed/],
    [2, ['fit', 'none.csv'], /none\.csv does not exist/],
    [2, ['fit', 'runs.csv', 'more.csv'], /“more\.csv” is one word too many/],
    [2, ['fit', 'runs.csv', '--lwa', 'additive'], /There is no option --lwa\. Options: --law/],
    [2, ['fit', 'runs.csv', '--law'], /--law needs a value: --law ID/],
    [2, ['fit', 'runs.csv', '--json=1'], /--json takes no value/],
    [
      2,
      ['fit', 'runs.csv', '--law', 'chinchilla'],
      /“chinchilla” is not known\. Laws: additive, familial/,
    ],
    [2, ['fit', 'runs.csv', '--columns', 'N=size'], /no column “size”\. Columns: N, D, loss/],
    [
      2,
      ['fit', 'runs.csv', '--columns', 'Q=N'],
      /“Q” is nothing a column can be\. Possible: N, D, C, G, L, run/,
    ],
    [2, ['fit', 'runs.csv', '--columns', 'N'], /has no “=”/],
    [2, ['fit', 'runs.csv', '--where', 'size=1'], /no column “size”/],
    [2, ['fit', 'runs.csv', '--where', 'N'], /has no “=”/],
    [1, ['fit', 'runs.csv', '--where', 'N=7'], /no row has N = “7”\. Its cells: 25000000/],
    [2, ['fit', 'runs.csv', '--weights', 'w'], /--weights: there is no column “w”/],
    [2, ['fit', 'runs.csv', '--objective', 'mse'], /“mse” is not known\. Objectives: log_huber/],
    [2, ['fit', 'runs.csv', '--delta', 'small'], /--delta: “small” is not a number/],
    [2, ['fit', 'runs.csv', '--delta=-1'], /--delta/],
    [
      2,
      ['fit', 'runs.csv', '--delta', '0.1', '--objective', 'log_squares'],
      /--delta.*log_squares/,
    ],
    [
      2,
      ['fit', 'runs.csv', '--law', 'additive', '--fix', 'gamma=1'],
      /“gamma” is no coefficient of additive\. Coefficients: E, A, B, alpha, beta/,
    ],
    [2, ['fit', 'runs.csv', '--law', 'additive', '--fix', 'alpha=-7'], /--fix alpha|--fix/],
    [2, ['fit', 'runs.csv', '--law', 'additive', '--tie', 'alpha'], /has no “=”/],
    [2, ['fit', 'runs.csv', '--law', 'additive', '--tie', 'alpha=A'], /--tie/],
    [2, ['fit', 'runs.csv', '--flops', 'much'], /“much” is no amount of compute/],
    [2, ['fit', 'runs.csv', '--cost', 'free'], /“free” is not known\. Cost models:/],
    [2, ['fit', 'runs.csv', '--units', 'L=shannons'], /“shannons” is not known\. Units of L: nats/],
    [2, ['fit', 'runs.csv', '--decimal', 'dot'], /“dot” is not known\. Possible: point, comma/],
    [
      1,
      ['fit', 'runs.csv', '--law', 'familial'],
      /needs G \(exits\), which the table does not give\. It gives: N .*Laws that it allows: additive/,
    ],
    [1, ['fit', 'runs.csv', '--columns', 'L='], /No column was recognised as the loss/],
    [1, ['fit', 'empty.csv'], /There is nothing here/],
    [1, ['fit', 'image.png'], /PNG image.*Save the table as CSV/],
    [1, ['fit', 'bad.json'], /not valid JSON: line 1, character 9/],
    [1, ['fit', 'nan.csv'], /None of the 2 rows can be used/],
    [2, ['predict', '--params', '7B'], /Coefficients are needed/],
    [2, ['predict', '--law', 'additive', '--set', 'E=2'], /additive lacks A, B, alpha, beta/],
    [2, [...predict, '--set', 'gamma=1'], /“gamma” is no coefficient/],
    [2, [...predict, '--params', '7B'], /additive needs --tokens X, or a FILE/],
    [2, [...predict, '--params', '7B', '--tokens', '-1'], /--tokens needs a value/],
    [2, [...predict, '--params', '7B', '--tokens=-1'], /--tokens must be a positive number/],
    [2, ['predict', '--preset', 'openai'], /“openai” is not known\. Presets: besiroglu-2024/],
    [
      2,
      ['predict', '--law', 'kaplan', '--preset', 'besiroglu-2024'],
      /Presets of kaplan: kaplan-2020/,
    ],
    [2, ['predict', '--preset', 'kaplan-2020', '--fit', 'fit.json'], /choose one/],
    [1, ['predict', '--fit', 'runs.csv'], /is not JSON/],
    [1, ['predict', '--fit', 'bad-fit.json'], /holds no fit/],
    [2, ['optimum', '--preset', 'besiroglu-2024'], /A budget is needed/],
    [
      2,
      ['optimum', '--preset', 'kaplan-2020-params', '--flops', '1e24'],
      /does not say how to split.*Laws that do: additive/,
    ],
  ])('%d: %j', async (code, args, sentence) => {
    const outcome = await isoloss(args, {
      ...files,
      'empty.csv': '',
      'image.png': new Uint8Array(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')),
      'bad.json': '{"N": 1,}',
      'nan.csv': 'N,D,loss\n1e8,2e9,nan\n2e8,4e9,nan',
      'bad-fit.json': '{"schema": "other"}',
    });
    expect(outcome.out).toBe('');
    expect(outcome.err).toMatch(sentence);
    expect(outcome.code).toBe(code);
  });
});
