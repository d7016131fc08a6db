import type { Catalog, Law, Quantity } from '../core/protocol';

/** A law with the quantities that it needs and the data do not have; empty = it can be fitted. */
export interface LawOffer {
  law: Law;
  missing: Quantity[];
}

export function quantityOf(catalog: Catalog, id: string): Quantity | undefined {
  return catalog.quantities.find((quantity) => quantity.id === id);
}

export function neededBy(law: Law): string[] {
  return [...law.variables, law.response];
}

export function offerLaws(catalog: Catalog, available: ReadonlySet<string>): LawOffer[] {
  return catalog.laws.map((law) => ({
    law,
    missing: neededBy(law)
      .filter((id) => !available.has(id))
      .map((id) => quantityOf(catalog, id))
      .filter((quantity) => quantity !== undefined),
  }));
}

/**
 * The law to start from, or one that extends it by quantities that vary in these runs: left out of the
 * law, their effect would pass for noise.
 */
export function extendedLaw(
  offers: LawOffer[],
  start: string | undefined,
  varying: (quantity: string) => boolean,
): string | undefined {
  const base = offers.find(({ law }) => law.id === start);
  if (!base || base.missing.length > 0) return start;
  const known = new Set(base.law.variables);
  const extended = offers.find(({ law, missing }) => {
    const further = law.variables.filter((id) => !known.has(id));
    const shared = law.variables.length - further.length;
    return (
      missing.length === 0 &&
      law.response === base.law.response &&
      shared === known.size &&
      further.length > 0 &&
      further.every(varying)
    );
  });
  return extended?.law.id ?? start;
}

/**
 * What to fit instead where quantities have one value only: a law of the same response that the data
 * allow and that reads none of them, with a floor if there is one.
 */
export function lawWithout(
  offers: LawOffer[],
  { response }: Law,
  quantities: readonly string[],
): Law | null {
  const laws = offers
    .filter(({ law, missing }) => missing.length === 0 && law.response === response)
    .map(({ law }) => law)
    .filter(({ variables }) => !variables.some((id) => quantities.includes(id)));
  const floored = laws.find(({ coefficients }) =>
    coefficients.some(({ role }) => role === 'floor'),
  );
  return floored ?? laws[0] ?? null;
}

/** The first wish that the data allow, else the first law that they allow. */
export function chooseLaw(offers: LawOffer[], wishes: (string | null | undefined)[]): Law | null {
  const allowed = offers.filter((offer) => offer.missing.length === 0).map((offer) => offer.law);
  for (const wish of wishes) {
    const law = allowed.find((candidate) => candidate.id === wish);
    if (law) return law;
  }
  return allowed[0] ?? null;
}
