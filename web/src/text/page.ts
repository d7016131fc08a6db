/** Every sentence and label of the page that is not about the engine's findings or the importer's. */
import type { Catalog, DataRange, Law, Optimum, Quantity } from '../core/protocol';
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
import type { LeftOut, RunCounts } from '../model/rows';
import type { Obstacle } from '../state/runs';
import type { Keeping, Theme } from '../state/saved';
import type { Room } from '../state/url';

/** A sentence with its numbers set strong. */
export type Rich = (string | { strong: string })[];

const strong = (text: string) => ({ strong: text });

export const rooms: Record<Room, string> = { data: 'Data', fit: 'Fit', plan: 'Plan' };

export const page = {
  title: 'Isoloss',
  skip: 'Skip to the work',
  rooms: 'Rooms',
  answer: 'Answer',
  close: 'Close',
  answerAndLaw: 'Answer and law',
  theme: 'Colours',
  themes: { system: 'Auto', light: 'Light', dark: 'Dark' } satisfies Record<Theme, string>,
  starting: 'Starting the engine …',
  /** As index.html says it before the page is alive. */
  promise:
    'Fit a scaling law to your training runs and read off the model that a budget should buy.',
  intro:
    'An example opens in a moment. Then paste your runs: one row each, with model size, tokens or compute, and loss. They stay in this browser.',
  partMissing: 'This part of the page could not be loaded. Check the connection and reload.',
  drop: 'Drop the file to read its runs',
};

export const source = {
  region: 'Runs',
  paste: 'Paste your runs here, drop a file, or choose an example',
  open: 'Open a file',
  choose: 'Choose an example',
  own: 'Your runs',
  ownNamed: (name: string) => `Your runs: ${name}`,
  example: (label: string) => `Example: ${label}`,
  rows: (count: number) => (count === 1 ? '1 row' : `${formatNumber(count)} rows`),
  inFit: (count: number) =>
    count === 1 ? '1 run in the fit' : `${formatNumber(count)} runs in the fit`,
  provenance: 'Where these numbers come from',
  clear: 'Clear',
  stayHere: 'Your runs stay in this browser: nothing is sent anywhere.',
  fileUnreadable: (name: string) => `${name} could not be read.`,
  fileBinary: (name: string, kind: string) =>
    `${name} is not text${kind && ` but ${kind}`}. Save the runs as CSV and open that, or paste them.`,
};

export const unavailable = (reason: string) =>
  `The calculations need WebAssembly, and this browser could not start it (${reason}). Your runs are kept; open the page in a current browser to fit them.`;

/** An address that says what this page does not know: a newer one, or a broken one. */
export const unreadAddress = (parts: string[]) =>
  `The address also says ${parts.map((part) => `“${part}”`).join(', ')}, which this page does not know; the rest of it was followed.`;

export const recovered =
  'A calculation broke off and was stopped. Everything on the page is kept; change any setting to try again.';

export const keepingText: Record<Exclude<Keeping, 'kept'>, string> = {
  too_large:
    'These runs are too large for this browser’s storage: they are on the page now but will be gone after a reload. Settings are kept.',
  denied: 'This browser does not let the page store anything: after a reload you start afresh.',
};

export const obstacles: Record<Obstacle, { name: string; text: string }> = {
  no_rows: {
    name: 'No runs yet.',
    text: 'Paste a table with one row per training run: model size, tokens or compute, and loss.',
  },
  no_table: {
    name: 'No runs were found in this text.',
    text: 'The Data room says why.',
  },
  no_ratio: {
    name: 'One number is missing.',
    text: 'A column is in a unit that takes a ratio to convert. Say it in the column bar of the Data room.',
  },
  no_response: {
    name: 'No loss yet.',
    text: 'Nothing can be fitted before one column is marked as the loss. Choose it in the column bar of the Data room.',
  },
  no_law: {
    name: 'No law fits these columns.',
    text: 'A law needs model size, training tokens or compute beside the loss. Mark such a column in the Data room.',
  },
  no_used_rows: {
    name: 'No run is left to fit.',
    text: 'Every row is switched off, filtered out or unreadable. The Data room says why for each.',
  },
};

/** "240 used · 5 left out · 0 unreadable" */
export function countsText(counts: RunCounts): string {
  const parts = [`${formatNumber(counts.used)} used`];
  if (counts.switchedOff > 0) parts.push(`${formatNumber(counts.switchedOff)} switched off`);
  if (counts.filtered > 0) parts.push(`${formatNumber(counts.filtered)} left out by a filter`);
  if (counts.waiting > 0) parts.push(`${formatNumber(counts.waiting)} waiting for a ratio`);
  parts.push(`${formatNumber(counts.unreadable)} unreadable`);
  return parts.join(' · ');
}

const unusableCodes = {
  missing: (name: string) => `${name} is missing`,
  not_positive: (name: string) => `${name} is not above zero`,
  not_finite: (name: string) => `${name} is not a finite number`,
  below_one: (name: string) => `${name} is below one`,
  no_ratio: (name: string) => `${name} waits for its ratio`,
};

export function leftOutText(
  leftOut: LeftOut,
  quantities: Quantity[],
  problemText: (problem: Extract<LeftOut, { kind: 'problem' }>['problem']) => string,
): string {
  switch (leftOut.kind) {
    case 'switched_off':
      return 'switched off by you';
    case 'problem':
      return problemText(leftOut.problem);
    case 'unusable': {
      const quantity = quantities.find(({ id }) => id === leftOut.quantity);
      return unusableCodes[leftOut.code](quantity?.name.toLowerCase() ?? leftOut.quantity);
    }
  }
}

