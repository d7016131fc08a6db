/**
 * A chart exported by W&B is wide: Step, "run - loss", "run - loss__MIN", "run - loss__MAX", … The
 * twins only repeat the value, so they are dropped, and each run gets rows of its own:
 * run, Step, loss.
 */
import type { Note } from '../types';
import { readDelimited } from './delimited';
import { firstLine } from './importer';
import type { Grid, Importer } from './importer';

export const wandbChart: Importer = {
  id: 'wandb_chart',
  recognise(text) {
    const [axis = '', ...series] = firstLine(text)
      .replaceAll('"', '')
      .split(/[,\t;]/);
    return (
      /^(?:_?step|relative time.*|wall time|\S*(?:step|tokens))$/i.test(axis) &&
      series.length > 0 &&
      series.every((name) => name.includes(' - '))
    );
  },
  read: (text) => toLong(readDelimited(text)),
};

function toLong(wide: Grid): Grid {
  const [header = [], ...rows] = wide.rows.map((row) => row.map((cell) => cell.trim()));
  const shared: number[] = [];
  const metrics: string[] = [];
  /** Run → metric → column, in the order in which they appear. */
  const runs = new Map<string, Map<string, number>>();
  let twins = 0;
  header.forEach((name, column) => {
    if (/__M(?:IN|AX)$/.test(name)) {
      twins += 1;
      return;
    }
    const cut = name.lastIndexOf(' - ');
    if (cut < 0) {
      shared.push(column);
      return;
    }
    const metric = name.slice(cut + 3);
    if (!metrics.includes(metric)) metrics.push(metric);
    const run = name.slice(0, cut);
    runs.set(run, (runs.get(run) ?? new Map<string, number>()).set(metric, column));
  });

  const long = [['run', ...shared.map((column) => header[column]!), ...metrics]];
  const lines = [wide.lines[0] ?? 1];
  for (const [run, columns] of runs) {
    rows.forEach((row, index) => {
      const measured = metrics.map((metric) => row[columns.get(metric) ?? -1] ?? '');
      if (measured.every((cell) => cell === '')) return;
      long.push([run, ...shared.map((column) => row[column] ?? ''), ...measured]);
      lines.push(wide.lines[index + 1]!);
    });
  }
  const notes: Note[] = [
    ...wide.notes,
    { code: 'wandb_chart_long', severity: 'info', values: { runs: runs.size, twins } },
  ];
  return { format: 'wandb_chart', rows: long, lines, headed: true, notes };
}
