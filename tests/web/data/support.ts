import { readFileSync } from 'node:fs';
import { guessMapping } from '../../../web/src/data/guess-mapping';
import { parseTable } from '../../../web/src/data/parse-table';
import { readDataset } from '../../../web/src/data/read-dataset';
import type { Dataset, Mapping, RawTable, Role } from '../../../web/src/data/types';

export interface Read {
  table: RawTable;
  mapping: Mapping;
  dataset: Dataset;
}

/** The whole road, as the page takes it. */
export function read(input: string | Uint8Array, fileName?: string): Read {
  const table = parseTable(input, fileName);
  const mapping = guessMapping(table);
  return { table, mapping, dataset: readDataset(table, mapping) };
}

export function readFile(folder: URL, name: string): Read {
  return read(new Uint8Array(readFileSync(new URL(name, folder))), name);
}

/** Role → name of its column, without those that are ignored. */
export function rolesOf({
  table,
  mapping,
}: Pick<Read, 'table' | 'mapping'>): Partial<Record<Role, string>> {
  const named = mapping.columns.map(({ role }, column) => [role, table.header[column]!] as const);
  return Object.fromEntries(named.filter(([role]) => role !== 'ignore'));
}

export function codesOf({ table, dataset }: Pick<Read, 'table' | 'dataset'>): string[] {
  return [...table.notes, ...dataset.notes].map(({ code }) => code);
}

export function usableRows({ dataset }: Pick<Read, 'dataset'>): number {
  return dataset.rows.filter(({ problems }) => problems.length === 0).length;
}

/** Where runs of public papers lie beside the repository; tests that need them skip without. */
export const sharedData = new URL('../../../../shared/data/', import.meta.url);
