/** The pictures of docs/why-fits-fail.md: simulated runs with known truth, fitted by the engine, drawn by the page's charts. */
import { readFileSync } from 'node:fs';
import createIsoloss from 'isoloss-estimation';
import wasmUrl from 'isoloss-estimation.wasm?url';
import type { ChartDescription, Layer } from '../../web/src/charts/panel';
import { describedChart } from '../../web/src/charts/panel-view';
import { chartSvg } from '../../web/src/charts/svg';
import type { Theme } from '../../web/src/charts/theme';
import { localCrew } from '../../web/src/core/crew';
import { createEngine } from '../../web/src/core/engine';
import { createEstimator } from '../../web/src/core/estimator';
import { fittedRuns, type FittedRuns } from '../../web/src/core/fitted';
import type { Catalog, Columns, EngineModule, Law } from '../../web/src/core/protocol';

// Chart.js asks for it; pictures are written without.
globalThis.Path2D ??= class {
  moveTo() {}
  lineTo() {}
} as never;

/** The page's light colours (web/styles/charts.css), on white. */
const theme: Theme = {
  ink: 'rgb(22, 25, 29)',
  text: 'rgb(43, 48, 56)',
  muted: 'rgb(115, 123, 135)',
  grid: 'rgb(233, 235, 238)',
  surface: 'rgb(255, 255, 255)',
  accent: 'rgb(185, 58, 9)',
  sequence: [
    'rgb(78, 6, 101)',
    'rgb(55, 47, 141)',
    'rgb(3, 85, 133)',
    'rgb(7, 109, 119)',
    'rgb(2, 133, 98)',
    'rgb(104, 145, 20)',
    'rgb(180, 140, 5)',
  ],
  categories: [
    'rgb(0, 114, 178)',
    'rgb(213, 94, 0)',
    'rgb(0, 158, 115)',
    'rgb(184, 82, 140)',
    'rgb(176, 122, 0)',
    'rgb(59, 143, 196)',
    'rgb(133, 124, 0)',
    'rgb(61, 68, 80)',
  ],
  family: 'system-ui, "Segoe UI", sans-serif',
  size: 12,
};

const CAPTION = 'Simulated runs';

function drawn(chart: ChartDescription): string {
  const { view, subject } = describedChart(chart);
  return chartSvg(view, subject, theme, CAPTION);
}

/** Runs with the spread of sizes that each picture needs; the noise is one long sequence (Park and Miller 1988). */
function noise(seed: number): () => number {
  let state = seed;
  const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

class Laboratory {
  private constructor(
    private readonly engine: ReturnType<typeof createEngine>,
    readonly estimator: ReturnType<typeof createEstimator>,
    readonly catalog: Catalog,
    readonly law: Law,
    private readonly truth: Record<string, number>,
  ) {}

  static async open(): Promise<Laboratory> {
    const wasmBinary = readFileSync(new URL(wasmUrl));
    const engine = createEngine(await createIsoloss<EngineModule>({ wasmBinary }));
    const catalog = await engine.catalog();
    const law = catalog.laws.find(({ id }) => id === catalog.defaults.law)!;
    const { coefficients } = law.presets.find(({ id }) => id === catalog.defaults.preset)!;
    return new Laboratory(engine, createEstimator(localCrew(engine)), catalog, law, coefficients);
  }

  /** One run for each [params, tokens], `relative` the spread of its loss; `other` coefficients than the preset's. */
  async runs(
    cells: [number, number][],
    relative: number,
    seed: number,
    other: Record<string, number> = {},
  ): Promise<Columns> {
    const inputs = {
      params: Float64Array.from(cells, ([params]) => params),
      tokens: Float64Array.from(cells, ([, tokens]) => tokens),
    };
    const { columns } = await this.engine.predict(
      { law: this.law.id, coefficients: { ...this.truth, ...other } },
      inputs,
    );
    const next = noise(seed);
    return { ...inputs, loss: columns.loss!.map((x) => x * Math.exp(relative * next())) };
  }

  /** Best sizes of the law with other coefficients than the preset's. */
  async best(flops: number[], other: Record<string, number>) {
    const coefficients = { ...this.truth, ...other };
    const request = { law: this.law.id, coefficients, ...this.target(flops) };
    return (await this.engine.optimum(request)).optima.map((one) => one!);
  }

  async fit(columns: Columns, objective = this.catalog.defaults.objective): Promise<FittedRuns> {
    const request = { law: this.law.id, objective: { id: objective } };
    const flops = columns.params!.map((params, i) => 6 * params * columns.tokens![i]!);
    return fittedRuns(request, columns, await this.engine.fit(request, columns), {
      known: { flops },
      range: { flops: [Math.min(...flops), Math.max(...flops)] },
    });
  }

  draws(fit: FittedRuns, draws = 1000) {
    return this.estimator.draw(fit, { draws, seed: 1 });
  }

  target(flops: number[]) {
    return { cost_model: { id: this.catalog.defaults.cost_model }, flops };
  }
}

const spread = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1)));

