import { formatCount, formatFlops, formatLoss, formatNumber, formatPercent } from '../../format';
import { compareStudy } from '../comparison';
import { alignColumns, forTerminal, toJson } from '../print';
import { fitOptions, fitStudy } from '../study';
import type { Verb } from './verb';

/** Those that make sense for every law. */
const { fix: _fix, tie: _tie, bound: _bound, law: _law, ...shared } = fitOptions;

export const compare: Verb = {
  usage: {
    name: 'compare',
    summary: 'Fits every law that the columns allow, and says which describe the runs best.',
    operand: 'FILE',
    options: { ...shared, json: { help: 'the report as one JSON object' } },
    remarks: [
      'Weight: Akaike weight by AICc among these laws. Held out: mean error in ln L of predicting the\nlargest fifth of the runs from the others, beside that of the best loss seen: the naive guess.',
    ],
  },
  async run(context, options) {
    const { catalog, io } = context;
    const study = await fitStudy(context, options);
    const { comparison, rows } = await compareStudy(context, options, study);
    const [flops] = study.target.flops;
    const laws = comparison.laws
      .map(({ law, report, score, weight, optima, heldOut }) => {
        const [best = null] = optima;
        return {
          law: law.id,
          name: law.name,
          status: report.status,
          usable: report.usable,
          weight,
          aicc: score?.aicc ?? null,
          form: score?.form ?? null,
          held_out: heldOut && { mean_error: heldOut.mean_error, baseline: heldOut.baseline },
          optimum: best && {
            flops: best.flops,
            params: { value: best.params.value, interval: best.params.interval },
            tokens: { value: best.tokens.value, interval: best.tokens.interval },
            loss: { value: best.loss.value, interval: best.loss.interval },
          },
        };
      })
      .sort((a, b) => (b.weight ?? -1) - (a.weight ?? -1));
    const [average = null] = comparison.averages;
    if (options.has('json')) {
      const { objective } = study.fit.request;
      io.out(
        toJson({
          schema: 'isoloss.compare/1',
          rows: { read: study.runs.table.rows.length, used: rows },
          objective,
          laws,
          average: flops === undefined ? null : average,
        }),
      );
      return;
    }
    const symbol = catalog.quantities.find(({ id }) => id === 'params')?.symbol ?? '';
    const planned = flops !== undefined;
    const table = laws.map(({ law, name, usable, weight, aicc, held_out, optimum }) => [
      law,
      usable ? weightText(weight) : '',
      formatNumber(aicc, 6),
      formatPercent(held_out?.mean_error ?? null),
      ...(planned ? [optimum ? formatCount(optimum.params.value) : ''] : []),
      usable ? name : `${name} (not to be relied on)`,
    ]);
    const baseline = laws.find(({ held_out }) => held_out?.baseline)?.held_out?.baseline;
    const head = ['Law', 'Weight', 'AICc', 'Held out', ...(planned ? [`Best ${symbol}`] : []), ''];
    io.out(
      forTerminal(
        [
          `${rows} of ${study.runs.table.rows.length} rows used.`,
          '',
          alignColumns([head, ...table]),
          ...(baseline ? [`Naive guess of the held-out runs: ${formatPercent(baseline)}.`] : []),
          ...(planned && average?.params
            ? [
                `Averaged at ${formatFlops(flops)} FLOPs: ${formatCount(average.params)} parameters on ${formatCount(average.tokens)} tokens, loss ${formatLoss(average.loss)}.`,
              ]
            : []),
        ].join('\n'),
      ),
    );
  },
};

/** Weights that are nothing to anybody all look alike. */
function weightText(weight: number | null): string {
  return weight !== null && weight < 0.001 ? '< 0.001' : formatNumber(weight, 3);
}
