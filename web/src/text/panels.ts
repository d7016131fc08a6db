/** Every sentence and label of the Fit room's panels. */
import type { ParabolaFlag } from '../core/estimation-protocol';
import type { Catalog, Law } from '../core/protocol';
import {
  formatCount,
  formatDecades,
  formatFlops,
  formatLoss,
  formatNumber,
  formatPercent,
  formatQuantity,
  formatQuantityInterval,
} from '../format';
import type { AnswerId } from '../model/panels/measures';
import type { Next, Point } from '../model/panels/verdict';
import { warningFinding } from './engine';
import type { Rich } from './page';

const strong = (text: string) => ({ strong: text });
/** A number and its unit stay together. */
const flopsText = (flops: number) => `${formatFlops(flops)}\u00a0FLOPs`;
const runsText = (count: number) => (count === 1 ? '1 run' : `${formatNumber(count)} runs`);

/** "N_opt": the best value of a quantity. */
export const optimal = (symbol: string) => (symbol === 'L' ? symbol : `${symbol}_opt`);
/** "D/N" */
export const ratio = (tokens: string, params: string) => `${tokens}/${params}`;

export const answers: Record<AnswerId, string> = {
  params: 'Best model size',
  tokens: 'Best number of tokens',
  tokens_per_param: 'Tokens per parameter',
  loss: 'Expected loss',
};

export const common = {
  working: 'Working …',
  ofRuns: (done: number, all: number) => `${formatNumber(done)} of ${formatNumber(all)}`,
  failed: (reason: string) => `This could not be computed: ${reason}`,
  noOptimum:
    'This law does not split a budget between parameters and tokens, so this panel has nothing to say about it. Choose a law in N and D.',
  unusable: 'There is no fit to examine yet. The warnings beside the answer say why.',
  needsEstimation: 'The estimation engine is on its way …',
  at: (flops: number) => `at ${flopsText(flops)}`,
  from: (flops: number) => `from ${formatFlops(flops)}`,
  yourData: 'your data',
  cancel: 'Stop',
  none: '–',
  leaveOut: 'Leave out',
  putBack: 'Put back',
  notThere: 'not available',
};

// ---------------------------------------------------------------------------------------------
// Terms, explained on first use

export const terms = {
  bootstrap: {
    word: 'bootstrap',
    text: 'Runs are drawn with replacement, as many as there are, and the law is fitted again; thousands of times. What 95 % of these fits agree on is the interval. It assumes nothing about the noise, only that your runs are a fair sample.',
  },
  sandwich: {
    word: 'sandwich',
    text: 'A formula for standard errors that allows each run its own noise. It is there at once, and close to the bootstrap where there are many runs.',
  },
  profile: {
    word: 'profile',
    text: 'One quantity is held at a value and everything else fitted again. How much worse the fit gets shows how firmly the runs hold it, and whether more firmly on one side.',
  },
  deviance: {
    word: 'deviance',
    text: 'How much worse a fit is than the best one, in units of its noise. Values below 3.84 are compatible with the runs at 95 %, if the noise is alike everywhere.',
  },
  influence: {
    word: 'influence',
    text: 'The fit is repeated without each run in turn. How far the answer moves is the influence of that run.',
  },
  isoflop: {
    word: 'isoFLOP curve',
    text: 'Runs of different sizes that cost the same compute. The loss along them has a minimum, the best size for that budget (approach 2 of Hoffmann et al. 2022).',
  },
  envelope: {
    word: 'envelope',
    text: 'At each compute, the run with the lowest loss so far. The sizes of these best runs follow a power law (approach 1 of Hoffmann et al. 2022).',
  },
  joint: {
    word: 'joint fit',
    text: 'One formula for the loss, fitted to all runs at once (approach 3 of Hoffmann et al. 2022).',
  },
  aicc: {
    word: 'AICc weight',
    text: 'How much the runs speak for each law, counted against its number of coefficients; weights add up to 100 %. It is evidence among these laws only, not the chance that one is true.',
  },
  heldOut: {
    word: 'held-out error',
    text: 'Some runs are set aside, the law is fitted to the others, and its prediction is compared with what was measured. Extrapolation is what a law is for, so this is the test that counts.',
  },
  nested: {
    word: 'simpler law',
    text: 'A special case of this law, with one coefficient held or two made equal. If the full law describes the runs hardly better than chance would make it, the simpler one will do.',
  },
  coverage: {
    word: 'coverage',
    text: 'How often a 95 % interval holds the truth, over many simulated studies whose truth is known. It should be close to 95 %.',
  },
  delta: {
    word: 'δ',
    text: 'Residuals of ln L below δ count squared, larger ones linearly. A small δ makes the fit follow the median run, a large one the mean.',
  },
};
export type TermId = keyof typeof terms;

