import { Fragment, type VNode } from 'preact';
import type { Coefficient, FormulaNode, Law, Quantity } from '../core/protocol';
import { GREEK } from '../format/greek';

export interface FormulaProps {
  law: Law;
  /** Of the catalog: symbols and names of the law's variables. */
  quantities: Quantity[];
  /** Numbers to put in place of coefficients; those absent or null stay symbols. */
  values?: Record<string, number | null> | undefined;
  /** How a number of a coefficient is printed. */
  format?: ((coefficientId: string, value: number) => string) | undefined;
  /** Coefficient to mark. */
  highlight?: string | null | undefined;
}

/**
 * The law as mathematics that can be read, copied and spoken: L(N, D) = E + A/N^α + … as MathML, with
 * numbers in place of symbols where they are known.
 */
export function Formula({
  law,
  quantities,
  values = {},
  format = (_, value) => String(value),
  highlight,
}: FormulaProps) {
  const names = new Map<string, Coefficient | Quantity>();
  for (const quantity of quantities) names.set(quantity.id, quantity);
  for (const coefficient of law.coefficients) names.set(coefficient.id, coefficient);
  const isCoefficient = new Set(law.coefficients.map((coefficient) => coefficient.id));

  const leaf = (id: string): Piece => {
    const named = names.get(id);
    const symbol = named?.symbol ?? id;
    const value = isCoefficient.has(id) ? values[id] : undefined;
    if (typeof value !== 'number' || Number.isNaN(value)) {
      const marked = isCoefficient.has(id)
        ? {
            'data-coefficient': id,
            title: named?.meaning,
            class: id === highlight ? 'is-highlighted' : undefined,
          }
        : {};
      return {
        node: <mrow {...marked}>{symbolNode(symbol)}</mrow>,
        words: spoken(symbol),
        binding: ATOM,
        startsWithNumber: false,
      };
    }
    const printed = format(id, value);
    return {
      node: (
        <mn
          data-coefficient={id}
          title={`${symbol} = ${printed}`}
          class={id === highlight ? 'is-highlighted' : undefined}
        >
          {printed}
        </mn>
      ),
      words: spoken(printed),
      binding: bindingOfNumber(printed),
      startsWithNumber: true,
    };
  };

  const response = symbolOf(names, law.response);
  const variables = law.variables.map((id) => symbolOf(names, id));
  const right = compose(law.formula_tree, leaf);
  return (
    <math
      class="formula"
      displaystyle
      aria-label={`${spoken(response)} of ${variables.map(spoken).join(' and ')} equals ${right.words}`}
    >
      <mrow>
        {symbolNode(response)}
        <mo {...RIGID}>(</mo>
        {variables.map((symbol, index) => (
          <Fragment key={symbol}>
            {index > 0 && <mo separator>,</mo>}
            {symbolNode(symbol)}
          </Fragment>
        ))}
        <mo {...RIGID}>)</mo>
        <mo>=</mo>
        {right.node}
      </mrow>
    </math>
  );
}

/** Preact would leave the attribute out for a plain false, and MathML reads that as true. */
const RIGID = { stretchy: 'false' } as object;

/** A law's left side and symbols come from the catalog; an unknown id stands for itself. */
function symbolOf(names: Map<string, { symbol: string }>, id: string): string {
  return names.get(id)?.symbol ?? id;
}

// How tightly a piece holds together. A piece weaker than its place asks for is put in brackets.
const SUM = 1;
const PRODUCT = 2;
const FRACTION = 3;
const POWER = 4;
const ATOM = 5;

interface Piece {
  node: VNode;
  words: string;
  binding: number;
  /** Two numbers side by side need a sign between them. */
  startsWithNumber: boolean;
}

/** "−3" holds like a sum, "6.4×10¹³" like a product. */
function bindingOfNumber(printed: string): number {
  if (/^[-\u2212]/.test(printed)) return SUM;
  return /[×^]/.test(printed) || printed.startsWith('10⁻') ? PRODUCT : ATOM;
}

function inBrackets(piece: Piece, atLeast: number): Piece {
  if (piece.binding >= atLeast) return piece;
  return {
    node: (
      <mrow>
        <mo>(</mo>
        {piece.node}
        <mo>)</mo>
      </mrow>
    ),
    words: grouped(piece, atLeast),
    binding: ATOM,
    startsWithNumber: false,
  };
}

