import { signal, type ReadonlySignal } from '@preact/signals';
import type {
  Catalog,
  Columns,
  CostChoice,
  DataRange,
  Engine,
  Law,
  LawWithNumbers,
  Optimum,
  OptimumRequest,
} from '../core/protocol';
import { linesOfStudy, type Lines } from './curves-lines';

/**
 * The curves that charts draw of a law: which grids to ask the engine for (planCurves, pure), the asking
 * (fetchCurves), and keeping the newest answer (curveSource). The engine owns every formula, also the
 * tokens that a size and a budget leave.
 */

/** What curves depend on; the charts' input has it all. */
export interface CurveInput {
  catalog: Catalog;
  law: Law;
  rows: { used: boolean }[];
  columns: Columns;
  fit: LawWithNumbers | null;
  costModel: CostChoice;
  range: DataRange;
  flops: number | null;
  /** What is planned for, of variables beyond sizes, tokens and compute; 1 where nothing is said. */
  at?: Held | undefined;
}

/** Quantities that stay the same along a curve, by id. */
export type Held = Record<string, number>;

interface PlannedCurve {
  /** loss: how the loss runs along a variable · budget: which sizes and tokens a budget buys. */
  purpose: 'loss' | 'budget';
  /** Quantity along the horizontal axis. */
  along: string;
  held: Held;
  /** Index into the lines of the study, where the curve is one of theirs. */
  line: number | null;
  x: Float64Array;
  /** Held at a budget: the engine must derive the other variable under the cost model. */
  derived: boolean;
}

export interface Curve extends PlannedCurve {
  /** Every quantity along the curve. */
  columns: Columns;
  loss: Float64Array;
  /** 95 %; null without a covariance. */
  lower: Float64Array | null;
  upper: Float64Array | null;
  /** 95 % of a new run; only where the bootstrap said so. */
  newLower?: Float64Array;
  newUpper?: Float64Array;
}

/** Sizes × tokens; `loss[i * tokens.length + j]` belongs to params[i], tokens[j]. */
export interface LossMap {
  params: Float64Array;
  tokens: Float64Array;
  loss: Float64Array;
}

export interface CurvePlan {
  law: LawWithNumbers;
  lines: Lines | null;
  /** Where variables beyond sizes, tokens and compute stay while others vary: at the runs' middle. */
  resting: Held;
  /** Where they stay in plans: on the map and along the compute-optimal line. */
  planned: Held;
  curves: PlannedCurve[];
  map: Pick<LossMap, 'params' | 'tokens'> | null;
  optimum: OptimumRequest | null;
}

export interface CurveSet {
  law: string | null;
  lines: Lines | null;
  resting: Held;
  planned: Held;
  curves: Curve[];
  map: LossMap | null;
  /** Compute-optimal answers by budget, ascending; those the engine could not give are missing. */
  frontier: Optimum[];
  /** At the budget chosen on the page. */
  chosen: Optimum | null;
  /** Where the intervals are from; the sandwich covariance where nothing is said. */
  intervals?: 'bootstrap';
}

export const NO_CURVES: CurveSet = {
  law: null,
  lines: null,
  resting: {},
  planned: {},
  curves: [],
  map: null,
  frontier: [],
  chosen: null,
};

const CURVE_POINTS = 65;
const FRONTIER_POINTS = 49;
const MAP_POINTS = 61;
const MOST_CURVES = 8;
const MOST_BUDGETS = 12;
/** Decades that curves and maps run on at either end of the data. */
const MARGIN = 0.12;
const LONE_MARGIN = 0.3;
const MAP_MARGIN = 0.3;

type Range = [number, number];

/** `count` values from lo to hi, evenly spread in the logarithm, the ends exact. */
export function logGrid([lo, hi]: Range, count: number): Float64Array {
  const [a, b] = [Math.log(lo), Math.log(hi)];
  const at = (i: number) => Math.exp(a + ((b - a) * i) / (count - 1));
  const grid = Float64Array.from({ length: count }, (_, i) => at(i));
  grid[0] = lo;
  grid[count - 1] = hi;
  return grid;
}

function widened([lo, hi]: Range, decades: number): Range {
  return [lo / 10 ** decades, hi * 10 ** decades];
}

