import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAddress, encodeAddress, ROOMS, type Address } from '../../../web/src/state/url';

describe('addresses', () => {
  test('a bare address is the Fit room', () => {
    for (const hash of ['', '#']) {
      expect(decodeAddress(hash)).toEqual({ address: { room: 'fit' }, unread: [] });
    }
  });

  test('rooms and settings are read', () => {
    expect(
      decodeAddress('#plan?law=some-law&objective=squares&delta=1e-3&C=100%20PF-days&example=one'),
    ).toEqual({
      address: {
        room: 'plan',
        law: 'some-law',
        objective: 'squares',
        delta: 1e-3,
        flops: '100 PF-days',
        example: 'one',
      },
      unread: [],
    });
  });

  test('what cannot be read is left out and named', () => {
    expect(decodeAddress('#study?delta=-1&delta=x&view=other&colour=red&law=')).toEqual({
      address: { room: 'fit' },
      unread: ['study', 'delta', 'delta', 'view', 'colour', 'law'],
    });
    expect(decodeAddress(`#fit?law=${'x'.repeat(61)}`).address).toEqual({ room: 'fit' });
  });

  test('any text decodes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webFragments()), (text) => {
        const { address } = decodeAddress(text);
        expect(ROOMS).toContain(address.room);
      }),
    );
  });

  const id = fc.string({ minLength: 1, maxLength: 60 });
  const address = fc.record(
    {
      room: fc.constantFrom(...ROOMS),
      law: id,
      objective: id,
      delta: fc.double({ min: 1e-12, max: 1e6, noNaN: true }),
      flops: id,
      example: id,
      view: fc.constant('projector' as const),
    },
    { requiredKeys: ['room'] },
  ) as fc.Arbitrary<Address>;

  test('an address survives the round trip', () => {
    fc.assert(
      fc.property(address, (said) => {
        expect(decodeAddress(encodeAddress(said))).toEqual({ address: said, unread: [] });
      }),
    );
  });
});
