import type { ChartInput } from '../charts/types';
import type { Catalog, CostChoice, Law } from '../core/protocol';
import { leftOutText } from '../text/page';
import type { Prepared, RunRow } from './rows';
import { rangeOf, usedPositions } from './rows';

/** What charts need of the page; null while there is nothing to draw. */
export interface ChartParts {
  catalog: Catalog | null;
  law: Law | null;
  cost: CostChoice | null;
  flops: number | null;
  prepared: Prepared | null;
  rows: RunRow[];
  fit: {
    prepared: Prepared;
    law: Law;
    numbers: ChartInput['fit'];
    predicted: Float64Array;
    residual: Float64Array;
  } | null;
}

/**
 * Runs as they are now, with the last fit as long as it is about the same table and law: a run
 * that was switched off turns hollow at once, while the curve settles.
 */
export function chartInput(
  parts: ChartParts,
  problemText: Parameters<typeof leftOutText>[2],
): ChartInput | null {
  const { catalog, law, cost, flops, prepared, rows } = parts;
  if (!catalog || !law || !cost || !prepared) return null;
  const sameRows = parts.fit?.prepared.dataset === prepared.dataset;
  const fit = sameRows && parts.fit?.law === law ? parts.fit : null;
  return {
    catalog,
    law,
    rows: rows.map(({ index, name, group, leftOut }) => ({
      index,
      name,
      group,
      used: leftOut === null,
      leftOut: leftOut && leftOutText(leftOut, catalog.quantities, problemText),
    })),
    columns: prepared.columns,
    predicted: fit?.predicted ?? null,
    residual: fit?.residual ?? null,
    fit: fit?.numbers ?? null,
    costModel: cost,
    range: rangeOf(prepared.columns, usedPositions(rows)),
    flops,
  };
}
