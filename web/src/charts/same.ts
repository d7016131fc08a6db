/** Whether two values of plain data (objects, arrays, typed arrays, numbers) say the same; NaN equals NaN. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (ArrayBuffer.isView(a) || Array.isArray(a)) {
    const [left, right] = [a, b] as unknown as ArrayLike<unknown>[];
    if (left!.length !== right!.length) return false;
    for (let i = 0; i < left!.length; ++i) {
      if (left![i] !== right![i] && !same(left![i], right![i])) return false;
    }
    return true;
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) =>
      same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}
