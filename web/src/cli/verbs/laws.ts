import { alignColumns, toJson } from '../print';
import type { Verb } from './verb';

export const laws: Verb = {
  usage: {
    name: 'laws',
    summary: 'Lists the laws, their presets, and what else can be chosen.',
    operand: '',
    options: { json: { help: 'the whole catalog as one JSON object' } },
    remarks: [],
  },
  async run({ io, catalog }, options) {
    if (options.has('json')) {
      io.out(toJson(catalog));
      return;
    }
    const symbols = (ids: readonly string[]) =>
      ids.map((id) => catalog.quantities.find((known) => known.id === id)?.symbol ?? id).join(', ');
    const lawBlocks = catalog.laws.map((law) => {
      const presets = law.presets.map(({ id, name }) => [`    ${id}`, name]);
      return [
        `${law.id}: ${law.name}`,
        `  L(${symbols(law.variables)}) = ${law.formula}`,
        `  ${law.summary}`,
        ...(presets.length > 0 ? ['  Presets:', alignColumns(presets)] : []),
      ].join('\n');
    });
    const list = (title: string, items: readonly { id: string; name: string }[]) =>
      `${title}\n${alignColumns(items.map(({ id, name }) => [`  ${id}`, name]))}`;
    io.out(
      [
        ...lawBlocks,
        list('Objectives', catalog.objectives),
        list('Cost models', catalog.cost_models),
      ].join('\n\n'),
    );
  },
};
