/** A report as a list of blocks, before it is Markdown or HTML. Texts are plain: whoever prints them escapes. */
export type Block =
  | { kind: 'title' | 'heading' | 'paragraph' | 'code'; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'table'; header: string[]; rows: string[][]; caption: string }
  | {
      kind: 'checklist';
      groups: { name: string; items: { question: string; answer: string | null }[] }[];
    }
  | { kind: 'figure'; title: string; svg: string }
  | { kind: 'link'; text: string; url: string };
