import type { Catalog, Estimate, Optimum } from '../../core/protocol';
import { formatDecades, formatFlops, formatQuantity, formatQuantityInterval } from '../../format';
import { DataError, UsageError } from '../complaints';
import { budgetFrom, chooseLawNumbers, furtherVariables, lawOptions } from '../law-numbers';
import { forTerminal, toJson } from '../print';
import { costModel, tableOptions } from '../runs';
import type { Verb } from './verb';

export const optimum: Verb = {
  usage: {
    name: 'optimum',
    summary: 'The model that a compute budget should buy: parameters, tokens and their loss.',
    operand: '',
    options: {
      ...lawOptions,
      flops: { value: 'X', help: 'the budget: 1e24, "100 PF-days", "3 ZFLOP"' },
      exits: { value: 'X', help: 'exits of the model, where the law has them' },
      cost: tableOptions['cost']!,
      json: { help: 'one JSON object' },
    },
    remarks: [],
  },
  async run(context, options) {
    const { law, numbers, source } = await chooseLawNumbers(context, options);
    const flops = budgetFrom(context, options);
    if (flops === undefined) throw new UsageError('A budget is needed: --flops 1e24.');
    if (!law.has_optimum) {
      const able = context.catalog.laws
        .filter(({ has_optimum }) => has_optimum)
        .map(({ id }) => id);
      throw new UsageError(
        `${law.id} does not say how to split compute between model and data. Laws that do: ${able.join(', ')}.`,
      );
    }
    const cost = costModel(context, options);
    const at = furtherVariables(law, options);
    const { optima, unavailable } = await context.engine.optimum({
      ...numbers,
      cost_model: { id: cost },
      flops: [flops],
      at,
    });
    const [best] = optima;
    if (!best) throw new DataError(unavailable ?? 'There is no best model at this budget.');
    if (!options.has('json')) {
      context.io.out(
        forTerminal(`${law.name}, ${source}\n${describeOptimum(context.catalog, best)}`),
      );
      return;
    }
    const { params, tokens, tokens_per_param, loss, method } = best;
    context.io.out(
      toJson({
        schema: 'isoloss.optimum/1',
        law: law.id,
        coefficients: numbers.coefficients,
        cost_model: cost,
        optimum: {
          flops,
          params: params.value,
          tokens: tokens.value,
          tokens_per_param: tokens_per_param.value,
          loss: loss.value,
          method,
        },
      }),
    );
  },
};

/** "At 10²⁴ FLOPs: 97B parameters (68–138B) on 1.7T tokens (…), loss 1.959 nats per token (…)." */
export function describeOptimum(
  { quantities }: Catalog,
  { flops, params, tokens, loss, decades_outside: outside }: Optimum,
): string {
  const say = (id: string, { value, interval }: Estimate) => {
    const quantity = quantities.find((known) => known.id === id)!;
    const range = interval ? ` (95 %: ${formatQuantityInterval(quantity, interval)})` : '';
    return formatQuantity(quantity, value) + range;
  };
  const best = `At ${formatFlops(flops)} FLOPs: ${say('params', params)} on ${say('tokens', tokens)}, loss ${say('loss', loss)}.`;
  return outside.flops ? `${best} This is ${formatDecades(outside.flops)} beyond the runs.` : best;
}
