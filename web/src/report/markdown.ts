import { checklistText } from '../text/report';
import { reportBlocks } from './content';
import type { Block } from './document';
import type { ReportInput } from './input';

/** The report as Markdown (tables in GitHub's manner, without the figures, which are files of their own). */
export function markdownReport(input: ReportInput): string {
  return `${reportBlocks(input).flatMap(markdown).join('\n\n')}\n`;
}

/** What would otherwise be read as mark-up. */
const escaped = (text: string) => text.replace(/[\\`*_[\]<>|#]/g, '\\$&').replace(/\n/g, ' ');

function markdown(block: Block): string[] {
  switch (block.kind) {
    case 'title':
      return [`# ${escaped(block.text)}`];
    case 'heading':
      return [`## ${escaped(block.text)}`];
    case 'paragraph':
      return [escaped(block.text)];
    case 'code':
      return [`\`\`\`\n${block.text}\n\`\`\``];
    case 'list':
      return [block.items.map((item) => `- ${escaped(item)}`).join('\n')];
    case 'link':
      return [`${escaped(block.text)}: <${block.url}>`];
    case 'figure':
      return [];
    case 'table': {
      const line = (cells: string[]) => `| ${cells.map(escaped).join(' | ')} |`;
      const rule = `| ${block.header.map(() => '---').join(' | ')} |`;
      const table = [line(block.header), rule, ...block.rows.map(line)].join('\n');
      return block.caption ? [escaped(block.caption), table] : [table];
    }
    case 'checklist':
      return block.groups.flatMap(({ name, items }) => [
        `**${escaped(name)}**`,
        items
          .map(
            ({ question, answer }) =>
              `- [${answer === null ? ' ' : 'x'}] ${escaped(question)} ${escaped(answer ?? checklistText.open)}`,
          )
          .join('\n'),
      ]);
  }
}