// ---------------------------------------------------------------------------------------------
// Verdict

export const verdict = {
  pending: 'Asking which run would help most …',
  pendingDraws: 'Checking by resampling …',
  basis: (draws: number | null) =>
    draws === null
      ? 'Intervals so far: sandwich. The bootstrap follows.'
      : `Intervals: 95 %, ${formatNumber(draws)} bootstrap draws of your runs.`,
};

export function verdictSentence(point: Point, law: Law, catalog: Catalog): Rich {
  const params = catalog.quantities.find(({ id }) => id === 'params');
  const size = (x: number) => (params ? formatQuantity(params, x) : formatCount(x));
  const between = (interval: readonly [number, number]) =>
    params ? formatQuantityInterval(params, interval) : interval.map(size).join(' – ');
  switch (point.code) {
    case 'describes':
      return [
        'The law describes ',
        strong(runsText(point.rows)),
        '; half of them lie within ',
        strong(formatPercent(point.median)),
        ' of it.',
      ];
    case 'exponents':
      return [
        'Each exponent is known to ',
        strong(`±${formatPercent(point.error)}`),
        ' or better.',
      ];
    case 'split_known':
      return [
        `At ${flopsText(point.flops)} the best size is well determined: `,
        strong(size(point.value)),
        ` (${between(point.interval)}).`,
      ];
    case 'split_rough':
      return [
        `At ${flopsText(point.flops)} the best size is roughly known: `,
        strong(size(point.value)),
        `, between ${between(point.interval)}.`,
      ];
    case 'split_unknown':
      return point.interval && point.interval[1] / point.interval[0] < 1e4
        ? [
            `The best size at ${flopsText(point.flops)}: anything `,
            strong(between(point.interval)),
            ' agrees with these runs.',
          ]
        : [`The best size at ${flopsText(point.flops)} is `, strong('not determined'), '.'];
    case 'loss_known':
      return [
        `The loss to expect at ${flopsText(point.flops)}: `,
        strong(formatLoss(point.value)),
        `, ±${formatNumber(point.error, 1)}.`,
      ];
    case 'nothing':
      return [`Nothing yet: ${point.law} cannot be fitted to these runs.`];
    case 'warning': {
      const { name, text } = warningFinding(point.warning, law, catalog.quantities);
      // The cause; the way out is the third part's.
      return [strong(name), ` ${text.split(/(?<=\.) /)[0]}`];
    }
    case 'extrapolates':
      return [
        `${flopsText(point.flops)} lies `,
        strong(formatDecades(point.decades)),
        ' beyond the runs. The intervals hold if the law does; nothing here can test that.',
      ];
    case 'at_bound':
      return [
        'In ',
        strong(formatPercent(point.share)),
        ' of the resamples a coefficient ends at its limit: intervals lean on that limit.',
      ];
    case 'failed_draws':
      return [
        strong(formatPercent(point.share)),
        ' of the resamples could not be fitted: too much hangs on single runs.',
      ];
    case 'outliers':
      return [
        strong(`${runsText(point.rows.length)} stand${point.rows.length === 1 ? 's' : ''} out.`),
        ' The Outliers panel says why, and what the answer becomes without.',
      ];
    case 'no_doubt':
      return ['Nothing in these runs speaks against the fit.'];
  }
}

