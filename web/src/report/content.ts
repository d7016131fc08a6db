import type { DrawEstimate } from '../core/estimation-protocol';
import type { Estimate } from '../core/protocol';
import {
  formatCount,
  formatEstimate,
  formatFlops,
  formatInterval,
  formatLoss,
  formatNumber,
  formatPercent,
  formatQuantity,
  formatQuantityInterval,
} from '../format';
import { coefficientState, startsText, statusFinding, warningFinding } from '../text/engine';
import { reportText as t } from '../text/report';
import { checklist } from './checklist';
import type { Block } from './document';
import type { ReportInput } from './input';
import { methodsParagraph } from './methods';

/** An estimate with the best interval there is: of the bootstrap, else of the sandwich. */
export interface Quoted {
  value: number | null;
  error: number | null;
  interval: [number, number] | null;
}

export function quoted(estimate: Estimate, drawn: DrawEstimate | null | undefined): Quoted {
  const { value, standard_error, interval } = estimate;
  return drawn?.interval
    ? { value, error: drawn.standard_error, interval: drawn.interval }
    : { value, error: standard_error, interval };
}

/** All of the report, in reading order; what was not computed is left out. */
export function reportBlocks(input: ReportInput): Block[] {
  return [
    { kind: 'title', text: t.title(input.law.name) },
    ...summary(input),
    ...coefficients(input),
    ...allocation(input),
    ...approaches(input),
    ...comparison(input),
    ...runsUsed(input),
    ...quality(input),
    { kind: 'heading', text: t.methods },
    { kind: 'paragraph', text: methodsParagraph(input) },
    ...(input.charts.length > 0 ? [{ kind: 'heading', text: t.charts } as const] : []),
    ...input.charts.map((chart): Block => ({ kind: 'figure', ...chart })),
    { kind: 'heading', text: t.checklist },
    { kind: 'paragraph', text: t.checklistSource },
    { kind: 'checklist', groups: checklist(input) },
    ...repeat(input),
  ];
}

function summary({ law, report, source, runs, catalog }: ReportInput): Block[] {
  const status = statusFinding(report);
  return [
    { kind: 'paragraph', text: t.summary(law.name, runs.loss?.length ?? 0, source.name) },
    ...(report.usable
      ? []
      : [{ kind: 'paragraph', text: t.unusable(status.name, status.text) } as const]),
    {
      kind: 'code',
      text: `${symbolOf(catalog, law.response)}(${law.variables.map((id) => symbolOf(catalog, id)).join(', ')}) = ${law.formula}`,
    },
  ];
}

const symbolOf = (catalog: ReportInput['catalog'], id: string) =>
  catalog.quantities.find((quantity) => quantity.id === id)?.symbol ?? id;

function coefficients({ law, report, bootstrap }: ReportInput): Block[] {
  const drawn = bootstrap?.intervals;
  const rows = [
    ...report.coefficients.map((fitted) => {
      const { value, error, interval } = quoted(fitted, drawn?.coefficients[fitted.id]);
      const known = law.coefficients.find(({ id }) => id === fitted.id);
      const meaning = [known?.meaning, coefficientState(fitted, law)].filter(Boolean).join('; ');
      return [
        known?.symbol ?? fitted.id,
        formatEstimate(value, error),
        formatInterval(interval),
        meaning,
      ];
    }),
    ...report.implied.map((implied) => {
      const { value, error, interval } = quoted(
        implied,
        drawn?.implied.find(({ id }) => id === implied.id),
      );
      return [implied.symbol, formatEstimate(value, error), formatInterval(interval), implied.name];
    }),
  ];
  return [
    { kind: 'heading', text: t.coefficients },
    { kind: 'table', header: t.coefficientHeader, rows, caption: t.intervals(bootstrap) },
  ];
}

