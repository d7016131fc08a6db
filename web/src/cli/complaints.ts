/** What ends a command with a sentence and without a report. */

/** The command is wrong: an option, a name, a file that does not exist. Exit code 2. */
export class UsageError extends Error {}

/** The command is right, but the data cannot do it. Exit code 1. */
export class DataError extends Error {}

/** "Laws: a, b, c." – the values that would have been possible. */
export function possible(what: string, values: readonly string[], most = 30): string {
  const shown = values.slice(0, most).map((value) => (value === '' ? '(empty)' : value));
  const rest = values.length - shown.length;
  return `${what}: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`;
}

/** The item with this id, or a complaint that names the option and lists the ids. */
export function byId<T extends { id: string }>(
  items: readonly T[],
  id: string,
  option: string,
  what: string,
): T {
  const found = items.find((item) => item.id === id);
  if (found) return found;
  const ids = items.map((item) => item.id);
  throw new UsageError(`${option}: “${id}” is not known. ${possible(what, ids)}`);
}
