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
}

/** Quantities that stay the same along a curve, by id. */
export type Held = Record<string, number>;

export interface Curve {
  /** Quantity along the horizontal axis. */
  along: string;
  held: Held;
  /** Index into the lines of the study, where the curve is one of theirs. */
  line: number | null;
  x: Float64Array;
  loss: Float64Array;
  /** 95 %; null without a covariance. */
  lower: Float64Array | null;
  upper: Float64Array | null;
}

/** Predicted loss over sizes × tokens; `loss[i * tokens.length + j]` belongs to sizes[i], tokens[j]. */
export interface LossMap {
  params: Float64Array;
  tokens: Float64Array;
  loss: Float64Array;
}

export interface CurveSet {
  law: string | null;
  lines: Lines | null;
  resting: Held;
  curves: Curve[];
  /** Compute-optimal answers by budget, ascending; those the engine could not give are missing. */
  frontier: Optimum[];
  /** At the budget chosen on the page. */
  chosen: Optimum | null;
  map: LossMap | null;
}

export const NO_CURVES: CurveSet = {
  law: null,
  lines: null,
  resting: {},
  curves: [],
  frontier: [],
  chosen: null,
  map: null,
};

interface PlannedCurve {
  along: string;
  held: Held;
  line: number | null;
  x: Float64Array;
  /** Held at a budget: the engine must derive the other variable under the cost model. */
  derived: boolean;
}

export interface CurvePlan {
  law: LawWithNumbers;
  lines: Lines | null;
  /** Where variables beyond sizes, tokens and compute stay while others vary. */
  resting: Held;
  curves: PlannedCurve[];
  map: { params: Float64Array; tokens: Float64Array } | null;
  optimum: OptimumRequest | null;
}

const CURVE_POINTS = 65;
const FRONTIER_POINTS = 49;
const MAP_POINTS = 49;
const MOST_CURVES = 8;
/** Decades that a curve runs on at either end of its data. */
const MARGIN = 0.12;

/** `count` values from lo to hi, evenly spread in the logarithm, the ends exact. */
export function logGrid(lo: number, hi: number, count: number): Float64Array {
  const [a, b] = [Math.log(lo), Math.log(hi)];
  const grid = Float64Array.from({ length: count }, (_, i) =>
    Math.exp(a + ((b - a) * i) / (count - 1)),
  );
  grid[0] = lo;
  grid[count - 1] = hi;
  return grid;
}

function widened([lo, hi]: [number, number], decades = MARGIN): [number, number] {
  return [lo / 10 ** decades, hi * 10 ** decades];
}

function extent(values: number[]): [number, number] | null {
  let [lo, hi] = [Infinity, -Infinity];
  for (const value of values) {
    if (value > 0 && value < lo) lo = value;
    if (value > hi && value < Infinity) hi = value;
  }
  return lo <= hi ? [lo, hi] : null;
}

/** 1, 2 or 5 times a power of ten, nearest in the logarithm. */
function nice(x: number): number {
  const power = 10 ** Math.floor(Math.log10(x));
  const steps = [1, 2, 5, 10].map((step) => step * power);
  return steps.reduce((best, step) =>
    Math.abs(Math.log(step / x)) < Math.abs(Math.log(best / x)) ? step : best,
  );
}

/** At most `most` of them, evenly, first and last included. */
function thinned<T>(items: T[], most: number): T[] {
  if (items.length <= most) return items;
  return Array.from(
    { length: most },
    (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]!,
  );
}

