/** Text in columns. The last column is not padded. */
export function alignColumns(rows: readonly (readonly string[])[], gap = 2): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, [...cell].length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = column === row.length - 1 ? 0 : widths[column]! + gap;
          return cell + ' '.repeat(Math.max(0, width - [...cell].length));
        })
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

/** With ordinary spaces: a terminal breaks no lines, and people search what they see. */
export function forTerminal(text: string): string {
  return text.replace(/[\u00a0\u202f]/g, ' ');
}

/** One object, numbers in full precision. NaN and infinity, which JSON does not have, become null. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
