/** Tables drawn with characters: Markdown, and what psql and mysql print. */
import type { Grid, Importer } from './importer';

/** The line under the header: |---|:--:|, or ----+----. */
const ruler = /^[ \t]*[|+]?[ \t]*:?-{2,}:?[ \t]*(?:[|+][ \t]*:?-{2,}:?[ \t]*)*[|+]?[ \t]*$/;

export const markdown: Importer = {
  id: 'markdown',
  recognise(text) {
    const lines = text.slice(0, 20_000).split('\n');
    return lines.some(
      (line, i) =>
        ruler.test(line) &&
        lines.slice(i - 1, i + 2).some((l) => l.includes('|')) &&
        /[|+]/.test(line),
    );
  },
  read(text) {
    const all = text.split('\n');
    const rulerLine = all.findIndex((line, i) => ruler.test(line) && all[i - 1]?.includes('|'));
    const rows: string[][] = [];
    const lines: number[] = [];
    for (let i = Math.max(0, rulerLine - 1); i < all.length; i += 1) {
      const line = all[i]!;
      if (ruler.test(line)) continue;
      if (!line.includes('|')) break;
      rows.push(cellsOf(line));
      lines.push(i + 1);
    }
    return { format: 'markdown', rows, lines, headed: rulerLine > 0, notes: [] } satisfies Grid;
  },
};

function cellsOf(line: string): string[] {
  return line
    .trim()
    .replace(/^\||(?<!\\)\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) =>
      cell
        .replaceAll('\\|', '|')
        .trim()
        .replace(/^(\*\*|__|`|\*)(.*)\1$/, '$2'),
    );
}
