/**
 * An example is a table whose columns the engine knows, so that the importer, which is large, waits
 * for the first runs of one's own.
 */
import type { ExampleReport, Quantity } from '../core/protocol';
import type { Dataset, Mapping, RawTable, Role } from '../data/types';

export interface ReadTable {
  table: RawTable;
  mapping: Mapping;
  dataset: Dataset;
}

/** What the importer would make of the same table, had it to guess. */
export function readExample(report: ExampleReport, quantities: readonly Quantity[]): ReadTable {
  const { header, roles, rows } = report;
  const quantityOf = (column: number) => quantities.find(({ id }) => id === roles[column]);
  const table: RawTable = {
    header,
    rows: rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell)))),
    lines: rows.map((_, i) => i + 2),
    format: 'example',
    notes: [],
  };
  const mapping: Mapping = {
    columns: header.map((_, column) => ({
      role: roles[column] as Role,
      unit: quantityOf(column)?.units[0]?.id ?? '',
      ratio: null,
      decimal: '.',
      convention: 'total',
      reason: 'example',
    })),
    filters: [],
    perRun: 'all',
  };
  const named = roles.indexOf('run');
  const dataset: Dataset = {
    rows: rows.map((_, index) => ({
      index,
      name: table.rows[index]?.[named] ?? `row ${index + 1}`,
      group: '',
      problems: [],
    })),
    columns: {},
    units: {},
    offers: [],
    notes: [],
  };
  header.forEach((_, column) => {
    const quantity = quantityOf(column);
    if (!quantity) return;
    dataset.columns[quantity.id] = Float64Array.from(rows, (row) => Number(row[column] ?? NaN));
    dataset.units[quantity.id] = { id: quantity.units[0]!.id };
  });
  return { table, mapping, dataset };
}
