import { methodsText as t } from '../text/report';
import type { ReportInput } from './input';

/** One paragraph for the methods section of a paper: what was fitted to what, how, and how sure. */
export function methodsParagraph(input: ReportInput): string {
  const { catalog, law, request, report, runs, bootstrap, costModel, optimum, leftOut } = input;
  const objective = catalog.objectives.find(({ id }) => id === report.objective.id);
  const cost = catalog.cost_models.find(({ id }) => id === costModel.id);
  const symbol = (id: string) => law.coefficients.find((one) => one.id === id)?.symbol ?? id;
  const fixed = Object.entries(request.fixed ?? {}).map(([id, x]) => t.fixed(symbol(id), x));
  const tied = (request.tied ?? []).map(([a, b]) => t.tied(symbol(a), symbol(b)));
  const bounded = Object.entries(request.bounds ?? {}).map(([id, [lo, hi]]) =>
    t.bounded(symbol(id), lo, hi),
  );
  const held = [...fixed, ...tied, ...bounded];
  return [
    t.fitted(law.name, law.formula, law.citation.text, runs.loss?.length ?? 0, leftOut.length),
    t.minimised(
      objective?.name ?? report.objective.id,
      report.objective.delta,
      request.weights ?? (runs.weight ? 'column' : 'equal'),
    ),
    ...(held.length ? [t.held(held)] : []),
    t.search(report.starts.tried, report.starts.agreeing, report.objective.value),
    bootstrap
      ? t.bootstrap(bootstrap.draws, bootstrap.seed, bootstrap.cluster, bootstrap.audit)
      : report.covariance
        ? t.sandwich(report.covariance.degrees_of_freedom)
        : t.noIntervals,
    ...(optimum
      ? [t.optimum(cost?.name ?? costModel.id, cost?.formula ?? '', optimum.method)]
      : []),
    t.software(catalog.engine_version),
  ].join(' ');
}