function extent(values: number[]): Range | null {
  let [lo, hi] = [Infinity, -Infinity];
  for (const value of values) {
    if (value > 0 && value < lo) lo = value;
    if (value > hi && value < Infinity) hi = value;
  }
  return lo <= hi ? [lo, hi] : null;
}

/** 1, 2 or 5 times a power of ten, nearest in the logarithm. */
function nice(x: number): number {
  const power = Math.floor(Math.log10(x));
  const steps = [1, 2, 5, 10].map((step) => Number(`${step}e${power}`));
  const off = (step: number) => Math.abs(Math.log(step / x));
  return steps.reduce((best, step) => (off(step) < off(best) ? step : best));
}

/** At most `most` of them, evenly, first and last included. */
function thinned<T>(items: T[], most: number): T[] {
  if (items.length <= most) return items;
  const at = (i: number) => Math.round((i * (items.length - 1)) / (most - 1));
  return Array.from({ length: most }, (_, i) => items[at(i)]!);
}

// ---------------------------------------------------------------------------------------------
// What to ask

/** The runs in the fit, and what they have in common. */
class Study {
  readonly used: number[];
  readonly lines: Lines | null;
  readonly resting: Held = {};
  readonly planned: Held = {};

  constructor(readonly input: CurveInput) {
    const { rows, columns, law } = input;
    this.used = rows.flatMap((row, i) => (row.used ? [i] : []));
    this.lines = linesOfStudy(columns, rows);
    for (const id of law.variables) {
      if (id === 'params' || id === 'tokens' || id === 'flops') continue;
      this.planned[id] = input.at?.[id] ?? 1;
      const sorted = this.values(id).filter((value) => value > 0);
      sorted.sort((a, b) => a - b);
      if (sorted.length) this.resting[id] = sorted[sorted.length >> 1]!;
    }
  }

  values(id: string, rows = this.used): number[] {
    return rows.map((row) => this.input.columns[id]?.[row] ?? NaN);
  }

  /** Null when the runs have no two values of it. */
  range(id: string): Range | null {
    const range = extent(this.values(id));
    return range && range[0] < range[1] ? range : null;
  }
}

/** What to ask the engine for; null while there is no law that can be drawn. */
export function planCurves(input: CurveInput): CurvePlan | null {
  const { law, fit } = input;
  if (!fit || fit.law !== law.id) return null;
  const study = new Study(input);
  const map = planMap(study);
  return {
    law: fit,
    lines: study.lines,
    resting: study.resting,
    planned: study.planned,
    curves: [
      ...law.variables.flatMap((along) => planLoss(study, along)),
      ...(map ? planBudgets(study, map.params) : []),
    ],
    map,
    optimum: planOptimum(study, fit),
  };
}

/**
 * Loss along one variable. The others rest, or stay as the lines of the study have them: at equal
 * budgets where it is one of budgets, else at equal values of the one other variable.
 */
function planLoss(study: Study, along: string): PlannedCurve[] {
  const { input, lines, used } = study;
  const range = study.range(along);
  if (!range) return [];
  const resting = { ...study.resting };
  delete resting[along];
  const others = input.law.variables.filter((id) => id !== along && !(id in resting));
  const plain = (held: Held, reach = widened(range, MARGIN)): PlannedCurve => ({
    purpose: 'loss',
    along,
    held: { ...resting, ...held },
    line: null,
    x: logGrid(reach, CURVE_POINTS),
    derived: false,
  });

  const [other] = others;
  if (!other && along === 'flops') return [{ ...plain({}), x: budgetGrid(study, range) }];
  if (!other) return [plain({}, widened(range, LONE_MARGIN))];
  if (along in study.resting || others.length > 1) {
    // One curve each as a good, a middling and a poor run would have it.
    const loss = (row: number) => input.columns.loss?.[row] ?? NaN;
    const byLoss = used.filter((row) => loss(row) > 0).sort((a, b) => loss(a) - loss(b));
    return [0.1, 0.5, 0.9].flatMap((share) => {
      const row = byLoss[Math.round(share * (byLoss.length - 1))];
      if (row === undefined) return [];
      return plain(Object.fromEntries(others.map((id) => [id, nice(study.values(id, [row])[0]!)])));
    });
  }
  const atBudgets = lines?.quantity === 'flops' && along !== 'flops' && other !== 'flops';
  if (lines && (atBudgets || lines.quantity === other)) {
    const shown = thinned([...lines.values.keys()], atBudgets ? MOST_BUDGETS : MOST_CURVES);
    return shown.flatMap((line): PlannedCurve[] => {
      const members = used.filter((row) => lines.of[row] === line);
      const reach = atBudgets ? extent(study.values(along, members)) : range;
      if (!reach) return [];
      const held = { [lines.quantity]: lines.values[line]! };
      return [{ ...plain(held, widened(reach, MARGIN)), line, derived: atBudgets }];
    });
  }
  const span = study.range(other) ?? extent(study.values(other));
  if (!span) return [];
  return [...new Set(Array.from(logGrid(span, 5), nice))].map((level) => plain({ [other]: level }));
}

