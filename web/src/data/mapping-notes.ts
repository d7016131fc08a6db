/** What there is to say about a mapping and what it makes of the table; each with its way out where there is one. */
import { columnOfHeads, runColumn } from './guess-mapping';
import { columnWith, withChoice } from './mapping';
import { decideDecimal, readCell } from './read-number';
import { roleTakesNumbers } from './column-names';
import type { ColumnChoice, Dataset, Fix, Mapping, Note, RawTable, Role } from './types';

export function mappingNotes(table: RawTable, mapping: Mapping, dataset: Dataset): Note[] {
  // A table that is none has said so.
  if (table.rows.length === 0 || table.notes.some(({ severity }) => severity === 'error'))
    return [];
  return [
    ...absentRoles(table, mapping),
    ...repeatedRoles(table, mapping),
    ...decimalNotes(table, mapping),
    ...unitNotes(table, mapping, dataset),
    ...otherColumns(table, mapping),
    ...stepLogNotes(table, mapping, dataset),
    ...countNotes(table, mapping, dataset),
  ];
}

const role = (mapping: Mapping, wanted: Role) => columnWith(mapping, wanted) >= 0;

function absentRoles(table: RawTable, mapping: Mapping): Note[] {
  const names = table.header.slice(0, 8).join(', ');
  const notes: Note[] = [];
  if (!role(mapping, 'loss')) notes.push({ code: 'no_loss', severity: 'error', values: { names } });
  const sizes = (['params', 'tokens', 'flops'] as const).filter((size) => role(mapping, size));
  if (sizes.length === 0) notes.push({ code: 'no_sizes', severity: 'error', values: { names } });
  if (sizes.length === 1) {
    notes.push({ code: 'one_size', severity: 'info', values: { role: sizes[0]! } });
  }
  return notes;
}

function repeatedRoles(table: RawTable, mapping: Mapping): Note[] {
  return mapping.columns.flatMap((choice, column): Note[] => {
    if (choice.role === 'ignore') return [];
    const first = columnWith(mapping, choice.role);
    if (first === column) return [];
    const values = { role: choice.role, name: table.header[column]!, first: table.header[first]! };
    const fix = {
      label: 'ignore_column',
      values,
      mapping: withChoice(mapping, column, { role: 'ignore' }),
    };
    return [{ code: 'repeated_role', severity: 'warning', column, values, fix }];
  });
}

function decimalNotes(table: RawTable, mapping: Mapping): Note[] {
  return mapping.columns.flatMap((choice, column): Note[] => {
    if (!roleTakesNumbers(choice.role)) return [];
    const { certainty, sample } = decideDecimal(table.rows.map((row) => row[column]!));
    const name = table.header[column]!;
    const read = (decimal: '.' | ','): Fix => {
      const cell = readCell(sample, decimal);
      const value = cell.kind === 'number' ? cell.value : sample;
      return {
        label: 'read_as',
        values: { sample, value },
        mapping: withDecimal(mapping, column, decimal),
      };
    };
    if (certainty === 'mixed') {
      const values = { name, sample, decimal: choice.decimal };
      return [{ code: 'mixed_decimals', severity: 'warning', column, values }];
    }
    const grouped = certainty === 'assumed' && sample !== '' && choice.decimal === ',';
    if (certainty !== 'undecided' && !grouped) return [];
    if (choice.undecided) {
      const values = { name, sample };
      return [
        {
          code: 'ambiguous_decimal',
          severity: 'error',
          column,
          values,
          fix: read('.'),
          alternative: read(','),
        },
      ];
    }
    if (choice.reason === 'chosen_by_you') return [];
    const other = read(choice.decimal === ',' ? '.' : ',');
    const values = { name, sample, value: read(choice.decimal).values.value! };
    return [{ code: 'assumed_decimal', severity: 'warning', column, values, fix: other }];
  });
}

/** Columns of the same table are written by the same hand: the choice holds for all that are undecided. */
function withDecimal(mapping: Mapping, column: number, decimal: '.' | ','): Mapping {
  const others = mapping.columns.flatMap((choice, index) =>
    choice.undecided && index !== column ? [index] : [],
  );
  return [column, ...others].reduce((next, index) => withChoice(next, index, { decimal }), mapping);
}