export function nextSentence(next: Next, law: Law, catalog: Catalog): Rich {
  const quantity = (id: string) => catalog.quantities.find((known) => known.id === id);
  const print = (id: string, x: number) => {
    const known = quantity(id);
    return known ? formatQuantity(known, x) : formatCount(x);
  };
  switch (next.code) {
    case 'run':
      return [
        'One run of ',
        strong(print('params', next.params)),
        ' on ',
        strong(print('tokens', next.tokens)),
        ` (${flopsText(next.flops)}, ${formatNumber(next.tokens / next.params, 2)} tokens per parameter) would narrow the interval of the best size by `,
        strong(formatPercent(next.narrows)),
        '. Of all runs near those there are, it helps most.',
      ];
    case 'no_single_run':
      return [
        `One more run would not help much: none near those there are, up to ${flopsText(next.flops)}, narrows the interval of the best size by more than ${formatPercent(Math.max(next.narrows, 0.001))}. Larger runs would.`,
      ];
    case 'way_out': {
      const { text } = warningFinding(next.warning, law, catalog.quantities);
      const sentences = text.split(/(?<=\.) /);
      return [sentences.slice(-1)[0] ?? text];
    }
    case 'none':
      return ['No recommendation for this law.'];
  }
}

// ---------------------------------------------------------------------------------------------
// How sure

const methodNames: Record<string, string> = {
  bootstrap: 'bootstrap',
  sandwich: 'sandwich',
  profile: 'profile',
};

export const methodName = (id: string) => methodNames[id] ?? id;

export const sure = {
  heading: 'How sure',
  thisFit: (method: string) => `This fit, ${methodNames[method] ?? method}`,
  own: 'This fit',
  published: 'Published',
  source: 'Source',
  noError: 'printed without an error',
  printedError: '±1.96 printed standard errors',
  quantity: 'Quantity',
  forestTitle: (what: string) => `${what}, here and in print`,
  forestCoefficient: 'Coefficient',
  forestAnswer: 'Answer at the budget',
  intervals: 'Intervals, 95 %',
  estimate: 'Estimate',
  error: 'Standard error',
  bootstrap: 'Bootstrap',
  sandwich: 'Sandwich',
  profileColumn: 'Profile',
  robustRatio: 'Robust / iid error',
  atBound: 'Ended at a bound',
  failed: 'Could not be fitted',
  drawsField: 'Draws',
  seedField: 'Seed',
  clusterField: 'Draw whole clusters',
  noCluster: 'no, single runs',
  sameQuantity: (name: string) => `of the same ${name}`,
  drawsMeaning: 'More draws make the ends of the intervals steadier',
  seedMeaning: 'Same seed, same result to the last bit',
  clusterMeaning:
    'Points of one curve or one budget share their noise: then whole clusters are drawn',
  basis: (draws: number, seed: number, cluster: string | null) =>
    `${formatNumber(draws)} draws of ${cluster === null ? 'single runs' : `whole clusters by ${cluster}`}, seed ${seed}, percentile intervals.`,
  audit: (audited: number, missed: number, rerun: boolean) =>
    `${formatNumber(audited)} draws were fitted again by a full search: ${missed === 0 ? 'none was missed' : `${formatNumber(missed)} had stopped too early`}${rerun ? ', so all were' : ''}.`,
  auditReasons: {
    missed_optimum:
      'Some draws had stopped at a worse optimum, so every draw was searched in full.',
    few_runs: 'With few runs every draw is searched in full.',
    at_bounds: 'Many draws end at a bound, so every draw is searched in full.',
  } as Record<string, string>,
  uneven: (value: number) =>
    `Errors differ across runs: robust standard errors are ${formatNumber(value, 2)} times those that assume equal noise. The intervals allow for it.`,
  draws: 'Bootstrap draws',
  scatterTitle: (x: string, y: string) => `${plain(y)} against ${plain(x)} over the draws`,
  scatterNote: (shown: number, all: number) =>
    shown < all
      ? `${formatNumber(shown)} of ${formatNumber(all)} draws are shown. A long thin cloud: the two can only be known together.`
      : 'A long thin cloud: the two can only be known together.',
  acrossField: 'Across',
  upField: 'Up',
  profile: 'Profile',
  profileField: 'Profile of',
  profileTitle: (symbol: string) => `How firmly the runs hold ${plain(symbol)}`,
  profileNote: 'Steep sides: firmly held. A flat side: hardly held at all on that side.',
  deviance: 'Deviance',
  devianceLine: (value: number) => `95 %: ${value}`,
  influenceHeading: 'Influence of each run',
  influenceTitle: (symbol: string, name: string, change: number) =>
    `Without ${name || 'one run'}, ${plain(symbol)} changes by ${formatPercent(change, { sign: true })}`,
  influenceNote: 'Each run left out in turn, the law fitted again. Click a run to leave it out.',
  influenceTable: 'Runs that move the answer most',
  tooLarge:
    'Above 20\u202f000 runs a bootstrap would take too long: intervals are those of the sandwich.',
  oneStep: 'Above 20 000 runs by one Newton step instead of a refit.',
  runCompute: 'Compute of the run',
  changeOf: (symbol: string) => `Change of ${plain(symbol)}`,
  runs: 'Runs',
  run: 'Run',
  change: 'Change of the best size without it',
  rowsShown: (shown: number, all: number) =>
    `The ${formatNumber(shown)} strongest of ${formatNumber(all)}.`,
};

