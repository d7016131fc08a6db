/** What reports say. */
import type { AuditReport } from '../core/estimation-protocol';
import type { DataRange, Optimum } from '../core/protocol';
import { formatCount, formatDecades, formatFlops, formatNumber, formatPercent } from '../format';
import type { QuotedBootstrap } from '../report/input';

const runsOf = (count: number) => (count === 1 ? '1 run' : `${formatNumber(count)} runs`);
const withDelta = (name: string, delta: number | null) =>
  delta === null ? name : `${name} (δ = ${formatNumber(delta)})`;
type Weights = 'equal' | 'sqrt_flops' | 'column';
type LeftOut = { row: number; reason: string }[];

export const snippetText = {
  about: (law: string, objective: string, source: string, rows: number) =>
    [
      `${law}, fitted to ${runsOf(rows)} (${source}).`,
      '',
      `Objective: ${objective}. Written by Isoloss; needs numpy and scipy only, and looks for the`,
      'optimum from a grid of starts of its own. Prints the objective and the coefficients.',
      '',
    ].join('\n'),
};

export const reportText = {
  title: (law: string) => `Scaling-law fit: ${law}`,
  summary: (law: string, rows: number, source: string) =>
    `${law}, fitted to ${runsOf(rows)}. Source: ${source}.`,
  unusable: (name: string, text: string) => `This fit may not be relied on. ${name} ${text}`,
  coefficients: 'Coefficients',
  coefficientHeader: ['Coefficient', 'Estimate ± standard error', '95 % interval', 'Meaning'],
  intervals: (bootstrap: QuotedBootstrap | null) =>
    bootstrap
      ? `Intervals: percentiles of ${formatNumber(bootstrap.draws)} bootstrap refits over ${bootstrap.cluster ?? 'runs'} (seed ${bootstrap.seed}).`
      : 'Intervals: robust (sandwich) standard errors.',
  allocation: (flops: string) => `Best split of ${flops} FLOPs`,
  allocationHeader: ['Quantity', 'Value', '95 % interval'],
  params: 'Parameters',
  tokens: 'Training tokens',
  ratio: 'Tokens per parameter',
  loss: 'Expected loss',
  allocationNote: (cost: string, decades: number | null) =>
    `Compute counted as ${cost}.` +
    (decades === null
      ? ''
      : decades > 0
        ? ` ${formatDecades(decades)} outside the budgets of the runs.`
        : ' Within the budgets of the runs.'),
  approaches: 'The three approaches side by side',
  approachHeader: ['Approach', 'Exponent of N', '95 % interval', 'N', '95 % interval', 'D'],
  comparison: 'Other laws on the same runs',
  comparisonHeader: ['Law', 'AICc weight', 'AICc', 'Held-out error'],
  comparisonNote:
    'Weights say how well each law describes these runs for the coefficients it spends; the held-out error is a check, not the selector.',
  runs: 'Runs',
  rows: (read: number, used: number) =>
    `${formatNumber(used)} of ${formatNumber(read)} rows are in the fit.`,
  range: (name: string, interval: string) => `${name}: ${interval}`,
  outliers: (count: number) =>
    count === 0
      ? 'No run stands out as an outlier.'
      : `${runsOf(count)} flagged as outliers and kept unless listed below.`,
  leftOut: (rows: LeftOut) => grouped(rows),
  quality: 'How well it fits',
  status: (name: string, starts: string) => [name, starts].filter(Boolean).join(' '),
  objective: (name: string, delta: number | null, value: number | null) =>
    `${withDelta(name, delta)}: ${formatNumber(value, 7)} at the optimum.`,
  residuals: (rms: number, median: number, r2: number | null) =>
    `Residuals of ln L: RMS ${formatPercent(rms)}, median ${formatPercent(median)}` +
    (r2 === null ? '.' : `; R² ${formatNumber(r2, 5)}.`),
  condition: (x: number) => `Condition number of the fit (scaled columns): ${formatNumber(x, 2)}.`,
  methods: 'Methods',
  charts: 'Charts',
  checklist: 'Reporting checklist',
  checklistSource:
    'After the checklist of Li, Kudugunta and Zettlemoyer 2025, “(Mis)Fitting: A Survey of Scaling Laws”, arXiv 2502.18969. What only the authors know is left open.',
  repeat: 'To repeat this',
  repeatText: (version: string, seed: number | null) =>
    `Computed by Isoloss ${version}${seed === null ? '' : `; seed ${seed} gives the same draws on any machine`}. The fit as JSON and a Python program that repeats it with numpy and scipy can be taken from the same page.`,
  link: 'Opens this state',
};

/** "rows 3, 7 and 12: switched off" */
function grouped(rows: LeftOut): string[] {
  const byReason = new Map<string, number[]>();
  for (const { row, reason } of rows) byReason.set(reason, [...(byReason.get(reason) ?? []), row]);
  return [...byReason].map(([reason, list]) => {
    const shown = list.slice(0, 12).join(', ');
    const more = list.length > 12 ? ` and ${list.length - 12} more` : '';
    return `${list.length === 1 ? 'Row' : 'Rows'} ${shown}${more}: ${reason}`;
  });
}

