/** The options of a verb are a table: it is parsed from, and its help is printed from it. */
import { parseArgs } from 'node:util';
import { readCell } from '../data/read-number';
import { possible, UsageError } from './complaints';
import { alignColumns } from './print';

export interface Option {
  /** What stands for its value in the help; absent: a switch. */
  value?: string;
  help: string;
  /** May be given several times. */
  multiple?: boolean;
}

export interface Usage {
  name: string;
  summary: string;
  /** What stands without an option, such as FILE; '' = nothing may. */
  operand: string;
  options: Record<string, Option>;
  /** Further paragraphs of the help. */
  remarks: string[];
}

/** What was typed, by option name. */
export class Options {
  readonly operand: string | undefined;
  readonly #values: Record<string, unknown>;

  constructor(values: Record<string, unknown>, operand?: string) {
    this.#values = values;
    this.operand = operand;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  all(name: string): string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? (value as string[]) : [];
  }

  /** A number in any form that the importer reads. */
  number(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : readNumber(`--${name}`, text);
  }

  /** NAME=X, each name once. */
  numbers(name: string): Record<string, number> {
    const pairs = this.pairs(name).map(([key, value]) => [
      key,
      readNumber(`--${name} ${key}`, value),
    ]);
    return Object.fromEntries(pairs) as Record<string, number>;
  }

  /** A whole number from `least`. */
  whole(name: string, least: number): number | undefined {
    const value = this.number(name);
    if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return value;
    throw new UsageError(`--${name}: “${this.text(name)}” is not a whole number from ${least} on.`);
  }

  /** NAME=LO..HI, either end open: NAME=LO.. */
  ranges(name: string): Record<string, [number | null, number | null]> {
    const ranges = this.pairs(name).map(([key, value]) => {
      const ends = value.split('..');
      if (ends.length !== 2 || !ends.some(Boolean)) {
        throw new UsageError(
          `--${name}: “${value}” is no range. Write --${name} ${key}=LO..HI, LO.. or ..HI.`,
        );
      }
      const end = (text: string) => (text === '' ? null : readNumber(`--${name} ${key}`, text));
      return [key, ends.map(end)];
    });
    return Object.fromEntries(ranges) as Record<string, [number | null, number | null]>;
  }

  /** LEFT=RIGHT */
  pairs(name: string): [string, string][] {
    return this.all(name).map((text) => {
      const cut = text.indexOf('=');
      if (cut > 0) return [text.slice(0, cut).trim(), text.slice(cut + 1).trim()];
      throw new UsageError(`--${name}: “${text}” has no “=”. Write --${name} NAME=VALUE.`);
    });
  }
}

function readNumber(what: string, text: string): number {
  const cell = readCell(text.trim(), '.');
  if (cell.kind === 'number') return cell.value;
  throw new UsageError(`${what}: “${text}” is not a number.`);
}

const helpOption: Option = { help: 'show this' };

/** @returns null where help is asked for */
export function parseOptions(usage: Usage, args: string[]): Options | null {
  const all: Record<string, Option> = { ...usage.options, help: helpOption };
  const types = Object.entries(all).map(([name, { value, multiple }]) => [
    name,
    {
      type: value === undefined ? ('boolean' as const) : ('string' as const),
      multiple: multiple ?? false,
      ...(name === 'help' ? { short: 'h' } : {}),
    },
  ]);
  try {
    const { values, positionals } = parseArgs({
      args,
      options: Object.fromEntries(types) as Record<
        string,
        { type: 'boolean' | 'string'; multiple: boolean }
      >,
      allowPositionals: true,
    });
    if (values['help']) return null;
    if (positionals.length > (usage.operand === '' ? 0 : 1)) {
      const extra = positionals.at(-1);
      throw new UsageError(`“${extra}” is one word too many. Usage: ${usageLine(usage)}`);
    }
    return new Options(values, positionals[0]);
  } catch (error) {
    throw error instanceof UsageError ? error : complaint(error as NodeJS.ErrnoException, all);
  }
}

/** Node's errors, in sentences that say what would have been possible. */
function complaint(
  { code, message }: NodeJS.ErrnoException,
  options: Record<string, Option>,
): UsageError {
  const name = /'(?:-\w, )?(--?[^\s'=]+)/.exec(message)?.[1] ?? '';
  const option = options[name.replace(/^-+/, '')];
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const names = Object.keys(options).map((known) => `--${known}`);
    return new UsageError(`There is no option ${name}. ${possible('Options', names)}`);
  }
  if (option?.value !== undefined) {
    return new UsageError(
      `${name} needs a value: ${name} ${option.value} (${name}=${option.value} where it begins with “-”).`,
    );
  }
  return new UsageError(option ? `${name} takes no value.` : message);
}

function usageLine({ name, operand }: Usage): string {
  return ['isoloss', name, operand, '[options]'].filter(Boolean).join(' ');
}

export function helpText(usage: Usage): string {
  const rows = Object.entries({ ...usage.options, help: helpOption }).map(
    ([name, { value, help, multiple }]) => [
      `  --${name}${value === undefined ? '' : ` ${value}`}`,
      help + (multiple ? ' (may be repeated)' : ''),
    ],
  );
  return [
    `${usage.summary}\n\nUsage: ${usageLine(usage)}\n`,
    `Options:\n${alignColumns(rows)}`,
    ...usage.remarks.map((remark) => `\n${remark}`),
  ].join('\n');
}