/** What the eye sees by brackets, bars and raised type, the ear needs said. */
function grouped({ words, binding }: Piece, atLeast = FRACTION): string {
  return binding < atLeast ? `the quantity ${words}, end of quantity,` : words;
}

function compose(tree: FormulaNode, leaf: (id: string) => Piece): Piece {
  if (tree.op === 'symbol') return leaf(tree.id);
  if (tree.op === 'number') return numberPiece(tree.value);
  const left = compose(tree.left, leaf);
  const right = compose(tree.right, leaf);
  if (isMinus(tree)) {
    const operand = inBrackets(right, PRODUCT);
    const node = (
      <mrow>
        <mo>−</mo>
        {operand.node}
      </mrow>
    );
    return { node, words: `minus ${operand.words}`, binding: SUM, startsWithNumber: false };
  }
  switch (tree.op) {
    case 'add':
      return infix(left, '+', 'plus', inBrackets(right, isSum(tree.right) ? SUM : PRODUCT), SUM);
    case 'subtract':
      return infix(left, '−', 'minus', inBrackets(right, PRODUCT), SUM);
    case 'multiply': {
      // Invisible times, save between numbers.
      const factor = inBrackets(right, PRODUCT);
      const sign = factor.startsWithNumber ? '·' : '\u2062';
      return infix(inBrackets(left, PRODUCT), sign, 'times', factor, PRODUCT);
    }
    case 'divide':
      return {
        node: (
          <mfrac>
            {left.node}
            {right.node}
          </mfrac>
        ),
        words: `${grouped(left)} over ${grouped(right)}`,
        binding: FRACTION,
        startsWithNumber: false,
      };
    case 'power': {
      const base = inBrackets(left, ATOM);
      return {
        node: (
          <msup>
            {base.node}
            {right.node}
          </msup>
        ),
        words: `${base.words} to the power ${grouped(right)}`,
        binding: POWER,
        startsWithNumber: base.startsWithNumber,
      };
    }
  }
}

/** A plain sum on the right of a sum needs no brackets: a + (b + c) reads a + b + c. */
function isSum(tree: FormulaNode): boolean {
  return tree.op === 'add' || (tree.op === 'subtract' && !isMinus(tree));
}

/** 0 − x and (−1)·x are written −x. */
function isMinus(tree: FormulaNode): boolean {
  const sign = tree.op === 'subtract' ? 0 : tree.op === 'multiply' ? -1 : null;
  return sign !== null && 'left' in tree && tree.left.op === 'number' && tree.left.value === sign;
}

function numberPiece(value: number): Piece {
  const printed = String(value).replace('-', '\u2212');
  return {
    node: <mn>{printed}</mn>,
    words: spoken(printed),
    binding: bindingOfNumber(printed),
    startsWithNumber: true,
  };
}

function infix(left: Piece, sign: string, word: string, right: Piece, binding: number): Piece {
  return {
    node: (
      <mrow>
        {left.node}
        <mo>{sign}</mo>
        {right.node}
      </mrow>
    ),
    words: `${left.words} ${word} ${right.words}`,
    binding,
    startsWithNumber: left.startsWithNumber,
  };
}

/** "N_c", "α_N" and "c1" have a subscript; "N" and "α" have none. */
function symbolParts(symbol: string): [base: string, subscript?: string] {
  const parts = /^([^_]+)_(.+)$|^(\D+)(\d+)$/u.exec(symbol);
  return parts ? [(parts[1] ?? parts[3])!, (parts[2] ?? parts[4])!] : [symbol];
}

export function symbolNode(symbol: string): VNode {
  const [base, subscript] = symbolParts(symbol);
  if (subscript === undefined) return <mi>{base}</mi>;
  return (
    <msub>
      <mi>{base}</mi>
      {/^\d/.test(subscript) ? <mn>{subscript}</mn> : <mi>{subscript}</mi>}
    </msub>
  );
}

const SPOKEN: Record<string, string> = {
  ...GREEK,
  '\u2212': 'minus ',
  '-': 'minus ',
  '×': ' times ',
  _: ' sub ',
  '\u202f': '',
  '±': ' plus or minus ',
  '·': ' times ',
};
const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Symbols and printed numbers as words, for speech. */
function spoken(text: string): string {
  return [
    ...text.replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (raised) => {
      const digits = [...raised]
        .map((sign) => (sign === '⁻' ? '-' : RAISED.indexOf(sign)))
        .join('');
      return ` to the power ${digits}`;
    }),
  ]
    .map((sign) => SPOKEN[sign] ?? sign)
    .join('');
}
