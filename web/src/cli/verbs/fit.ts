import type { FitReport, FitRequest, Law, Optimum } from '../../core/protocol';
import { formatEstimate, formatInterval, formatNumber } from '../../format';
import { chooseLaw, neededBy, offerLaws } from '../../model/laws';
import { availableIn } from '../../model/rows';
import { coefficientState, startsText, statusFinding, warningFinding } from '../../text/engine';
import { byId, possible, UsageError } from '../complaints';
import type { Context } from '../context';
import { budgetFrom, furtherVariables, lawNamed, lawOptions } from '../law-numbers';
import type { Options } from '../options';
import { alignColumns, forTerminal, toJson } from '../print';
import { chooseRows, costModel, demandColumns, loadRuns, tableOptions } from '../runs';
import type { Chosen, Runs } from '../runs';
import { describeOptimum } from './optimum';
import type { Verb } from './verb';

export const fit: Verb = {
  usage: {
    name: 'fit',
    summary: 'Fits a law to a table of runs.',
    operand: 'FILE',
    options: {
      law: { ...lawOptions.law!, help: 'the law; default: the first that the columns allow' },
      json: { help: 'the report as one JSON object' },
      ...tableOptions,
      weights: { value: 'COL', help: 'column of weights' },
      objective: { value: 'ID', help: 'what is minimised; isoloss laws lists them' },
      delta: { value: 'X', help: 'where the Huber loss turns from square to straight' },
      fix: { value: 'NAME=X', help: 'hold a coefficient', multiple: true },
      tie: { value: 'NAME=NAME', help: 'hold two coefficients equal', multiple: true },
      flops: { value: 'X', help: 'also the best model for this compute: 1e24, "100 PF-days"' },
      exits: { value: 'X', help: 'exits of that model, where the law has them' },
    },
    remarks: [
      'FILE is any table with a header: CSV, TSV, JSON, JSON lines, Markdown, an export of W&B,\nMLflow or TensorBoard; “-” reads standard input. Columns are recognised by their names.',
      'A fit that may not be relied on still has a report, and exit code 0: its status says so.\nExit code 1: the data do not allow a fit. 2: the command is wrong.',
    ],
  },
  async run(context, options) {
    const runs = await loadRuns(context, options, true);
    const { catalog } = context;
    const available = availableIn(runs.columns);
    const wanted = lawNamed(context, options);
    const law =
      wanted ??
      chooseLaw(offerLaws(catalog, available), [catalog.defaults.law]) ??
      catalog.laws[0]!;
    const needed = neededBy(law);
    demandColumns(context, runs, law, needed);
    const request = requestFrom(context, options, law);
    const flops = budgetFrom(context, options);
    const chosen = chooseRows(context, runs, needed);
    const { report } = await context.engine.fit(request, chosen.columns, {
      onProgress: ({ fraction }) => context.io.progress?.(fraction),
    });
    context.io.progress?.(null);
    const optimum =
      flops === undefined ? null : await optimumOf(context, options, law, report, chosen, flops);
    const { out } = context.io;
    out(
      options.has('json')
        ? asJson(runs, chosen, report, optimum)
        : forTerminal(asText(context, runs, chosen, law, report, optimum)),
    );
  },
};

function requestFrom({ catalog }: Context, options: Options, law: Law): FitRequest {
  const objective = byId(
    catalog.objectives,
    options.text('objective') ?? catalog.defaults.objective,
    '--objective',
    'Objectives',
  );
  const names = law.coefficients.map(({ id }) => id);
  const known = (name: string, option: string) => {
    if (names.includes(name)) return name;
    throw new UsageError(
      `${option}: “${name}” is no coefficient of ${law.id}. ${possible('Coefficients', names)}`,
    );
  };
  const delta = options.number('delta');
  const fixed = options.numbers('fix');
  Object.keys(fixed).forEach((name) => known(name, '--fix'));
  const tied = options
    .pairs('tie')
    .map(([a, b]): [string, string] => [known(a, '--tie'), known(b, '--tie')]);
  return {
    law: law.id,
    objective: { id: objective.id, ...(delta === undefined ? {} : { delta }) },
    ...(Object.keys(fixed).length > 0 ? { fixed } : {}),
    ...(tied.length > 0 ? { tied } : {}),
  };
}

