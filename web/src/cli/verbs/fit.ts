import type { FitReport } from '../../core/protocol';
import { formatEstimate, formatInterval, formatNumber } from '../../format';
import { fitFile } from '../../report/fit-json';
import { coefficientState, startsText, statusFinding, warningFinding } from '../../text/engine';
import {
  approach,
  approachesAsked,
  approachOptions,
  describeApproaches,
  type Approach,
  type ApproachNumber,
} from '../approaches';
import type { Context } from '../context';
import { describeGroups, fitGroups, groupOptions, type GroupedFit } from '../groups';
import type { Options } from '../options';
import { alignColumns, forTerminal, toJson } from '../print';
import { reportInput } from '../report-input';
import type { Chosen } from '../runs';
import {
  bootstrapOptions,
  drawStudy,
  fitOptions,
  fitStudy,
  quotedOptimum,
  type Drawn,
  type Study,
} from '../study';
import { describeOptimum } from './optimum';
import type { Verb } from './verb';

/** What was found beside the fit itself. */
interface Beside {
  drawn: Drawn | null;
  approaches: [ApproachNumber, Approach][];
  groups: GroupedFit | null;
}

export const fit: Verb = {
  usage: {
    name: 'fit',
    summary: 'Fits a law to a table of runs.',
    operand: 'FILE',
    options: {
      ...fitOptions,
      json: { help: 'the report as one JSON object' },
      intervals: { help: 'intervals by a bootstrap, instead of the instant ones of the sandwich' },
      ...bootstrapOptions,
      ...approachOptions,
      ...groupOptions,
    },
    remarks: [
      'FILE is any table with a header: CSV, TSV, JSON, JSON lines, Markdown, an export of W&B,\nMLflow or TensorBoard; “-” reads standard input. Columns are recognised by their names.',
      'A fit that may not be relied on still has a report, and exit code 0: its status says so.\nExit code 1: the data do not allow a fit. 2: the command is wrong.',
    ],
  },
  async run(context, options) {
    const asked = approachesAsked(options);
    const study = await fitStudy(context, options);
    const drawn = options.has('intervals') ? await drawStudy(context, options, study) : null;
    const approaches: Beside['approaches'] = [];
    for (const number of asked)
      approaches.push([number, await approach(number, context, options, study, drawn)]);
    const groups = await fitGroups(context, options, study);
    const beside = { drawn, approaches, groups };
    context.io.out(
      options.has('json')
        ? asJson(context, options, study, beside)
        : forTerminal(asText(context, study, beside)),
    );
  },
};

/** The file that the page writes and reads, and beside it what only was asked for here. */
function asJson(
  context: Context,
  options: Options,
  study: Study,
  { drawn, approaches, groups }: Beside,
): string {
  const { schema, law, ...file } = fitFile(reportInput(context, options, study, { drawn }));
  const { runs, chosen } = study;
  return toJson({
    schema,
    law,
    rows: { read: runs.table.rows.length, used: chosen.positions.length, left_out: chosen.leftOut },
    ...(approaches.length > 0 && { approaches: Object.fromEntries(approaches) }),
    ...(groups && { groups }),
    ...file,
  });
}

function asText(context: Context, study: Study, { drawn, approaches, groups }: Beside): string {
  const { catalog } = context;
  const { runs, chosen, law, fit } = study;
  const { positions, leftOut } = chosen;
  const { report } = fit;
  const { objective, coefficients, goodness } = report;
  const status = statusFinding(report);
  const used = runs.mapping.columns.flatMap(({ role }, column) => {
    const quantity = catalog.quantities.find(({ id }) => id === role);
    return quantity ? [`${quantity.symbol} from “${runs.table.header[column]}”`] : [];
  });
  const rows = coefficients.map((fitted) => {
    const better = drawn?.bootstrap.report.coefficients[fitted.id];
    return [
      fitted.id,
      formatEstimate(fitted.value, better ? better.standard_error : fitted.standard_error),
      formatInterval(better?.interval ?? fitted.interval),
      [coefficientState(fitted, law), law.coefficients.find(({ id }) => id === fitted.id)?.meaning]
        .filter(Boolean)
        .join('; '),
    ];
  });
  const delta = objective.delta === null ? '' : ` (δ = ${formatNumber(objective.delta)})`;
  const optimum = quotedOptimum(study, drawn);
  return [
    `${law.name}: L = ${law.formula}`,
    `${positions.length} of ${runs.table.rows.length} rows used; ${used.join(', ')}.`,
    ...leftOutLines(leftOut),
    '',
    alignColumns([['Coefficient', 'Value', '95 % interval', 'Meaning'], ...rows]),
    ...(drawn ? [describeDraws(drawn)] : []),
    '',
    [status.name, status.text, startsText(report.starts)].filter(Boolean).join(' '),
    `Objective ${objective.id}${delta}: ${formatNumber(objective.value, 7)}.` +
      (goodness ? ` Typical residual: ${formatNumber(100 * goodness.rms_log_residual, 2)} %.` : ''),
    ...report.warnings.map((warning) => {
      const { name, text } = warningFinding(warning, law, catalog.quantities);
      return `! ${name} ${text}`;
    }),
    ...secondOptimum(report),
    ...(optimum ? ['', describeOptimum(catalog, optimum)] : []),
    ...(approaches.length > 0 ? ['', ...describeApproaches(context, study, approaches)] : []),
    ...(groups ? ['', ...describeGroups(law, groups)] : []),
  ].join('\n');
}

/** "Intervals: percentiles of 4000 bootstrap refits (seed 1), rows drawn one by one." */
function describeDraws({ bootstrap: { audit, report }, seed, count, cluster }: Drawn): string {
  const by = cluster === null ? 'rows drawn one by one' : `rows drawn together by ${cluster}`;
  const failed = report.failed > 0 ? ` ${report.failed} of them had no fit.` : '';
  const again = audit.rerun ? ' Each was searched for anew.' : '';
  return `Intervals: percentiles of ${count} bootstrap refits (seed ${seed}), ${by}.${again}${failed}`;
}

/** "The other explanation: E = 1.5, A = 300, …" */
function secondOptimum({ other_optimum: other }: FitReport): string[] {
  if (!other) return [];
  const values = Object.entries(other.coefficients).map(
    ([id, value]) => `${id} = ${value === null ? '–' : formatNumber(value, 4)}`,
  );
  return [`  the other explanation: ${values.join(', ')}`];
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