/** What to ask the engine for; null while there is no law that can be drawn. */
export function planCurves(input: CurveInput): CurvePlan | null {
  const { law, columns, fit } = input;
  if (!fit || fit.law !== law.id) return null;
  const used = input.rows.flatMap((row, i) => (row.used ? [i] : []));
  const values = (quantity: string) => used.map((row) => columns[quantity]?.[row] ?? NaN);
  const lines = linesOfStudy(columns, (row) => input.rows[row]?.used ?? false);
  const has = (quantity: string) => law.variables.includes(quantity);

  const resting: Held = {};
  for (const variable of law.variables) {
    if (['params', 'tokens', 'flops'].includes(variable)) continue;
    const sorted = values(variable)
      .filter((value) => value > 0)
      .sort((a, b) => a - b);
    if (sorted.length) resting[variable] = sorted[sorted.length >> 1]!;
  }

  const curves: PlannedCurve[] = [];
  for (const along of law.variables) {
    const range = extent(values(along));
    if (!range || range[0] === range[1]) continue;
    const others = law.variables.filter((variable) => variable !== along && !(variable in resting));
    const still = Object.fromEntries(Object.entries(resting).filter(([id]) => id !== along));
    if (along in resting && others.length) {
      // One curve each as a low, a middle and a high run would have it.
      const byLoss = [...used]
        .filter((row) => columns.loss?.[row]! > 0)
        .sort((a, b) => columns.loss![a]! - columns.loss![b]!);
      for (const share of [0.1, 0.5, 0.9]) {
        const row = byLoss[Math.round(share * (byLoss.length - 1))];
        if (row === undefined) continue;
        const held = {
          ...still,
          ...Object.fromEntries(others.map((id) => [id, nice(columns[id]?.[row] ?? NaN)])),
        };
        curves.push({
          along,
          held,
          line: null,
          x: logGrid(...widened(range, 0.05), CURVE_POINTS),
          derived: false,
        });
      }
    } else if (others.length === 0) {
      curves.push({
        along,
        held: still,
        line: null,
        x: logGrid(...widened(range, 0.3), CURVE_POINTS),
        derived: false,
      });
    } else if (others.length === 1) {
      const other = others[0]!;
      const budgets = lines?.quantity === 'flops' && along !== 'flops' && other !== 'flops';
      if (budgets || lines?.quantity === other) {
        for (const line of thinned([...lines.values.keys()], budgets ? 12 : MOST_CURVES)) {
          const members = used.filter((row) => lines.of[row] === line);
          const reach = extent(members.map((row) => columns[along]?.[row] ?? NaN));
          if (!reach) continue;
          const held = { ...still, [lines.quantity]: lines.values[line]! };
          const [lo, hi] = budgets ? widened(reach) : widened(range);
          curves.push({ along, held, line, x: logGrid(lo, hi, CURVE_POINTS), derived: budgets });
        }
      } else {
        const span = extent(values(other));
        if (!span) continue;
        const levels = [...new Set(Array.from(logGrid(...span, 5), nice))];
        for (const level of levels) {
          const held = { ...still, [other]: level };
          curves.push({
            along,
            held,
            line: null,
            x: logGrid(...widened(range), CURVE_POINTS),
            derived: false,
          });
        }
      }
    }
  }

  const flops = input.range.flops ?? extent(values('flops'));
  const chosen = hasBudget(input) ? input.flops : null;
  const optimum: OptimumRequest | null =
    law.has_optimum && flops
      ? {
          ...fit,
          cost_model: input.costModel,
          // The chosen budget last, so that its answer can be told from the grid's.
          flops: [...budgetGrid(flops, chosen), ...(chosen ? [chosen] : [])],
          range: input.range,
          ...(Object.keys(resting).length ? { at: resting } : {}),
        }
      : null;

  const [sizes, tokens] = [extent(values('params')), extent(values('tokens'))];
  const map =
    has('params') &&
    has('tokens') &&
    sizes &&
    tokens &&
    sizes[0] < sizes[1] &&
    tokens[0] < tokens[1]
      ? {
          params: logGrid(...widened(sizes, 0.3), MAP_POINTS),
          tokens: logGrid(...widened(tokens, 0.3), MAP_POINTS),
        }
      : null;
  return { law: fit, lines, resting, curves, map, optimum };
}

