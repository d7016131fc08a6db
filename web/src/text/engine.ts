/** What the engine finds, in words: a sentence for each status, warning and refusal code. */
import type {
  FittedCoefficient,
  FitReport,
  FitStatus,
  FitWarning,
  Law,
  Quantity,
} from '../core/protocol';
import { formatNumber, formatPercent } from '../format';

/** A name, a cause and a way out. */
export interface Finding {
  severity: 'info' | 'warning' | 'error';
  name: string;
  text: string;
}

/** What the sentences quote. */
interface Named {
  coefficients: string;
  /** By name, and by symbol. */
  quantities: string;
  symbols: string;
  value: string;
  /** The value as percent. */
  percent: string;
}

const list = (names: string[]) =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

const statuses: Record<FitStatus, Omit<Finding, 'severity'>> = {
  converged: { name: 'Converged.', text: '' },
  at_bound: {
    name: 'At a bound.',
    text: 'A coefficient stopped at the edge of what is allowed: the runs do not hold it back. Leave it fixed there, choose a law without it, or add runs.',
  },
  flat_direction: {
    name: 'Not determined.',
    text: 'Different coefficients fit these runs equally well, so the numbers are one choice among many. Fix or tie coefficients, or add runs that vary more.',
  },
  too_few_points: {
    name: 'Too few runs.',
    text: 'The law has more free coefficients than these runs can hold. Add runs, fix coefficients, or choose a law with fewer.',
  },
  max_iterations: {
    name: 'Not finished.',
    text: 'The search ran out of steps before it settled. Take the numbers as a sketch; leave out runs that lie far off, or try another objective.',
  },
  cancelled: {
    name: 'Cancelled.',
    text: 'The search was stopped; what stands here is the best found so far. Any change starts it again.',
  },
};

export function statusFinding(report: Pick<FitReport, 'status' | 'usable'>): Finding {
  const known = statuses[report.status] ?? { name: words(report.status), text: '' };
  const mild = report.usable || report.status === 'cancelled';
  const severity = report.status === 'converged' ? 'info' : mild ? 'warning' : 'error';
  return { severity, ...known };
}

type Sentence = (about: Named) => Omit<Finding, 'severity'> & { severity?: Finding['severity'] };

