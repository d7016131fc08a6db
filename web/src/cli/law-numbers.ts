/** Which law, and with which numbers: a preset, an earlier fit, or typed in. */
import type { Context } from './context';
import type { Covariance, Law, LawWithNumbers, Unit } from '../core/protocol';
import { readBudget } from '../data/read-number';
import { byId, DataError, possible, UsageError } from './complaints';
import type { Option, Options } from './options';

export const lawOptions: Record<string, Option> = {
  law: { value: 'ID', help: 'the law; isoloss laws lists them' },
  preset: { value: 'ID', help: 'coefficients as published' },
  fit: { value: 'FILE.json', help: 'coefficients of a fit: what isoloss fit --json wrote' },
  set: { value: 'NAME=X', help: 'a coefficient, over those of a preset or fit', multiple: true },
};

/** What isoloss fit --json writes. */
export interface FitFile {
  schema: 'isoloss.fit/1';
  law: string;
  coefficients: Record<string, { value: number | null; standard_error: number | null }>;
  covariance: Covariance | null;
}

export interface ChosenLaw {
  law: Law;
  numbers: LawWithNumbers;
  /** Where the numbers come from, for people. */
  source: string;
}

export function lawNamed({ catalog }: Context, options: Options): Law | undefined {
  const id = options.text('law');
  return id === undefined ? undefined : byId(catalog.laws, id, '--law', 'Laws');
}

export async function chooseLawNumbers(context: Context, options: Options): Promise<ChosenLaw> {
  const preset = options.text('preset');
  const file = options.text('fit');
  const typed = options.numbers('set');
  if (preset !== undefined && file !== undefined) {
    throw new UsageError('--preset and --fit both give all coefficients: choose one.');
  }
  const base =
    preset !== undefined
      ? fromPreset(context, lawNamed(context, options), preset)
      : file !== undefined
        ? await fromFit(context, lawNamed(context, options), file)
        : fromNothing(context, options, Object.keys(typed).length > 0);
  const names = base.law.coefficients.map(({ id }) => id);
  for (const name of Object.keys(typed)) {
    if (!names.includes(name)) {
      throw new UsageError(
        `--set: “${name}” is no coefficient of ${base.law.id}. ${possible('Coefficients', names)}`,
      );
    }
  }
  const coefficients = { ...base.numbers.coefficients, ...typed };
  const missing = names.filter((name) => coefficients[name] === undefined);
  if (missing.length > 0) {
    throw new UsageError(
      `${base.law.id} lacks ${missing.join(', ')}. Give each with --set NAME=X, or choose a --preset.`,
    );
  }
  // Once a coefficient is changed by hand, the doubt of the fit is no longer its doubt.
  const covariance = Object.keys(typed).length > 0 ? null : (base.numbers.covariance ?? null);
  return { ...base, numbers: { law: base.law.id, coefficients, covariance } };
}

function fromPreset({ catalog }: Context, law: Law | undefined, id: string): ChosenLaw {
  const laws = law ? [law] : catalog.laws;
  const presets = laws.flatMap(({ presets }) => presets);
  const { coefficients, name } = byId(
    presets,
    id,
    '--preset',
    law ? `Presets of ${law.id}` : 'Presets',
  );
  const owner = laws.find(({ presets }) => presets.some((preset) => preset.id === id))!;
  return { law: owner, numbers: { law: owner.id, coefficients }, source: name };
}

async function fromFit(
  { catalog, io }: Context,
  law: Law | undefined,
  path: string,
): Promise<ChosenLaw> {
  const text = new TextDecoder().decode(await io.read(path));
  let fit: FitFile;
  try {
    fit = JSON.parse(text) as FitFile;
  } catch {
    throw new DataError(
      `--fit: ${path} is not JSON. Write it with: isoloss fit FILE --json > ${path}`,
    );
  }
  if (fit?.schema !== 'isoloss.fit/1' || typeof fit.coefficients !== 'object') {
    throw new DataError(
      `--fit: ${path} holds no fit. Write it with: isoloss fit FILE --json > ${path}`,
    );
  }
  if (law && law.id !== fit.law) {
    throw new UsageError(
      `--fit: ${path} is a fit of ${fit.law}, not of ${law.id}. Leave out --law.`,
    );
  }
  const owner = catalog.laws.find(({ id }) => id === fit.law);
  if (!owner) throw new DataError(`--fit: the law ${fit.law} of ${path} is not known here.`);
  const values = Object.entries(fit.coefficients).map(
    ([name, { value }]) => [name, value] as const,
  );
  const without = values.filter(([, value]) => typeof value !== 'number').map(([name]) => name);
  if (without.length > 0) {
    throw new DataError(
      `--fit: ${path} gives no value of ${without.join(', ')}, so it cannot predict.`,
    );
  }
  const coefficients = Object.fromEntries(values) as Record<string, number>;
  return {
    law: owner,
    numbers: { law: owner.id, coefficients, covariance: fit.covariance ?? null },
    source: path,
  };
}

function fromNothing(context: Context, options: Options, typed: boolean): ChosenLaw {
  const law = lawNamed(context, options);
  if (!law || !typed) {
    throw new UsageError(
      'Coefficients are needed: --preset ID, --fit FILE.json, or --law ID with --set NAME=X for each.',
    );
  }
  return { law, numbers: { law: law.id, coefficients: {} }, source: 'typed in' };
}

/** A budget in any form that a person may write, in FLOPs. */
export function budgetFrom({ catalog }: Context, options: Options): number | undefined {
  const text = options.text('flops');
  if (text === undefined) return undefined;
  const units: readonly Unit[] = catalog.quantities.find(({ id }) => id === 'flops')?.units ?? [];
  const flops = readBudget(text, units);
  if (flops !== null) return flops;
  throw new UsageError(
    `--flops: “${text}” is no amount of compute. Write it like 1e24, 5.76e23, "3 ZFLOP" or "100 PF-days".`,
  );
}

/** Values of the law's variables beyond params and tokens (exits), for an optimum. */
export function furtherVariables(law: Law, options: Options): Record<string, number> {
  const given = law.variables
    .filter((id) => id !== 'params' && id !== 'tokens')
    .map((id) => [id, options.number(id)] as const);
  return Object.fromEntries(
    given.filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
