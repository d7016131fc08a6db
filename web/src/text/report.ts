import { formatNumber } from '../format';

export const snippetText = {
  about: (law: string, objective: string, source: string, rows: number) =>
    [
      `${law}, fitted to ${formatNumber(rows)} runs (${source}).`,
      '',
      `Objective: ${objective}. Written by Isoloss; needs numpy and scipy only, and looks for the`,
      'optimum from a grid of starts of its own. Prints the objective and the coefficients.',
      '',
    ].join('\n'),
};
