/** Approach 2 as a picture: a parabola per budget, its vertex, and the power law through the vertices. */
import type { ChartDescription, Layer } from '../../charts/panel';
import type { Approach2Report, Parabola } from '../../core/estimation-protocol';
import type { Catalog } from '../../core/protocol';
import { formatFlops } from '../../format';
import * as t from '../../text/panels';
import { quantityOf } from '../laws';
import type { Named } from './hinges';

/** Points of a drawn parabola. */
const STEPS = 40;

/** The parabola where the runs of its budget are, and a little beyond, out to its vertex. */
export function parabolaCurve(
  { log_opt, loss_opt, curvature, range }: Parabola,
  steps = STEPS,
): { x: Float64Array; y: Float64Array } | null {
  if (log_opt === null || loss_opt === null || curvature === null) return null;
  const [low, high] = range;
  const margin = 0.15 * (high - low);
  const from = Math.min(low, log_opt) - margin;
  const to = Math.max(high, log_opt) + margin;
  const log = Float64Array.from({ length: steps + 1 }, (_, i) => from + ((to - from) * i) / steps);
  return { x: log.map(Math.exp), y: log.map((x) => loss_opt + curvature * (x - log_opt) ** 2) };
}

/** Ends of a power law that goes through optima at the first and last of some budgets. */
function through(
  optima: Approach2Report['optima'],
  of: 'params' | 'tokens',
  lowest: number,
): { x: number[]; y: number[] } {
  const known = optima.filter((one) => one[of].value > 0 && one.flops >= lowest);
  return { x: known.map(({ flops }) => flops), y: known.map((one) => one[of].value) };
}

/**
 * Two panels: the loss along the size, with a parabola per budget; and the vertices over compute, with the
 * power law through them. `positions` are those of the rows sent. null: no budget was recognised.
 */
export function isoFlopChart(
  report: Approach2Report,
  of: 'params' | 'tokens',
  positions: readonly number[],
  { dataset: { rows }, columns }: Named,
  catalog: Catalog,
): ChartDescription | null {
  const { budgets } = report;
  const quantity = quantityOf(catalog, of);
  const loss = quantityOf(catalog, 'loss');
  const compute = quantityOf(catalog, 'flops');
  if (budgets.length === 0 || !quantity || !loss || !compute) return null;
  const share = (i: number) => ({ share: budgets.length > 1 ? i / (budgets.length - 1) : 0.4 });

  const runs: Layer[] = budgets.map((budget, i) => {
    const at = budget.rows.map((row) => positions[row]!);
    return {
      kind: 'points',
      name: formatFlops(budget.flops),
      x: at.map((position) => columns[of]?.[position] ?? NaN),
      y: at.map((position) => columns['loss']?.[position] ?? NaN),
      labels: at.map((position) => rows[position]?.name ?? ''),
      rows: at.map((position) => rows[position]?.index ?? -1),
      role: share(i),
      shape: 'circle',
      inKey: false,
    };
  });
  const curves: Layer[] = budgets.flatMap((budget, i): Layer[] => {
    const curve = parabolaCurve(budget[of]);
    if (!curve) return [];
    return [
      {
        kind: 'line',
        name: formatFlops(budget.flops),
        ...curve,
        role: share(i),
        dashed: !budget.used,
      },
    ];
  });
  const found = budgets.flatMap((budget) => {
    const { log_opt, loss_opt, flags } = budget[of];
    if (log_opt === null || loss_opt === null) return [];
    const flagged = flags.map((flag) => t.approaches.flags[flag]).join(', ');
    return [
      {
        flops: budget.flops,
        size: Math.exp(log_opt),
        loss: loss_opt,
        label: `${formatFlops(budget.flops)} FLOPs${flagged && `: ${flagged}`}`,
        off: !budget.used,
      },
    ];
  });
  const vertices = {
    kind: 'points' as const,
    name: t.approaches.vertices,
    labels: found.map(({ label }) => label),
    off: found.map(({ off }) => off),
    role: 'ink' as const,
    shape: 'rectRot' as const,
  };
  const line = through(report.optima, of, budgets[0]!.flops / 2);
  return {
    id: `isoflop-${of}`,
    title: t.approaches.isoFlopTitle(quantity.name.toLowerCase(), found.length),
    note: t.approaches.isoFlopNote,
    panels: [
      {
        x: {
          quantity: of,
          name: quantity.name,
          symbol: quantity.symbol,
          unit: quantity.unit,
          scale: 'log',
          kind: 'count',
        },
        y: {
          quantity: 'loss',
          name: loss.name,
          symbol: loss.symbol,
          unit: loss.unit,
          scale: 'linear',
          kind: 'loss',
        },
        layers: [
          ...curves,
          ...runs,
          { ...vertices, x: found.map(({ size }) => size), y: found.map((one) => one.loss) },
        ],
      },
      {
        x: {
          quantity: 'flops',
          name: compute.name,
          symbol: compute.symbol,
          unit: compute.unit,
          scale: 'log',
          kind: 'compute',
        },
        y: {
          quantity: of,
          name: t.approaches.best(quantity.name.toLowerCase()),
          symbol: t.optimal(quantity.symbol),
          unit: quantity.unit,
          scale: 'log',
          kind: 'count',
        },
        layers: [
          ...(line.x.length > 1
            ? [
                {
                  kind: 'line' as const,
                  name: t.approaches.powerLaw,
                  ...line,
                  role: 'ink' as const,
                },
              ]
            : []),
          { ...vertices, x: found.map(({ flops }) => flops), y: found.map(({ size }) => size) },
        ],
      },
    ],
  };
}