async function optimumOf(
  context: Context,
  options: Options,
  law: Law,
  report: FitReport,
  { range }: Chosen,
  flops: number,
): Promise<Optimum | null> {
  const values = report.coefficients.map(({ id, value }) => [id, value] as const);
  if (!law.has_optimum || values.some(([, value]) => value === null)) {
    context.io.err(
      law.has_optimum
        ? 'Note: without a value for each coefficient there is no best model.'
        : `Note: ${law.id} does not say how to split compute between model and data, so --flops has no answer.`,
    );
    return null;
  }
  const { optima, unavailable } = await context.engine.optimum({
    law: law.id,
    coefficients: Object.fromEntries(values) as Record<string, number>,
    covariance: report.covariance,
    cost_model: { id: costModel(context, options) },
    flops: [flops],
    range,
    at: furtherVariables(law, options),
  });
  if (!optima[0])
    context.io.err(`Note: ${unavailable ?? 'there is no best model at this budget.'}`);
  return optima[0] ?? null;
}

function asJson(runs: Runs, chosen: Chosen, report: FitReport, optimum: Optimum | null): string {
  const { law, objective, status, usable, starts, covariance, warnings } = report;
  return toJson({
    schema: 'isoloss.fit/1',
    law,
    rows: { read: runs.table.rows.length, used: chosen.positions.length, left_out: chosen.leftOut },
    objective,
    status,
    usable,
    starts,
    coefficients: Object.fromEntries(
      report.coefficients.map(({ id, value, standard_error }) => [id, { value, standard_error }]),
    ),
    optimum: optimum && {
      flops: optimum.flops,
      params: optimum.params.value,
      tokens: optimum.tokens.value,
      loss: optimum.loss.value,
    },
    warnings,
    covariance,
  });
}

function asText(
  { catalog }: Context,
  runs: Runs,
  { positions, leftOut }: Chosen,
  law: Law,
  report: FitReport,
  optimum: Optimum | null,
): string {
  const { objective, coefficients, goodness } = report;
  const status = statusFinding(report);
  const used = runs.mapping.columns.flatMap(({ role }, column) => {
    const quantity = catalog.quantities.find(({ id }) => id === role);
    return quantity ? [`${quantity.symbol} from “${runs.table.header[column]}”`] : [];
  });
  const rows = coefficients.map((fitted) => [
    fitted.id,
    formatEstimate(fitted.value, fitted.standard_error),
    formatInterval(fitted.interval),
    [coefficientState(fitted, law), law.coefficients.find(({ id }) => id === fitted.id)?.meaning]
      .filter(Boolean)
      .join('; '),
  ]);
  const delta = objective.delta === null ? '' : ` (δ = ${formatNumber(objective.delta)})`;
  return [
    `${law.name}: L = ${law.formula}`,
    `${positions.length} of ${runs.table.rows.length} rows used; ${used.join(', ')}.`,
    ...leftOutLines(leftOut),
    '',
    alignColumns([['Coefficient', 'Value', '95 % interval', 'Meaning'], ...rows]),
    '',
    [status.name, status.text, startsText(report.starts)].filter(Boolean).join(' '),
    `Objective ${objective.id}${delta}: ${formatNumber(objective.value, 7)}.` +
      (goodness ? ` Typical residual: ${formatNumber(100 * goodness.rms_log_residual, 2)} %.` : ''),
    ...report.warnings.map((warning) => {
      const { name, text } = warningFinding(warning, law, catalog.quantities);
      return `! ${name} ${text}`;
    }),
    ...(optimum ? ['', describeOptimum(catalog, optimum)] : []),
  ].join('\n');
}

/** Rows left out for one reason share a line. */
function leftOutLines(leftOut: Chosen['leftOut']): string[] {
  const byReason = new Map<string, number[]>();
  for (const { row, reason } of leftOut)
    byReason.set(reason, [...(byReason.get(reason) ?? []), row]);
  const lines = [...byReason].map(([reason, rows]) => {
    const shown = rows.slice(0, 6).join(', ');
    const more = rows.length > 6 ? ` and ${rows.length - 6} more` : '';
    return `  left out: row${rows.length === 1 ? '' : 's'} ${shown}${more} – ${reason}`;
  });
  return lines.length > 12
    ? [...lines.slice(0, 11), `  … and ${lines.length - 11} more reasons`]
    : lines;
}
