import type { Coefficient, FormulaNode, Law } from '../core/protocol';
import { snippetText as t } from '../text/report';
import type { ReportInput } from './input';
import program from './snippet.py?raw';

/**
 * A Python program that repeats the fit with numpy and scipy alone: its own data, its own starts (a grid
 * over exponents and sizes of terms, never our answer), its own optimiser with derivatives by the complex
 * step (Squire & Trapp 1998). The formula is printed from the law's tree, so that nothing about any
 * particular law stands here. null where the runs do not determine every coefficient: there is no one
 * answer to repeat.
 */
export function pythonSnippet(input: ReportInput): string | null {
  const { law, request, report, runs, catalog } = input;
  const objective = catalog.objectives.find(({ id }) => id === report.objective.id);
  if (!objective || report.coefficients.some(({ state }) => state === 'undetermined')) return null;
  const { delta, penalty } = report.objective;
  const byCompute = request.weights === 'sqrt_flops';
  const byColumn = runs.weight !== undefined && request.weights !== 'equal' && !byCompute;
  // The formula calls variables by their symbols.
  const symbol = (id: string) => catalog.quantities.find((one) => one.id === id)?.symbol ?? id;
  const columns = [...law.variables, law.response];
  if (byCompute && !columns.includes('flops')) columns.push('flops');
  if (byColumn) columns.push('weight');
  const parts: Record<string, string> = {
    ABOUT: t.about(law.name, objective.name, input.source.name, runs[law.response]?.length ?? 0),
    DATA: rowsOf(columns.map((id) => runs[id] ?? new Float64Array())),
    COLUMNS: columns.map(symbol).join(', '),
    RESPONSE: symbol(law.response),
    WEIGHT: byColumn
      ? 'weight'
      : byCompute
        ? `np.sqrt(${symbol('flops')})`
        : `np.ones(len(${symbol(law.response)}))`,
    NAMES: list(law.coefficients.map(({ id }) => quote(id))),
    LOG: list(law.coefficients.map((one) => (isScale(one) ? 'True' : 'False'))),
    LOWER: list(law.coefficients.map((one) => bound(input, one, 0))),
    UPPER: list(law.coefficients.map((one) => bound(input, one, 1))),
    FIXED: dictionary(Object.entries(request.fixed ?? {}).map(([id, x]) => [id, String(x)])),
    TIED: dictionary(tiedOf(input).map(([id, other]) => [id, quote(other)])),
    SHAPE: quote(objective.shape),
    DELTA: delta === null ? 'np.inf' : String(delta),
    PENALTY: String(penalty ?? 1),
    LOG_RESIDUALS: objective.residual === 'log' ? 'True' : 'False',
    ARGUMENTS: law.coefficients.map(({ id }) => variable(id)).join(', '),
    FORMULA: python(law.formula_tree),
    GRID: gridOf(law),
    SCALES: scalesOf(law),
  };
  return program.replace(/%([A-Z_]+)%/g, (_, name: string) => parts[name] ?? '');
}

const isScale = ({ role }: Coefficient) => role !== 'exponent';
const quote = (text: string) => `"${text}"`;
const list = (items: string[]) => `[${items.join(', ')}]`;
const dictionary = (entries: [string, string][]) =>
  `{${entries.map(([id, value]) => `${quote(id)}: ${value}`).join(', ')}}`;
/** Python's own words may not be names. */
const variable = (id: string) => (id === 'lambda' ? 'lambda_' : id);

function rowsOf(columns: Float64Array[]): string {
  const row = (_: number, i: number) => `    [${columns.map((column) => column[i]).join(', ')}],`;
  return Array.from(columns[0] ?? [], row).join('\n');
}

function bound({ request }: ReportInput, one: Coefficient, side: 0 | 1): string {
  const own = side === 0 ? one.lower : (one.upper ?? Infinity);
  const asked = request.bounds?.[one.id]?.[side] ?? own;
  const value = side === 0 ? Math.max(own, asked) : Math.min(own, asked);
  return Number.isFinite(value) ? String(value) : value > 0 ? 'np.inf' : '-np.inf';
}

/** The later coefficient of each pair follows the earlier, as in the fit. */
function tiedOf({ request, law }: ReportInput): [string, string][] {
  const place = (id: string) => law.coefficients.findIndex((one) => one.id === id);
  return (request.tied ?? []).map(([a, b]) => (place(a) > place(b) ? [a, b] : [b, a]));
}

const SIGNS = { add: '+', subtract: '-', multiply: '*', divide: '/', power: '**' } as const;
const STRENGTH = { add: 1, subtract: 1, multiply: 2, divide: 2, power: 3 } as const;

/** The formula as Python; brackets only where they are needed. */
export function python(node: FormulaNode, outer = 0, stronger = false): string {
  if (node.op === 'number') return String(node.value);
  if (node.op === 'symbol') return variable(node.id);
  const mine = STRENGTH[node.op];
  const power = node.op === 'power';
  const left = python(node.left, mine, power);
  const right = python(node.right, mine, !power);
  const text = `${left} ${SIGNS[node.op]} ${right}`;
  return mine < outer || (mine === outer && stronger) ? `(${text})` : text;
}

/** How a scale stands to a variable: scale / variable^exponent, or scale / variable (exponent null). */
function usesOf(law: Law): Map<string, { variable: string; exponent: string | null }> {
  const found = new Map<string, { variable: string; exponent: string | null }>();
  const roles = new Map(law.coefficients.map(({ id, role }) => [id, role]));
  const walk = (node: FormulaNode): void => {
    if (node.op === 'number' || node.op === 'symbol') return;
    const { op, left, right } = node;
    if (op === 'divide' && left.op === 'symbol' && roles.get(left.id) === 'scale') {
      if (right.op === 'symbol') found.set(left.id, { variable: right.id, exponent: null });
      else if (right.op === 'power' && right.left.op === 'symbol' && right.right.op === 'symbol')
        found.set(left.id, { variable: right.left.id, exponent: right.right.id });
    }
    walk(left);
    walk(right);
  };
  walk(law.formula_tree);
  return found;
}

/** Candidates for every coefficient: floors and terms as shares of the loss, scales of a variable in its units. */
function gridOf(law: Law): string {
  const uses = usesOf(law);
  const choices = ({ id, role, lower }: Coefficient) => {
    if (role === 'floor') return '[0.3 * smallest, 0.6 * smallest, 0.9 * smallest]';
    if (role === 'exponent') return lower < 0 ? '[0.0]' : '[0.05, 0.1, 0.25, 0.5, 1.0]';
    const power = uses.get(id)?.exponent;
    return power ? '[0.05 * middle, 0.2 * middle, 0.6 * middle]' : '[1.0, 1e2, 1e4, 1e6]';
  };
  return law.coefficients.map((one) => `    ${quote(one.id)}: ${choices(one)},`).join('\n');
}

function scalesOf(law: Law): string {
  const lines = [...usesOf(law)].map(([id, use]) => {
    const centre = `np.exp(np.mean(np.log(${use.variable})))`;
    const power = use.exponent ? ` ** c[${quote(use.exponent)}]` : '';
    return `    c[${quote(id)}] *= ${centre}${power}`;
  });
  return lines.join('\n');
}