function unitNotes(table: RawTable, mapping: Mapping, dataset: Dataset): Note[] {
  return mapping.columns.flatMap((choice, column): Note[] => {
    const name = table.header[column]!;
    const at = (code: string, severity: Note['severity'], values: Note['values'] = {}): Note => ({
      code,
      severity,
      column,
      values: { name, ...values },
    });
    const notes: Note[] = [];
    if (choice.role === 'loss' && choice.unit === 'bits_per_byte' && choice.ratio === null) {
      notes.push(at('ratio_needed', 'error'));
    }
    if (choice.role !== 'params' && choice.role !== 'tokens') return notes;
    const giga = table.rows.findIndex((row) => /\dg\b/i.test(row[column]!.replace(/\s/g, '')));
    if (giga >= 0) notes.push(at('giga', 'info', { sample: table.rows[giga]![column]! }));
    const present = [...(dataset.columns[choice.role] ?? [])]
      .filter((value) => value > 0)
      .sort((a, b) => a - b);
    const median = present[present.length >> 1] ?? NaN;
    if (median < 1e5 && !choice.undecided) {
      const inUnits = (scale: number): Fix => ({
        label: scale === 1e6 ? 'in_millions' : 'in_billions',
        values: { name },
        mapping: withChoice(mapping, column, { scale }),
      });
      // Models go by millions or billions; tokens mostly by billions.
      const [fix, alternative] = choice.role === 'params' && median > 20 ? [1e6, 1e9] : [1e9, 1e6];
      notes.push({
        ...at('small_counts', 'warning', { role: choice.role, median }),
        fix: inUnits(fix!),
        alternative: inUnits(alternative!),
      });
    }
    return notes;
  });
}

/** Another column could be the one: say which, and let it be swapped. */
function otherColumns(table: RawTable, mapping: Mapping): Note[] {
  const notes = (['params', 'loss', 'tokens', 'flops'] as const).flatMap((wanted): Note[] => {
    const chosen = columnWith(mapping, wanted);
    if (chosen < 0 || mapping.columns[chosen]!.reason === 'chosen_by_you') return [];
    const others = mapping.columns.flatMap((choice, column) =>
      couldBe(choice, wanted) ? [column] : [],
    );
    const other = others[0];
    if (other === undefined) return [];
    const names = others.slice(0, 3).map((column) => table.header[column]!);
    const values = {
      role: wanted,
      name: table.header[chosen]!,
      others: names.join(', ') + (others.length > names.length ? ', …' : ''),
      count: others.length,
    };
    return [
      {
        code: 'other_columns',
        severity: 'info',
        column: chosen,
        values,
        fix: swap(table, mapping, other, wanted),
      },
    ];
  });
  const heads = columnOfHeads(table, mapping);
  if (heads >= 0) {
    const values = { name: table.header[heads]! };
    notes.push({
      code: 'heads_may_be_exits',
      severity: 'info',
      column: heads,
      values,
      fix: swap(table, mapping, heads, 'exits'),
    });
  }
  return notes;
}

function couldBe({ role, reason, evidence }: ColumnChoice, wanted: Role): boolean {
  return role === 'ignore' && reason === 'other_column_chosen' && evidence === wanted;
}

function swap(table: RawTable, mapping: Mapping, column: number, wanted: Role): Fix {
  return {
    label: 'use_column',
    values: { name: table.header[column]!, role: wanted },
    mapping: withChoice(mapping, column, { role: wanted }),
  };
}

function stepLogNotes(table: RawTable, mapping: Mapping, dataset: Dataset): Note[] {
  if (mapping.perRun === 'all') return [];
  const run = runColumn(mapping);
  const runs = new Set(run < 0 ? [''] : table.rows.map((row) => row[run])).size;
  const per = (label: string, perRun: Mapping['perRun']): Fix => ({
    label,
    values: {},
    mapping: { ...mapping, perRun },
  });
  const isLast = mapping.perRun === 'last';
  return [
    {
      code: isLast ? 'step_log_last' : 'step_log_minimum',
      severity: 'warning',
      values: { rows: dataset.rows.length, runs },
      fix: isLast ? per('per_run_minimum', 'minimum') : per('per_run_last', 'last'),
      alternative: per('per_run_all', 'all'),
    },
  ];
}

/** Rows that cannot be used are counted aloud. */
function countNotes(table: RawTable, mapping: Mapping, dataset: Dataset): Note[] {
  const notes: Note[] = [];
  const rowsWith = (test: (code: string) => boolean) =>
    dataset.rows
      .filter(({ problems }) => problems.some(({ code }) => test(code)))
      .map(({ index }) => index);
  const diverged = rowsWith((code) => code === 'diverged');
  if (diverged.length > 0) {
    notes.push({
      code: 'diverged_runs',
      severity: 'warning',
      rows: diverged,
      values: { count: diverged.length },
    });
  }
  const unreadable = rowsWith((code) => /^not_a_number|^other_unit|^not_positive/.test(code));
  if (unreadable.length > 0) {
    notes.push({
      code: 'unreadable_rows',
      severity: 'warning',
      rows: unreadable,
      values: { count: unreadable.length },
    });
  }
  const missing = rowsWith((code) => code === 'missing');
  if (missing.length > 0) {
    notes.push({
      code: 'rows_with_gaps',
      severity: 'info',
      rows: missing,
      values: { count: missing.length },
    });
  }
  if (
    role(mapping, 'loss') &&
    table.rows.length > 0 &&
    dataset.rows.every(({ problems }) => problems.length > 0)
  ) {
    notes.push({ code: 'no_usable_rows', severity: 'error', values: { count: table.rows.length } });
  }
  return notes;
}
