import type { Columns, Law } from '../../core/protocol';
import { formatQuantity, formatQuantityInterval } from '../../format';
import { UsageError } from '../complaints';
import type { Context } from '../context';
import { budgetFrom, chooseLawNumbers, lawOptions } from '../law-numbers';
import type { Options } from '../options';
import { alignColumns, forTerminal, toJson } from '../print';
import { chooseRows, costModel, demandColumns, loadRuns, tableOptions } from '../runs';
import type { Verb } from './verb';

export const predict: Verb = {
  usage: {
    name: 'predict',
    summary: 'The loss that a law expects of one model, or of each row of a table.',
    operand: '[FILE]',
    options: {
      ...lawOptions,
      params: { value: 'X', help: 'parameters: 7e9, 7B' },
      tokens: { value: 'X', help: 'training tokens: 1.4e12, 1.4T' },
      flops: { value: 'X', help: 'training compute, in place of params or tokens' },
      exits: { value: 'X', help: 'exits, where the law has them' },
      json: { help: 'one JSON object' },
      ...tableOptions,
    },
    remarks: ['Intervals are given where --fit brings the doubt of a fit with it.'],
  },
  async run(context, options) {
    const { law, numbers } = await chooseLawNumbers(context, options);
    const inputs =
      options.operand === undefined
        ? await onePoint(context, options, law)
        : await allRows(context, options, law);
    const { columns } = await context.engine.predict(numbers, inputs.columns);
    const answers: Columns = { ...inputs.columns, ...columns };
    const shown = [...law.variables, law.response];
    const points = inputs.rows.map((row, index) => {
      const values = [...shown, 'lower', 'upper'].flatMap((id) => {
        const value = answers[id]?.[index];
        return value === undefined ? [] : [[id, value] as const];
      });
      return { ...(row === null ? {} : { row }), ...Object.fromEntries(values) };
    });
    if (options.has('json')) {
      context.io.out(
        toJson({
          schema: 'isoloss.predict/1',
          law: law.id,
          coefficients: numbers.coefficients,
          predictions: points,
          left_out: inputs.leftOut,
        }),
      );
      return;
    }
    const quantity = (id: string) => context.catalog.quantities.find((known) => known.id === id)!;
    const response = quantity(law.response);
    const header = [
      ...(inputs.rows[0] === null ? [] : ['Row']),
      ...shown.map((id) => quantity(id).symbol),
      ...(answers['lower'] ? ['95 % interval'] : []),
    ];
    const table = points.map((_point, index) => [
      ...(inputs.rows[0] === null ? [] : [String(inputs.rows[index])]),
      ...shown.map((id) => formatQuantity(quantity(id), answers[id]![index])),
      ...(answers['lower']
        ? [formatQuantityInterval(response, [answers['lower'][index]!, answers['upper']![index]!])]
        : []),
    ]);
    context.io.out(forTerminal(alignColumns([header, ...table])));
    if (inputs.leftOut.length > 0)
      context.io.err(`Note: ${inputs.leftOut.length} rows have no prediction; --json says why.`);
  },
};

interface Inputs {
  columns: Columns;
  /** Row of the table of each point, 1-based; null for the one that was typed in. */
  rows: (number | null)[];
  leftOut: { row: number; reason: string }[];
}

/** Two of params, tokens, flops give the third, under the cost model. */
async function onePoint(context: Context, options: Options, law: Law): Promise<Inputs> {
  const { catalog, engine } = context;
  const given = catalog.quantities
    .filter(({ id }) => id !== law.response)
    .map(
      ({ id }) => [id, id === 'flops' ? budgetFrom(context, options) : options.number(id)] as const,
    )
    .filter((entry): entry is [string, number] => entry[1] !== undefined);
  const units = Object.fromEntries(given.map(([id]) => [id, { id: baseUnit(context, id) }]));
  const written = Object.fromEntries(given.map(([id, value]) => [id, Float64Array.of(value)]));
  const request = { units, cost_model: { id: costModel(context, options) } };
  const { columns, report } = await engine.prepare(request, written);
  const [refused] = report.unusable;
  if (refused)
    throw new UsageError(
      `--${refused.quantity} must be a positive number${refused.code === 'below_one' ? ', at least 1' : ''}.`,
    );
  const missing = law.variables.filter((id) => columns[id] === undefined);
  if (missing.length > 0) {
    const wanted = missing.map((id) => `--${id} X`).join(' and ');
    throw new UsageError(`${law.id} needs ${wanted}, or a FILE.`);
  }
  const inputs = Object.fromEntries(law.variables.map((id) => [id, columns[id]!]));
  return { columns: inputs, rows: [null], leftOut: [] };
}

function baseUnit({ catalog }: Context, id: string): string {
  const units = catalog.quantities.find((quantity) => quantity.id === id)?.units ?? [];
  return (units.find(({ kind, factor }) => kind === 'scale' && factor === 1) ?? units[0])!.id;
}

async function allRows(context: Context, options: Options, law: Law): Promise<Inputs> {
  const runs = await loadRuns(context, options, false);
  demandColumns(context, runs, law, law.variables);
  const { columns, positions, leftOut } = chooseRows(context, runs, law.variables);
  const { weight: _, ...inputs } = columns;
  return { columns: inputs, rows: positions.map((position) => position + 1), leftOut };
}
