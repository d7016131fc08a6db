import { checklistText, reportText } from '../text/report';
import { reportBlocks } from './content';
import type { Block } from './document';
import type { ReportInput } from './input';

/**
 * The report as one HTML file that prints well: nothing in it is loaded from anywhere, no script runs
 * (its own policy says so), charts stand in it as SVG.
 */
export function htmlReport(input: ReportInput): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${escaped(reportText.title(input.law.name))}</title>
<style>${STYLE}</style>
</head>
<body>
${reportBlocks(input).map(html).join('\n')}
</body>
</html>
`;
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #16191d; background: #fff; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; border-bottom: 1px solid #d5d8dd; }
table { border-collapse: collapse; margin: 0.5rem 0 1rem; font-variant-numeric: tabular-nums; } caption { text-align: start; color: #555c66; padding-block: 0.25rem; }
th, td { text-align: start; padding: 0.2rem 0.9rem 0.2rem 0; border-bottom: 1px solid #e9ebee; vertical-align: top; } th { font-weight: 600; }
pre { overflow-x: auto; background: #f4f5f6; padding: 0.5rem 0.75rem; } figure { margin: 1rem 0; break-inside: avoid; } svg { max-width: 100%; height: auto; }
ul.checklist { list-style: none; padding: 0; } ul.checklist li::before { content: "☐ "; } ul.checklist li.done::before { content: "☑ "; } .open { color: #8a4b00; }
.wide { overflow-x: auto; } th:not(:last-child), td:not(:last-child) { white-space: nowrap; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } h2 { break-after: avoid; } tr, li { break-inside: avoid; } a { color: inherit; } }
`;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign]!);
const cells = (tag: string, row: string[]) =>
  `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;

function html(block: Block): string {
  switch (block.kind) {
    case 'title':
      return `<h1>${escaped(block.text)}</h1>`;
    case 'heading':
      return `<h2>${escaped(block.text)}</h2>`;
    case 'paragraph':
      return `<p>${escaped(block.text)}</p>`;
    case 'code':
      return `<pre>${escaped(block.text)}</pre>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;
    case 'link':
      return /^https?:/.test(block.url)
        ? `<p>${escaped(block.text)}: <a href="${escaped(block.url)}">${escaped(block.url)}</a></p>`
        : `<p>${escaped(block.text)}: ${escaped(block.url)}</p>`;
    case 'figure':
      return `<figure>${block.svg.replace(/^<\?xml.*?\?>\s*/, '')}</figure>`;
    case 'table': {
      const caption = block.caption ? `<caption>${escaped(block.caption)}</caption>` : '';
      const body = block.rows.map((row) => cells('td', row)).join('');
      return `<div class="wide"><table>${caption}<thead>${cells('th', block.header)}</thead><tbody>${body}</tbody></table></div>`;
    }
    case 'checklist':
      return block.groups
        .map(({ name, items }) => {
          const lines = items.map(({ question, answer }) =>
            answer === null
              ? `<li>${escaped(question)} <span class="open">${escaped(checklistText.open)}</span></li>`
              : `<li class="done">${escaped(question)} ${escaped(answer)}</li>`,
          );
          return `<h3>${escaped(name)}</h3><ul class="checklist">${lines.join('')}</ul>`;
        })
        .join('');
  }
}
