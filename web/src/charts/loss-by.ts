import { formatFlops, formatQuantity } from '../format';
import type { Curve } from '../model/curves';
import { chartText } from '../text/charts';
import {
  axis,
  curve,
  knownMarks,
  points,
  type ChartContext,
  type ChartDefinition,
} from './context';
import type { CurveView, RuleView } from './scene';
import type { ChartInput } from './types';
import { axisLabel, printHeld, quantityOf, restingNote } from './words';

/** Up to so many curves each has the band of a new run too; more would cover each other. */
const MOST_WIDE_BANDS = 3;

/**
 * Loss against one variable of the law: runs, and the law as curves on which the other variables (or
 * the budget) stay the same.
 */
export function lossBy(along: string): ChartDefinition {
  return {
    id: `loss-by-${along}`,
    needs: [along, 'loss'],
    view(context) {
      const { input, curves } = context;
      if (!input.law.variables.includes(along)) return null;
      const [x, y] = [quantityOf(input, along), quantityOf(input, input.law.response)];
      const runs = points(context, input.columns[along]!, input.columns[y.id]!);
      const ours = curves.curves.filter((one) => one.purpose === 'loss' && one.along === along);
      const drawn = ours.flatMap((one) => drawnCurve(context, one, ours.length <= MOST_WIDE_BANDS));
      const rules = along === 'flops' ? budgetRules(input) : [];

      const held = new Set(ours.flatMap((one) => heldIds(context, one)));
      const symbols = [...held].map((id) => quantityOf(input, id).symbol);
      const resting = Object.entries(curves.resting).filter(([id]) => id !== along);
      const notes = [
        symbols.length ? chartText.heldNote(symbols) : '',
        ours.length ? restingNote(input, Object.fromEntries(resting)) : '',
        drawn.some((one) => one.lower) ? chartText.bandNote(curves.intervals) : '',
        drawn.some(({ kind }) => kind === 'band') ? chartText.newRunNote : '',
      ];
      const reach = [runs.x, rules.map((rule) => rule.value), ...drawn.map((one) => one.x)];
      const horizontal = axis(x, axisLabel(x), reach, 0.02);
      // The law bends the axis only where it goes beyond the runs on purpose.
      const far = drawn.filter((one) => one.beyond && one.kind === 'law');
      const upright = axis(y, axisLabel(y), [runs.y, ...far.map((one) => one.y)]);
      return {
        id: this.id,
        title: chartText.lossBy(x),
        note: notes.filter(Boolean).join(' '),
        panels: [
          {
            x: horizontal,
            y: upright,
            points: runs,
            curves: drawn,
            rules,
            marks: knownMarks(input, horizontal, upright),
          },
        ],
      };
    },
  };
}

/** The budget chosen on the page, wherever compute is an axis. */
export function budgetRules({ flops }: ChartInput): RuleView[] {
  if (flops === null || !(flops > 0)) return [];
  return [{ on: 'x', value: flops, label: chartText.budget(formatFlops(flops)), moves: true }];
}

/** What tells one curve from the next; what rests is the same for all. */
function heldIds({ curves }: ChartContext, { held }: Curve): string[] {
  return Object.keys(held).filter((id) => !(id in curves.resting));
}

function drawnCurve(context: ChartContext, one: Curve, wide: boolean): CurveView[] {
  const { input, key } = context;
  const ids = heldIds(context, one);
  const names = ids.map((id) => printHeld(input, id, one.held[id]!)).join(', ');
  const [only] = ids;
  const label =
    ids.length === 1 && only
      ? formatQuantity(quantityOf(input, only), Number(one.held[only]!.toPrecision(2)), {
          unit: false,
        })
      : names;
  const [lo, hi] = one.along === 'flops' ? (input.range.flops ?? [0, Infinity]) : [0, Infinity];
  const part = (from: number, to: number, beyond: boolean): CurveView[] => {
    const inside = (_: unknown, i: number) => one.x[i]! >= from && one.x[i]! <= to;
    const x = one.x.filter(inside);
    if (x.length < 2) return [];
    const id = (names || 'law') + (beyond ? `, beyond ${formatFlops(from)}` : '');
    const bounds = (lower?: Float64Array | null, upper?: Float64Array | null) => ({
      lower: lower?.filter(inside) ?? null,
      upper: upper?.filter(inside) ?? null,
    });
    const none = new Float64Array(x.length).fill(NaN);
    return [
      ...(wide && one.newLower && one.newUpper
        ? [
            curve(`${id}, a new run`, '', x, none, {
              ...bounds(one.newLower, one.newUpper),
              kind: 'band',
              beyond: true,
            }),
          ]
        : []),
      curve(id, beyond ? '' : label, x, one.loss.filter(inside), {
        ...bounds(one.lower, one.upper),
        colour: key.byLine ? one.line : null,
        beyond,
      }),
    ];
  };
  return [...part(lo, hi, false), ...part(0, lo, true), ...part(hi, Infinity, true)];
}
