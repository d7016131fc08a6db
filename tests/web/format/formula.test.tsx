import type { ComponentChildren, VNode } from 'preact';
import { describe, expect, it } from 'vitest';
import type { FormulaNode, Law, Quantity } from '../../../web/src/core/protocol';
import { Formula, type FormulaProps } from '../../../web/src/ui/formula';

const num = (value: number): FormulaNode => ({ op: 'number', value });
const sym = (id: string): FormulaNode => ({ op: 'symbol', id });
const op = (
  name: 'add' | 'subtract' | 'multiply' | 'divide' | 'power',
  left: FormulaNode,
  right: FormulaNode,
): FormulaNode => ({
  op: name,
  left,
  right,
});

const quantities = [
  { id: 'size', symbol: 'N' },
  { id: 'data', symbol: 'D' },
  { id: 'loss', symbol: 'L' },
] as Quantity[];

function law(formula_tree: FormulaNode, symbols: Record<string, string>): Law {
  return {
    response: 'loss',
    variables: ['size', 'data'],
    coefficients: Object.entries(symbols).map(([id, symbol]) => ({
      id,
      symbol,
      meaning: `meaning of ${id}`,
    })),
    formula_tree,
  } as unknown as Law;
}

/** What is seen, as one line: fractions (a)/(b), powers ^{…}, subscripts _{…}. */
function seen(children: ComponentChildren): string {
  if (children === null || children === undefined || typeof children === 'boolean') return '';
  if (Array.isArray(children)) return children.map(seen).join('');
  if (typeof children !== 'object') return String(children).replace('\u2062', '');
  const { type, props } = children as VNode<{ children?: ComponentChildren }>;
  const parts = [props.children].flat() as ComponentChildren[];
  if (type === 'mfrac') return `{${seen(parts[0])}}/{${seen(parts[1])}}`;
  if (type === 'msup') return `${seen(parts[0])}^{${seen(parts[1])}}`;
  if (type === 'msub') return `${seen(parts[0])}_${seen(parts[1])}`;
  return seen(parts);
}
function allNodes(node: ComponentChildren): VNode<Record<string, unknown>>[] {
  if (Array.isArray(node)) return node.flatMap(allNodes);
  if (node === null || typeof node !== 'object') return [];
  const vnode = node as VNode<Record<string, unknown>>;
  return [vnode, ...allNodes(vnode.props.children as ComponentChildren)];
}
const show = (props: Partial<FormulaProps> & Pick<FormulaProps, 'law'>) =>
  seen(Formula({ quantities, ...props }));

const additive = law(
  op(
    'add',
    op('add', sym('E'), op('divide', sym('A'), op('power', sym('size'), sym('a')))),
    op('divide', sym('B'), op('power', sym('data'), sym('b'))),
  ),
  { E: 'E', A: 'A', B: 'B', a: 'α', b: 'β' },
);
const nested = law(
  op(
    'power',
    op(
      'add',
      op('power', op('divide', sym('Nc'), sym('size')), op('divide', sym('aN'), sym('aD'))),
      op('divide', sym('Dc'), sym('data')),
    ),
    sym('aD'),
  ),
  { Nc: 'N_c', Dc: 'D_c', aN: 'α_N', aD: 'α_D' },
);

describe('Formula', () => {
  it('shows response, variables and law by their symbols', () => {
    expect(show({ law: additive })).toBe('L(N,D)=E+{A}/{N^{α}}+{B}/{D^{β}}');
    expect(show({ law: nested })).toBe('L(N,D)=(({N_c}/{N})^{{α_N}/{α_D}}+{D_c}/{D})^{α_D}');
  });

  it('puts numbers where they are known and leaves the others as symbols', () => {
    const values = { E: 1.8172, A: 482.01, a: null };
    expect(show({ law: additive, values, format: (_, value) => value.toFixed(1) })).toBe(
      'L(N,D)=1.8+{482.0}/{N^{α}}+{B}/{D^{β}}',
    );
    const marked = allNodes(Formula({ law: additive, quantities, values, highlight: 'A' }));
    const number = marked.find(
      (node) => node.type === 'mn' && node.props['data-coefficient'] === 'A',
    );
    expect(number?.props).toMatchObject({ title: 'A = 482.01', class: 'is-highlighted' });
  });

  it('brackets what would read otherwise', () => {
    const symbols = { a: 'a', b: 'b', c: 'c' };
    const [a, b, c] = [sym('a'), sym('b'), sym('c')];
    const right = (tree: FormulaNode, values?: Record<string, number>) =>
      show({
        law: law(tree, symbols),
        values,
        format: (_, value) => String(value).replace('-', '−'),
      }).split('=')[1];
    expect(right(op('multiply', op('add', a, b), c))).toBe('(a+b)c');
    expect(right(op('multiply', a, op('multiply', b, c)))).toBe('abc');
    expect(right(op('subtract', a, op('add', b, c)))).toBe('a−(b+c)');
    expect(right(op('add', a, op('add', b, c)))).toBe('a+b+c');
    expect(right(op('power', op('power', a, b), c))).toBe('(a^{b})^{c}');
    expect(right(op('power', op('multiply', a, b), c))).toBe('(ab)^{c}');
    expect(right(op('divide', op('add', a, b), c))).toBe('{a+b}/{c}');
    expect(right(op('power', a, op('subtract', num(0), b)))).toBe('a^{−b}');
    expect(right(op('multiply', num(-1), op('add', a, b)))).toBe('−(a+b)');
    expect(right(op('multiply', num(6), a))).toBe('6a');
    expect(right(op('multiply', a, b), { a: 6, b: 2 })).toBe('6·2');
    expect(right(op('multiply', a, op('power', b, c)), { a: 6, b: 2 })).toBe('6·2^{c}');
    expect(right(op('add', a, b), { a: -3, b: -3 })).toBe('−3+(−3)');
    expect(right(op('power', a, b), { a: -3, b: -3 })).toBe('(−3)^{−3}');
    expect(
      show({ law: law(op('power', a, b), symbols), values: { a: 1 }, format: () => '6.4×10¹³' }),
    ).toContain('(6.4×10¹³)^{b}');
  });

  it('is spoken in words', () => {
    const label = (props: Partial<FormulaProps>) =>
      Formula({ law: additive, quantities, ...props }).props['aria-label'];
    expect(label({})).toBe(
      'L of N and D equals E plus A over N to the power alpha plus B over D to the power beta',
    );
    expect(label({ law: nested })).toBe(
      'L of N and D equals the quantity the quantity N sub c over N, end of quantity, to the power alpha sub N over alpha sub D plus D sub c over D, end of quantity, to the power alpha sub D',
    );
    expect(
      label({
        law: law(op('power', op('add', sym('a'), sym('b')), sym('b')), { a: 'N_c', b: 'β' }),
      }),
    ).toBe(
      'L of N and D equals the quantity N sub c plus beta, end of quantity, to the power beta',
    );
    expect(label({ values: { A: -3 }, format: () => '−6.4×10⁻³' })).toContain(
      'the quantity minus 6.4 times 10 to the power minus 3, end of quantity, over N',
    );
  });
});
