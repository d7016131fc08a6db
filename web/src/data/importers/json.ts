/**
 * JSON in the shapes that scripts write: an array of runs, {runs: […]}, one array of runs for each
 * optimizer, columns as arrays, pandas' to_json, runs by name, a Hugging Face trainer_state, and one
 * object per line. Objects inside a run are flattened: {"eval": {"loss": 3}} → "eval.loss".
 */
import type { Note } from '../types';
import { emptyGrid, firstLine } from './importer';
import type { Grid, Importer } from './importer';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };
/** Flattened: column name → cell. */
type Entry = Map<string, string>;

export const json: Importer = {
  id: 'json',
  recognise: (text) =>
    /^\s*(?:\{\s*(?:["'}]|$)|\[\s*(?:[[{\]"\d-]|$|null|true|false|NaN))/.test(text),
  read(text) {
    const value = parse(text);
    if (value === undefined) return emptyGrid('json', ...placeOfError(text));
    return readValue(value, 3) ?? emptyGrid('json', 'json_no_table');
  },
};

export const jsonLines: Importer = {
  id: 'json_lines',
  recognise(text) {
    const first = firstLine(text);
    return (
      /^\s*\{.*\}\s*,?\s*$/.test(first) &&
      /\}\s*,?\s*\n\s*\{/.test(text) &&
      isObject(parse(first.trim().replace(/,$/, '')))
    );
  },
  read(text) {
    const entries: Entry[] = [];
    const lines: number[] = [];
    const broken: number[] = [];
    text.split('\n').forEach((line, index) => {
      if (line.trim() === '') return;
      const value = parse(line.trim().replace(/,$/, ''));
      if (isObject(value)) {
        entries.push(flatten(value));
        lines.push(index + 1);
      } else {
        broken.push(index + 1);
      }
    });
    const notes: Note[] = [];
    if (broken.length > 0) {
      const values = { count: broken.length, line: broken[0]! };
      notes.push({ code: 'json_lines_broken', severity: 'warning', values });
    }
    return gridOf('json_lines', entries, lines, notes);
  },
};

/** Python writes NaN and Infinity, which JSON does not have: they become strings. Undefined: not JSON. */
function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    if (!/NaN|Infinity/.test(text)) return undefined;
  }
  try {
    return JSON.parse(
      text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
        token.startsWith('"') ? token : `"${token}"`,
      ),
    ) as Json;
  } catch {
    return undefined;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isArray = (value: Json | undefined): value is Json[] => Array.isArray(value);
const isListOfObjects = (value: Json): value is JsonObject[] =>
  isArray(value) && value.length > 0 && value.every(isObject);
const isListOfScalars = (value: Json): value is Json[] =>
  isArray(value) &&
  value.length > 0 &&
  value.every((item) => typeof item !== 'object' || item === null);

/** @param depth how many wrappers ({"data": …}) may still be taken off */
function readValue(value: Json, depth: number): Grid | null {
  if (isArray(value)) return readArray(value);
  if (!isObject(value)) return null;
  const { log_history: log, columns, data, schema, runs } = value;
  // A fit that was saved: its other lists are no runs.
  if (typeof schema === 'string' && runs && isListOfObjects(runs)) return readArray(runs);
  if (log && isListOfObjects(log)) return readTrainerState(log);
  if (columns && data && isListOfScalars(columns) && isArray(data) && data.every(isArray)) {
    return gridOfCells('json_columns', [columns, ...data], true);
  }

  const fields = Object.entries(value);
  const lists = fields.filter((field): field is [string, JsonObject[]] =>
    isListOfObjects(field[1]),
  );
  if (lists.length > 0) {
    const entries = lists.flatMap(([group, runs]) =>
      runs.map((run) =>
        lists.length > 1 ? new Map([['group', group], ...flatten(run)]) : flatten(run),
      ),
    );
    return gridOf('json_rows', entries);
  }
  const columnFields = fields.filter((field): field is [string, Json[]] =>
    isListOfScalars(field[1]),
  );
  if (columnFields.length > 0) return readColumns(columnFields);

  const objects = fields.filter((field): field is [string, JsonObject] => isObject(field[1]));
  if (objects.length > 0 && objects.length === fields.length) {
    const numbered = objects.every(([, inner]) => {
      const keys = Object.keys(inner);
      return keys.length > 0 && keys.every((key) => /^\d+$/.test(key));
    });
    if (numbered) return readColumns(objects.map(([name, inner]) => [name, Object.values(inner)]));
    if (objects.length > 1) {
      return gridOf(
        'json_rows',
        objects.map(([run, inner]) => new Map([['run', run], ...flatten(inner)])),
      );
    }
  }
  if (depth > 0 && objects.length > 0) {
    for (const [, inner] of objects) {
      const grid = readValue(inner, depth - 1);
      if (grid) return grid;
    }
  }
  return depth === 3 && objects.length === 0 && fields.length > 0
    ? gridOf('json_rows', [flatten(value)])
    : null;
}

function readArray(values: Json[]): Grid | null {
  if (values.length > 0 && values.every(isArray)) {
    const rows = values as Json[][];
    const headed = rows[0]!.length > 0 && rows[0]!.every((cell) => typeof cell === 'string');
    return gridOfCells('json_rows', rows, headed);
  }
  const objects = values.filter(isObject);
  if (objects.length === 0) return null;
  const notes: Note[] = [];
  if (objects.length < values.length) {
    const strange = values.filter((value) => !isObject(value)).length;
    notes.push({ code: 'json_strange_elements', severity: 'warning', values: { count: strange } });
  }
  const lines = values.flatMap((value, index) => (isObject(value) ? [index + 1] : []));
  return gridOf(
    'json_rows',
    objects.map((object) => flatten(object)),
    lines,
    notes,
  );
}

function readColumns(columns: [name: string, cells: Json[]][]): Grid {
  const length = Math.max(...columns.map(([, cells]) => cells.length));
  const rows: Json[][] = [columns.map(([name]) => name)];
  for (let i = 0; i < length; i += 1) rows.push(columns.map(([, cells]) => cells[i] ?? null));
  const grid = gridOfCells('json_columns', rows, true);
  const short = columns.find(([, cells]) => cells.length < length);
  if (short) {
    const values = { name: short[0], count: short[1].length, rows: length };
    grid.notes.push({ code: 'json_uneven', severity: 'warning', values });
  }
  return grid;
}

/** Training and evaluation of one step are logged apart: entries of the same step become one row. */
function readTrainerState(log: JsonObject[]): Grid {
  const byStep = new Map<string, Entry>();
  log.forEach((item, index) => {
    const entry = flatten(item);
    const step = entry.get('step') ?? `#${index}`;
    byStep.set(step, new Map([...entry, ...(byStep.get(step) ?? [])]));
  });
  return gridOf('hf_trainer', [...byStep.values()]);
}

/** A cell for each scalar, at most four levels down; of a list inside a run, its text. */
function flatten(value: JsonObject, prefix = '', into: Entry = new Map()): Entry {
  for (const [key, inner] of Object.entries(value)) {
    if (isObject(inner) && prefix.split('.').length < 4) flatten(inner, `${prefix}${key}.`, into);
    else into.set(prefix + key, cellOf(inner));
  }
  return into;
}

function cellOf(value: Json): string {
  if (value === null) return '';
  if (typeof value !== 'object') return String(value).trim();
  return isListOfScalars(value) ? value.map(String).join(' ') : '…';
}

function gridOf(format: string, entries: Entry[], lines?: number[], notes: Note[] = []): Grid {
  const columns = new Map<string, number>();
  for (const entry of entries) {
    for (const name of entry.keys()) if (!columns.has(name)) columns.set(name, columns.size);
  }
  const header = [...columns.keys()];
  const rows = entries.map((entry) => header.map((name) => entry.get(name) ?? ''));
  const elements = lines ?? entries.map((_, index) => index + 1);
  return { format, rows: [header, ...rows], lines: [0, ...elements], headed: true, notes };
}

function gridOfCells(format: string, values: Json[][], headed: boolean): Grid {
  const rows = values.map((row) => row.map(cellOf));
  const lines = rows.map((_, index) => (headed ? index : index + 1));
  return { format, rows, lines, headed, notes: [] };
}

const token =
  /\s*(?:([{}[\]:,])|("(?:[^"\\\p{Cc}]|\\.)*")|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|-?Infinity|NaN)/uy;

/** Where the text stops being JSON, as code and values of a note; for text that JSON.parse refuses. */
function placeOfError(text: string): [code: string, values: Note['values']] {
  const open: string[] = [];
  /** What may come next: v value, k key, : colon, c closing mark, s separator. */
  let expected = 'v';
  let at = 0;
  while (expected !== '') {
    token.lastIndex = at;
    const found = token.exec(text);
    if (!found) break;
    const [, mark, string] = found;
    const inObject = open.at(-1) === '{';
    if (mark === '{' || mark === '[') {
      if (!expected.includes('v')) break;
      open.push(mark);
      expected = mark === '{' ? 'kc' : 'vc';
    } else if (mark === '}' || mark === ']') {
      if (!expected.includes('c') || inObject !== (mark === '}')) break;
      open.pop();
      expected = open.length > 0 ? 'sc' : '';
    } else if (mark === ',') {
      if (!expected.includes('s')) break;
      expected = inObject ? 'k' : 'v';
    } else if (mark === ':') {
      if (!expected.includes(':')) break;
      expected = 'v';
    } else if (expected.includes('k')) {
      if (string === undefined) break;
      expected = ':';
    } else {
      if (!expected.includes('v')) break;
      expected = open.length > 0 ? 'sc' : '';
    }
    at = token.lastIndex;
  }
  at += /^\s*/.exec(text.slice(at))![0].length;
  const before = text.slice(0, at).split('\n');
  const values = { line: before.length, position: before.at(-1)!.length + 1 };
  return at >= text.length
    ? ['json_truncated', values]
    : ['json_broken', { ...values, found: text.slice(at, at + 20) }];
}
