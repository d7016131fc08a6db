import type { Lines } from '../model/curves-lines';
import { formatQuantity } from '../format';
import { axisLabel } from './words';
import { chartText } from '../text/charts';
import { logTicks } from './ticks';
import type { ColourRole, Shape } from './theme';
import type { ChartInput } from './types';

/** Which runs share a colour, for all charts alike. What the colours are is the theme's. */
export interface ColourKey {
  title: string;
  /** Ordered classes take a sequence, others categories. */
  ordered: boolean;
  classes: ColourClass[];
  /** The classes are the lines of the study, one each. */
  byLine: boolean;
  /** Class of each row. */
  of: Int16Array;
}
export interface ColourClass {
  label: string;
  /** Everything that found no class of its own. */
  other: boolean;
  /** Drawn in this whatever its place in the key. */
  role?: ColourRole;
  shape?: Shape;
  /** Small and pale, to be seen as a cloud. */
  cloud?: boolean;
  /** Not in the key: labels say it. */
  silent?: boolean;
}

const MOST_CATEGORIES = 8;

/** By group where runs have groups, else by the lines of the study, else by steps of compute or of what varies. */
export function colourKey(input: ChartInput, lines: Lines | null): ColourKey {
  return (
    byGroup(input) ?? (lines ? byLines(input, lines) : null) ?? bySteps(input) ?? single(input)
  );
}

function byGroup({ rows }: ChartInput): ColourKey | null {
  const counts = new Map<string, number>();
  for (const { group } of rows) counts.set(group, (counts.get(group) ?? 0) + 1);
  if (counts.size < 2) return null;
  // Runs without a group stand aside: they take no place in the order and no category.
  const labels = [...counts.keys()].filter((label) => label !== '');
  const numbers = labels.every((label) => Number.isFinite(Number(label)));
  if (numbers && labels.length <= 24) {
    labels.sort((a, b) => Number(a) - Number(b));
  } else if (labels.length > MOST_CATEGORIES) {
    const common = [...labels]
      .sort((a, b) => counts.get(b)! - counts.get(a)!)
      .slice(0, MOST_CATEGORIES);
    // In order of appearance: colours stay when counts change a little.
    labels.splice(0, labels.length, ...labels.filter((label) => common.includes(label)));
  }
  const rank = new Map(labels.map((label, i) => [label, i]));
  const classes = labels.map((label) => ({ label, other: false }));
  const crowded = labels.length + Number(counts.has('')) < counts.size;
  if (crowded) classes.push({ label: chartText.keyOther, other: true });
  if (counts.has('')) {
    rank.set('', classes.length);
    classes.push({ label: chartText.keyNone, other: true });
  }
  const of = Int16Array.from(rows, ({ group }) => rank.get(group) ?? labels.length);
  return { title: chartText.keyGroup, ordered: numbers, byLine: false, classes, of };
}

function byLines({ catalog, rows }: ChartInput, { quantity, values, of }: Lines): ColourKey | null {
  const described = catalog.quantities.find(({ id }) => id === quantity);
  if (!described) return null;
  const classes = values.map((value) => ({
    label: formatQuantity(described, rounded(value), { unit: false }),
    other: false,
  }));
  const strays = rows.some((_, row) => of[row]! < 0);
  if (strays) classes.push({ label: chartText.keyOther, other: true });
  return {
    title: axisLabel(described),
    ordered: true,
    byLine: true,
    classes,
    of: of.map((line) => (line < 0 ? values.length : line)),
  };
}

/** Values of a line scatter; two digits name it. */
function rounded(value: number): number {
  return Number(value.toPrecision(2));
}

/** Steps of 1-2-5 or powers of ten of the first quantity that varies by more than a factor of two. */
function bySteps({ catalog, columns, law, rows }: ChartInput): ColourKey | null {
  for (const quantity of ['flops', ...law.variables]) {
    const column = columns[quantity];
    const described = catalog.quantities.find(({ id }) => id === quantity);
    const values = column
      ? Array.from(column).filter((value) => value > 0 && Number.isFinite(value))
      : [];
    if (!column || !described || values.length < 2) continue;
    const [lo, hi] = values.reduce(
      ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
      [Infinity, 0],
    );
    if (hi / lo < 2) continue;
    const edges = logTicks(lo, hi, 7).major.filter((edge) => edge > lo && edge < hi);
    if (edges.length === 0) continue;
    const print = (value: number) => formatQuantity(described, value, { unit: false });
    const classes = [...edges, Infinity].map((edge, i) => ({
      label:
        i === 0
          ? `< ${print(edge)}`
          : edge === Infinity
            ? `≥ ${print(edges.at(-1)!)}`
            : `${print(edges[i - 1]!)}–${print(edge)}`,
      other: false,
    }));
    const of = Int16Array.from(rows, (_, row) => {
      const at = edges.findIndex((edge) => column[row]! < edge);
      return at < 0 ? edges.length : at;
    });
    return { title: axisLabel(described), ordered: true, byLine: false, classes, of };
  }
  return null;
}

function single({ rows }: ChartInput): ColourKey {
  return {
    title: '',
    ordered: true,
    byLine: false,
    classes: [{ label: '', other: false }],
    of: new Int16Array(rows.length),
  };
}
