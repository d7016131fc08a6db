/** All that charts say. Quantities come with their own symbols, names and units from the catalog. */
import type { Quantity } from '../core/protocol';
import { formatDecades, formatPercent } from '../format';

/** Titles of the charts of loss, by the quantity along the axis. */
const LOSS_BY: Record<string, string> = {
  params: 'How does the loss fall with model size?',
  tokens: 'How does the loss fall with training data?',
  flops: 'What loss can a budget buy?',
  exits: 'What do more exits cost?',
};

export const chartText = {
  lossBy: ({ id, name }: Quantity) => LOSS_BY[id] ?? `How does the loss change with ${name}?`,
  map: 'Which sizes and token counts reach the same loss?',
  predicted: 'How close does the law come to the runs?',
  predictedWithin: (median: number) =>
    `Half of the runs are predicted within ${formatPercent(median)}`,
  residuals: 'Where does the law miss?',

  heldNote: (symbols: string[]) => `Lines: the law at equal ${symbols.join(', ')}.`,
  restingNote: (held: string) => `Drawn at ${held}.`,
  bandNote: (from: 'sandwich' | 'bootstrap' = 'sandwich') => `Shaded: 95\u202f% ${from}.`,
  newRunNote: 'Paler: a new run.',
  spreadNote: 'Shaded: where 95\u202f% of the runs lie.',
  mapNote: 'Curves: equal loss. Dotted: equal compute. Straight: compute-optimal.',
  residualNote:
    'Above zero the law predicts too much. Equal spread without a trend is what a good fit shows.',

  frontier: 'compute-optimal',
  beyond: (decades: number) => `${formatDecades(decades)} beyond the data`,
  diagonalNote: 'On the dotted line the law predicts what was measured.',
  predictedAxis: 'Predicted loss (nats per token)',
  measuredAxis: 'Measured loss (nats per token)',
  residualAxis: 'Predicted − measured (%)',
  budget: (printed: string) => `budget ${printed}`,

  keyGroup: 'Group',
  keyOther: 'other',
  keyNone: 'no group',
  keyLeftOut: 'left out',
  keyLaw: 'the law',

  run: (index: number) => `Run ${index + 1}`,
  toggled: (run: string, used: boolean) => `${run}: ${used ? 'back in the fit' : 'left out'}.`,
  leftOut: (reason: string) => `Left out: ${reason}`,
  law: 'law',
  residualSentence: (residual: number) =>
    Math.abs(residual) < 5e-5
      ? 'the law predicts the same'
      : `the law predicts ${formatPercent(Math.abs(residual))} ${residual > 0 ? 'more' : 'less'}`,

  plotLabel: (title: string, count: number, x: string, y: string, runs: boolean) =>
    `${title} ${count} ${runs ? 'runs' : 'points'}, ${y ? `${y} against ${x}` : x}. Arrow keys step through the ${runs ? 'runs' : 'points'}.`,
  plotToggle: 'Enter leaves a run out or takes it back.',
  plotMove: 'Alt with up and down tries another loss, Escape takes that back.',
  plotBrush: 'Shift with arrows marks several runs for Enter.',
  moved: (run: string, loss: string) => `${run}: what if its loss were ${loss}.`,
  movedBack: (run: string) => `${run}: its own loss again.`,
  marked: (count: number) => `${count} ${count === 1 ? 'run' : 'runs'} marked.`,
  unmarked: 'No run is marked.',
  brushed: (count: number, mode: 'off' | 'on') =>
    `${count} ${count === 1 ? 'run' : 'runs'} ${mode === 'off' ? 'left out' : 'back in the fit'}.`,
  brush: 'Select runs',
  brushTip: 'Drag a frame around runs to leave them out or take them back (or Shift and drag)',
  menu: (title: string) => `Save and show: ${title}`,
  menuTable: 'Show as table',
  menuEnlarge: 'Enlarge',
  menuPng: 'Save PNG',
  menuSvg: 'Save SVG',
  menuFailed: 'That part of the page could not be fetched. Check the connection and try again.',
  menuCsv: 'Save CSV',
  close: 'Close',
  tableRun: 'Run',
  tablePoint: 'Point',
  interval: (lower: string, upper: string) => `${lower} to ${upper}`,
  band: '95 %',
  tableGroup: 'Group',
  tableState: 'In the fit',
  tableUsed: 'yes',
  nothing: 'No run has the numbers for this chart yet.',
  grid: 'Charts',
  source: 'Isoloss',
};
