/** Small steps on a Mapping, each giving a new one: what a person's choice in a menu does. */
import { roleTakesNumbers } from './column-names';
import type { ColumnChoice, Mapping, Role, RowFilter } from './types';

/** Roles of the engine's quantities, and the unit that a bare number is in. */
export const baseUnits: Partial<Record<Role, string>> = {
  params: 'count',
  tokens: 'count',
  flops: 'flop',
  exits: 'count',
  loss: 'nats',
};

/** The column that has a role; -1 if none has. */
export function columnWith(mapping: Mapping, role: Role): number {
  return mapping.columns.findIndex((column) => column.role === role);
}

/**
 * A person's choice for one column. A role belongs to one column only: whoever had it before is
 * ignored from now on. A new role starts from its base unit unless the choice names one.
 */
export function withChoice(
  mapping: Mapping,
  column: number,
  choice: Partial<ColumnChoice>,
): Mapping {
  const role = choice.role;
  const columns = mapping.columns.map((old, index): ColumnChoice => {
    if (index === column) return chosen(old, choice);
    if (role !== undefined && role !== 'ignore' && old.role === role) {
      return { ...old, role: 'ignore', unit: '', reason: 'other_column_chosen', evidence: role };
    }
    return old;
  });
  return { ...mapping, columns };
}

function chosen(old: ColumnChoice, choice: Partial<ColumnChoice>): ColumnChoice {
  const { evidence: _evidence, undecided, ...rest } = old;
  const next: ColumnChoice = { ...rest, ...choice, reason: 'chosen_by_you' };
  if (choice.role !== undefined && choice.role !== old.role && choice.unit === undefined) {
    next.unit = baseUnits[choice.role] ?? '';
    next.ratio = null;
  }
  if (undecided && choice.decimal === undefined && roleTakesNumbers(next.role))
    next.undecided = true;
  return next;
}

/** Keeps only rows whose cell is one of `values`; null takes the filter off. */
export function withFilter(mapping: Mapping, column: number, values: string[] | null): Mapping {
  const others = mapping.filters.filter((filter) => filter.column !== column);
  const filters: RowFilter[] = values ? [...others, { column, values }] : others;
  return { ...mapping, filters };
}
