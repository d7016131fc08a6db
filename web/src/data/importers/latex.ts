/** The inside of a LaTeX tabular, with or without its \begin and \end. */
import type { Importer } from './importer';

export const latex: Importer = {
  id: 'latex',
  recognise: (text) =>
    /\\begin\{(?:tabular|longtable|array)/.test(text) ||
    /^[^\n]*[^\\\n]&[^\n]*\\\\/.test(text.trim()),
  read(text) {
    const rows: string[][] = [];
    const lines: number[] = [];
    const begin = /\\begin\{(?:tabular[xy*]?|longtable|array)\}/.exec(text);
    const start = begin ? begin.index + begin[0].length : 0;
    const end = text.indexOf('\\end{', start);
    const body = text
      .slice(start, end < 0 ? undefined : end)
      .replace(/(?<!\\)%[^\n]*/g, '') // comments
      .replace(/^(?:\s*(?:\[[^\]]*\]|\{(?:[^{}]|\{[^{}]*\})*\}))+/, (spec) =>
        spec.replace(/[^\n]/g, ''),
      ); // column specification
    let line = text.slice(0, start).split('\n').length;
    for (const row of body.split(/\\\\(?:\[[^\]]*\])?/)) {
      const ahead = /^\s*/.exec(row)![0].split('\n').length - 1;
      const tidy = row.replace(
        /\\(?:hline|(?:top|mid|bottom)rule|c(?:mid|)(?:rule|line)(?:\([^)]*\))?\{[^}]*\})/g,
        '',
      );
      if (tidy.includes('&')) {
        rows.push(
          withSpans(tidy)
            .split(/(?<!\\)&/)
            .map(plainText),
        );
        lines.push(line + ahead);
      }
      line += row.split('\n').length - 1;
    }
    return { format: 'latex', rows, lines, headed: false, notes: [] };
  },
};

/** A cell over several columns keeps its place: empty cells follow it. */
function withSpans(row: string): string {
  return row.replace(
    /\\multicolumn\{(\d+)\}\{[^}]*\}\{((?:[^{}]|\{[^{}]*\})*)\}/g,
    (_, columns: string, inner: string) => inner + '&'.repeat(Math.min(Number(columns), 100) - 1),
  );
}

function plainText(cell: string): string {
  let text = cell
    .replace(/\\(?:times|cdot)\b\s*/g, '×')
    .replace(/\\(?:sim|approx)\b\s*/g, '≈')
    .replace(/\\pm\b/g, '±')
    .replace(/\\[,;!: ]|~|\{,\}/g, (mark) => (mark === '{,}' ? ',' : ' '))
    .replace(/\\([%&_#$])/g, '$1')
    .replace(/\$/g, '');
  // \textbf{x}, \num{x}, \mathrm{x} → x, from the inside out; the braces of a power go as well.
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replace(/\\[a-zA-Z]+\s*\{([^{}]*)\}/g, '$1').replace(/\^\{([^{}]*)\}/g, '^$1');
  }
  return text
    .replace(/\\[a-zA-Z]+\s*/g, '')
    .replace(/[{}]/g, '')
    .trim();
}
