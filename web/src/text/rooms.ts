/** Labels and sentences of what is loaded after the page: Data room, Plan room, tables of the Fit room. */
import type { Quantity } from '../core/protocol';
import { formatFlops, formatNumber } from '../format';
import type { Weights } from '../state/saved';
import { source } from './page';

export const data = {
  heading: 'Data',
  columns: 'Columns',
  role: 'Meaning',
  unit: 'Unit',
  decimal: 'Decimal mark',
  point: '1.5 point',
  comma: '1,5 comma',
  undecided: 'Choose …',
  convention: 'Counted',
  conventions: {
    total: 'all parameters',
    non_embedding: 'without embeddings',
    active: 'active per token',
  },
  roles: {
    run: 'Run name',
    step: 'Step',
    group: 'Group',
    weight: 'Weight',
    ignore: 'Not used',
  } as Record<string, string>,
  showUnused: (count: number) =>
    count === 1 ? 'Show the unused column' : `Show ${count} unused columns`,
  hideUnused: 'Hide unused columns',
  guessAgain: 'Guess again',
  perRun: 'Several rows per run',
  perRuns: {
    all: 'Use every row',
    last: 'Use the last of each run',
    minimum: 'Use the lowest loss of each run',
  },
  derived: (symbol: string, rows: number) =>
    `${symbol} is computed for ${formatNumber(rows)} ${rows === 1 ? 'row' : 'rows'} with`,
  filterUse: (values: string, rows: number) => `Keep only ${values} (${source.rows(rows)})`,
  kept: 'Rows kept',
  keepAll: 'keep all rows',
  keepOnly: (value: string, rows: number) => `only ${value || 'empty'} (${source.rows(rows)})`,
  filterNone: (rows: number) => `Keep all (${source.rows(rows)})`,
  table: 'Runs, one per row',
  on: 'In the fit',
  rowSwitch: (name: string) => `Use ${name}`,
  line: 'Row',
  left: 'Left out because',
  derivedCell: 'computed, not given',
  asWritten: 'as written, not yet converted',
  allOn: 'Switch all on',
  histogram: (name: string, low: string, high: string) => `${name}: from ${low} to ${high}`,
  empty: 'Nothing to show yet. Paste a table above, drop a file, or choose an example.',
};

/** Coefficients held, tied or bounded. */
export const constraints = {
  weights: 'Weights',
  weighting: {
    equal: 'every run alike',
    sqrt_flops: '√C: larger runs count more',
    column: 'by the weight column',
  } satisfies Record<Weights, string>,
  free: 'free',
  fixedAt: 'fixed at',
  equals: (symbol: string) => `equal to ${symbol}`,
  between: 'between',
  least: 'at least',
  most: 'at most',
};

/** The tables under the charts of the Fit room. */
export const results = {
  coefficients: 'Coefficients',
  coefficient: 'Coefficient',
  estimate: 'Estimate ± standard error',
  interval: '95 % interval',
  meaning: 'Meaning',
  quality: 'How well it fits',
  r2: 'R² of ln L',
  rms: 'RMS residual',
  median: 'Median |residual|',
  largest: 'Largest |residual|',
  rows: 'Runs used',
  freeCount: 'Free coefficients',
  objectiveValue: 'Objective',
  starts: 'Starts that agree',
  startsOf: (agreeing: number, tried: number) =>
    `${formatNumber(agreeing)} of ${formatNumber(tried)}`,
  implied: 'follows from the fit',
  /** "D/N" */
  ratio: (tokens: Quantity, params: Quantity) => `${tokens.symbol}/${params.symbol}`,
  at: (flops: number) => `at\u00a0${formatFlops(flops)} FLOPs`,
  ratioMeaning: 'Tokens per parameter of the best split',
  published: 'Beside published numbers',
  yours: 'This fit',
  source: 'Source',
  showAll: (count: number) => `Show all ${count}`,
  showFewer: 'Show fewer',
  sources: 'Sources and caveats',
};

export const plan = {
  heading: 'Plan',
  budget: 'Budget',
  budgetHint: 'FLOPs, such as 1e24, 5.76e23 or 100 PF-days',
  unread: (text: string) =>
    `“${text}” could not be read as a budget. Write it as 1e24, 5.76e23 or 100 PF-days.`,
  cost: 'Compute model',
  yours: 'This fit',
  params: 'Parameters',
  tokens: 'Tokens',
  ratio: 'Tokens per parameter',
  loss: 'Expected loss',
  others: 'What published numbers say at the same budget',
  source: 'Source',
  noInterval: 'no interval available',
  noFitInterval: 'no interval',
  othersNote: 'Published numbers come without a covariance, so no interval can be given for them.',
  incomplete:
    'This fit has no optimum: not every coefficient of the law has a number. The warnings beside it say why.',
  none: 'This law does not say how to split a budget between parameters and tokens. Choose one in N and D.',
};
