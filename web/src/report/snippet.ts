import type { Coefficient, FormulaNode, Law } from '../core/protocol';
import { snippetText as t } from '../text/report';
import type { ReportInput } from './input';

/**
 * A Python program that repeats the fit with numpy and scipy alone: its own data, its own starts (a grid
 * over exponents and sizes of terms, never our answer), its own optimiser. The formula is printed from the
 * law's tree, and derivatives are exact by the complex step (Martins, Sturdza & Alonso 2003), so nothing
 * about any particular law stands here.
 */
export function pythonSnippet(input: ReportInput): string {
  const { law, request, report, runs } = input;
  const columns = [...law.variables, law.response, ...(runs.weight ? ['weight'] : [])];
  const objective = OBJECTIVES[kindOf(input)];
  return [
    `"""${t.title(law.name)}`,
    '',
    ...t.about(input.source.name, runs[law.response]?.length ?? 0),
    '"""',
    'import itertools',
    '',
    'import numpy as np',
    'from scipy.optimize import linprog, minimize',
    '',
    `# ${t.data(columns.join(', '))}`,
    'data = np.array([',
    ...rowsOf(columns.map((id) => runs[id] ?? new Float64Array())),
    '])',
    `${columns.join(', ')} = data.T`,
    ...(runs.weight ? [] : [`weight = np.ones(len(${law.response}))`]),
    'weight = weight / weight.mean()',
    '',
    `NAMES = ${list(law.coefficients.map(({ id }) => quote(id)))}`,
    `LOG = np.array(${list(law.coefficients.map((c) => (isLog(c) ? 'True' : 'False')))})  # ${t.logs}`,
    `LOWER = np.array(${list(law.coefficients.map((c) => bound(input, c, 'lower')))})`,
    `UPPER = np.array(${list(law.coefficients.map((c) => bound(input, c, 'upper')))})`,
    `FIXED = {${fixedOf(input)
      .map(([id, value]) => `${quote(id)}: ${value}`)
      .join(', ')}}`,
    `TIED = {${tiedOf(input)
      .map(([id, to]) => `${quote(id)}: ${quote(to)}`)
      .join(', ')}}  # ${t.tied}`,
    `DELTA = ${report.objective.delta ?? 'np.inf'}  # ${t.delta}`,
    `OVER = ${report.objective.penalty ?? 1}  # ${t.over}`,
    '',
    '',
    'def model(c):',
    `    ${law.coefficients.map(({ id }) => variable(id)).join(', ')}, = c`,
    `    return ${python(law.formula_tree)}`,
    '',
    '',
    ...machinery(objective),
    '',
    '',
    `# ${t.starts}`,
    ...startsOf(law),
    '',
    ...ENDING,
    '',
  ].join('\n');
}

type Kind = 'huber' | 'absolute' | 'squares';

/** What the objective does with a residual: from its description alone. */
function kindOf({ report, catalog }: ReportInput): Kind {
  const { default_delta } = catalog.objectives.find(({ id }) => id === report.objective.id) ?? {
    default_delta: null,
  };
  if (report.objective.delta !== null || default_delta !== null) return 'huber';
  return report.objective.id.includes('absolute') ? 'absolute' : 'squares';
}

/** ρ(r) with the factor by which the objective is reported. */
const OBJECTIVES: Record<Kind, { rho: string; plain: boolean }> = {
  huber: {
    rho: 'np.where(a <= delta, 0.5 * r * r, delta * (a - 0.5 * delta))',
    plain: false,
  },
  absolute: { rho: 'a', plain: false },
  squares: { rho: 'r * r', plain: false },
};

const isLog = ({ role }: Coefficient) => role !== 'exponent';
const quote = (text: string) => `"${text}"`;
const list = (items: (string | number)[]) => `[${items.join(', ')}]`;
/** Python's own words may not be names. */
const variable = (id: string) => (id === 'lambda' ? 'lambda_' : id);

function rowsOf(columns: Float64Array[]): string[] {
  return Array.from(columns[0] ?? [], (_, i) => `    [${columns.map((c) => c[i]).join(', ')}],`);
}

function bound({ request }: ReportInput, coefficient: Coefficient, side: 'lower' | 'upper') {
  const [lower, upper] = request.bounds?.[coefficient.id] ?? [null, null];
  const own = side === 'lower' ? coefficient.lower : (coefficient.upper ?? Infinity);
  const asked = side === 'lower' ? lower : upper;
  const value =
    asked === null ? own : side === 'lower' ? Math.max(own, asked) : Math.min(own, asked);
  return Number.isFinite(value) ? String(value) : value > 0 ? 'np.inf' : '-np.inf';
}

/** Held by request, and what the runs do not determine: that is dropped from the law as in the fit. */
function fixedOf({ request }: ReportInput): [string, number][] {
  return Object.entries(request.fixed ?? {});
}

