/** An element of an XML document; text is all text inside it. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

const NAME = '[A-Za-z_:][\\w:.-]*';
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replaceAll(/&([^;]*;?)/g, (whole, name: string) => {
    const letter = ENTITIES[name.replace(';', '')];
    if (!name.endsWith(';') || letter === undefined) throw new Error(`Bare ${whole}`);
    return letter;
  });
}

/**
 * Reads a well-formed document without comments, sections or doctype, and throws at whatever a strict reader
 * would refuse: unbalanced or unquoted things, attributes named twice, bare & and <, forbidden characters.
 */
export function parseXml(document: string): Element {
  for (const letter of document) {
    const code = letter.codePointAt(0)!;
    const held = [9, 10, 13].includes(code) || (code >= 32 && code < 0xd800) || code > 0xdfff;
    if (!held || code === 0xfffe || code === 0xffff) throw new Error(`Character ${code}`);
  }
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  let rest = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/, '');
  const tag = new RegExp(`^<(/?)(${NAME})((?:\\s+${NAME}="[^"<]*")*)\\s*(/?)>`);
  while (rest) {
    const text = /^[^<]+/.exec(rest)?.[0];
    if (text) {
      for (const one of open) one.text += plain(text);
      if (open.length === 1 && text.trim()) throw new Error(`Text outside: ${text}`);
      rest = rest.slice(text.length);
      continue;
    }
    const found = tag.exec(rest);
    if (!found) throw new Error(`Not a tag: ${rest.slice(0, 80)}`);
    rest = rest.slice(found[0].length);
    const [, end, name, given, empty] = found as unknown as [
      string,
      string,
      string,
      string,
      string,
    ];
    if (end) {
      const closed = open.pop()!;
      if (closed.name !== name || open.length === 0)
        throw new Error(`</${name}> closes ${closed.name}`);
      continue;
    }
    const attributes: Record<string, string> = {};
    for (const [, key = '', value = ''] of given.matchAll(new RegExp(`(${NAME})="([^"]*)"`, 'g'))) {
      if (key in attributes) throw new Error(`${key} twice`);
      attributes[key] = plain(value);
    }
    const element: Element = { name, attributes, children: [], text: '' };
    open.at(-1)!.children.push(element);
    if (!empty) open.push(element);
  }
  if (open.length !== 1) throw new Error(`${open.at(-1)!.name} is not closed`);
  if (root.children.length !== 1) throw new Error('Not one root');
  return root.children[0]!;
}

/** Itself and all below, in the order of the document. */
export function* all(element: Element): Generator<Element> {
  yield element;
  for (const child of element.children) yield* all(child);
}