const warnings: Record<string, Sentence> = {
  too_few_runs: ({ value }) => ({
    name: `Too few runs.`,
    text: `This law needs at least ${value}. Add runs, fix coefficients, or choose a law with fewer.`,
  }),
  too_few_in_group: ({ value }) => ({
    name: 'Too few runs in a group.',
    text: `Every group needs at least ${value} for the coefficients of its own. Add runs, join groups, or leave the small one out.`,
  }),
  exponents_differ: ({ coefficients, value }) => ({
    name: 'The groups differ in more than their scales.',
    text: `Separate fits describe them better, by ${value} AICc: sharing ${coefficients} does not hold here.`,
  }),
  single_value: ({ coefficients, symbols }) => ({
    name: `All runs share ${symbols}.`,
    text: `${coefficients || 'What depends on it'} cannot be fitted. Add runs with another ${symbols}, or fit a law without ${symbols}.`,
  }),
  few_values: ({ value, symbols }) => ({
    name: `Only ${value} values of ${symbols}.`,
    text: `They cannot show how the loss bends. Add runs with another ${symbols}.`,
  }),
  collinear: ({ quantities, symbols, value }) => ({
    name: `${symbols} move together.`,
    text: `Their logs correlate at ${value}, so the effects of ${quantities} cannot be told apart. Add runs that vary one at a fixed value of the other.`,
  }),
  one_budget: () => ({
    name: 'One compute budget only.',
    text: 'All runs spent about the same compute. They show which size does best at this budget, not how that changes with it: exponents and floor cannot be told apart. Add runs at another budget.',
  }),
  ratio_fixed: ({ value, symbols }) => ({
    name: `All runs have ${value} tokens per parameter.`,
    text: `${symbols} grow together, so their effects cannot be told apart and the best split is not determined. Add runs of the same size with more and with fewer tokens.`,
  }),
  few_runs: ({ value }) => ({
    name: 'Few runs.',
    text: `Three for each free coefficient would be ${value}. The numbers hang on single runs and the intervals on little: add runs, or fix or tie coefficients.`,
  }),
  duplicate_rows: ({ value }) => ({
    severity: 'info',
    name: `Copied rows: ${value}.`,
    text: 'They repeat another row in every number, so that run counts more than once. Leave the copies out, unless they are runs of their own.',
  }),
  outliers: ({ value }) => ({
    severity: 'info',
    name: `Runs far off the law: ${value}.`,
    text: 'Off by more than six times the usual scatter. Look at them: leave out what went wrong, and see what the answer becomes.',
  }),
  heavy_tails: ({ percent }) => ({
    name: `Many runs far off the law: ${percent}.`,
    text: 'Off by more than six times the usual scatter: rows gone wrong, or runs of another kind. Find out what they share, and rely on a robust objective only.',
  }),
  trade_off: ({ coefficients, value }) => ({
    severity: 'info',
    name: `${coefficients} go together.`,
    text: `0.01 more of the second with ${value} times the first fits almost as well. Neither is known alone; predictions near the runs are known better.`,
  }),
  exponent_at_bound: ({ coefficients }) => ({
    name: `${coefficients} is at its bound.`,
    text: 'These runs do not hold it back. Fix it, or add runs that spread more widely.',
  }),
  at_own_bound: ({ coefficients }) => ({
    name: `${coefficients} is at a bound that you set.`,
    text: 'The runs would take it further. Its interval says nothing there.',
  }),
  no_floor: ({ coefficients }) => ({
    name: 'No floor to be seen.',
    text: `The best fit has ${coefficients} = 0: these runs do not yet level off. Add larger runs, or fix ${coefficients}.`,
  }),
  no_effect: ({ coefficients }) => ({
    name: `The ${coefficients} term has vanished.`,
    text: 'These runs show no effect of it. Add runs that vary it more, or choose a law without it.',
  }),
  flat_direction: ({ coefficients }) => ({
    name: `${coefficients} are not determined.`,
    text: 'Quite different values fit these runs equally well. Fix or tie one of them, or add runs that spread more widely.',
  }),
  ridge: ({ coefficients }) => ({
    name: `${coefficients} trade off.`,
    text: 'They can change together and hardly alter the fit: each alone is uncertain, predictions near the runs less so. Fix or tie one, or add runs that spread more widely.',
  }),
  weak_exponent: ({ coefficients, percent }) => ({
    name: `${coefficients} is only roughly known.`,
    text: `Its standard error is ${percent} of its value. Add runs that spread more widely before extrapolating far.`,
  }),
  delta_below_noise: ({ percent }) => ({
    severity: 'info',
    name: 'δ lies below the noise.',
    text: `The typical residual (${percent}) is more than five times δ, so large and small residuals count alike. That is robust; raise δ to weigh small residuals as least squares does.`,
  }),
  errors_differ: ({ coefficients, value }) => ({
    severity: 'info',
    name: 'Errors differ across runs.',
    text: `Some runs scatter more than others: the standard error of ${coefficients} is up to ${value} times what equal errors would give. The intervals account for it.`,
  }),
  second_optimum: ({ coefficients, value }) => ({
    name: 'Two explanations fit almost equally well.',
    text: `Another optimum${coefficients && `, with other values of ${coefficients},`} is worse by a deviance of ${value} only; 3.84 would tell them apart. The intervals are those of one of them. Compare what both say, fix a coefficient, or add runs where they differ.`,
  }),
  starts_disagree: ({ percent }) => ({
    name: 'The starts disagree.',
    text: `Only ${percent} of the searches ended at this optimum: another one may be nearly as good. Compare with another objective, or fix a coefficient.`,
  }),
  few_budgets: ({ value }) => ({
    name: `Only ${value} usable budgets.`,
    text: 'A power law through their vertices has no or hardly any check. Add budgets, or let runs further apart in compute count as one.',
  }),
  exponents_do_not_sum: ({ value }) => ({
    name: `The exponents of N and D add up to ${value}.`,
    text: 'With compute proportional to N·D they should add up to 1: the parabolas in ln N and in ln D contradict each other, or compute was counted otherwise.',
  }),
  missing_draws: ({ percent }) => ({
    name: 'Some draws gave no answer.',
    text: `In ${percent} of them the runs left do not fix the curve any more; the intervals tell of the others only. Add runs.`,
  }),
  no_training_curves: () => ({
    name: 'No training curves.',
    text: 'Every run is one point, so the envelope is over final points only and a budget between two runs has no best run of its own.',
  }),
  few_best_runs: ({ value }) => ({
    name: `Only ${value} runs are ever the best.`,
    text: 'A line through so few says little. Add runs of other sizes.',
  }),
};

