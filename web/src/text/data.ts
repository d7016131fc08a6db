/**
 * What the importer has to say, in words: a sentence for each code of a note, problem, reason and
 * format. Each says what is wrong, where, and what to do.
 */
import type {
  ColumnChoice,
  DataRow,
  FilterOffer,
  Fix,
  Note,
  Role,
  RowProblem,
} from '../data/types';
import { formatNumber } from '../format';

type Values = Record<string, string | number>;
type Sentence = (values: Values, rows: string) => string;

const roleNames: Partial<Record<Role, string>> = {
  params: 'parameters (N)',
  tokens: 'training tokens (D)',
  flops: 'training FLOPs (C)',
  exits: 'exits (G)',
  loss: 'loss (L)',
  run: 'run name',
  step: 'step',
  group: 'group',
  weight: 'weight',
};
const roleName = (role: string | number | undefined) => roleNames[role as Role] ?? String(role);

const number = (value: string | number | undefined) =>
  typeof value === 'number' ? formatNumber(value, Number.isInteger(value) ? 6 : 3) : (value ?? '');

const symbol = (quantity: string | number | undefined) => (quantity === 'params' ? 'N' : 'D');

/** All digits of a number read from a cell. */
const exact = (value: string | number | undefined) =>
  typeof value === 'number' ? formatNumber(value, 15) : (value ?? '');

/** A cell or a name as it stands, cut where it is very long. */
function quote(text: string | number | undefined): string {
  const whole = String(text ?? '').replace(/\s+/g, ' ');
  return `“${whole.length > 60 ? `${whole.slice(0, 57)}…` : whole}”`;
}

const many = (count: string | number | undefined, one: string, more = `${one}s`) =>
  `${number(count)} ${count === 1 ? one : more}`;

/** "row 3", "rows 3, 7 and 12", "rows 1, 2, 3, 4 and 17 more" */
function rowList(rows: readonly number[] | undefined): string {
  if (!rows || rows.length === 0) return '';
  const shown = rows.slice(0, rows.length > 5 ? 4 : 5).map((row) => String(row + 1));
  if (rows.length === 1) return `row ${shown[0]}`;
  const last = rows.length > 5 ? `${rows.length - 4} more` : shown.pop();
  return `rows ${shown.join(', ')} and ${last}`;
}

