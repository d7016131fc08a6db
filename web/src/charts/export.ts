import { formatPercent, formatQuantity, fullPrecision } from '../format';
import { chartText } from '../text/charts';
import type { AxisView, ChartView } from './scene';
import type { ChartInput } from './types';
import { axisLabel, quantityOf } from './words';

/** "isoloss-loss-by-params.csv" */
export function fileName(view: ChartView, extension: string): string {
  return `isoloss-${view.id}.${extension}`;
}

function cell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * All that a chart shows, in full precision: one line per run and per vertex of a curve. `series` tells
 * them apart, `row` is the run's line in the table (from 1).
 */
export function chartCsv(view: ChartView, input: ChartInput): string {
  const lines = [
    [
      'x_quantity',
      'y_quantity',
      'series',
      'row',
      'run',
      'group',
      'used',
      'x',
      'y',
      'lower',
      'upper',
    ],
  ];
  for (const { x, y, points, curves } of view.panels) {
    points.row.forEach((at, i) => {
      const { index, name, group, used } = input.rows[at]!;
      const numbers = [points.x[i], points.y[i]].map(fullPrecision);
      lines.push([
        x.quantity,
        y.quantity,
        'runs',
        String(index + 1),
        name,
        group,
        used ? '1' : '0',
        ...numbers,
        '',
        '',
      ]);
    });
    for (const curve of curves) {
      for (let i = 0; i < curve.x.length; ++i) {
        if (Number.isNaN(curve.x[i])) continue;
        const numbers = [curve.x[i], curve.y[i], curve.lower?.[i], curve.upper?.[i]].map(
          fullPrecision,
        );
        lines.push([x.quantity, y.quantity, curve.id, '', '', '', '', ...numbers]);
      }
    }
  }
  return lines.map((line) => line.map(cell).join(',')).join('\n') + '\n';
}

/** The runs of a chart as a table for people. */
export interface TableTwin {
  header: string[];
  rows: string[][];
}

export function tableTwin(view: ChartView, input: ChartInput): TableTwin {
  const [first] = view.panels;
  const axes =
    view.panels.length === 1 ? [first!.x, first!.y] : [...view.panels.map(({ x }) => x), first!.y];
  // On a map the loss is told by its contours, which the table does not have.
  const response = quantityOf(input, input.law.response);
  const onMap =
    view.panels.length === 1 &&
    axes.every(({ quantity }) => input.law.variables.includes(quantity));
  const header = [
    chartText.tableRun,
    ...axes.map(({ label }) => label),
    ...(onMap ? [axisLabel(response)] : []),
    chartText.tableState,
  ];
  const cells = new Map<number, string[]>();
  view.panels.forEach(({ points, x, y }, panel) => {
    points.row.forEach((at, i) => {
      const row = cells.get(at) ?? axes.map(() => '');
      row[panel] = printed(input, x, points.x[i]!);
      row[axes.length - 1] = printed(input, y, points.y[i]!);
      cells.set(at, row);
    });
  });
  const rows = [...cells]
    .sort(([a], [b]) => a - b)
    .map(([at, values]) => {
      const row = input.rows[at]!;
      return [
        row.name || chartText.run(row.index),
        ...values,
        ...(onMap
          ? [formatQuantity(response, input.columns[response.id]?.[at], { unit: false })]
          : []),
        row.used ? chartText.tableUsed : (row.leftOut ?? ''),
      ];
    });
  return { header, rows };
}

function printed(input: ChartInput, axis: AxisView, value: number): string {
  if (axis.format === 'percent') return formatPercent(value, { sign: true });
  const known = quantityOf(input, axis.quantity);
  return formatQuantity({ ...known, kind: axis.format }, value, { unit: false });
}
