import { markdownReport } from '../../report/markdown';
import { approach, approachLine, approachesAsked, approachOptions } from '../approaches';
import { compareStudy } from '../comparison';
import { reportInput } from '../report-input';
import { bootstrapOptions, drawStudy, fitOptions, fitStudy } from '../study';
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
    const best = drawn?.bootstrap.report.optima[0]?.params;
    const outliers = study.fit.report.usable
      ? await context.estimator.outliers(study.fit, {
          standardError: best?.value ? (best.standard_error ?? 0) / best.value : null,
        })
      : null;
    const { comparison } = await compareStudy(context, options, study);
    const approaches = [];
    for (const number of asked)
      approaches.push(approachLine(number, await approach(number, context, options, study, drawn)));
    const found = { drawn, outliers, comparison, approaches: asked.length > 0 ? approaches : null };
    context.io.out(markdownReport(reportInput(context, options, study, found)).trimEnd());
  },
};