const notes: Record<string, Sentence> = {
  // The text
  empty_text: () => 'There is nothing here. Paste a table of runs with its header, or drop a file.',
  binary_file: ({ kind }) =>
    `This is a binary file${kind ? ` (${kind})` : ''}, not text. Save the table as CSV and open that.`,
  guessed_encoding: ({ encoding }) =>
    `The file is not UTF-8; it was read as ${encoding}. Check names with accents, or save it as UTF-8.`,
  not_a_table: () =>
    'This text is not a table: one column, and no number in it. Copy the runs together with their header.',
  only_header: ({ names }) =>
    `There is only a header (${names}) and no row below it. Copy the rows as well.`,
  no_numbers: ({ columns }) =>
    `None of the ${many(columns, 'column')} holds a number. Parameters, tokens or FLOPs, and the loss are needed.`,
  html_without_table: () =>
    'This is a web page without a table in it. Copy the table itself, or save it as CSV.',
  json_broken: ({ line, position, found }) =>
    `This is not valid JSON: line ${line}, character ${position}, at ${quote(found)}. Correct it there.`,
  json_truncated: ({ line }) =>
    `The JSON text ends in the middle, in line ${line}. Copy it again as a whole.`,
  json_no_table: () =>
    'This JSON holds no runs: a list of objects, or a list for each column, is needed.',
  json_lines_broken: ({ count, line }) =>
    `${many(count, 'line is', 'lines are')} not valid JSON and left out, the first is line ${line}. Correct or remove ${count === 1 ? 'it' : 'them'}.`,
  json_strange_elements: ({ count }) =>
    `${many(count, 'element')} of the list ${count === 1 ? 'is' : 'are'} no object and left out.`,
  json_uneven: ({ name, count, rows }) =>
    `The lists differ in length: ${quote(name)} has ${number(count)} of ${number(rows)} values. Its last rows are empty; check that the lists belong together.`,
  unclosed_quote: ({ line }) =>
    `A quote opens in line ${line} and never closes, so quotes were read as plain characters. Close or remove it.`,
  long_rows: ({ count, columns }, rows) =>
    `${many(count, 'row has', 'rows have')} more cells than the ${number(columns)} columns (${rows}), and cannot be used. A comma within a number may have cut it: put such cells in quotes.`,
  short_rows: ({ count, columns }, rows) =>
    `${many(count, 'row has', 'rows have')} fewer cells than the ${number(columns)} columns (${rows}); the missing ones are taken as empty.`,
  repeated_names: ({ names }) =>
    `Several columns have the same name (${names}); the later ones got a number.`,
  no_header: ({ columns }) =>
    `There is no header, so the columns are called column 1 to ${number(columns)}. Check what each means.`,
  comment_lines: ({ count, line }) =>
    `${many(count, 'comment line')} left out, from line ${line} on.`,
  lines_before_header: ({ count, line }) =>
    `${many(count, 'line')} above the header left out, from line ${line} on.`,
  units_row: ({ line }) => `Line ${line} holds units; they were taken into the column names.`,
  totals_row: ({ count, line }) =>
    `${many(count, 'line')} with totals or averages left out at the end (line ${line}).`,
  repeated_header: ({ count, line }) =>
    `The header is repeated ${count === 1 ? 'once' : `${number(count)} times`}, first in line ${line}; left out.`,
  wandb_chart_long: ({ runs, twins }) =>
    `A chart exported by W&B: ${many(runs, 'run')}, one row for each step${Number(twins) > 0 ? `; ${many(twins, '__MIN and __MAX column')} dropped` : ''}.`,
  column_from_names: ({ name, role, sample }) =>
    `The table has no column of ${roleName(role)}, but names carry it, like ${quote(sample)} in ${quote(name)}. A column was added.`,
  tokens_from_steps: ({ formula }) =>
    `The table has no column of training tokens; ${formula} was added. Check that the batch is the whole one, in sequences.`,

  // What the columns mean
  no_loss: ({ names }) =>
    `No column was recognised as the loss. Choose it among the columns (${names}).`,
  no_sizes: ({ names }) =>
    `No column was recognised as parameters, tokens or FLOPs. Choose them among the columns (${names}).`,
  one_size: ({ role }) =>
    `Only ${roleName(role)} is given. With a second one of parameters, tokens and FLOPs, the third follows.`,
  repeated_role: ({ role, name, first }) =>
    `Both ${quote(first)} and ${quote(name)} are chosen as ${roleName(role)}; the first one is used.`,
  ambiguous_decimal: ({ name, sample }) =>
    `Column ${quote(name)}: ${quote(sample)} can be read in two ways. Choose one; until then these cells are not used.`,
  assumed_decimal: ({ name, sample, value }) =>
    `Column ${quote(name)}: ${quote(sample)} is read as ${exact(value)}, as the rest of the table suggests.`,
  mixed_decimals: ({ name, sample, decimal }) =>
    `Column ${quote(name)} mixes decimal points and decimal commas; ${decimal === ',' ? 'commas' : 'points'} are taken as the rule. Check cells like ${quote(sample)}.`,
  ratio_needed: ({ name }) =>
    `Column ${quote(name)} is in bits per byte. Say how many bytes a token has, so that it can be turned into nats per token.`,
  giga: ({ name, sample }) =>
    `Column ${quote(name)}: the G in ${quote(sample)} is read as billion.`,
  small_counts: ({ name, role, median }) =>
    `Column ${quote(name)} has small numbers for ${roleName(role)}: half are below ${number(median)}. They may be in millions or billions.`,
  other_columns: ({ role, name, others, count }) =>
    `${quote(name)} is used as ${roleName(role)}; ${others} ${count === 1 ? 'was' : 'were'} not.`,
  heads_may_be_exits: ({ name }) =>
    `Column ${quote(name)} may count exits (G) or attention heads. It is not used unless you say so.`,
  step_log_last: ({ rows, runs }) =>
    `This is a log: ${many(rows, 'row')} of ${many(runs, 'run')}. The last row of each run is used. The loss in the middle of a schedule lies above that of a run finished there, so a fit to all rows is biased.`,
  step_log_minimum: ({ rows, runs }) =>
    `This is a log: ${many(rows, 'row')} of ${many(runs, 'run')}. The row of lowest loss of each run is used; noise makes it a little too low.`,
  diverged_runs: ({ count }, rows) =>
    `${many(count, 'run')} diverged or crashed (${rows}). ${count === 1 ? 'It stays' : 'They stay'} in the table but ${count === 1 ? 'does' : 'do'} not go into the fit.`,
  unreadable_rows: ({ count }, rows) =>
    `${many(count, 'row holds', 'rows hold')} a cell that cannot be used (${rows}). Correct the cells, or leave the rows out.`,
  rows_with_gaps: ({ count }, rows) =>
    `${many(count, 'row lacks', 'rows lack')} a number that is needed (${rows}).`,
  no_usable_rows: ({ count }) =>
    `None of the ${many(count, 'row')} can be used. The reason stands beside each row.`,

  // What the numbers give away
  ratio_six: () => 'C = 6·N·D in all rows: forward and backward pass are counted, as is usual.',
  ratio_two: () =>
    'C = 2·N·D in all rows: only the forward pass is counted. Let C be computed instead, or take C as it is.',
  ratio_constant: ({ ratio }) =>
    `C = ${number(ratio)}·N·D in all rows, where 6 is usual. Check what is counted, or let C be computed.`,
  ratio_drifts: ({ low, high }) =>
    `C/(N·D) runs from ${number(low)} to ${number(high)}: C counts more than the weights (attention, embeddings), or N and D another thing than C. Take C as it is, or let it be computed.`,
  ratio_other_unit: ({ ratio }) =>
    `C/(N·D) is ${number(ratio)}, where 6 is usual: C seems to be in another unit.`,
  loss_like_perplexity: ({ low, high }) =>
    `Losses from ${number(low)} to ${number(high)} are too high for nats per token. They may be perplexities.`,
  loss_low: ({ median }) =>
    `Half of the losses are below ${number(median)}, low for nats per token. They may be bits per byte, or of an easy text such as code.`,
  not_spread: ({ quantity, value }) =>
    `All runs share ${symbol(quantity)} (${number(value)}), so its effect cannot be seen. Add runs with another value, or choose a law without it.`,
  few_distinct: ({ quantity, count }) =>
    `There are only ${number(count)} different values of ${symbol(quantity)}; an exponent needs at least three. Add runs, or fix the exponent.`,
  one_budget: ({ flops }) =>
    `All runs have one compute budget (${number(flops)} FLOPs). How the best split changes with compute cannot be seen; add another budget.`,
  fixed_tokens_per_param: ({ ratio }) =>
    `All runs have the same D/N (${number(ratio)}), so the effects of N and D cannot be told apart. Add runs with another ratio, or tie the exponents.`,
  single_exits: ({ value }) =>
    `All runs have G = ${number(value)}, so its exponent cannot be fitted. Choose a law without G, or add runs.`,
  duplicates: ({ points, rows: count, quantity }, rows) =>
    `${many(count, 'row')} share ${many(points, quantity ? 'value' : 'point')} of ${quantity ? symbol(quantity) : 'N and D'} (${rows}): other seeds or settings. Each counts; filter if only the best ones should.`,
  near_duplicates: ({ near, sizes }) =>
    `${number(near)} of ${number(sizes)} model sizes differ by less than 0.5 % from another, as when one size is read off a figure several times.`,
  loss_rises: ({ count }, rows) =>
    `In ${many(count, 'row')} the loss is higher than with fewer tokens at the same N (${rows}). Check for unfinished runs, repeated data or another setting.`,
};

