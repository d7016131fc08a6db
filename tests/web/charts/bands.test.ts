import { describe, expect, it } from 'vitest';
import { chartViews } from '../../../web/src/charts';
import { refine } from '../../../web/src/charts/bands';
import { chartContext } from '../../../web/src/charts/context';
import { spreadOf } from '../../../web/src/charts/predicted';
import type { Bands, FrontierBands } from '../../../web/src/charts/types';
import type { Columns } from '../../../web/src/core/protocol';
import { fetchCurves, planCurves } from '../../../web/src/model/curves';
import { isoFlopStudy, law, madeUpEngine } from './study';

/** Bounds that say where they were asked: size + tokens·1e-20. */
const told = ({ params, tokens }: Columns) =>
  params!.map((size, i) => size + 1e-20 * (tokens?.[i] ?? 0));
const bands = async (columns: Columns): Promise<Bands> => ({
  lower: told(columns),
  upper: told(columns).map((value) => 2 * value),
  new_lower: told(columns).map((value) => 3 * value),
  new_upper: told(columns).map((value) => 4 * value),
});
const frontierBands = async (flops: Float64Array): Promise<FrontierBands> => ({
  params: { lower: flops.map(Math.sqrt), upper: flops },
  tokens: { lower: flops.map(Math.cbrt), upper: flops },
  loss: { lower: flops.map((c) => (c > 1e21 ? NaN : 1 / c)), upper: flops },
});

async function study(more = {}) {
  const input = isoFlopStudy(more);
  return { input, curves: await fetchCurves(planCurves(input)!, input, madeUpEngine().engine) };
}

describe('the bootstrap in place of the sandwich', () => {
  it('asks once for all curves and gives each its own part', async () => {
    const { curves } = await study();
    let asked = 0;
    const refined = await refine(curves, { bands: (grid) => (++asked, bands(grid)) });
    expect(asked).toBe(1);
    expect(refined.intervals).toBe('bootstrap');
    const drawn = refined.curves.filter(({ purpose }) => purpose === 'loss');
    expect(drawn.length).toBeGreaterThan(4);
    for (const curve of drawn) {
      const here = told(curve.columns);
      expect(curve.lower).toEqual(here);
      expect(curve.newUpper).toEqual(here.map((value) => 4 * value));
    }
    // Nothing else of the curves changes: what is drawn does not jump.
    expect(refined.curves.map(({ loss, x }) => [loss, x])).toEqual(
      curves.curves.map(({ loss, x }) => [loss, x]),
    );
    expect(refined.frontier).toBe(curves.frontier);
  });

  it('bounds the frontier and the chosen budget, and claims nothing where there is no interval', async () => {
    const { curves } = await study();
    const { frontier, chosen } = await refine(curves, { frontierBands });
    expect(frontier.map(({ flops }) => flops)).toEqual(curves.frontier.map(({ flops }) => flops));
    for (const { flops, params, tokens, loss } of frontier) {
      expect(params.interval).toEqual([Math.sqrt(flops), flops]);
      expect(tokens.interval).toEqual([Math.cbrt(flops), flops]);
      expect(loss.interval).toEqual(flops > 1e21 ? null : [1 / flops, flops]);
    }
    expect(chosen!.params.interval).toEqual([Math.sqrt(1e23), 1e23]);
  });

  it('rejects when a source does, so that the sandwich stays', async () => {
    const { curves } = await study();
    const failing = async () => {
      throw new Error('no draws');
    };
    await expect(refine(curves, { bands: failing })).rejects.toThrow('no draws');
  });

  it('is named in every chart that shows it; a new run has a paler band of its own', async () => {
    const { input, curves } = await study({ law: law(['params'], false) });
    const notes = async (set: typeof curves) =>
      chartViews(chartContext(input, set)).map(({ id, note }) => [id, note.replace('\u202f', ' ')]);
    expect(Object.fromEntries(await notes(curves))['loss-by-params']).toBe(
      'Shaded: 95 % sandwich.',
    );
    const refined = await refine(curves, { bands });
    expect(Object.fromEntries(await notes(refined))['loss-by-params']).toBe(
      'Shaded: 95 % bootstrap. Paler: a new run.',
    );
    const [view] = chartViews(chartContext(input, refined));
    const [wide, mean] = view!.panels[0]!.curves;
    expect(wide).toMatchObject({ kind: 'band', beyond: true });
    expect(Array.from(wide!.y).every(Number.isNaN)).toBe(true);
    expect(wide!.upper![0]! / mean!.upper![0]!).toBe(2);
    // The bounds, however wide, do not move the axis.
    const before = chartViews(chartContext(input, curves))[0]!.panels[0]!.y;
    expect(view!.panels[0]!.y).toEqual(before);
  });
});

describe('the spread of the runs', () => {
  it('holds 95 % of them, and is not claimed of a few', () => {
    const many = Float64Array.from({ length: 1001 }, (_, i) => ((i * 389) % 1001) / 1000 - 0.5);
    const [lo, hi] = spreadOf(many)!;
    expect(lo).toBeCloseTo(-0.475, 12);
    expect(hi).toBeCloseTo(0.475, 12);
    const withGaps = Float64Array.from([...many, NaN, NaN]);
    expect(spreadOf(withGaps)).toEqual([lo, hi]);
    expect(spreadOf(many.slice(0, 39))).toBeNull();
    expect(spreadOf(null)).toBeNull();
  });
});

it('known models stand where both their numbers lie on the axes', async () => {
  const known = [
    { name: 'inside', values: { params: 1e9, tokens: 1e10, flops: 6e19 } },
    { name: 'no loss', values: { params: 1e9, flops: 6e19 } },
    { name: 'far off', values: { params: 1e15, tokens: 1e10, loss: 5.6 } },
    { name: 'with loss', values: { flops: 1e20, loss: 5.9 } },
  ];
  const { input, curves } = await study({ known });
  const marks = Object.fromEntries(
    chartViews(chartContext(input, curves)).map(({ id, panels }) => [
      id,
      panels[0]!.marks.filter(({ shape }) => shape === 'dot').map(({ label }) => label),
    ]),
  );
  expect(marks).toMatchObject({
    'iso-loss-map': ['inside'],
    'loss-by-flops': ['with loss'],
    'loss-by-params': [],
  });
});