/** "best N" for "N_opt", where no index can be set. */
export function plain(symbol: string): string {
  const [base, index] = symbol.split('_');
  return index === 'opt' ? `best ${base}` : symbol.replace('_', '\u2009');
}

// ---------------------------------------------------------------------------------------------
// Three approaches

export const approaches = {
  heading: 'Three approaches',
  intro:
    'The Chinchilla paper estimated the best split of a budget in three ways. Here they are on the same runs.',
  names: {
    1: 'Approach 1: envelope',
    2: 'Approach 2: isoFLOP',
    3: 'Approach 3: joint fit',
  },
  tolerance: 'Tolerance of budgets',
  toleranceMeaning: 'Runs belong to one budget when their compute differs by no more than this',
  budgets: (count: number) =>
    count === 1 ? '1 budget recognised' : `${formatNumber(count)} budgets recognised`,
  budget: 'Budget',
  unassigned: (count: number) => `${runsText(count)} belong to no budget.`,
  unused: 'not used in the power law',
  noBudgets:
    'No budgets were recognised: approach 2 needs several runs of different sizes at the same compute. Raise the tolerance if the budgets are only roughly kept.',
  noCurves: 'Approach 1 needs training curves: several rows per run, with compute and loss.',
  isoFlopTitle: (quantity: string, count: number) =>
    `IsoFLOP curves: the best ${quantity} at ${count === 1 ? 'one budget' : `${formatNumber(count)} budgets`}`,
  isoFlopNote: 'A parabola per budget; its lowest point is the best size for that budget.',
  along: 'Along',
  vertices: 'Lowest points',
  powerLaw: 'power law',
  best: (quantity: string) => `Best ${quantity}`,
  allocationTitle: 'How the approaches split a budget',
  allocationNote:
    'Bands are 95 % intervals. Dotted grey: published coefficients of this law, without intervals.',
  band: (name: string) => `${name}, 95 %`,
  chosen: 'your budget',
  table: (flops: number) => `Side by side at ${flopsText(flops)}`,
  approach: 'Approach',
  showPublished: (count: number) => `Show all ${count} published laws`,
  params: 'Best size',
  tokens: 'Best tokens',
  exponentN: 'Exponent of N in C',
  exponentD: 'Exponent of D in C',
  bias: 'Predicted bias',
  biasExplained: (params: number | null, exponent: number | null) =>
    `If the joint fit were the truth, parabolas through these very sizes and budgets would give a best size off by ${formatPercent(params, { sign: true })}${
      exponent === null || Math.abs(exponent) < 5e-4
        ? ''
        : ` and an exponent off by ${formatNumber(exponent, 2)}`
    }, without any noise. Approach 2 is the picture, approach 3 the number.`,
  sum: (value: number) =>
    `The exponents of N and D add up to ${formatNumber(value, 4)}; unbiased parabolas would give 1.`,
  flags: {
    too_few_points: 'too few runs',
    few_points: 'few runs',
    negative_curvature: 'no minimum: the curve bends down',
    vertex_outside: 'minimum outside the sizes tried',
  } satisfies Record<ParabolaFlag, string>,
  flagged: 'Flags',
  wait: 'Fitting parabolas …',
};

// ---------------------------------------------------------------------------------------------
// Objectives