const exponent = (name: string, symbol: string) =>
  ({ quantity: name, name: symbol, symbol, scale: 'linear', kind: 'number' }) as const;

/** Runs at about D = 20 N, against the same number of runs spread around that line. */
async function ridge(lab: Laboratory): Promise<string> {
  const sizes = spread(2e7, 1e10, 40);
  const designs: [string, [number, number][]][] = [
    [
      'D/N from 19 to 21',
      sizes.map((params, i) => [params, params * (19 + 2 * ((i * 0.618) % 1))]),
    ],
    [
      'D/N from 2 to 200',
      sizes.map((params, i) => [params, params * 2 * 100 ** ((i * 0.618) % 1)]),
    ],
  ];
  const layers = await Promise.all(
    designs.map(async ([name, cells], category): Promise<Layer> => {
      const fit = await lab.fit(await lab.runs(cells, 0.005, 7));
      const { columns } = await lab.draws(fit);
      const [x, y] = exponentsOf(lab.law).map((id) => columns[id]!);
      return { kind: 'points', name, x: x!, y: y!, role: { category }, cloud: true };
    }),
  );
  return drawn({
    id: 'ridge',
    title: 'Runs along one line hardly tell the two exponents apart',
    note: '1000 bootstrap refits of 40 simulated runs with 0.5 % noise, two designs.',
    panels: [{ x: exponent('alpha', 'α'), y: exponent('beta', 'β'), layers }],
  });
}

/** Of the terms in N and D, in that order. */
function exponentsOf(law: Law): string[] {
  return law.coefficients.filter(({ role }) => role === 'exponent').map(({ id }) => id);
}

async function dropPath(lab: Laboratory): Promise<string> {
  const cells = spread(1e19, 1e21, 5).flatMap((flops) =>
    spread(0.25, 4, 9).map((off): [number, number] => {
      const params = 0.09 * flops ** 0.5 * off;
      return [params, flops / (6 * params)];
    }),
  );
  const columns = await lab.runs(cells, 0.002, 11);
  // Four of the small models stopped early.
  [0, 1, 9, 10].forEach((row) => (columns.loss![row]! *= 1.1));
  const [truth] = await lab.best([1e24], {});
  const squares = lab.catalog.objectives.find(
    ({ shape, residual }) => shape === 'squares' && residual === 'log',
  )!;
  const robust = lab.catalog.objectives.find(({ id }) => id === lab.catalog.defaults.objective)!;
  const layers = await Promise.all(
    [squares, robust].map(async ({ id, name }, category): Promise<Layer[]> => {
      const fit = await lab.fit(columns, id);
      const paths = await lab.estimator.paths(fit, lab.target([1e24]), { drop: 12, deltas: 2 });
      const y = paths['drop.params:0']!;
      const x = Array.from(y, (_, i) => i);
      const role = { category };
      return [
        { kind: 'line', name: `line ${category}`, label: '', x, y, role },
        { kind: 'points', name, x, y, role },
      ];
    }),
  );
  return drawn({
    id: 'drop-path',
    title: 'Four bad runs of 45, and the answer is a third of the truth',
    note: '45 simulated runs; the losses of four of the smallest are 10 % too high. Best size at 10²⁴ FLOPs as the worst-fitted runs are left out one by one.',
    panels: [
      {
        x: {
          quantity: 'left_out',
          name: 'Worst-fitted runs left out',
          scale: 'linear',
          kind: 'number',
          holds: [0],
        },
        y: {
          quantity: 'params',
          name: 'Best model size',
          unit: 'parameters',
          scale: 'log',
          kind: 'count',
        },
        layers: [
          ...layers.flat(),
          { kind: 'rule', on: 'y', value: truth!.params.value!, label: 'truth', role: 'accent' },
        ],
      },
    ],
  });
}

