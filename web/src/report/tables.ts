import { fullPrecision } from '../format';
import { GREEK } from '../format/greek';
import { reportText } from '../text/report';
import { quoted } from './content';
import type { ReportInput } from './input';

interface Line {
  id: string;
  symbol: string;
  value: number | null;
  error: number | null;
  interval: [number, number] | null;
  state: string;
}

/** Coefficients, what they imply, and the split at the budget, as one list. */
function linesOf({ law, report, bootstrap, optimum }: ReportInput): Line[] {
  const drawn = bootstrap?.intervals;
  const best = drawn?.optima.find((one) => one?.flops === optimum?.flops);
  return [
    ...report.coefficients.map((fitted) => ({
      id: fitted.id,
      symbol: law.coefficients.find(({ id }) => id === fitted.id)?.symbol ?? fitted.id,
      state: fitted.state,
      ...quoted(fitted, drawn?.coefficients[fitted.id]),
    })),
    ...report.implied.map((implied) => ({
      id: implied.id,
      symbol: implied.symbol,
      state: 'implied',
      ...quoted(
        implied,
        drawn?.implied.find(({ id }) => id === implied.id),
      ),
    })),
    ...(optimum && report.usable
      ? (['params', 'tokens', 'tokens_per_param', 'loss'] as const).map((id) => ({
          id: `${id}_opt`,
          symbol: { params: 'N_opt', tokens: 'D_opt', tokens_per_param: 'D/N', loss: 'L_opt' }[id],
          state: 'implied',
          ...quoted(optimum[id], best?.[id]),
        }))
      : []),
  ];
}

/** One line a number, full precision, a header of plain names. */
export function csvTable(input: ReportInput): string {
  const header = 'quantity,value,standard_error,lower_95,upper_95,state,interval_method';
  const method = input.bootstrap ? 'bootstrap' : input.report.interval_method;
  const lines = linesOf(input).map(({ id, value, error, interval, state }) =>
    [
      id,
      fullPrecision(value),
      fullPrecision(error),
      fullPrecision(interval?.[0]),
      fullPrecision(interval?.[1]),
      state,
      interval ? method : '',
    ].join(','),
  );
  return `${[header, ...lines].join('\n')}\n`;
}

const LETTERS = new RegExp(`[${Object.keys(GREEK).join('')}]`, 'g');

/** "α_N" → \alpha_{N}, "N_opt" → N_{\mathrm{opt}} */
function latexSymbol(symbol: string): string {
  return symbol
    .replace(/_(\w+)/g, (_, below: string) =>
      below.length > 1 ? `_{\\mathrm{${below}}}` : `_{${below}}`,
    )
    .replace(LETTERS, (letter) => `\\${GREEK[letter]!} `)
    .trim()
    .replace(/ (?=[_}/]|$)/g, '');
}

/** "1.2e24" as LaTeX, to so many significant digits. */
function latexNumber(x: number | null | undefined, digits: number): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return '--';
  const [mantissa, exponent] = x.toExponential(digits - 1).split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -3 && power < 6) {
    const fixed = x.toFixed(Math.max(0, digits - 1 - power));
    return `$${fixed}$`;
  }
  return `$${mantissa} \\times 10^{${power}}$`;
}

/** Digits at which the error shows two. */
function digitsFor(value: number | null, error: number | null): number {
  if (!value || !error || !Number.isFinite(value / error)) return 4;
  const digits = Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(error)) + 2;
  return Math.min(8, Math.max(2, digits));
}

/** A booktabs table of coefficients and the best split, ready for a paper. */
export function latexTable(input: ReportInput): string {
  const rows = linesOf(input).map(({ symbol, value, error, interval }) => {
    const digits = digitsFor(value, error);
    const bounds = interval
      ? `${latexNumber(interval[0], digits)} to ${latexNumber(interval[1], digits)}`
      : '--';
    return `  $${latexSymbol(symbol)}$ & ${latexNumber(value, digits)} & ${latexNumber(error, 2)} & ${bounds} \\\\`;
  });
  const caption = `${reportText.title(input.law.name)}. ${reportText.intervals(input.bootstrap)}`;
  return [
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${caption.replace(/[&%$#_{}]/g, '\\$&').replace(LETTERS, (letter) => `$\\${GREEK[letter]!}$`)}}`,
    '  \\begin{tabular}{lrrr}',
    '  \\toprule',
    '  Quantity & Estimate & Standard error & 95\\,\\% interval \\\\',
    '  \\midrule',
    ...rows,
    '  \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}