/** The map covers the runs and, where the budget lies beyond them, about what it will buy. */
function planMap(study: Study): CurvePlan['map'] {
  const { law, flops, range } = study.input;
  const [sizes, tokens] = [study.range('params'), study.range('tokens')];
  if (!law.variables.includes('params') || !law.variables.includes('tokens')) return null;
  if (!sizes || !tokens) return null;
  const beyond = flops && range.flops ? Math.max(0, Math.log10(flops / range.flops[1]) / 2) : 0;
  const grid = ([lo, hi]: Range) =>
    logGrid(widened([lo, hi * 10 ** beyond], MAP_MARGIN), MAP_POINTS);
  return { params: grid(sizes), tokens: grid(tokens) };
}

/** Powers of ten of compute, as lines across the map. */
function planBudgets(study: Study, params: Float64Array): PlannedCurve[] {
  const { flops, range } = study.input;
  const reach = range.flops ?? study.range('flops');
  if (!reach) return [];
  const [first, last] = [reach[0], Math.max(reach[1], flops ?? 0)].map(Math.log10) as Range;
  const powers: number[] = [];
  for (let power = Math.floor(first); power <= Math.ceil(last); ++power) powers.push(power);
  return thinned(powers, 9).map((power) => ({
    purpose: 'budget',
    along: 'params',
    held: { ...study.planned, flops: Number(`1e${power}`) },
    line: null,
    x: params,
    derived: true,
  }));
}

function planOptimum(study: Study, fit: LawWithNumbers): OptimumRequest | null {
  const { law, costModel, range, flops: budget } = study.input;
  const reach = range.flops ?? study.range('flops');
  if (!law.has_optimum || !reach) return null;
  const chosen = isBudget(budget) ? budget : null;
  return {
    ...fit,
    cost_model: costModel,
    // The chosen budget comes last, so that its answer can be told from the grid's.
    flops: [...budgetGrid(study, reach), ...(chosen ? [chosen] : [])],
    range,
    ...(Object.keys(study.planned).length ? { at: study.planned } : {}),
  };
}

/** Budgets from the data to past the chosen one. The measured ends are among them: there lines turn dashed. */
function budgetGrid({ input }: Study, [lo, hi]: Range): Float64Array {
  const chosen = isBudget(input.flops) ? input.flops : null;
  const reach: Range = [Math.min(lo, chosen ?? lo), Math.max(hi * 2, (chosen ?? 0) * 1.6)];
  return Float64Array.from(new Set([...logGrid(reach, FRONTIER_POINTS), lo, hi])).sort();
}

function isBudget(flops: number | null): flops is number {
  return flops !== null && flops > 0 && Number.isFinite(flops);
}

// ---------------------------------------------------------------------------------------------
// The asking

type Asked = Pick<Engine, 'prepare' | 'predict' | 'optimum'>;

/** Three requests at most, however many curves: all grids travel as one table. */
export async function fetchCurves(
  plan: CurvePlan,
  input: CurveInput,
  engine: Asked,
): Promise<CurveSet> {
  const [predicted, optimum] = await Promise.all([
    predictAll(plan, input, engine),
    plan.optimum ? engine.optimum(plan.optimum) : null,
  ]);
  const optima = [...(optimum?.optima ?? [])];
  const chosen = plan.optimum && isBudget(input.flops) ? (optima.pop() ?? null) : null;
  const frontier = optima.filter((one): one is Optimum => one !== null && one.loss.value !== null);
  const { lines, resting, planned } = plan;
  return { law: input.law.id, lines, resting, planned, ...predicted, frontier, chosen };
}

