/** What a report is made from, as the page has it. */
import type {
  Approach1Report,
  Approach2Report,
  IntervalsReport,
  OutliersReport,
  PowerLine,
} from '../../core/estimation-protocol';
import type { Comparison } from '../../core/estimator';
import type { Catalog, CostChoice, Optimum } from '../../core/protocol';
import type { Mapping } from '../../data/types';
import type { ApproachLine, ReportInput } from '../../report/input';
import type { Bootstrapped } from '../../state/estimation';
import type { Fit } from '../../state/fitting';
import { approaches as words } from '../../text/panels';

export interface ReportParts {
  catalog: Catalog;
  fit: Fit;
  source: ReportInput['source'];
  mapping: Mapping | null;
  leftOut: ReportInput['leftOut'];
  read: number;
  cost: CostChoice;
  optimum: Optimum | null;
  bootstrap: Bootstrapped | null;
  cluster: string | null;
  outliers: OutliersReport | null;
  comparison: Comparison | null;
  approach1: Approach1Report | null;
  approach2: Approach2Report | null;
  link: string | null;
}

export function reportInput(parts: ReportParts): ReportInput {
  const { catalog, fit, mapping, bootstrap, cluster, comparison, approach1, approach2 } = parts;
  const { coefficients: _, ...request } = fit.runs.request;
  const names = fit.positions.map((position) => fit.prepared.dataset.rows[position]!.name);
  const drawn = bootstrap?.fit === fit ? bootstrap : null;
  const lines = [
    line(words.names[1], approach1),
    line(words.names[2], approach2),
    drawn && jointLine(drawn.report),
  ].filter((one) => one !== null);
  return {
    catalog,
    law: fit.law,
    source: parts.source,
    read: parts.read,
    leftOut: parts.leftOut,
    runs: fit.runs.columns,
    names: mapping?.columns.some(({ role }) => role === 'run') ? names : [],
    paramsConvention:
      mapping?.columns.find(({ role }) => role === 'params')?.convention.replace('_', '-') ?? null,
    request,
    report: fit.report,
    range: fit.range,
    costModel: parts.cost,
    optimum: parts.optimum,
    bootstrap: drawn && {
      intervals: drawn.report,
      audit: drawn.audit,
      draws: drawn.count,
      seed: drawn.seed,
      cluster,
    },
    outliers: parts.outliers,
    compared:
      comparison &&
      comparison.laws.map(({ law, weight, score, heldOut }) => ({
        name: law.name,
        weight,
        aicc: score?.aicc ?? null,
        heldOut: heldOut?.mean_error ?? null,
      })),
    approaches: lines.length > 0 ? lines : null,
    charts: [],
    link: parts.link,
  };
}

/** null where the approach found nothing. */
function line(
  name: string,
  report: {
    params: PowerLine | null;
    optima: {
      params: { value: number; interval: [number, number] | null };
      tokens: { value: number };
    }[];
  } | null,
): ApproachLine | null {
  if (!report?.params) return null;
  const optimum = report.optima[0];
  return {
    name,
    exponent: report.params.exponent,
    exponentInterval: report.params.exponent_interval,
    params: optimum?.params.value ?? null,
    paramsInterval: optimum?.params.interval ?? null,
    tokens: optimum?.tokens.value ?? null,
  };
}

function jointLine({ implied, optima }: IntervalsReport): ApproachLine | null {
  const [exponent] = implied;
  const optimum = optima[0];
  if (!exponent || !optimum) return null;
  return {
    name: words.names[3],
    exponent: exponent.value,
    exponentInterval: exponent.interval,
    params: optimum.params.value,
    paramsInterval: optimum.params.interval,
    tokens: optimum.tokens.value,
  };
}
