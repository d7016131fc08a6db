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
  // Panels that share y are one table; others stand beside each other.
  const shared = panels.every(({ y }) => y.label === panels[0]!.y.label);
  const axes = panels.flatMap(({ x, y }, i) => (shared && i < panels.length - 1 ? [x] : [x, y]));
  const cells = new Map<number, string[]>();
  panels.forEach(({ points, x, y }, panel) => {
    const { whiskersX, whiskersY } = points;
    const between = (i: number, axis: typeof x, whiskers?: typeof whiskersX) =>
      whiskers && !Number.isNaN(whiskers.lower[i]!)
        ? ` (${chartText.interval(printed(axis, whiskers.lower[i]!), printed(axis, whiskers.upper[i]!))})`
        : '';
    points.row.forEach((at, i) => {
      const row = cells.get(at) ?? axes.map(() => '');
      const first = shared ? panel : 2 * panel;
      row[first] = printed(x, points.x[i]!) + between(i, x, whiskersX);
      row[shared ? axes.length - 1 : first + 1] =
        printed(y, points.y[i]!) + between(i, y, whiskersY);
      cells.set(at, row);
    });
  });
  return {
    header: [
      runs ? chartText.tableRun : chartText.tablePoint,
      ...axes.map(({ label }) => label),
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
