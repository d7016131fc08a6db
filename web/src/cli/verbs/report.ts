import type { OutliersReport } from '../../core/estimation-protocol';
import { markdownReport } from '../../report/markdown';
import { approach, approachLine, approachesAsked, approachOptions } from '../approaches';
import { compareStudy } from '../comparison';
import type { Context } from '../context';
import { reportInput } from '../report-input';
import {
  bootstrapOptions,
  drawStudy,
  fitOptions,
  fitStudy,
  type Drawn,
  type Study,
} from '../study';
import type { Verb } from './verb';

export const report: Verb = {
  usage: {
    name: 'report',
    summary: 'Writes all that a paper should say of a fit, as Markdown.',
    operand: 'FILE',
    options: { ...fitOptions, ...bootstrapOptions, ...approachOptions },
    remarks: [],
  },
  async run(context, options) {
    const asked = approachesAsked(options);
    const study = await fitStudy(context, options);
    const drawn = await drawStudy(context, options, study);
    const outliers = await outliersOf(context, study, drawn);
    const { comparison } = await compareStudy(context, options, study);
    const approaches = [];
    for (const number of asked)
      approaches.push(approachLine(number, await approach(number, context, options, study, drawn)));
    const found = { drawn, outliers, comparison, approaches: asked.length > 0 ? approaches : null };
    context.io.out(markdownReport(reportInput(context, options, study, found)).trimEnd());
  },
};

/** Above so many runs, influence is not part of what makes a run stand out. */
const MOST_INFLUENCE = 2000;

async function outliersOf(
  { estimator }: Context,
  { fit, law, target, chosen }: Study,
  drawn: Drawn | null,
): Promise<OutliersReport | null> {
  if (!fit.report.usable) return null;
  const judged =
    law.has_optimum && target.flops.length > 0 && chosen.positions.length <= MOST_INFLUENCE;
  const influence = judged ? await estimator.influence(fit, target) : null;
  const best = drawn?.bootstrap.report.optima[0]?.params;
  return estimator.outliers(fit, {
    influence: influence?.columns['params:0'],
    standardError: best?.value && best.standard_error ? best.standard_error / best.value : null,
  });
}
