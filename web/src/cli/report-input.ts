import type { Comparison } from '../core/estimator';
import type { OutliersReport } from '../core/estimation-protocol';
import { columnWith } from '../data/mapping';
import type { ApproachLine, ComparedLaw, ReportInput } from '../report/input';
import type { Context } from './context';
import type { Options } from './options';
import { costModel } from './runs';
import { namesOf, type Drawn, type Study } from './study';

export interface Found {
  drawn?: Drawn | null;
  outliers?: OutliersReport | null;
  comparison?: Comparison | null;
  approaches?: ApproachLine[] | null;
}

/** What a report or a fit file is made from. */
export function reportInput(
  context: Context,
  options: Options,
  study: Study,
  { drawn = null, outliers = null, comparison = null, approaches = null }: Found,
): ReportInput {
  const { runs, chosen, law, fit, optimum } = study;
  const params = columnWith(runs.mapping, 'params');
  return {
    catalog: context.catalog,
    law,
    source: { name: options.operand ?? '', provenance: [], citation: null },
    read: runs.table.rows.length,
    leftOut: chosen.leftOut,
    runs: fit.columns,
    names: namesOf(study),
    paramsConvention:
      params < 0 ? null : runs.mapping.columns[params]!.convention.replace('_', '-'),
    request: study.request,
    report: fit.report,
    range: fit.range,
    costModel: { id: costModel(context, options) },
    optimum,
    bootstrap: drawn && {
      intervals: drawn.bootstrap.report,
      audit: drawn.bootstrap.audit,
      draws: drawn.count,
      seed: drawn.seed,
      cluster: drawn.cluster,
    },
    outliers,
    compared: comparison && comparison.laws.map(comparedLaw),
    approaches,
    charts: [],
    link: null,
  };
}

export function comparedLaw({
  law,
  weight,
  score,
  heldOut,
}: Comparison['laws'][number]): ComparedLaw {
  return {
    name: law.name,
    weight,
    aicc: score?.aicc ?? null,
    heldOut: heldOut?.mean_error ?? null,
  };
}
