/** isoloss VERB …: finds the verb, and turns whatever stops it into a sentence and an exit code. */
import { localCrew } from '../core/crew';
import { EngineFailure } from '../core/engine';
import { createEstimator } from '../core/estimator';
import { DataError, possible, UsageError } from './complaints';
import type { Io } from './context';
import { helpText, parseOptions } from './options';
import { alignColumns } from './print';
import { compare } from './verbs/compare';
import { fit } from './verbs/fit';
import { laws } from './verbs/laws';
import { optimum } from './verbs/optimum';
import { predict } from './verbs/predict';
import { report } from './verbs/report';

const verbs = [fit, compare, report, predict, optimum, laws];

/** @returns the exit code: 0 a report was written, 1 the data do not allow one, 2 the command is wrong */
export async function run(args: string[], io: Io): Promise<number> {
  const [word = '--help', ...rest] = args;
  const verb = verbs.find(({ usage }) => usage.name === word);
  try {
    if (verb) {
      const options = parseOptions(verb.usage, rest);
      if (!options) {
        io.out(helpText(verb.usage));
        return 0;
      }
      const engine = await io.loadEngine();
      const estimator = createEstimator(localCrew(engine));
      await verb.run({ io, engine, estimator, catalog: await engine.catalog() }, options);
    } else if (word === '--version') {
      const { engine_version: version } = await (await io.loadEngine()).catalog();
      io.out(`isoloss ${version}`);
    } else if (word === '--help' || word === '-h' || word === 'help') {
      const named = verbs.find(({ usage }) => usage.name === rest[0]);
      io.out(named ? helpText(named.usage) : overview());
    } else {
      const names = [...verbs.map(({ usage }) => usage.name), '--help', '--version'];
      throw new UsageError(`“${word}” is no verb. ${possible('Verbs', names)}`);
    }
    return 0;
  } catch (error) {
    const refused = error instanceof EngineFailure ? refusal(error) : error;
    if (!(refused instanceof UsageError || refused instanceof DataError)) throw error;
    const who = verb ? `isoloss ${verb.usage.name}` : 'isoloss';
    io.err(`${who}: ${refused.message}`);
    return refused instanceof UsageError ? 2 : 1;
  }
}

/** What the engine refuses, said of the option that it came from. */
function refusal({ field, message }: EngineFailure): UsageError | DataError {
  if (field.startsWith('columns'))
    return new DataError(`${field.slice('columns.'.length)} ${message}`);
  const option = optionOf.find(([start]) => field.startsWith(start))?.[1];
  if (!option) return new DataError(field ? `${field}: ${message}` : message);
  return new UsageError(`${option}${/^[a-zα-ω]/.test(message) ? '' : ':'} ${message}`);
}

const optionOf: [field: string, option: string][] = [
  ['objective.delta', '--delta'],
  ['objective.penalty', '--penalty'],
  ['objective', '--objective'],
  ['law', '--law'],
  ['fixed', '--fix'],
  ['bounds', '--bound'],
  ['weights', '--weights'],
  ['seed', '--seed'],
  ['tied', '--tie'],
  ['coefficients', '--set'],
  ['covariance', '--fit'],
  ['cost_model', '--cost'],
  ['flops', '--flops'],
  ['at', '--exits'],
];

function overview(): string {
  const rows = verbs.map(({ usage }) => [`  ${usage.name}`, usage.summary]);
  return [
    'isoloss fits neural scaling laws to training runs, and plans with them.',
    '',
    'Usage: isoloss VERB [options]',
    '',
    alignColumns(rows),
    '',
    'isoloss VERB --help tells of one; isoloss --version of itself.',
    'Reports go to standard output, all else to standard error.',
    'Exit code 0: a report was written. 1: the data do not allow one. 2: the command is wrong.',
  ].join('\n');
}
