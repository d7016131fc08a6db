import { formatPercent, formatQuantity } from '../format';
import { chartText } from '../text/charts';
import type { ChartInput } from './types';
import { quantityOf } from './words';

/** One run in figures, for the box at the pointer and for the live region. */
export interface Reading {
  title: string;
  lines: { label: string; value: string }[];
  leftOut: string | null;
  /** All of it as one sentence. */
  sentence: string;
}

const SHOWN = ['params', 'tokens', 'flops', 'exits'];

/** `at`: place in the input's rows. */
export function readingOf(input: ChartInput, at: number): Reading {
  const row = input.rows[at]!;
  const response = quantityOf(input, input.law.response);
  const lines = [...SHOWN, response.id].flatMap((id) => {
    const quantity = quantityOf(input, id);
    const value = input.columns[id]?.[at];
    if (value === undefined || !Number.isFinite(value)) return [];
    return [{ label: quantity.symbol, value: formatQuantity(quantity, value) }];
  });
  const residual = input.residual?.[at];
  const title = row.name || chartText.run(row.index);
  const said = lines.map(({ label, value }) => `${label} ${value}`);
  if (residual !== undefined && Number.isFinite(residual)) {
    const miss = Math.expm1(residual);
    const law = formatQuantity(response, input.predicted?.[at], { unit: false });
    lines.push({ label: chartText.law, value: `${law} (${formatPercent(miss, { sign: true })})` });
    said.push(chartText.residualSentence(miss));
  }
  const leftOut = row.leftOut === null ? null : chartText.leftOut(row.leftOut);
  if (leftOut) said.push(leftOut);
  return {
    title: row.group && row.name ? `${title} · ${row.group}` : title,
    lines,
    leftOut,
    sentence: `${title}: ${said.join(', ')}.`,
  };
}
