import { formatQuantity } from '../format';
import { chartText } from '../text/charts';
import { axis, curve, points, type ChartDefinition } from './context';
import type { CurveView } from './scene';
import { axisLabel, printHeld, quantityOf, restingNote } from './words';

/** Up to so many curves each has its 95 % band; more would cover each other. */
const MOST_BANDS = 3;

/**
 * Loss against one variable of the law: runs, and the law as curves on which the other variables (or
 * the budget) stay the same.
 */
export function lossBy(along: string): ChartDefinition {
  return {
    id: `loss-by-${along}`,
    needs: [along, 'loss'],
    view(context) {
      const { input, curves, key } = context;
      if (!input.law.variables.includes(along)) return null;
      const [x, y] = [quantityOf(input, along), quantityOf(input, input.law.response)];
      const runs = points(context, input.columns[along]!, input.columns[y.id]!);
      const ours = curves.curves.filter((one) => one.purpose === 'loss' && one.along === along);
      const symbols = new Set<string>();
      const drawn = ours.map((one): CurveView => {
        const held = Object.entries(one.held).filter(([id]) => !(id in curves.resting));
        for (const [id] of held) symbols.add(quantityOf(input, id).symbol);
        const names = held.map(([id, value]) => printHeld(input, id, value));
        const only = held.length === 1 ? held[0] : undefined;
        const label = only
          ? formatQuantity(quantityOf(input, only[0]), Number(only[1].toPrecision(2)), {
              unit: false,
            })
          : names.join(', ');
        const banded = ours.length <= MOST_BANDS;
        return curve(names.join(', ') || 'law', label, one.x, one.loss, {
          lower: banded ? one.lower : null,
          upper: banded ? one.upper : null,
          colour:
            one.line !== null && key.ordered && one.line < key.classes.length ? one.line : null,
        });
      });
      const resting = Object.fromEntries(
        Object.entries(curves.resting).filter(([id]) => id !== along),
      );
      const notes = [
        symbols.size ? chartText.heldNote([...symbols], '') : '',
        ours.length ? restingNote(input, resting) : '',
        drawn.some((one) => one.lower) ? chartText.bandNote : '',
      ];
      return {
        id: this.id,
        title: chartText.lossBy(x),
        note: notes.filter(Boolean).join(' '),
        panels: [
          {
            x: axis(x, axisLabel(x), [runs.x, ...drawn.map((one) => one.x)], 0.02),
            y: axis(y, axisLabel(y), [runs.y]),
            points: runs,
            curves: drawn,
            rules: [],
            marks: [],
          },
        ],
      };
    },
  };
}