/** Even in the logarithm; the last measured budget is on the grid, because there the line becomes a dashed one. */
function budgetGrid([lo, hi]: [number, number], chosen: number | null): number[] {
  const end = Math.max(hi * 10 ** 0.3, (chosen ?? 0) * 10 ** 0.2);
  const start = Math.min(lo, chosen ?? lo);
  return [...new Set([...logGrid(start, end, FRONTIER_POINTS), lo, hi])].sort((a, b) => a - b);
}

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
  const chosen = plan.optimum && hasBudget(input) ? (optima.pop() ?? null) : null;
  const frontier = optima.filter((one): one is Optimum => one !== null && one.loss.value !== null);
  return {
    law: input.law.id,
    lines: plan.lines,
    resting: plan.resting,
    ...predicted,
    frontier,
    chosen,
  };
}

async function predictAll(
  plan: CurvePlan,
  input: CurveInput,
  engine: Asked,
): Promise<Pick<CurveSet, 'curves' | 'map'>> {
  const { curves, map } = plan;
  const curveRows = curves.reduce((sum, curve) => sum + curve.x.length, 0);
  const mapRows = map ? map.params.length * map.tokens.length : 0;
  if (curveRows + mapRows === 0) return { curves: [], map: null };

  const ids = new Set([
    ...input.law.variables,
    ...curves.flatMap((curve) => Object.keys(curve.held)),
  ]);
  const table: Columns = {};
  for (const id of ids) table[id] = new Float64Array(curveRows + mapRows).fill(NaN);
  let start = 0;
  for (const { along, held, x } of curves) {
    const end = start + x.length;
    for (const [id, value] of Object.entries(held)) table[id]!.fill(value, start, end);
    table[along]!.set(x, start);
    start = end;
  }
  if (map) {
    for (const [id, value] of Object.entries(plan.resting)) table[id]!.fill(value, curveRows);
    map.params.forEach((size, i) => {
      const from = curveRows + i * map.tokens.length;
      table.params!.fill(size, from, from + map.tokens.length);
      table.tokens!.set(map.tokens, from);
    });
  }
  if (curves.some((curve) => curve.derived)) await fillDerived(table, curveRows, input, engine);

  const variables = Object.fromEntries(input.law.variables.map((id) => [id, table[id]!]));
  const { columns } = await engine.predict(plan.law, variables);
  const loss = columns[input.law.response] ?? new Float64Array(curveRows + mapRows).fill(NaN);
  let from = 0;
  const answered = curves.map(({ along, held, line, x }): Curve => {
    const part = (column: Float64Array) => column.slice(from, from + x.length);
    const curve = {
      along,
      held,
      line,
      x,
      loss: part(loss),
      lower: columns.lower ? part(columns.lower) : null,
      upper: columns.upper ? part(columns.upper) : null,
    };
    from += x.length;
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
) {
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

function hasBudget(input: CurveInput): boolean {
  return input.flops !== null && input.flops > 0;
}

export interface CurveSource {
  curves: ReadonlySignal<CurveSet>;
  request: (input: CurveInput) => void;
}

/**
 * The newest curves. While the engine works only the latest wish waits; the answer to an older one is
 * shown meanwhile, because a line that follows late is better than none. What fails leaves no curves.
 */
export function curveSource(engine: Asked): CurveSource {
  const curves = signal<CurveSet>(NO_CURVES);
  let waiting: CurveInput | null = null;
  let busy = false;

  async function work() {
    busy = true;
    while (waiting) {
      const input: CurveInput = waiting;
      waiting = null;
      const plan = planCurves(input);
      if (!plan) {
        curves.value = NO_CURVES;
        continue;
      }
      try {
        curves.value = await fetchCurves(plan, input, engine);
      } catch {
        curves.value = NO_CURVES;
      }
    }
    busy = false;
  }
  return {
    curves,
    request(input) {
      waiting = input;
      if (!busy) void work();
    },
  };
}
