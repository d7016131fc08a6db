/** Predicted against measured loss of runs that the fit had not seen. */
import type { ChartDescription, Layer } from '../../charts/panel';
import type { HeldOutReport } from '../../core/estimation-protocol';
import type { Catalog, Columns } from '../../core/protocol';
import { formatFlops } from '../../format';
import * as t from '../../text/panels';
import { quantityOf } from '../laws';
import type { Named } from './hinges';

export function heldOutChart(
  report: HeldOutReport,
  columns: Columns,
  positions: readonly number[],
  { dataset: { rows } }: Named,
  catalog: Catalog,
): ChartDescription | null {
  const { row, fold, predicted, measured } = columns;
  const loss = quantityOf(catalog, 'loss');
  if (!row?.length || !fold || !predicted || !measured || !loss) return null;
  const finite = Array.from(row, (_, i) => i).filter(
    (i) => Number.isFinite(predicted[i]) && Number.isFinite(measured[i]),
  );
  if (finite.length === 0) return null;
  const all = finite.flatMap((i) => [predicted[i]!, measured[i]!]);
  const ends = [Math.min(...all), Math.max(...all)];
  const folds = report.folds.map((_, i) => i);
  const groups = folds.flatMap((i): Layer[] => {
    const of = finite.filter((k) => fold[k] === i);
    if (of.length === 0) return [];
    const run = (k: number) => rows[positions[row[k]!] ?? -1];
    return [
      {
        kind: 'points',
        name: t.laws.fold(formatFlops(report.folds[i]!.flops)),
        x: of.map((k) => measured[k]!),
        y: of.map((k) => predicted[k]!),
        labels: of.map((k) => run(k)?.name ?? ''),
        rows: of.map((k) => run(k)?.index ?? -1),
        role: { share: folds.length > 1 ? i / (folds.length - 1) : 0.4 },
      },
    ];
  });
  return {
    id: 'held-out',
    title: t.laws.heldOutTitle(report.mean_error, finite.length),
    note: t.laws.heldOutNote,
    panels: [
      {
        x: {
          quantity: 'measured',
          name: t.laws.measured,
          unit: loss.unit,
          scale: 'log',
          kind: 'loss',
        },
        y: {
          quantity: 'predicted',
          name: t.laws.predicted,
          unit: loss.unit,
          scale: 'log',
          kind: 'loss',
        },
        layers: [
          {
            kind: 'line',
            name: t.laws.equal,
            label: t.laws.equal,
            x: ends,
            y: ends,
            role: 'muted',
            guide: true,
          },
          ...groups,
        ],
      },
    ],
  };
}
