import { useMemo, useState } from 'preact/hooks';
import type { Catalog } from '../core/protocol';
import { valuesOf } from '../data/filters';
import { withChoice, withFilter } from '../data/mapping';
import type { ColumnChoice, FilterOffer, Role } from '../data/types';
import { reasonText } from '../text/data';
import { data as words } from '../text/rooms';
import { Select, type Choice } from './bits';
import { useApp } from './context';

const OWN_ROLES: Role[] = ['run', 'step', 'group', 'weight', 'ignore'];

/** What each column of the text means, and why we think so. */
export function ColumnBar() {
  const app = useApp();
  const [all, setAll] = useState(false);
  const mapping = app.mapping.value;
  const table = app.table.value;
  const catalog = app.catalog.value;
  const values = useMemo(() => table?.header.map((_, i) => valuesOf(table, i)), [table]);
  if (!mapping || !table || !catalog) return null;
  const offered = new Set(app.dataset.value?.offers.map(({ column }) => column));
  const unused = mapping.columns.filter(({ role }) => role === 'ignore').length;
  return (
    <section aria-label={words.columns} class="column-bar">
      <div class="column-cards">
        {mapping.columns.map((choice, i) =>
          choice.role === 'ignore' &&
          !all &&
          (offered.has(i) || !mapping.filters.some(({ column }) => column === i)) ? null : (
            <ColumnCard
              key={i}
              header={table.header[i] ?? ''}
              choice={choice}
              catalog={catalog}
              onChange={(part) => app.setMapping(withChoice(mapping, i, part))}
              values={offered.has(i) ? null : (values?.[i] ?? null)}
              kept={mapping.filters.find(({ column }) => column === i)?.values}
              onKeep={(kept) => app.setMapping(withFilter(mapping, i, kept))}
            />
          ),
        )}
      </div>
      <div class="column-tools">
        {unused > 0 && (
          <button class="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? words.hideUnused : words.showUnused(unused)}
          </button>
        )}
        {app.settings.value.edits[app.source.value]?.mapping && (
          <button class="quiet" onClick={() => app.setMapping(null)}>
            {words.guessAgain}
          </button>
        )}
      </div>
    </section>
  );
}

function ColumnCard({
  header,
  choice,
  catalog,
  onChange,
  values,
  kept,
  onKeep,
}: {
  header: string;
  choice: ColumnChoice;
  catalog: Catalog;
  onChange: (part: Partial<ColumnChoice>) => void;
  /** What stands in a column that may be filtered by. */
  values: FilterOffer['values'] | null;
  kept: string[] | undefined;
  onKeep: (kept: string[] | null) => void;
}) {
  const quantity = catalog.quantities.find(({ id }) => id === choice.role);
  const unit = quantity?.units.find(({ id }) => id === choice.unit);
  const roles: Choice<Role>[] = [
    ...catalog.quantities.map(({ id, symbol, name }) => ({
      value: id as Role,
      text: `${symbol}: ${name.toLowerCase()}`,
    })),
    ...OWN_ROLES.map((value) => ({ value, text: words.roles[value] ?? value })),
  ];
  const label = (what: string) => `${what}: ${header}`;
  return (
    <fieldset class={`column-card ${choice.role === 'ignore' ? 'is-unused' : ''}`}>
      <legend title={header}>{header}</legend>
      <Select
        aria-label={label(words.role)}
        value={choice.role}
        choices={roles}
        onChange={(role) => onChange({ role })}
      />
      {quantity && quantity.units.length > 1 && (
        <Select
          aria-label={label(words.unit)}
          value={choice.unit}
          choices={quantity.units.map(({ id, name }) => ({ value: id, text: name }))}
          onChange={(id) => onChange({ unit: id })}
        />
      )}
      {unit?.kind === 'per_ratio' && (
        <label class="ratio">
          {unit.ratio_name}
          <input
            type="number"
            min="0"
            step="any"
            required
            value={choice.ratio ?? ''}
            onChange={(event) => {
              const ratio = event.currentTarget.valueAsNumber;
              onChange({ ratio: ratio > 0 ? ratio : null });
            }}
          />
        </label>
      )}
      {choice.role === 'params' && (
        <Select
          aria-label={label(words.convention)}
          value={choice.convention}
          choices={(['total', 'non_embedding', 'active'] as const).map((value) => ({
            value,
            text: words.conventions[value],
          }))}
          onChange={(convention) => onChange({ convention })}
        />
      )}
      {quantity && (choice.decimal === ',' || choice.undecided) && (
        <Select
          aria-label={label(words.decimal)}
          value={choice.undecided ? '' : choice.decimal}
          choices={[
            ...(choice.undecided
              ? [{ value: '' as const, text: words.undecided, disabled: true }]
              : []),
            { value: '.' as const, text: words.point },
            { value: ',' as const, text: words.comma },
          ]}
          onChange={(decimal) => decimal !== '' && onChange({ decimal })}
        />
      )}
      {!quantity && values && (
        <Select
          aria-label={label(words.kept)}
          value={kept ? String(values.findIndex(({ value }) => kept.includes(value))) : ''}
          choices={[
            { value: '', text: words.keepAll },
            ...values.map(({ value, rows }, i) => ({
              value: String(i),
              text: words.keepOnly(value, rows),
            })),
          ]}
          onChange={(at) => onKeep(at === '' ? null : [values[Number(at)]!.value])}
        />
      )}
      <p class="reason">{reasonText(choice, header)}</p>
    </fieldset>
  );
}
