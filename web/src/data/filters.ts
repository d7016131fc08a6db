/**
 * Columns that look like switches: outlier flags, run states, "used in fit". They are offered with
 * the values that would be kept; nothing is filtered until someone says so.
 */
import { plainName, roleTakesNumbers } from './column-names';
import type { FilterOffer, Mapping, RawTable } from './types';

/** More distinct values than this are no switch. */
const most = 12;

const bad =
  /outlier|exclud|drop(?!out)|diverg|crash|fail|spike|invalid|bad|skip|reject|discard|qcreason|reason|qc|nan$/;
const good =
  /valid$|keep|kept|used|include|good|finish|success|complete|converged|authors|passed|^ok$/;
const state = /^(?:run)?(?:state|status)$/;
const no = /^(?:0(?:\.0)?|false|no|n|f|none|ok|normal|-|)$/i;
const yes = /^(?:1(?:\.0)?|true|yes|y|t|ok)$/i;
const finished = /^(?:finished|completed?|done|success(?:ful|ful_run)?|succeeded|ok|converged)$/i;

export function isStateColumn(name: string): boolean {
  return state.test(plainName(name));
}

export function offersOf(table: RawTable, mapping: Mapping): FilterOffer[] {
  if (table.rows.length < 2) return [];
  return table.header.flatMap((name, column) => {
    const role = mapping.columns[column]?.role ?? 'ignore';
    const offer = roleTakesNumbers(role) ? null : offerOf(table, column, name);
    return offer ? [offer] : [];
  });
}

/** How often each value stands in a column, the most frequent first; null if there are too many, or one. */
export function valuesOf(table: RawTable, column: number): FilterOffer['values'] | null {
  const counts = new Map<string, number>();
  for (const row of table.rows) {
    const cell = row[column]!;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
    if (counts.size > most) return null;
  }
  if (counts.size < 2) return null;
  return [...counts]
    .map(([value, rows]) => ({ value, rows }))
    .sort((a, b) => b.rows - a.rows || (a.value < b.value ? -1 : 1));
}

function offerOf(table: RawTable, column: number, name: string): FilterOffer | null {
  const values = valuesOf(table, column);
  if (!values) return null;
  const all = values.map(({ value }) => value);
  const suggest = (test: RegExp, reason: string): FilterOffer | null => {
    const suggestion = all.filter((value) => test.test(value));
    return suggestion.length > 0 && suggestion.length < all.length
      ? { column, values, suggestion, reason }
      : null;
  };
  const plain = plainName(name);
  return (
    (state.test(plain) && suggest(finished, 'run_state')) ||
    (bad.test(plain) && suggest(no, 'marks_bad_rows')) ||
    (good.test(plain) && suggest(yes, 'marks_good_rows')) ||
    null
  );
}