export const objectives = {
  heading: 'Objectives',
  intro:
    'The same runs under every objective, with all runs and without the outliers. Where the columns agree, the choice does not matter.',
  objective: 'Objective',
  runs: 'Runs',
  all: 'all',
  without: (count: number) => `without ${runsText(count)}`,
  current: 'in force',
  use: 'Use this',
  caption: (flops: number | null) =>
    flops === null
      ? 'Sensitivity to the objective'
      : `Sensitivity to the objective, at ${flopsText(flops)}`,
  spread: (factor: number) =>
    factor < 1.1
      ? `All choices agree on the best size within ${formatPercent(factor - 1)}.`
      : `The choices differ by a factor of ${formatNumber(factor, 2)} in the best size: the objective is part of the answer.`,
};

// ---------------------------------------------------------------------------------------------
// Laws

export const laws = {
  heading: 'Laws',
  intro: 'Every law that these columns allow, on the same runs under the same objective.',
  caption: 'Laws side by side',
  hardlyAny: '<\u202f0.01\u202f%',
  law: 'Law',
  k: 'Free coefficients',
  weight: 'AICc weight',
  error: 'Held-out error',
  bias: 'Bias',
  size: 'Best size',
  use: 'Use this law',
  inUse: 'in use',
  average: 'Weighted average',
  averageNote:
    'Predictions averaged by weight. A weight is evidence among these laws only; where two laws share it, believe neither alone.',
  scheme: 'Held out',
  schemes: {
    largest: 'the largest budgets',
    leave_one_budget_out: 'one budget at a time',
    rolling_origin: 'each next budget',
  } as Record<'largest' | 'leave_one_budget_out' | 'rolling_origin', string>,
  heldOutHeading: 'Held-out runs',
  heldOutTitle: (error: number | null, runs: number) =>
    error === null
      ? 'Runs that the fit had not seen'
      : `${runsText(runs)} that the fit had not seen: off by ${formatPercent(error)} on average`,
  heldOutNote:
    'On the dotted line a prediction is right; above it, the law promised too much loss.',
  baseline: (error: number | null) =>
    error === null
      ? ''
      : `Predicting the best loss seen so far would be off by ${formatPercent(error)}.`,
  extrapolation: (factor: number) => `up to ${formatNumber(factor, 2)} times the compute fitted`,
  measured: 'Measured loss',
  predicted: 'Predicted loss',
  equal: 'exact',
  fold: (budget: string) => `${budget} FLOPs`,
  folds: 'What was held out',
  beyond: 'Beyond the fit',
  outcome: 'Outcome',
  noFolds: 'There are too few budgets or runs to hold some out.',
  tests: 'Would a simpler law do?',
  test: 'Simpler law',
  pValue: 'p-value',
  verdictOf: (p: number) =>
    p < 0.01
      ? 'No: the runs speak clearly against it.'
      : p < 0.05
        ? 'Probably not.'
        : 'It would do: these runs cannot tell the difference.',
  testsRun: 'Test them',
  testsNote: (draws: number) =>
    `By ${formatNumber(draws)} simulated data sets in which the simpler law is true; valid at bounds too.`,
  groups: 'Groups of runs',
  groupsIntro:
    'Does one law hold for all groups? Exponents shared, floor and scales each their own, or fitted apart.',
  groupColumn: 'Group by',
  noGroup: 'no groups',
  markedGroup: (name: string) => `as marked: ${name}`,
  group: 'Group',
  noGroups: (count: number) =>
    count < 2
      ? 'There are not two groups to compare: the column names fewer.'
      : `The column tells ${formatNumber(count)} groups apart: too many for laws of their own.`,
  aside: (count: number) => `${runsText(count)} of no group stand${count === 1 ? 's' : ''} aside.`,
  shared: 'Shared exponents',
  separate: 'Fitted apart',
  preferShared: 'AICc prefers shared exponents.',
  preferSeparate: 'AICc prefers separate fits: the groups follow different exponents.',
  rows: 'Runs',
};

// ---------------------------------------------------------------------------------------------
// Outliers

