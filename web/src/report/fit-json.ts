import type { Covariance, CostChoice, FitRequest, FitWarning } from '../core/protocol';
import { quoted } from './content';
import type { ReportInput } from './input';

interface Number95 {
  value: number | null;
  standard_error: number | null;
  interval: [number, number] | null;
}

/**
 * The fit as a file, schema isoloss.fit/1 (docs/fit-file.md): what came out, what it takes to repeat it, and
 * the runs, so that dropping the file on the page opens all of it again. Fields are only ever added.
 */
export interface FitFile {
  schema: 'isoloss.fit/1';
  engine_version: string;
  law: string;
  source: string;
  request: FitRequest;
  status: string;
  usable: boolean;
  objective: { id: string; delta: number | null; value: number | null };
  starts: { tried: number; agreeing: number };
  interval_method: 'bootstrap' | 'sandwich' | 'none';
  bootstrap: { draws: number; seed: number; cluster: string | null } | null;
  coefficients: Record<string, Number95 & { state: string }>;
  implied: Record<string, Number95>;
  cost_model: CostChoice;
  optimum: {
    flops: number;
    params: Number95;
    tokens: Number95;
    tokens_per_param: Number95;
    loss: Number95;
  } | null;
  warnings: FitWarning[];
  covariance: Covariance | null;
  /** One object a run, base units. */
  runs: Record<string, number | string>[];
}

export function fitFile(input: ReportInput): FitFile {
  const { catalog, law, source, request, report, bootstrap, costModel, optimum, runs, names } =
    input;
  const drawn = bootstrap?.intervals;
  const best = drawn?.optima.find((one) => one?.flops === optimum?.flops);
  const number = (...from: Parameters<typeof quoted>): Number95 => {
    const { value, error, interval } = quoted(...from);
    return { value, standard_error: error, interval };
  };
  const columns = Object.entries(runs);
  return {
    schema: 'isoloss.fit/1',
    engine_version: catalog.engine_version,
    law: law.id,
    source: source.name,
    request,
    status: report.status,
    usable: report.usable,
    objective: report.objective,
    starts: report.starts,
    interval_method: bootstrap ? 'bootstrap' : report.covariance ? 'sandwich' : 'none',
    bootstrap: bootstrap && {
      draws: bootstrap.draws,
      seed: bootstrap.seed,
      cluster: bootstrap.cluster,
    },
    coefficients: Object.fromEntries(
      report.coefficients.map((fitted) => [
        fitted.id,
        { ...number(fitted, drawn?.coefficients[fitted.id]), state: fitted.state },
      ]),
    ),
    implied: Object.fromEntries(
      report.implied.map((implied) => [
        implied.id,
        number(
          implied,
          drawn?.implied.find(({ id }) => id === implied.id),
        ),
      ]),
    ),
    cost_model: costModel,
    optimum: optimum && {
      flops: optimum.flops,
      params: number(optimum.params, best?.params),
      tokens: number(optimum.tokens, best?.tokens),
      tokens_per_param: number(optimum.tokens_per_param, best?.tokens_per_param),
      loss: number(optimum.loss, best?.loss),
    },
    warnings: report.warnings,
    covariance: report.covariance,
    runs: Array.from({ length: runs[law.response]?.length ?? 0 }, (_, i) => ({
      ...(names[i] ? { run: names[i] } : {}),
      ...Object.fromEntries(columns.map(([id, column]) => [id, column[i]!])),
    })),
  };
}

export function fitJson(input: ReportInput): string {
  return `${JSON.stringify(fitFile(input), null, 1)}\n`;
}

/** How a saved fit was made; what the file does not say is null. */
export interface SavedFit {
  request: FitRequest;
  /** Budget of its answer. */
  flops: number | null;
  cost: CostChoice | null;
  draws: number | null;
  seed: number | null;
}

/** What a fit file says about how to fit; null where the text is no such file. Total: hostile text is null too. */
export function readFitFile(text: string): SavedFit | null {
  if (!/"isoloss\.fit\/1"/.test(text)) return null;
  let file: Partial<FitFile>;
  try {
    file = JSON.parse(text) as Partial<FitFile>;
  } catch {
    return null;
  }
  if (typeof file !== 'object' || file === null || file.schema !== 'isoloss.fit/1') return null;
  if (typeof file.law !== 'string') return null;
  const asked: Loose = isObject(file.request) ? file.request : {};
  const objective = isObject(asked.objective) ? asked.objective : (file.objective ?? {});
  const { id, delta, penalty } = objective as Partial<FitRequest['objective']>;
  const weights = asked.weights as FitRequest['weights'];
  const cost: Loose = isObject(file.cost_model) ? file.cost_model : {};
  const drawn: Loose = isObject(file.bootstrap) ? file.bootstrap : {};
  return {
    request: {
      law: file.law,
      objective: {
        id: typeof id === 'string' ? id : '',
        ...(isNumber(delta) && { delta }),
        ...(isNumber(penalty) && { penalty }),
      },
      fixed: entriesOf(asked.fixed, isNumber),
      tied: Array.isArray(asked.tied) ? (asked.tied.filter(isPair) as [string, string][]) : [],
      bounds: entriesOf(asked.bounds, isBounds),
      ...(['equal', 'sqrt_flops', 'column'].includes(weights ?? '') && { weights: weights! }),
    },
    flops: isObject(file.optimum) && isNumber(file.optimum.flops) ? file.optimum.flops : null,
    cost:
      typeof cost.id === 'string'
        ? { id: cost.id, settings: entriesOf(cost.settings, isNumber) }
        : null,
    draws: isNumber(drawn.draws) ? drawn.draws : null,
    seed: isNumber(drawn.seed) ? drawn.seed : null,
  };
}

type Loose = Record<string, unknown>;
const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);
const isPair = (value: unknown) =>
  Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'string');
const isBounds = (value: unknown): value is [number | null, number | null] =>
  Array.isArray(value) && value.length === 2 && value.every((one) => one === null || isNumber(one));

function entriesOf<T>(value: unknown, is: (one: unknown) => one is T): Record<string, T> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, T] => is(entry[1])),
  );
}
