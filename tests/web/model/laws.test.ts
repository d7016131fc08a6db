import { expect, test } from 'vitest';
import type { Catalog, Law, Quantity } from '../../../web/src/core/protocol';
import { chooseLaw, extendedLaw, lawWithout, offerLaws } from '../../../web/src/model/laws';

const law = (id: string, ...variables: string[]) => ({ id, variables, response: 'loss' }) as Law;
const quantity = (id: string) => ({ id }) as Quantity;
const catalog = {
  quantities: ['params', 'tokens', 'exits', 'loss'].map(quantity),
  laws: [
    law('both', 'params', 'tokens'),
    law('family', 'params', 'tokens', 'exits'),
    law('size', 'params'),
  ],
} as Catalog;

test('a law is offered with what the columns lack', () => {
  const offers = offerLaws(catalog, new Set(['params', 'loss']));
  expect(offers.map(({ missing }) => missing.map(({ id }) => id))).toEqual([
    ['tokens'],
    ['tokens', 'exits'],
    [],
  ]);
});

test('the first wish that the columns allow is chosen, else any law they allow', () => {
  const offers = offerLaws(catalog, new Set(['params', 'tokens', 'loss']));
  expect(chooseLaw(offers, [null, 'family', 'size'])?.id).toBe('size');
  expect(chooseLaw(offers, ['family'])?.id).toBe('both');
  expect(chooseLaw(offerLaws(catalog, new Set()), ['both'])).toBeNull();
});

test('a law gives way to one that also takes what varies in the runs', () => {
  const all = offerLaws(catalog, new Set(['params', 'tokens', 'exits', 'loss']));
  expect(extendedLaw(all, 'both', () => true)).toBe('family');
  expect(extendedLaw(all, 'both', () => false)).toBe('both');
  const without = offerLaws(catalog, new Set(['params', 'tokens', 'loss']));
  expect(extendedLaw(without, 'both', () => true)).toBe('both');
  expect(extendedLaw(all, undefined, () => true)).toBeUndefined();
});

test('where runs share a quantity, a law that does not read it is found', () => {
  const shaped = (id: string, variable: string, role: string, response = 'loss') =>
    ({ id, variables: [variable], response, coefficients: [{ role }] }) as unknown as Law;
  const laws = [
    ...catalog.laws.slice(0, 2),
    shaped('error', 'params', 'floor', 'error'),
    shaped('power', 'params', 'scale'),
    shaped('floored', 'params', 'floor'),
    shaped('data', 'tokens', 'scale'),
    shaped('compute', 'flops', 'floor'),
  ];
  const offers = offerLaws(
    { ...catalog, laws, quantities: [...catalog.quantities, quantity('flops')] },
    new Set(['params', 'tokens', 'exits', 'loss', 'error']),
  );
  const both = laws[0]!;
  expect(lawWithout(offers, both, ['tokens'])?.id).toBe('floored');
  expect(lawWithout(offers, both, ['params'])?.id).toBe('data');
  expect(lawWithout(offers, both, ['params', 'tokens'])).toBeNull();
});
