import type { Estimate, Optimum } from '../core/protocol';
import { formatCount, formatNumber, formatQuantity } from '../format';
import { chartText } from '../text/charts';
import { axis, curve, knownMarks, points, type ChartDefinition } from './context';
import { contour } from './contours';
import type { CurveView } from './scene';
import { axisLabel, quantityOf, restingNote } from './words';

const LEVELS = 12;

/**
 * Sizes against tokens: lines of equal loss by the law, budgets across them, where they touch the
 * compute-optimal line, the runs, and what the chosen budget buys.
 */
export const isoLossMap: ChartDefinition = {
  id: 'iso-loss-map',
  needs: ['params', 'tokens', 'loss'],
  view(context) {
    const { input, curves } = context;
    const { map, frontier, chosen } = curves;
    const [x, y] = [quantityOf(input, 'params'), quantityOf(input, 'tokens')];
    const z = quantityOf(input, input.law.response);
    if (!input.law.variables.includes(x.id) || !input.law.variables.includes(y.id)) return null;
    const runs = points(context, input.columns.params!, input.columns.tokens!);

    const levels = map
      ? levelsOf(
          map.loss,
          input.columns.loss!.filter((_, row) => input.rows[row]?.used),
        )
      : [];
    const flops = quantityOf(input, 'flops');
    const drawn: CurveView[] = [
      ...levels.map((level) => {
        const line = contour({ x: map!.params, y: map!.tokens, value: map!.loss }, level);
        return curve(`loss ${formatNumber(level)}`, formatNumber(level), line.x, line.y, {
          kind: 'contour',
        });
      }),
      ...curves.curves
        .filter(({ purpose }) => purpose === 'budget')
        .map(({ held, x: sizes, columns }) =>
          curve(
            `${flops.symbol} ${formatQuantity(flops, held.flops)}`,
            formatQuantity(flops, held.flops, { unit: false }),
            sizes,
            columns.tokens!,
            { kind: 'guide', labelAt: 'start' },
          ),
        ),
      ...frontierOf(frontier),
    ];
    const plan =
      chosen?.params.value && chosen.tokens.value && chosen.flops === input.flops ? chosen : null;
    const [along, up] = [
      axis(x, axisLabel(x), [map?.params ?? runs.x], 0),
      axis(y, axisLabel(y), [map?.tokens ?? runs.y], 0),
    ];
    return {
      id: this.id,
      title: chartText.map,
      note: [
        map ? chartText.mapNote : '',
        map ? restingNote(input, curves.planned) : '',
        drawn.some((one) => one.lower) ? chartText.bandNote(curves.intervals) : '',
      ]
        .filter(Boolean)
        .join(' '),
      // The table has no contours to tell the loss by.
      columns: [{ label: axisLabel(z), format: z.kind, values: input.columns[z.id]! }],
      panels: [
        {
          x: along,
          y: up,
          points: runs,
          curves: drawn,
          rules: [],
          marks: [
            ...knownMarks(input, along, up),
            ...(plan
              ? [
                  {
                    x: plan.params.value!,
                    y: plan.tokens.value!,
                    label: `${formatCount(plan.params.value)} × ${formatCount(plan.tokens.value)}`,
                    labelAt: 'above' as const,
                  },
                ]
              : []),
          ],
        },
      ],
    };
  },
};

/** Round levels from the lowest loss of the map to the highest that runs have, closer where the law flattens. */
function levelsOf(map: Float64Array, measured: Float64Array): number[] {
  const lowest = map.reduce((least, value) => (value < least ? value : least), Infinity);
  const highest = measured.reduce((most, value) => (value > most ? value : most), 0);
  const level = (k: number) => lowest + (highest - lowest) * (k / LEVELS) ** 2;
  const levels = Array.from({ length: LEVELS }, (_, k) => Number(level(k + 1).toPrecision(2)));
  return [...new Set(levels)].filter((value) => value > lowest);
}

/** Over the data solid, beyond dashed; the band runs along the budgets, as the estimates do. */
function frontierOf(frontier: Optimum[]): CurveView[] {
  const outside = ({ decades_outside: { flops } }: Optimum) => (flops ?? 0) > 1e-9;
  const inside = frontier.filter((optimum) => !outside(optimum));
  const first = frontier.indexOf(inside[0]!);
  const last = frontier.indexOf(inside.at(-1)!);
  return [
    line(frontier.slice(0, first + 1), true, 0),
    line(inside, false, 1),
    line(frontier.slice(Math.max(0, last)), true, 2),
  ].filter(({ x }) => x.length > 1);
}

function line(part: Optimum[], beyond: boolean, order: number): CurveView {
  const values = (estimates: Estimate[]) => estimates.map(({ value }) => value ?? NaN);
  const [params, tokens] = [part.map((one) => one.params), part.map((one) => one.tokens)];
  const bounded = [...params, ...tokens].every(({ interval }) => interval !== null);
  const bound = (estimates: Estimate[], side: 0 | 1) =>
    estimates.map(({ interval }) => interval![side]);
  return curve(
    beyond ? `${chartText.frontier}, beyond the data ${order}` : chartText.frontier,
    '',
    values(params),
    values(tokens),
    {
      beyond,
      ...(bounded
        ? {
            lower: bound(tokens, 0),
            lowerX: bound(params, 1),
            upper: bound(tokens, 1),
            upperX: bound(params, 0),
          }
        : {}),
    },
  );
}
