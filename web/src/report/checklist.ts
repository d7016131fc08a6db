import { checklistText as t } from '../text/report';
import type { ReportInput } from './input';

export interface ChecklistGroup {
  name: string;
  /** null: only the authors can answer. */
  items: { question: string; answer: string | null }[];
}

/**
 * What a paper on a scaling law should say (after the checklist of Li, Kudugunta & Zettlemoyer 2025,
 * "(Mis)Fitting: A Survey of Scaling Laws", arXiv 2502.18969), with what the fit knows filled in.
 */
export function checklist(input: ReportInput): ChecklistGroup[] {
  const { law, catalog, runs, range, paramsConvention, costModel, report, request, bootstrap } =
    input;
  const { read, leftOut, compared, optimum } = input;
  const objective = catalog.objectives.find(({ id }) => id === report.objective.id);
  const cost = catalog.cost_models.find(({ id }) => id === costModel.id);
  const quantity = (id: string) => catalog.quantities.find((one) => one.id === id);
  const sizes = new Set(runs.params ?? []).size;
  return [
    {
      name: t.hypothesis,
      items: [
        { question: t.form, answer: `L = ${law.formula}` },
        {
          question: t.variables,
          answer: law.variables
            .map((id) => t.named(quantity(id)?.symbol ?? id, quantity(id)?.name ?? id))
            .join(', '),
        },
        { question: t.free, answer: law.coefficients.map(({ symbol }) => symbol).join(', ') },
        { question: t.derived, answer: `${law.citation.text}, ${law.citation.title}` },
      ],
    },
    {
      name: t.training,
      items: [
        { question: t.models, answer: t.modelCount(runs.loss?.length ?? 0, sizes, range) },
        { question: t.data, answer: null },
        { question: t.repeated, answer: null },
        { question: t.countParams, answer: paramsConvention },
        {
          question: t.countCompute,
          answer: t.computeAnswer(cost?.name ?? costModel.id, cost?.formula ?? ''),
        },
        { question: t.hyperparameters, answer: null },
        { question: t.schedule, answer: null },
        { question: t.code, answer: null },
      ],
    },
    {
      name: t.collection,
      items: [
        {
          question: t.points,
          answer: t.pointsAnswer(read, runs.loss?.length ?? 0, leftOut.length),
        },
        { question: t.evaluation, answer: null },
        { question: t.checkpoints, answer: null },
        { question: t.dropped, answer: leftOut.length ? t.droppedAnswer(leftOut) : t.noneDropped },
      ],
    },
    {
      name: t.fitting,
      items: [
        {
          question: t.objective,
          answer: t.objectiveAnswer(objective?.name ?? report.objective.id, report.objective.delta),
        },
        {
          question: t.weights,
          answer: t.weightsAnswer(request.weights ?? (runs.weight ? 'column' : 'equal')),
        },
        {
          question: t.algorithm,
          answer: t.algorithmAnswer(report.starts.tried, report.starts.agreeing),
        },
        {
          question: t.validated,
          answer: compared?.some(({ heldOut }) => heldOut !== null) ? t.heldOut : null,
        },
        {
          question: t.uncertainty,
          answer: bootstrap
            ? t.bootstrapAnswer(bootstrap.draws, bootstrap.seed, bootstrap.cluster)
            : t.sandwichAnswer,
        },
        {
          question: t.extrapolation,
          answer: optimum
            ? t.extrapolationAnswer(optimum.flops, optimum.decades_outside.flops)
            : null,
        },
        { question: t.reproduce, answer: t.reproduceAnswer },
      ],
    },
  ];
}
