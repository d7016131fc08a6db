/** Share of the fullest bin, 0 to 1, over `bins` equal steps of ln x; empty when nothing is positive. */
export function histogram(numbers: ArrayLike<number>, bins: number): number[] {
  const logs: number[] = [];
  for (let i = 0; i < numbers.length; ++i) {
    const x = numbers[i]!;
    if (x > 0 && Number.isFinite(x)) logs.push(Math.log(x));
  }
  if (logs.length === 0) return [];
  const low = logs.reduce((a, b) => Math.min(a, b));
  const width = logs.reduce((a, b) => Math.max(a, b)) - low;
  const counts = new Array<number>(bins).fill(0);
  for (const x of logs) {
    const bin = width === 0 ? Math.floor(bins / 2) : Math.floor(((x - low) / width) * bins);
    counts[Math.min(bin, bins - 1)]! += 1;
  }
  const most = counts.reduce((a, b) => Math.max(a, b));
  return counts.map((count) => count / most);
}
