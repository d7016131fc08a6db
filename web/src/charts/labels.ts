/** A piece of text on a plot: `left` and `y` (its middle) in pixels. */
export interface Label {
  text: string;
  left: number;
  width: number;
  y: number;
  colour: string;
  /** Colour of a dot before the text, null for none. */
  dot: string | null;
  /** One of many that say much the same (levels of a map): gives way to others. */
  weak?: boolean;
}

/**
 * Strong labels move until none covers another (`spread`); weak ones stay where they are, and those that would
 * cover a strong one or an earlier weak one are left out.
 */
export function arrange<T extends Pick<Label, 'left' | 'width' | 'y' | 'weak'>>(
  wished: T[],
  height: number,
  top: number,
  bottom: number,
): T[] {
  const placed = spread(
    wished.filter(({ weak }) => !weak),
    height,
    top,
    bottom,
  );
  const gap = 0.3 * height;
  for (const label of wished) {
    if (!label.weak || label.y < top || label.y > bottom) continue;
    const covered = placed.some(
      ({ left, width, y }) =>
        Math.abs(y - label.y) < height &&
        left < label.left + label.width + gap &&
        label.left < left + width + gap,
    );
    if (!covered) placed.push(label);
  }
  return placed;
}

/**
 * Moves labels up and down, no further than needed, until none covers another, within [top, bottom].
 * Where there are too many for the height some still do.
 */
export function spread<T extends Pick<Label, 'left' | 'width' | 'y'>>(
  wished: T[],
  height: number,
  top: number,
  bottom: number,
): T[] {
  const clamped = (y: number) => Math.min(bottom, Math.max(top, y));
  const labels = wished.map((label) => ({ ...label, y: clamped(label.y) }));
  labels.sort((a, b) => a.y - b.y);
  for (let round = 0; round < 20; ++round) {
    for (const [i, lower] of labels.entries()) {
      for (const upper of labels.slice(0, i)) {
        const apart =
          upper.left + upper.width < lower.left || lower.left + lower.width < upper.left;
        const overlap = height - (lower.y - upper.y);
        if (apart || overlap <= 0) continue;
        upper.y = clamped(upper.y - overlap / 2);
        lower.y = clamped(upper.y + height);
        upper.y = clamped(lower.y - height);
      }
    }
  }
  return labels;
}