function allocation({ catalog, optimum, bootstrap, costModel, report }: ReportInput): Block[] {
  if (!optimum || !report.usable) return [];
  const drawn = bootstrap?.intervals.optima.find((one) => one?.flops === optimum.flops);
  const line = (name: string, estimate: Estimate, of: DrawEstimate | undefined, id: string) => {
    const quantity = catalog.quantities.find((one) => one.id === id);
    const { value, interval } = quoted(estimate, of);
    return quantity
      ? [name, formatQuantity(quantity, value), formatQuantityInterval(quantity, interval)]
      : [name, formatNumber(value, 3), formatInterval(interval)];
  };
  const cost = catalog.cost_models.find(({ id }) => id === costModel.id);
  const decades = optimum.decades_outside.flops;
  return [
    { kind: 'heading', text: t.allocation(formatFlops(optimum.flops)) },
    {
      kind: 'table',
      header: t.allocationHeader,
      rows: [
        line(t.params, optimum.params, drawn?.params, 'params'),
        line(t.tokens, optimum.tokens, drawn?.tokens, 'tokens'),
        line(t.ratio, optimum.tokens_per_param, drawn?.tokens_per_param, ''),
        line(t.loss, optimum.loss, drawn?.loss, 'loss'),
      ],
      caption: t.allocationNote(cost?.name ?? costModel.id, decades),
    },
  ];
}

function approaches({ approaches }: ReportInput): Block[] {
  if (!approaches?.length) return [];
  const rows = approaches.map((one) => [
    one.name,
    formatNumber(one.exponent, 3),
    formatInterval(one.exponentInterval),
    formatCount(one.params),
    one.paramsInterval
      ? one.paramsInterval.map((x) => formatCount(x)).join('–')
      : formatInterval(null),
    formatCount(one.tokens),
  ]);
  return [
    { kind: 'heading', text: t.approaches },
    { kind: 'table', header: t.approachHeader, rows, caption: '' },
  ];
}

function comparison({ compared }: ReportInput): Block[] {
  if (!compared?.length) return [];
  const rows = compared.map(({ name, weight, aicc, heldOut }) => [
    name,
    formatPercent(weight),
    formatNumber(aicc, 6),
    formatPercent(heldOut),
  ]);
  return [
    { kind: 'heading', text: t.comparison },
    { kind: 'table', header: t.comparisonHeader, rows, caption: t.comparisonNote },
  ];
}

function runsUsed(input: ReportInput): Block[] {
  const { catalog, source, read, leftOut, runs, range, outliers } = input;
  const ranges = Object.entries(range).flatMap(([id, ends]) => {
    const quantity = catalog.quantities.find((one) => one.id === id);
    return quantity && ends ? [t.range(quantity.name, formatQuantityInterval(quantity, ends))] : [];
  });
  const loss = runs.loss ?? new Float64Array();
  const losses = loss.length
    ? [
        t.range(
          symbolOf(catalog, 'loss'),
          `${formatLoss(Math.min(...loss))}–${formatLoss(Math.max(...loss))}`,
        ),
      ]
    : [];
  const cited = source.citation
    ? [`${source.citation.text}. ${source.citation.title}. ${source.citation.url}`]
    : [];
  return [
    { kind: 'heading', text: t.runs },
    {
      kind: 'list',
      items: [
        t.rows(read, loss.length),
        ...ranges,
        ...losses,
        ...source.provenance,
        ...cited,
        ...(outliers ? [t.outliers(outliers.outliers.length)] : []),
      ],
    },
    ...(leftOut.length ? [{ kind: 'list', items: t.leftOut(leftOut) } as const] : []),
  ];
}

function quality({ report, law, catalog }: ReportInput): Block[] {
  const objective = catalog.objectives.find(({ id }) => id === report.objective.id);
  const { goodness, condition, warnings } = report;
  const status = statusFinding(report);
  return [
    { kind: 'heading', text: t.quality },
    {
      kind: 'list',
      items: [
        t.status(status.name, startsText(report.starts)),
        t.objective(
          objective?.name ?? report.objective.id,
          report.objective.delta,
          report.objective.value,
        ),
        ...(goodness
          ? [
              t.residuals(
                goodness.rms_log_residual,
                goodness.median_abs_log_residual,
                goodness.r_squared,
              ),
            ]
          : []),
        ...(condition === null ? [] : [t.condition(condition)]),
        ...warnings.map((warning) => {
          const { name, text } = warningFinding(warning, law, catalog.quantities);
          return `${name} ${text}`;
        }),
      ],
    },
  ];
}

function repeat({ link, catalog, bootstrap }: ReportInput): Block[] {
  return [
    { kind: 'heading', text: t.repeat },
    { kind: 'paragraph', text: t.repeatText(catalog.engine_version, bootstrap?.seed ?? null) },
    ...(link ? [{ kind: 'link', text: t.link, url: link } as const] : []),
  ];
}
