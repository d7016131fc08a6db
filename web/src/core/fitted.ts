/** A finished fit with the runs that it was made from: what every question about it starts from. */
import type { FittedRequest, IntervalsReport } from './estimation-protocol';
import type {
  Columns,
  DataRange,
  Estimate,
  FitReport,
  FitRequest,
  LawWithNumbers,
  Optimum,
} from './protocol';

/** Arrays have one entry per run in the fit. */
export interface FittedRuns {
  request: FittedRequest;
  /** As they were sent to `fit`. */
  columns: Columns;
  /** What else is known of the same runs: every quantity with a number for each of them. */
  known: Columns;
  /** ln L̂ − ln L. */
  residual: Float64Array;
  report: FitReport;
  range: DataRange;
}

export function fittedRuns(
  request: FitRequest,
  columns: Columns,
  answer: { report: FitReport; columns: Columns },
  context: { known?: Columns; range?: DataRange } = {},
): FittedRuns {
  const { report } = answer;
  const { id, delta, penalty } = report.objective;
  return {
    request: {
      ...request,
      objective: {
        id,
        ...(typeof delta === 'number' && { delta }),
        ...(typeof penalty === 'number' && { penalty }),
      },
      coefficients: coefficientsOf(report),
    },
    columns,
    known: { ...columns, ...context.known },
    residual: answer.columns['residual'] ?? new Float64Array(),
    report,
    range: context.range ?? {},
  };
}

/** By id; those that the runs leave open are absent. */
function coefficientsOf(report: FitReport): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { id, value } of report.coefficients) if (value !== null) found[id] = value;
  return found;
}

/** A fit that may be drawn and planned with: every coefficient has a number. */
export function numbersOf(report: FitReport): LawWithNumbers | null {
  if (report.coefficients.some(({ value }) => value === null)) return null;
  const { law, covariance } = report;
  return { law, coefficients: coefficientsOf(report), covariance };
}

/** The optimum with the errors and intervals of a bootstrap; its values stay those of the fit. */
export function withIntervals(
  optimum: Optimum,
  drawn: NonNullable<IntervalsReport['optima'][number]>,
): Optimum {
  const quote = (of: 'params' | 'tokens' | 'tokens_per_param' | 'loss'): Estimate => {
    const { standard_error, interval } = drawn[of];
    return { value: optimum[of].value, standard_error, interval };
  };
  return {
    ...optimum,
    params: quote('params'),
    tokens: quote('tokens'),
    tokens_per_param: quote('tokens_per_param'),
    loss: quote('loss'),
  };
}