export const fit = {
  heading: 'Fit',
  law: 'Law',
  lacks: (quantities: Quantity[]) =>
    `needs ${quantities.map(({ symbol, name }) => `${symbol}: ${name.toLowerCase()}`).join(', ')}`,
  objective: 'Objective',
  delta: 'δ',
  deltaMeaning: 'Residuals above δ (in ln L) count linearly, not squared',
  hold: 'Fix, tie or bound coefficients, weigh runs',
  holding: (count: number) => `Fix, tie or bound coefficients, weigh runs (${count} held)`,
  penalty: 'Penalty above',
  penaltyMeaning: 'How much more a run counts that the law lies above',
  whatIf: 'What if',
  whatIfNote: (name: string, loss: number) =>
    `${name} had a loss of ${formatLoss(loss)}? Your data are unchanged; Escape takes it back.`,
  whatIfMany: (count: number) =>
    `${formatNumber(count)} runs had other losses? Your data are unchanged; Escape takes it back.`,
  whatIfEnd: 'Take it back',
  fitting: 'Fitting …',
  cancel: 'Cancel',
  instead: (law: string) => `Fit ${law} instead`,
  toData: 'Open the Data room',
  panels: 'What to look at',
  panelNames: {
    '': 'Charts',
    sure: 'How sure',
    approaches: 'Three approaches',
    objectives: 'Objectives',
    laws: 'Laws',
    outliers: 'Outliers',
    test: 'Self-test',
    take: 'Take it away',
  },
  verdict: 'Verdict',
  verdictParts: ['What the runs support', 'What they do not', 'Which run next'],
  loadingPanel: 'Opening …',
  charts: 'Charts',
  loadingCharts: 'Drawing the charts …',
  chartsFailed:
    'The charts could not be drawn. The numbers are not affected; reload the page to try again.',
};

/** Beside a number that lies out of its bounds. */
export const bounds = (lower: number, upper: number) =>
  Number.isFinite(upper)
    ? `Not used: from ${formatNumber(lower)} to ${formatNumber(upper)}.`
    : `Not used: at least ${formatNumber(lower)}.`;

/** How far an answer lies from what the runs cover. */
export const reach = {
  inside: 'inside your data',
  outside: (decades: number) => `${formatDecades(decades)} outside your data`,
};

function times(quantity: Quantity | undefined, x: number | null): string {
  return quantity ? formatQuantity(quantity, x) : formatCount(x);
}

/** An interval stays on one line: word joiners about its dash. */
const unbroken = (interval: string) => interval.replace('–', '\u2060–\u2060');

/** How far a budget lies from those of the runs. */
function distance(decades: number, flops: number, range: [number, number] | undefined): string {
  if (decades === 0) return 'This lies within the budgets of your runs.';
  const below = range !== undefined && flops < range[0];
  return `This is ${formatDecades(decades)} ${below ? 'below your smallest run' : 'beyond your largest run'}.`;
}

/** "G = 4": what else an optimum was asked at. */
export function heldAt(at: Record<string, number>, quantities: Quantity[]): string[] {
  const symbol = (id: string) => quantities.find((quantity) => quantity.id === id)?.symbol ?? id;
  return Object.entries(at).map(([id, x]) => `${symbol(id)}\u00a0=\u00a0${formatNumber(x)}`);
}

/** How an interval came about, in a word. */
export const intervalMethods = { bootstrap: 'bootstrap', sandwich: 'sandwich' };

/** The answer: what the fitted numbers mean at a budget. */
export function answerSentence(
  optimum: Optimum,
  catalog: Catalog,
  range: DataRange,
  at: Record<string, number>,
  intervals: keyof typeof intervalMethods | null,
): Rich {
  const quantity = (id: string) => catalog.quantities.find((candidate) => candidate.id === id);
  const params = quantity('params');
  const { interval } = optimum.params;
  const error = optimum.loss.interval && (optimum.loss.interval[1] - optimum.loss.interval[0]) / 2;
  const decades = optimum.decades_outside.flops;
  const method = intervals ? `, ${intervalMethods[intervals]}` : '';
  const sentence: Rich = [
    `${['At ' + formatFlops(optimum.flops) + ' FLOPs', ...heldAt(at, catalog.quantities)].join(', ')}: `,
    strong(times(params, optimum.params.value)),
    ' on ',
    strong(times(quantity('tokens'), optimum.tokens.value)),
    interval && params
      ? ` (95\u202f%: ${unbroken(formatQuantityInterval(params, interval))}${method}). `
      : '. ',
    'Expected loss ',
    strong(formatLoss(optimum.loss.value)),
    error === null ? '. ' : `, ±\u2060${formatNumber(error, 1)}. `,
  ];
  if (decades !== null) sentence.push(distance(decades, optimum.flops, range.flops));
  return sentence;
}

/** The answer of a law that has no optimum: how well it describes the runs. */
export function fittedOn(law: Law, rows: number, median: number | undefined): string {
  const within =
    median === undefined ? '' : `; half of them lie within ${formatPercent(median)} of it`;
  return `${law.name}, fitted to ${rows === 1 ? '1 run' : `${formatNumber(rows)} runs`}${within}.`;
}