/** Codes that have a sentence of their own; a test holds them against the engine's. */
export const warningCodes = Object.keys(warnings);

export function warningFinding(warning: FitWarning, law: Law, quantities: Quantity[]): Finding {
  const concerned = warning.quantities.map((id) =>
    quantities.find((quantity) => quantity.id === id),
  );
  const { value } = warning;
  const about: Named = {
    coefficients: list(
      warning.coefficients.map(
        (id) => law.coefficients.find((known) => known.id === id)?.symbol ?? id,
      ),
    ),
    quantities: list(
      concerned.map((quantity, i) => quantity?.name.toLowerCase() ?? warning.quantities[i]!),
    ),
    symbols: list(concerned.map((quantity, i) => quantity?.symbol ?? warning.quantities[i]!)),
    value: value === null ? '' : formatNumber(value, 3),
    percent: formatPercent(value),
  };
  const known = warnings[warning.code];
  return { severity: 'warning', ...(known ? known(about) : generic(warning.code, about)) };
}

/** A code that this page does not know yet still reads as a sentence. */
function generic(
  code: string,
  { coefficients, quantities, value }: Named,
): Omit<Finding, 'severity'> {
  const concerned = [coefficients, quantities].filter(Boolean).join('; ');
  const text = [concerned && `It concerns ${concerned}`, value && `measured: ${value}`];
  const said = text.filter(Boolean).join(', ');
  return { name: words(code), text: said && `${said}.` };
}

function words(code: string): string {
  const text = code.replaceAll('_', ' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** What is unusual about a coefficient; '' = nothing. */
export function coefficientState({ state, tied_to }: FittedCoefficient, law: Law): string {
  switch (state) {
    case 'free':
      return '';
    case 'fixed':
      return 'fixed';
    case 'tied':
      return `= ${law.coefficients.find(({ id }) => id === tied_to)?.symbol ?? tied_to}`;
    case 'at_lower':
      return 'at its lower bound';
    case 'at_upper':
      return 'at its upper bound';
    case 'undetermined':
      return 'not determined';
  }
}

const methods: Record<string, string> = { sandwich: 'robust (sandwich) standard errors' };

export function intervalMethod(id: string): string {
  return `95 % intervals by ${methods[id] ?? id}.`;
}

/** "18 of 18 starts agree."; nothing where there was no search. */
export function startsText(starts: FitReport['starts']): string {
  const { tried, agreeing } = starts;
  if (tried === 0) return '';
  return `${formatNumber(agreeing)} of ${formatNumber(tried)} starts agree.`;
}

export const failed = (reason: string) => ({
  severity: 'error' as const,
  name: 'The calculation failed.',
  text: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${/[.?!]$/.test(reason) ? '' : '.'} Everything else on the page is kept.`,
});

/** Why a fit cannot be used: its status, or the warning of that name, which knows more. */
export function refusalFinding(report: FitReport, law: Law, quantities: Quantity[]): Finding {
  const status = statusFinding(report);
  const exact = report.warnings
    .map((warning) => warningFinding(warning, law, quantities))
    .find(({ name }) => name === status.name);
  return { ...status, ...(exact && { text: exact.text }) };
}
