import type { Optimum } from '../core/protocol';
import { formatLoss } from '../format';
import { chartText } from '../text/charts';
import { axis, curve, knownMarks, points, type ChartDefinition } from './context';
import { budgetRules } from './loss-by';
import type { CurveView } from './scene';
import { axisLabel, quantityOf, restingNote } from './words';

/**
 * Loss against compute with the best loss that the law promises at each budget: solid over the data,
 * dashed beyond, and the budget chosen on the page.
 */
export const lossByCompute: ChartDefinition = {
  id: 'loss-by-flops',
  needs: ['flops', 'loss'],
  view(context) {
    const { input, curves } = context;
    const { frontier, chosen } = curves;
    if (!input.law.has_optimum) return null;
    const [x, y] = [quantityOf(input, 'flops'), quantityOf(input, input.law.response)];
    const runs = points(context, input.columns.flops!, input.columns[y.id]!);
    const drawn = segments(frontier, chosen?.decades_outside.flops ?? 0);
    const rules = budgetRules(input);
    const reach = [runs.x, rules.map((rule) => rule.value), ...drawn.map((one) => one.x)];
    const along = axis(x, axisLabel(x), reach, 0.02);
    const up = axis(y, axisLabel(y), [runs.y, ...drawn.map((one) => one.y)], 0.08);
    return {
      id: this.id,
      title: chartText.lossBy(x),
      note: [
        drawn.length ? restingNote(input, curves.planned) : '',
        drawn.some((one) => one.lower) ? chartText.bandNote(curves.intervals) : '',
      ]
        .filter(Boolean)
        .join(' '),
      panels: [
        {
          x: along,
          y: up,
          points: runs,
          curves: drawn,
          rules,
          marks: [
            ...knownMarks(input, along, up),
            ...(chosen && chosen.loss.value !== null && chosen.flops === input.flops
              ? [
                  {
                    x: chosen.flops,
                    y: chosen.loss.value,
                    label: formatLoss(chosen.loss.value),
                    labelAt: 'below' as const,
                  },
                ]
              : []),
          ],
        },
      ],
    };
  },
};

/**
 * Consecutive budgets on the same side of the data's edges; neighbours share the budget at the edge.
 * `decades`: how far beyond the chosen budget lies.
 */
function segments(frontier: Optimum[], decades: number): CurveView[] {
  const outside = (optimum: Optimum) => (optimum.decades_outside.flops ?? 0) > 1e-9;
  const drawn: CurveView[] = [];
  let start = 0;
  for (let i = 1; i <= frontier.length; ++i) {
    const ended = i === frontier.length || outside(frontier[i]!) !== outside(frontier[start]!);
    if (!ended) continue;
    const beyond = outside(frontier[start]!);
    const part = frontier.slice(
      beyond && start > 0 ? start - 1 : start,
      beyond && i < frontier.length ? i + 1 : i,
    );
    const label =
      beyond && i === frontier.length && decades > 0.05 ? chartText.beyond(decades) : '';
    drawn.push(segment(part, beyond, beyond ? label : chartText.frontier, drawn.length));
    start = i;
  }
  return drawn;
}

function segment(part: Optimum[], beyond: boolean, label: string, order: number): CurveView {
  const x = part.map((optimum) => optimum.flops);
  const bounded = part.every((optimum) => optimum.loss.interval !== null);
  return curve(
    `${chartText.frontier}${beyond ? `, beyond the data ${order}` : ''}`,
    label,
    x,
    part.map((optimum) => optimum.loss.value!),
    {
      lower: bounded ? part.map((optimum) => optimum.loss.interval![0]) : null,
      upper: bounded ? part.map((optimum) => optimum.loss.interval![1]) : null,
      beyond,
      labelAt: 'below',
    },
  );
}
