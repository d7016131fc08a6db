/** How each approach, and each published law, splits a budget: N_opt(C) and D_opt(C). */
import type { ChartDescription, Layer } from '../../charts/panel';
import type { Catalog } from '../../core/protocol';
import * as t from '../../text/panels';
import { quantityOf } from '../laws';

export interface Allocation {
  name: string;
  /** One of ours, or published. */
  own: boolean;
  /** Place among its like, for colour. */
  place: number;
  optima: readonly AllocationPoint[];
}
export interface AllocationPoint {
  flops: number;
  params: Answer;
  tokens: Answer;
}
interface Answer {
  value: number | null;
  interval: [number, number] | null;
}

/** `count` budgets, evenly spaced in the logarithm, from below the smallest run to the chosen budget or above. */
export function budgetsFor(
  range: [number, number] | undefined,
  chosen: number,
  count = 16,
): number[] {
  const low = Math.min(range?.[0] ?? chosen / 100, chosen);
  const high = Math.max(range?.[1] ?? chosen, chosen) * 2;
  const step = Math.log(high / low) / (count - 1);
  return Array.from({ length: count }, (_, i) => low * Math.exp(step * i));
}

/**
 * Two panels, sizes and tokens over compute: our approaches in category colours with their bands, published
 * laws as fine grey lines, the chosen budget upright.
 */
export function allocationChart(
  catalog: Catalog,
  allocations: readonly Allocation[],
  chosen: number,
): ChartDescription | null {
  const compute = quantityOf(catalog, 'flops');
  const drawn = allocations.filter(({ optima }) => optima.length > 0);
  if (!compute || drawn.length === 0) return null;
  const panels = (['params', 'tokens'] as const).flatMap((of) => {
    const quantity = quantityOf(catalog, of);
    if (!quantity) return [];
    const layers = drawn.flatMap(({ name, own, place, optima }): Layer[] => {
      const x = optima.map(({ flops }) => flops);
      const role = own ? { category: place } : ('muted' as const);
      const answers = optima.map((one) => one[of]);
      const line: Layer = {
        kind: 'line',
        name,
        x,
        y: answers.map(({ value }) => value ?? NaN),
        role,
        guide: !own,
        read: own,
        // Published laws crowd each other at the edge; they are told apart in the table below.
        ...(own ? {} : { label: '' }),
      };
      const sure = answers.some(({ interval }) => interval);
      if (!own || !sure) return [line];
      const band: Layer = {
        kind: 'band',
        name: t.approaches.band(name),
        x,
        lower: answers.map(({ interval }) => interval?.[0] ?? NaN),
        upper: answers.map(({ interval }) => interval?.[1] ?? NaN),
        role,
      };
      return [band, line];
    });
    return [
      {
        x: {
          quantity: 'flops',
          name: compute.name,
          symbol: compute.symbol,
          unit: compute.unit,
          scale: 'log' as const,
          kind: 'compute' as const,
        },
        y: {
          quantity: of,
          name: t.approaches.best(quantity.name.toLowerCase()),
          symbol: t.optimal(quantity.symbol),
          unit: quantity.unit,
          scale: 'log' as const,
          kind: 'count' as const,
        },
        layers: [
          ...layers,
          {
            kind: 'rule' as const,
            on: 'x' as const,
            value: chosen,
            label: t.approaches.chosen,
            role: 'accent' as const,
          },
        ],
      },
    ];
  });
  return {
    id: 'allocation',
    title: t.approaches.allocationTitle,
    note: t.approaches.allocationNote,
    panels,
  };
}