async function predictAll(
  plan: CurvePlan,
  input: CurveInput,
  engine: Asked,
): Promise<Pick<CurveSet, 'curves' | 'map'>> {
  const { curves, map } = plan;
  const curveRows = curves.reduce((sum, curve) => sum + curve.x.length, 0);
  const count = curveRows + (map ? map.params.length * map.tokens.length : 0);
  if (count === 0) return { curves: [], map: null };

  const held = curves.flatMap((curve) => Object.keys(curve.held));
  const table: Columns = {};
  for (const id of new Set([...input.law.variables, ...held])) {
    table[id] = new Float64Array(count).fill(NaN);
  }
  let start = 0;
  for (const { along, held, x } of curves) {
    const end = start + x.length;
    for (const [id, value] of Object.entries(held)) table[id]!.fill(value, start, end);
    table[along]!.set(x, start);
    start = end;
  }
  if (map) {
    for (const [id, value] of Object.entries(plan.planned)) table[id]!.fill(value, curveRows);
    map.params.forEach((size, i) => {
      const from = curveRows + i * map.tokens.length;
      table.params!.fill(size, from, from + map.tokens.length);
      table.tokens!.set(map.tokens, from);
    });
  }
  if (curves.some((curve) => curve.derived)) await fillDerived(table, curveRows, input, engine);

  const variables = Object.fromEntries(input.law.variables.map((id) => [id, table[id]!]));
  const { columns } = await engine.predict(plan.law, variables);
  const loss = columns.loss ?? new Float64Array(count).fill(NaN);
  let from = 0;
  const answered = curves.map((planned): Curve => {
    const end = from + planned.x.length;
    const part = (column: Float64Array) => column.slice(from, end);
    const curve = {
      ...planned,
      columns: Object.fromEntries(Object.entries(table).map(([id, column]) => [id, part(column)])),
      loss: part(loss),
      lower: columns.lower ? part(columns.lower) : null,
      upper: columns.upper ? part(columns.upper) : null,
    };
    from = end;
    return curve;
  });
  return { curves: answered, map: map && { ...map, loss: loss.slice(curveRows) } };
}

/** Lets the engine fill, in the first `count` rows, which of sizes, tokens and compute the others imply. */
async function fillDerived(
  table: Columns,
  count: number,
  { catalog, costModel }: CurveInput,
  engine: Asked,
): Promise<void> {
  const sent: Columns = {};
  const units: Record<string, { id: string }> = {};
  for (const id of ['params', 'tokens', 'flops']) {
    sent[id] = table[id]?.slice(0, count) ?? new Float64Array(count).fill(NaN);
    const base = catalog.quantities
      .find((quantity) => quantity.id === id)
      ?.units.find((unit) => unit.kind === 'scale' && unit.factor === 1);
    if (base) units[id] = { id: base.id };
  }
  const { columns } = await engine.prepare({ units, cost_model: costModel }, sent);
  for (const id of Object.keys(sent)) {
    if (columns[id]) table[id]?.set(columns[id], 0);
  }
}

// ---------------------------------------------------------------------------------------------
// The newest answer

export interface CurveSource {
  curves: ReadonlySignal<CurveSet>;
  /** There has been an answer, even if it was that there are none. */
  answered: ReadonlySignal<boolean>;
  request: (input: CurveInput) => void;
}

/**
 * While the engine works only the latest wish waits; the answer to an older one is shown meanwhile,
 * because a line that follows late is better than none. What fails leaves no curves.
 */
export function curveSource(engine: Asked): CurveSource {
  const curves = signal<CurveSet>(NO_CURVES);
  const answered = signal(false);
  let waiting: CurveInput | null = null;
  let busy = false;

  async function work() {
    busy = true;
    while (waiting) {
      const input: CurveInput = waiting;
      waiting = null;
      const plan = planCurves(input);
      try {
        curves.value = plan ? await fetchCurves(plan, input, engine) : NO_CURVES;
      } catch {
        curves.value = NO_CURVES;
      }
      answered.value = true;
    }
    busy = false;
  }
  return {
    curves,
    answered,
    request(input) {
      waiting = input;
      if (!busy) void work();
    },
  };
}