export const outliers = {
  heading: 'Outliers',
  none: 'No run stands out: none is far off the law, off its neighbours, or decides the answer alone.',
  intro: 'Runs that stand out. None is left out unless you say so.',
  reasons: {
    residual: (value: number, threshold: number) =>
      `lies ${formatNumber(Math.abs(value), 2)} robust standard deviations from the law (more than ${formatNumber(threshold, 2)})`,
    spline: (value: number, threshold: number) =>
      `lies off a smooth curve through its budget, z = ${formatNumber(value, 2)} (more than ${formatNumber(threshold, 2)})`,
    influence: (value: number, threshold: number) =>
      `moves ln N_opt by ${formatNumber(value, 2)}, more than one standard error (${formatNumber(threshold, 2)})`,
  } as Record<string, (value: number, threshold: number) => string>,
  run: 'Run',
  why: 'Why',
  without: (flops: number | null) =>
    flops === null ? 'Answer without it' : `Best size without it, at ${flopsText(flops)}`,
  all: (count: number) => `Leave out ${count === 1 ? 'it' : `all ${formatNumber(count)}`}`,
  allBack: 'Put all back',
  leftOut: (count: number) => `${runsText(count)} left out by you`,
  becomes: 'Without all of them the best size becomes ',
  insteadOf: ' instead of ',
  dropTitle: (what: string) => `${what} as the worst-fitted runs are left out`,
  dropNote:
    'One after another, the run with the largest residual. A steady line: the answer does not hang on a few runs.',
  deltaTitle: (what: string) => `${what} from least absolute deviations to least squares`,
  deltaNote:
    'Small δ follows the median run, large δ the mean. A steady line: the choice does not matter.',
  leftOutCount: 'Runs left out',
  leftOutRuns: 'Runs left out',
  nothingOut: 'nothing left out',
  alsoOut: (name: string) => `also without ${name || 'one run'}`,
  delta: 'Threshold of the loss',
  deltaNow: 'δ in force',
  pathOf: 'Path of',
};

// ---------------------------------------------------------------------------------------------
// Self-test

export const test = {
  heading: 'Self-test',
  intro:
    'Does this machine compute what it should? Laws are found again from data made with them, and intervals are checked against a truth that is known. It takes about a minute and touches none of your runs.',
  start: 'Run the self-test',
  stop: 'Stop and clear',
  ofLaw: (law: string) => `It is about the law in use: ${law}.`,
  recovery: 'Laws recovered from noiseless data',
  recovered: (found: number, all: number) => `${formatNumber(found)} of ${formatNumber(all)}`,
  law: 'Law',
  studies: 'Recovered',
  worst: 'Largest error of a coefficient',
  worstPredicted: 'Of a predicted loss',
  coverage: 'Intervals that hold the truth',
  method: 'Method',
  of: 'Quantity',
  held: 'Held',
  share: 'Coverage',
  within: 'within 92–99 %',
  outside: 'outside 92–99 %',
  coverageNote: (studies: number) =>
    `${formatNumber(studies)} simulated studies with uneven noise; 95 % intervals should hold the truth in 92 to 99 % of them. Few studies scatter: ±${formatPercent(1.96 * Math.sqrt((0.95 * 0.05) / studies))}.`,
  passed: 'This machine finds the laws again, and its intervals hold what they promise.',
  doubtful: 'Something is off. Compare with another browser before trusting the numbers.',
};

export const take = {
  heading: 'Take it away',
  intro:
    'The fit as files, made in this browser. The report carries a methods paragraph and a reporting checklist; the saved fit opens again when it is dropped on this page; the Python program repeats the fit from scratch.',
  waiting: 'Still computing: intervals, laws and approaches enter the report when they are there.',
  complete: 'Intervals, comparison of laws and the three approaches are in it.',
  file: 'File',
  what: 'What it holds',
  save: 'Save',
  copy: 'Copy',
  copied: 'Copied',
  notCopied: 'The browser does not let the page copy. Save the file instead.',
  files: {
    markdown: { name: 'Report, Markdown', what: 'All that a paper should say of this fit' },
    html: {
      name: 'Report to print, HTML',
      what: 'The same with charts, as one page without scripts',
    },
    latex: { name: 'Table, LaTeX', what: 'Coefficients with intervals' },
    csv: { name: 'Table, CSV', what: 'Coefficients and answers in full precision' },
    json: { name: 'Saved fit, JSON', what: 'Numbers, settings and runs, to be opened again' },
    python: { name: 'Program, Python', what: 'Repeats the fit with numpy and scipy alone' },
  },
  noProgram: 'Not every coefficient is determined, so there is no one fit to repeat.',
  charts:
    'The report to print holds the main charts; each is saved by itself from its own menu: PNG, SVG and CSV.',
  failed: 'The file could not be made. Try again when nothing is being computed.',
};
