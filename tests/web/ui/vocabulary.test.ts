import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** The page is drawn from the catalog: it may not know any law. */
const laws = new URL('../../../wasm/core/laws/', import.meta.url);
const source = new URL('../../../web/src/', import.meta.url);

test.skipIf(!existsSync(laws))('web/src holds no law id', () => {
  const ids = readdirSync(laws)
    .filter((name) => name.endsWith('.cpp'))
    .flatMap((name) => [
      ...readFileSync(new URL(name, laws), 'utf8').matchAll(/\bid = "([\w-]+)"/g),
    ])
    .map(([, id]) => id!);
  expect(ids).not.toEqual([]);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.tsx?$/.test(name),
  );
  for (const name of files) {
    const text = readFileSync(new URL(name, source), 'utf8');
    for (const id of ids) expect(text.includes(`'${id}'`), `${name} knows ${id}`).toBe(false);
  }
});
