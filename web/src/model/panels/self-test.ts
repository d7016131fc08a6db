import type { Columns } from '../../core/protocol';

/** How often intervals held the truth, of those that there were. */
export interface Coverage {
  method: string;
  quantity: string;
  studies: number;
  covered: number;
  share: number;
  /** Within the range that the engine's own tests demand of nominal 95 %. */
  within: boolean;
}

/** What nominal 95 % intervals have to reach over a few hundred studies. */
export const COVERAGE_RANGE: [number, number] = [0.92, 0.99];

/** Of columns `method.quantity` with 0 and 1 by study; NaN = no interval. */
export function coverages(columns: Columns): Coverage[] {
  return Object.entries(columns).flatMap(([name, held]): Coverage[] => {
    const [method, quantity] = name.split(/\.(.*)/s);
    if (!method || !quantity) return [];
    const known = held.filter(Number.isFinite);
    if (known.length === 0) return [];
    const covered = known.reduce((sum, x) => sum + x, 0);
    const share = covered / known.length;
    const [lo, hi] = COVERAGE_RANGE;
    const within = share >= lo && share <= hi;
    return [{ method, quantity, studies: known.length, covered, share, within }];
  });
}

/** Relative error up to which noiseless data count as recovered. */
export const RECOVERED = 1e-6;

export interface Recovery {
  studies: number;
  recovered: number;
  /** Largest relative error of a coefficient, and of a predicted loss; null = none was found. */
  worst: number | null;
  worstPredicted: number | null;
}

export function recovery({ error, predicted_error: predicted }: Columns): Recovery {
  const known = [...(error ?? [])];
  const largest = (values: Iterable<number>) => {
    const finite = [...values].filter(Number.isFinite);
    return finite.length > 0 ? Math.max(...finite) : null;
  };
  return {
    studies: known.length,
    recovered: known.filter((x) => x <= RECOVERED).length,
    worst: largest(known),
    worstPredicted: largest(predicted ?? []),
  };
}