/** The whole sentence of a note. */
export function noteText(note: Note, _header: readonly string[] = []): string {
  const sentence = notes[note.code];
  return sentence ? sentence(note.values, rowList(note.rows)) : note.code.replaceAll('_', ' ');
}

const fixes: Record<string, (values: Values) => string> = {
  ignore_column: ({ name }) => `Do not use ${quote(name)}`,
  read_as: ({ sample, value }) => `${quote(sample)} means ${exact(value)}`,
  in_millions: () => 'They are in millions',
  in_billions: () => 'They are in billions',
  use_column: ({ name, role }) => `Use ${quote(name)} as ${roleName(role)}`,
  per_run_last: () => 'Use the last row of each run',
  per_run_minimum: () => 'Use the lowest loss of each run',
  per_run_all: () => 'Use all rows',
  derive_flops: () => 'Compute C from N and D',
  change_unit: ({ unit }) => `Read as ${unit}`,
};

/** What the button of a fix says. */
export function fixText({ label, values }: Fix): string {
  return fixes[label]?.(values) ?? label.replaceAll('_', ' ');
}

const problems: Record<string, (cell: string) => string> = {
  missing: () => 'nothing is given',
  not_a_number: (cell) => `${cell} is not a number`,
  not_a_number_comma: (cell) => `${cell} is not a number as this column writes them`,
  ambiguous_number: (cell) => `${cell} can be read in two ways`,
  other_unit: (cell) => `${cell} is in another unit than the column`,
  not_positive: (cell) => `${cell} is not above zero`,
  diverged: (cell) => `the run diverged (${cell})`,
  filtered: (cell) => `left out by the filter: ${cell}`,
  long_row: () => 'the row has more cells than the header',
  not_last_of_run: () => 'not the last row of its run',
  not_minimum_of_run: () => 'not the lowest loss of its run',
};