function tiedOf({ request, law }: ReportInput): [string, string][] {
  const place = (id: string) => law.coefficients.findIndex((c) => c.id === id);
  return (request.tied ?? []).map(([a, b]) => (place(a) > place(b) ? [a, b] : [b, a]));
}

const SIGNS = { add: '+', subtract: '-', multiply: '*', divide: '/', power: '**' } as const;
const STRENGTH = { add: 1, subtract: 1, multiply: 2, divide: 2, power: 3 } as const;

/** The formula as Python; brackets only where they are needed. */
export function python(node: FormulaNode, outer = 0, right = false): string {
  if (node.op === 'number') return String(node.value);
  if (node.op === 'symbol') return variable(node.id);
  const mine = STRENGTH[node.op];
  const power = node.op === 'power';
  const text = `${python(node.left, mine, power)} ${SIGNS[node.op]} ${python(node.right, mine, !power)}`;
  return mine < outer || (mine === outer && right) ? `(${text})` : text;
}

/** scale / variable^exponent, or scale / variable: what a start of a scale may be taken from. */
interface Use {
  variable: string;
  exponent: string | null;
}

function usesOf(law: Law): Map<string, Use> {
  const found = new Map<string, Use>();
  const kinds = new Map(law.coefficients.map(({ id, role }) => [id, role]));
  const walk = (node: FormulaNode): void => {
    if (node.op === 'number' || node.op === 'symbol') return;
    const { op, left, right } = node;
    if (op === 'divide' && left.op === 'symbol' && kinds.get(left.id) === 'scale') {
      if (right.op === 'symbol') found.set(left.id, { variable: right.id, exponent: null });
      if (right.op === 'power' && right.left.op === 'symbol' && right.right.op === 'symbol')
        found.set(left.id, { variable: right.left.id, exponent: right.right.id });
    }
    walk(left);
    walk(right);
  };
  walk(law.formula_tree);
  return found;
}

/** Candidates for every coefficient; scales are sizes of their term at the middle of the data. */
function startsOf(law: Law): string[] {
  const uses = usesOf(law);
  const lines = law.coefficients.map((coefficient) => {
    const { id, role, lower } = coefficient;
    const use = uses.get(id);
    const choices =
      role === 'floor'
        ? `[0.3 * smallest, 0.6 * smallest, 0.9 * smallest]`
        : role === 'exponent'
          ? lower < 0
            ? '[0.0]'
            : '[0.1, 0.25, 0.5, 1.0]'
          : use?.exponent
            ? '[0.05 * middle, 0.2 * middle, 0.6 * middle]'
            : '[1.0, 1e2, 1e4, 1e6]';
    return `    ${quote(id)}: ${choices},`;
  });
  const scaled = law.coefficients.flatMap(({ id }) => {
    const use = uses.get(id);
    if (!use) return [];
    const middle = `np.exp(np.mean(np.log(${use.variable})))`;
    const power = use.exponent ? `${middle} ** c[${quote(use.exponent)}]` : middle;
    return [`    c[${quote(id)}] *= ${power}`];
  });
  return [
    `smallest, middle = ${law.response}.min(), np.median(${law.response})`,
    'GRID = {',
    ...lines,
    '}',
    '',
    '',
    'def start(values):',
    '    c = dict(zip(NAMES, values))',
    ...scaled,
    '    return np.array([c[name] for name in NAMES])',
  ];
}

function machinery({ rho }: { rho: string }): string[] {
  return `
FREE = [i for i, name in enumerate(NAMES) if name not in FIXED and name not in TIED]


def natural(q):  # ${t.natural}
    c = [None] * len(NAMES)
    for i, x in zip(FREE, q):
        c[i] = np.exp(x) if LOG[i] else x
    for name, value in FIXED.items():
        c[NAMES.index(name)] = value
    for name, other in TIED.items():
        c[NAMES.index(name)] = c[NAMES.index(other)]
    return c


def residuals(q):
    predicted = model(natural(q))
    return RESIDUAL


def jacobian(q):  # ${t.jacobian}
    columns = []
    for k in range(len(q)):
        z = np.array(q, dtype=complex)
        z[k] += 1e-30j
        columns.append(np.broadcast_to(np.imag(residuals(z)) / 1e-30, loss_shape))
    return np.array(columns).T


def rho(r, delta):
    a = np.abs(r)
    side = np.where(r > 0, OVER, 1.0)
    return side * (RHO)


def objective(q, delta=None):
    with np.errstate(all="ignore"):
        value = np.sum(weight * rho(residuals(q), DELTA if delta is None else delta))
    return value if np.isfinite(value) else np.inf


def bounds():
    low = [np.log(LOWER[i]) if LOG[i] and LOWER[i] > 0 else -700 if LOG[i] else LOWER[i] for i in FREE]
    high = [np.log(UPPER[i]) if LOG[i] else UPPER[i] for i in FREE]
    return np.array(low), np.minimum(np.array(high), 700)`
    .replaceAll('RHO', rho)
    .trim()
    .split('\n');
}

const ENDING: string[] = [];
