import type { Quantity } from '../core/protocol';
import { formatNumber, formatPercent, formatQuantity } from '../format';
import { chartText } from '../text/charts';
import type { AxisView } from './scene';
import type { ChartInput } from './types';

export function quantityOf({ catalog }: ChartInput, id: string): Quantity {
  const found = catalog.quantities.find((quantity) => quantity.id === id);
  return (
    found ?? {
      id,
      symbol: id,
      name: id,
      unit: '',
      kind: 'count',
      meaning: '',
      zero_is_missing: false,
      units: [],
    }
  );
}

/** "Parameters N", "Training compute C (FLOPs)": the unit where the name does not say it. */
export function axisLabel({ name, symbol, unit }: Quantity): string {
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  const said = unit === '' || title.toLowerCase().includes(unit.toLowerCase());
  return `${title} ${symbol}${said ? '' : ` (${unit})`}`;
}

/** "G 4", "C 10²⁰" */
export function printHeld(input: ChartInput, id: string, value: number): string {
  const quantity = quantityOf(input, id);
  return `${quantity.symbol} ${formatQuantity(quantity, Number(value.toPrecision(2)), { unit: false })}`;
}

/** "Drawn at G 4."; '' when nothing rests. */
export function restingNote(input: ChartInput, held: Record<string, number>): string {
  const said = Object.entries(held).map(([id, value]) => printHeld(input, id, value));
  return said.length ? chartText.restingNote(said.join(', ')) : '';
}

const BARE = {
  id: '',
  symbol: '',
  name: '',
  unit: '',
  meaning: '',
  zero_is_missing: false,
  units: [],
};

/** A value of an axis for people, without its unit. */
export function printed(
  { format, categories }: Pick<AxisView, 'format' | 'categories'>,
  value: number,
): string {
  if (categories) return categories[Math.round(value)] ?? '';
  if (format === 'percent') return formatPercent(value, { sign: true });
  if (format === 'number') return formatNumber(value);
  return formatQuantity({ ...BARE, kind: format }, value, { unit: false });
}
