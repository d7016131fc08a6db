import { fullPrecision } from '../format';
import { chartText } from '../text/charts';
import type { Subject } from './context';
import type { ChartView } from './scene';
import { printed } from './words';

/** "isoloss-loss-by-params.csv" */
export function fileName(view: ChartView, extension: string): string {
  return `isoloss-${view.id}.${extension}`;
}

function cell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const HEADER = 'x_quantity,y_quantity,series,row,run,group,used,x,y,lower,upper'.split(',');

/**
 * All that a chart shows, in full precision: one line per run (or other point) and per vertex of a curve.
 * `series` tells them apart, `row` is the run's line in the table (from 1), `lower` and `upper` bound y;
 * where intervals of x are drawn, `x_lower` and `x_upper` bound that.
 */
export function chartCsv(view: ChartView, { rows, key, runs }: Subject): string {
  const lying = view.panels.some(({ points }) => points.whiskersX);
  const lines = [[...HEADER, ...(lying ? ['x_lower', 'x_upper'] : [])]];
  for (const { x, y, points, curves } of view.panels) {
    points.row.forEach((at, i) => {
      const { index, name, group, used } = rows[at]!;
      const { whiskersX, whiskersY } = points;
      lines.push([
        x.quantity,
        y.quantity,
        runs ? 'runs' : (key.classes[points.colour[i]!]?.label ?? group),
        index < 0 ? '' : String(index + 1),
        name,
        group,
        runs ? (used ? '1' : '0') : '',
        ...[points.x[i], points.y[i], whiskersY?.lower[i], whiskersY?.upper[i]].map(fullPrecision),
        ...(lying ? [whiskersX?.lower[i], whiskersX?.upper[i]].map(fullPrecision) : []),
      ]);
    });
    for (const curve of curves) {
      for (let i = 0; i < curve.x.length; ++i) {
        if (Number.isNaN(curve.x[i])) continue;
        const numbers = [curve.x[i], curve.y[i], curve.lower?.[i], curve.upper?.[i]].map(
          fullPrecision,
        );
        const line = [x.quantity, y.quantity, curve.id, '', '', '', '', ...numbers];
        lines.push(lying ? [...line, '', ''] : line);
      }
    }
  }
  return lines.map((line) => line.map(cell).join(',')).join('\n') + '\n';
}

/** The points of a chart as a table for people. */
export interface TableTwin {
  header: string[];
  rows: string[][];
}

export function tableTwin(view: ChartView, { rows, runs }: Subject): TableTwin {
  const { panels, columns = [] } = view;
  // Panels that share y are one table; others stand beside each other. Rows without a heading of their own
  // are what the points are called.
  const shared = panels.every(({ y }) => y.label === panels[0]!.y.label);
  const axes: { panel: number; id: 'x' | 'y' }[] = panels.flatMap(({ y }, panel) => {
    const told = shared && panel < panels.length - 1;
    const named = y.categories && !y.label;
    return [{ panel, id: 'x' as const }, ...(told || named ? [] : [{ panel, id: 'y' as const }])];
  });
  const cells = new Map<number, string[]>();
  axes.forEach(({ panel, id }, column) => {
    for (const one of id === 'y' && shared ? panels : [panels[panel]!]) {
      const { points } = one;
      const whiskers = id === 'x' ? points.whiskersX : points.whiskersY;
      points.row.forEach((at, i) => {
        const row = cells.get(at) ?? axes.map(() => '');
        const ends = [whiskers?.lower[i] ?? NaN, whiskers?.upper[i] ?? NaN] as const;
        const said = ends.some(Number.isNaN)
          ? ''
          : ` (${chartText.interval(printed(one[id], ends[0]), printed(one[id], ends[1]))})`;
        row[column] = printed(one[id], points[id][i]!) + said;
        cells.set(at, row);
      });
    }
  });
  return {
    header: [
      runs ? chartText.tableRun : chartText.tablePoint,
      ...axes.map(({ panel, id }) => panels[panel]![id].label),
      ...columns.map(({ label }) => label),
      runs ? chartText.tableState : chartText.tableGroup,
    ],
    rows: [...cells]
      .sort(([a], [b]) => a - b)
      .map(([at, values]) => {
        const row = rows[at]!;
        const state = row.used ? chartText.tableUsed : (row.leftOut ?? '');
        return [
          row.name || chartText.run(row.index),
          ...values,
          ...columns.map((column) => printed(column, column.values[at] ?? NaN)),
          runs ? state : row.group,
        ];
      }),
  };
}
