/** Every law that the columns of a study allow, on the same runs. */
import type { Comparison } from '../core/estimator';
import type { Law } from '../core/protocol';
import { neededBy, offerLaws } from '../model/laws';
import { availableIn, pick } from '../model/rows';
import type { Context } from './context';
import { furtherVariables } from './law-numbers';
import type { Options } from './options';
import type { Study } from './study';

/** Laws of the same response that these runs can be fitted with. */
export function allowedLaws({ catalog }: Context, { runs, law }: Study): Law[] {
  return offerLaws(catalog, availableIn(runs.columns)).flatMap(({ law: other, missing }) =>
    missing.length === 0 && other.response === law.response ? [other] : [],
  );
}

/** @returns rows used: those with a number of all that the laws need */
export async function compareStudy(
  context: Context,
  options: Options,
  study: Study,
): Promise<{ comparison: Comparison; rows: number }> {
  const { fit, target } = study;
  const laws = allowedLaws(context, study);
  const { positions } = study.chosen;
  const needed = new Set(laws.flatMap(neededBy));
  const whole = (position: number) =>
    [...needed].every((id) => study.runs.columns[id]![position]! > 0);
  const rows = [...positions.keys()].filter((row) => whole(positions[row]!));
  const chosen = rows.map((row) => positions[row]!);
  const { weight } = fit.columns;
  const beside = fit.request.weights === 'sqrt_flops' ? ['flops'] : [];
  const { objective, weights } = fit.request;
  const candidates = laws.map((law) => ({
    law,
    request: { law: law.id, objective, ...(weights && { weights }) },
    columns: {
      ...pick(study.runs.columns, [...new Set([...neededBy(law), ...beside])], chosen),
      ...(weight && pick({ weight }, ['weight'], rows)),
    },
  }));
  const { flops } = fit.known;
  const at = Object.assign({}, ...laws.map((law) => furtherVariables(law, options)));
  const comparison = await context.estimator.compareLaws(
    candidates,
    { ...target, at },
    {
      range: fit.range,
      flops: flops && pick({ flops }, ['flops'], rows)['flops'],
      onProgress: (fraction) => context.io.progress?.(fraction),
    },
  );
  context.io.progress?.(null);
  return { comparison, rows: rows.length };
}
