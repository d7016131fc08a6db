/** Largest over smallest of the positive numbers; null where there are not two. */
export function spreadOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((x): x is number => x !== null && x > 0 && Number.isFinite(x));
  return known.length < 2 ? null : Math.max(...known) / Math.min(...known);
}