const remedies: Record<string, string> = {
  missing: 'Fill in the cell or leave the row out.',
  not_a_number: 'Correct the cell or leave the row out.',
  not_a_number_comma: 'Choose how numbers are written in the column, or correct the cell.',
  ambiguous_number: 'Choose how numbers are written in the column.',
  other_unit: 'Write the column in one unit.',
  not_positive: 'Correct the cell or leave the row out.',
  diverged: 'It is kept, but not fitted.',
  long_row: 'Put cells that hold a comma in quotes.',
};

/** Why a row is left out, as a phrase: "loss: “n/a” is not a number". */
export function problemText(problem: RowProblem, header: readonly string[] = []): string {
  const phrase = problems[problem.code]?.(quote(problem.cell)) ?? problem.code.replaceAll('_', ' ');
  const name = problem.column === null ? undefined : header[problem.column];
  return name === undefined ? phrase : `${name}: ${phrase}`;
}

/** The same as a sentence: "Row 12, column loss: “n/a” is not a number. Correct the cell or leave the row out." */
export function problemSentence(
  row: DataRow,
  problem: RowProblem,
  header: readonly string[],
): string {
  const column = problem.column === null ? '' : `, column ${header[problem.column]}`;
  const remedy = remedies[problem.code];
  return `Row ${row.index + 1}${column}: ${problemText(problem)}.${remedy ? ` ${remedy}` : ''}`;
}

const reasons: Record<string, (evidence: string) => string> = {
  example: () => 'The example says so.',
  name_matches: (name) => `The name ${quote(name)} says so.`,
  values_look_like: (range) => `The values look like it (${range}).`,
  chosen_by_you: () => 'Chosen by you.',
  other_column_chosen: (role) => `Another column is used as ${roleName(role)}.`,
  values_unlikely: (role) => `The name suggests ${roleName(role)}, but the values do not.`,
  known_not_needed: () => 'Known, but not needed for a fit.',
  not_numbers: () => 'The name fits, but the cells are no numbers.',
  not_recognised: () => 'Neither name nor values are recognised.',
};

/** Why a column has its role. */
export function reasonText(choice: ColumnChoice, header = ''): string {
  return reasons[choice.reason]?.(choice.evidence ?? header) ?? choice.reason.replaceAll('_', ' ');
}

const offers: Record<string, string> = {
  run_state: 'tells how runs ended',
  marks_bad_rows: 'seems to mark rows that were not trusted',
  marks_good_rows: 'seems to mark rows that were used',
};

/** Why a filter is offered: "“outlier” seems to mark rows that were not trusted." */
export function offerText(offer: FilterOffer, header: readonly string[]): string {
  return `${quote(header[offer.column])} ${offers[offer.reason] ?? ''}.`;
}

const formats: Record<string, string> = {
  csv: 'comma-separated',
  tsv: 'tab-separated',
  semicolon: 'semicolon-separated',
  pipe: 'pipe-separated',
  spaces: 'separated by spaces',
  markdown: 'Markdown table',
  latex: 'LaTeX table',
  html: 'HTML table',
  json: 'JSON',
  json_rows: 'JSON, one object per run',
  json_columns: 'JSON, one list per column',
  json_lines: 'JSON lines',
  hf_trainer: 'Hugging Face trainer state',
  wandb_chart: 'W&B chart export',
  wandb_runs: 'W&B run table',
  mlflow_runs: 'MLflow runs',
  tensorboard: 'TensorBoard scalars',
  binary: 'binary file',
  empty: 'nothing',
};

/** How the text was split, for people. */
export function formatText(format: string): string {
  return formats[format] ?? format;
}
