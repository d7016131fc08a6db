/** A surface over a grid; value of (x[i], y[j]) at `value[i * y.length + j]`. */
export interface Surface {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  value: ArrayLike<number>;
}

/** Points of one line; between lines stands a NaN. */
export interface Contour {
  x: number[];
  y: number[];
}

/**
 * Where the surface passes `level`: marching squares, with straight lines in the logarithms of x, y and
 * value. Pieces are joined into lines; each runs with growing x where it can, so that its end is right.
 */
export function contour({ x, y, value }: Surface, level: number): Contour {
  const [columns, rows] = [x.length, y.length];
  const height = (i: number, j: number) => Math.log(value[i * rows + j]! / level);
  // A crossing is named by the grid edge it lies on: along x at (i, j) is even, along y odd.
  const alongX = (i: number, j: number) => 2 * (i * rows + j);
  const alongY = (i: number, j: number) => alongX(i, j) + 1;
  const links = new Map<number, number[]>();
  const link = (a: number, b: number) => {
    links.set(a, [...(links.get(a) ?? []), b]);
    links.set(b, [...(links.get(b) ?? []), a]);
  };
  for (let i = 0; i + 1 < columns; ++i) {
    for (let j = 0; j + 1 < rows; ++j) {
      const above = [height(i, j), height(i + 1, j), height(i + 1, j + 1), height(i, j + 1)];
      if (above.some(Number.isNaN)) continue;
      const edges = [alongX(i, j), alongY(i + 1, j), alongX(i, j + 1), alongY(i, j)];
      const crossed = edges.filter((_, side) => above[side]! > 0 !== above[(side + 1) % 4]! > 0);
      for (let pair = 0; pair + 1 < crossed.length; pair += 2)
        link(crossed[pair]!, crossed[pair + 1]!);
    }
  }

  const place = (edge: number): [number, number] => {
    const node = edge >> 1;
    const [i, j] = [Math.floor(node / rows), node % rows];
    const next = edge % 2 === 0 ? [i + 1, j] : [i, j + 1];
    const [from, to] = [height(i, j), height(next[0]!, next[1]!)];
    const share = from / (from - to);
    const between = (a: number, b: number) => a * (b / a) ** share;
    return [between(x[i]!, x[next[0]!]!), between(y[j]!, y[next[1]!]!)];
  };

  const found: Contour = { x: [], y: [] };
  const visited = new Set<number>();
  const walk = (start: number) => {
    const path: [number, number][] = [];
    for (let at: number | undefined = start; at !== undefined;) {
      visited.add(at);
      path.push(place(at));
      at = links.get(at)!.find((edge) => !visited.has(edge));
    }
    if (path[0]![0] > path.at(-1)![0]) path.reverse();
    if (found.x.length) {
      found.x.push(NaN);
      found.y.push(NaN);
    }
    for (const [px, py] of path) {
      found.x.push(px);
      found.y.push(py);
    }
  };
  // Open lines first, from their ends; what is left are rings.
  for (const [edge, beside] of links) if (beside.length === 1 && !visited.has(edge)) walk(edge);
  for (const edge of links.keys()) if (!visited.has(edge)) walk(edge);
  return found;
}
