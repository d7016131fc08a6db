/** What the engine finds, in words: a sentence for each status, warning and refusal code. */
import type {
  FittedCoefficient,
  FitReport,
  FitStatus,
  FitWarning,
  Law,
  Quantity,
} from '../core/protocol';
import { formatNumber } from '../format';

/** A name, a cause and a way out. */
export interface Finding {
  severity: 'info' | 'warning' | 'error';
  name: string;
  text: string;
}

/** What the sentences quote. */
interface Named {
  coefficients: string;
  quantities: string;
  value: string;
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
  const severity = report.status === 'converged' ? 'info' : report.usable ? 'warning' : 'error';
  return { severity, ...known };
}

const warnings: Record<string, (about: Named) => Omit<Finding, 'severity'>> = {};

export function warningFinding(warning: FitWarning, law: Law, quantities: Quantity[]): Finding {
  const symbols = (ids: string[], among: { id: string; symbol: string }[]) =>
    list(ids.map((id) => among.find((candidate) => candidate.id === id)?.symbol ?? id));
  const about: Named = {
    coefficients: symbols(warning.coefficients, law.coefficients),
    quantities: symbols(warning.quantities, quantities),
    value: warning.value === null ? '' : formatNumber(warning.value, 2),
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

export function startsText(starts: FitReport['starts']): string {
  const { tried, agreeing } = starts;
  return `${formatNumber(agreeing)} of ${formatNumber(tried)} starts agree`;
}

export const failed = (reason: string) => ({
  severity: 'error' as const,
  name: 'The calculation failed.',
  text: `${reason.replace(/\.?$/, '.')} Everything else on the page is kept.`,
});