async function parabolas(lab: Laboratory): Promise<string> {
  const budgets = spread(1e18, 1e22, 5);
  const [first, second] = exponentsOf(lab.law);
  const [size, data] = lab.law.coefficients.filter(({ role }) => role === 'scale');
  const uneven = { [first!]: 0.465, [second!]: 0.155, [size!.id]: 6000, [data!.id]: 20 };
  const best = await lab.best(budgets, uneven);
  const cells = budgets.flatMap((flops) =>
    spread(1 / 16, 16, 15).map((off): [number, number] => {
      const params = best[budgets.indexOf(flops)]!.params.value! * off;
      return [params, flops / (6 * params)];
    }),
  );
  const columns = await lab.runs(cells, 0, 3, uneven);
  const flops = columns.params!.map((params, i) => 6 * params * columns.tokens![i]!);
  const report = await lab.estimator.approach2(
    { ...columns, flops },
    { ...lab.target([1e24]), draws: 0 },
  );
  const layers = report.budgets.flatMap(({ flops, rows, params }, i): Layer[] => {
    const role = { share: i / (report.budgets.length - 1) };
    const x = rows.map((row) => columns.params![row]!);
    const points: Layer = {
      kind: 'points',
      name: flops.toExponential(0).replace('e+', 'e'),
      x,
      y: rows.map((row) => columns.loss![row]!),
      role,
    };
    if (params.log_opt === null || params.curvature === null) return [points];
    const grid = spread(Math.min(...x), Math.max(...x), 60);
    const curve: Layer = {
      kind: 'line',
      name: `parabola ${i}`,
      label: '',
      x: grid,
      y: grid.map(
        (n) => params.loss_opt! + params.curvature! * (Math.log(n) - params.log_opt!) ** 2,
      ),
      role,
    };
    return [points, curve];
  });
  return drawn({
    id: 'parabolas',
    title: 'A loss curve is no parabola: over a wide grid the vertex is off',
    note: 'IsoFLOP curves of α = 0.465, β = 0.155 without noise, sizes from a sixteenth to sixteen times the best; a parabola through each. ',
    panels: [
      {
        x: {
          quantity: 'params',
          name: 'Model size N',
          unit: 'parameters',
          scale: 'log',
          kind: 'count',
        },
        y: { quantity: 'loss', name: 'Loss L', unit: 'nats per token', scale: 'log', kind: 'loss' },
        layers: [
          ...layers,
          {
            kind: 'points',
            name: 'best by the parabola',
            x: report.budgets.map(({ params }) => Math.exp(params.log_opt!)),
            y: report.budgets.map(({ params }) => params.loss_opt!),
            role: 'accent',
            shape: 'triangle',
          },
          {
            kind: 'points',
            name: 'truly best',
            x: best.map(({ params }) => params.value!),
            y: best.map(({ loss }) => loss.value!),
            role: 'ink',
            shape: 'rectRot',
          },
        ],
      },
    ],
  });
}

async function extrapolation(lab: Laboratory): Promise<string> {
  const cells = spread(1e18, 1e20, 4).flatMap((flops) =>
    spread(0.3, 3, 5).map((off): [number, number] => {
      const params = 0.09 * flops ** 0.5 * off;
      return [params, flops / (6 * params)];
    }),
  );
  const columns = await lab.runs(cells, 0.006, 5);
  const fit = await lab.fit(columns);
  const { columns: draws } = await lab.draws(fit);
  const grid = spread(3e17, 1e25, 40);
  const { report } = await lab.estimator.intervals(fit, draws, lab.target(grid));
  const known = report.optima.flatMap((one) => (one?.loss.interval ? [one] : []));
  const x = known.map(({ flops }) => flops);
  const lower = known.map(({ loss }) => loss.interval![0]);
  const upper = known.map(({ loss }) => loss.interval![1]);
  const middle = known.map(({ loss }) => loss.value ?? loss.median ?? NaN);
  const last = Math.max(...fit.known.flops!);
  return drawn({
    id: 'extrapolation',
    title: 'The band widens with every decade beyond the runs',
    note: '20 simulated runs with 0.6 % noise; 95 % band of the lowest loss that a budget can buy, from 1000 bootstrap refits.',
    panels: [
      {
        x: {
          quantity: 'flops',
          name: 'Training compute C',
          unit: 'FLOPs',
          scale: 'log',
          kind: 'compute',
        },
        y: { quantity: 'loss', name: 'Loss L', unit: 'nats per token', scale: 'log', kind: 'loss' },
        layers: [
          { kind: 'band', name: '95 % band', x, lower, upper, role: 'ink' },
          { kind: 'line', name: 'lowest loss', label: '', x, y: middle, role: 'ink' },
          { kind: 'rule', on: 'x', value: last, label: 'largest run', role: 'accent' },
          {
            kind: 'points',
            name: 'Runs',
            x: fit.known.flops!,
            y: columns.loss!,
            role: { category: 0 },
          },
        ],
      },
    ],
  });
}

/** By file name. */
export async function pictures(): Promise<Record<string, string>> {
  const lab = await Laboratory.open();
  return {
    ridge: await ridge(lab),
    'drop-path': await dropPath(lab),
    parabolas: await parabolas(lab),
    extrapolation: await extrapolation(lab),
  };
}