export const methodsText = {
  fitted: (law: string, formula: string, citation: string, rows: number, leftOut: number) =>
    `We fitted the ${law} law, L = ${formula} (${citation}), to ${runsOf(rows)}${leftOut ? `; ${formatNumber(leftOut)} rows were left out, with the reasons listed` : ''}.`,
  minimised: (objective: string, delta: number | null, weights: Weights) =>
    `We minimised ${withDelta(objective, delta)} over the residuals, with ${weightWords[weights]}.`,
  fixed: (symbol: string, x: number) => `${symbol} held at ${formatNumber(x, 6)}`,
  tied: (a: string, b: string) => `${b} held equal to ${a}`,
  bounded: (symbol: string, lo: number | null, hi: number | null) =>
    lo === null
      ? `${symbol} at most ${formatNumber(hi)}`
      : hi === null
        ? `${symbol} at least ${formatNumber(lo)}`
        : `${symbol} between ${formatNumber(lo)} and ${formatNumber(hi)}`,
  held: (held: string[]) => `Constraints: ${held.join('; ')}.`,
  search: (tried: number, agreeing: number, value: number | null) =>
    `The optimum is the best of ${formatNumber(tried)} local solves (Newton's method in a trust region with exact second derivatives, from starts spread over the exponents); ${formatNumber(agreeing)} of them ended there, at an objective of ${formatNumber(value, 8)}.`,
  bootstrap: (draws: number, seed: number, cluster: string | null, audit: AuditReport) =>
    `Intervals are 95 % percentile intervals of ${formatNumber(draws)} case-bootstrap refits${cluster ? `, with runs of one ${cluster} drawn together,` : ''} (seed ${seed}), each solved to convergence from the full fit; ${formatNumber(audit.audited)} were solved again by a search of their own, which found a lower objective in ${formatNumber(audit.missed)}${audit.rerun ? ', and all refits were then searched in full' : ''}.`,
  sandwich: (df: number) =>
    `Intervals are 95 % intervals from Powell's sandwich covariance with a t distribution of ${formatNumber(df)} degrees of freedom, which allows errors of unequal size.`,
  noIntervals: 'The runs do not determine the coefficients well enough for intervals.',
  optimum: (cost: string, formula: string, method: Optimum['method']) =>
    `The compute-optimal split counts compute as ${cost}${formula ? ` (${formula})` : ''} and was found ${method === 'closed_form' ? 'in closed form' : 'numerically, as the root of the derivative along the budget'}.`,
  software: (version: string) => `Software: Isoloss ${version}.`,
};

const weightWords: Record<Weights, string> = {
  equal: 'equal weights',
  sqrt_flops: 'weights proportional to the square root of compute',
  column: 'the weights given with the runs',
};

export const checklistText = {
  open: '(for the authors to fill in)',
  hypothesis: 'The law',
  form: 'Which form is fitted?',
  variables: 'Which quantities does it relate?',
  named: (symbol: string, name: string) => `${symbol}: ${name.toLowerCase()}`,
  free: 'Which coefficients are fitted?',
  derived: 'Where does the form come from?',
  training: 'The training runs',
  models: 'How many models, of which sizes, on how many tokens?',
  modelCount: (rows: number, sizes: number, range: DataRange) =>
    [
      runsOf(rows),
      ...(sizes ? [`${formatNumber(sizes)} sizes`] : []),
      ...(range.params
        ? [`${range.params.map((x) => formatCount(x)).join(' to ')} parameters`]
        : []),
      ...(range.tokens ? [`${range.tokens.map((x) => formatCount(x)).join(' to ')} tokens`] : []),
      ...(range.flops ? [`${range.flops.map((x) => formatFlops(x)).join(' to ')} FLOPs`] : []),
    ].join(', '),
  data: 'Which training data?',
  repeated: 'Is any of it repeated?',
  countParams: 'How are parameters counted (are embeddings in)?',
  countCompute: 'How is compute counted?',
  computeAnswer: (name: string, formula: string) => (formula ? `${name}: ${formula}` : name),
  hyperparameters:
    'How are learning rate, batch size and the other settings chosen, and do they change with scale?',
  schedule: 'Does the learning-rate schedule of every run end with the run?',
  code: 'Are code and models open?',
  collection: 'The measurements',
  points: 'How many points are measured, and how many fitted?',
  pointsAnswer: (read: number, used: number, out: number) =>
    `${formatNumber(read)} rows, ${formatNumber(used)} fitted, ${formatNumber(out)} left out`,
  evaluation: 'On which data is the loss measured?',
  checkpoints: 'Final or intermediate checkpoints? Averaged or smoothed?',
  dropped: 'What is left out, and why?',
  droppedAnswer: (rows: LeftOut) => grouped(rows).join('; '),
  noneDropped: 'Nothing.',
  fitting: 'The fit',
  objective: 'What is minimised?',
  objectiveAnswer: withDelta,
  weights: 'How are runs weighted?',
  weightsAnswer: (weights: Weights) => weightWords[weights],
  algorithm: 'By which algorithm, from which starts, and did it converge?',
  algorithmAnswer: (tried: number, agreeing: number) =>
    `Trust-region Newton with exact derivatives; ${formatNumber(tried)} starts from a scan and a lattice over the exponents, ${formatNumber(agreeing)} at the optimum`,
  validated: 'Was the law checked on runs it had not seen?',
  heldOut: 'Yes: see the held-out errors above.',
  uncertainty: 'How is the uncertainty estimated?',
  bootstrapAnswer: (draws: number, seed: number, cluster: string | null) =>
    `Case bootstrap over ${cluster ?? 'runs'}, ${formatNumber(draws)} refits, percentile intervals, seed ${seed}`,
  sandwichAnswer: 'Powell sandwich covariance, t quantiles',
  extrapolation: 'How far are the answers from the data?',
  extrapolationAnswer: (flops: number, decades: number | null) =>
    decades === null
      ? `${formatFlops(flops)} FLOPs`
      : decades > 0
        ? `${formatFlops(flops)} FLOPs, ${formatDecades(decades)} outside the budgets of the runs`
        : `${formatFlops(flops)} FLOPs, within the budgets of the runs`,
  reproduce: 'Can the fit be repeated?',
  reproduceAnswer: 'Yes: by the JSON file and the Python program that come with this report.',
};
