import { checkData } from '../data/checks';
import { withFilter } from '../data/mapping';
import type { FilterOffer, Note } from '../data/types';
import { usedPositions } from '../model/rows';
import type { App } from '../state/app';
import { fixText, noteText, offerText } from '../text/data';
import { data as words } from '../text/rooms';
import { Notice } from './bits';
import { useApp } from './context';

/** What the importer noticed, with one-click ways out. */
export function Notes() {
  const app = useApp();
  const dataset = app.dataset.value;
  const table = app.table.value;
  if (!dataset || !table) return null;
  return (
    <div class="notes">
      {dataset.offers.map((offer) => (
        <Offer key={offer.column} offer={offer} title={offerText(offer, table.header)} />
      ))}
      {notesOf(app).map((note, i) => (
        <Notice key={note.code + i} severity={note.severity}>
          {noteText(note, table.header)}
          {[note.fix, note.alternative].map(
            (fix) =>
              fix && (
                <button key={fix.label} class="quiet" onClick={() => app.setMapping(fix.mapping)}>
                  {fixText(fix)}
                </button>
              ),
          )}
        </Notice>
      ))}
    </div>
  );
}

/** Of the text, of its cells, and of the numbers that came of them. */
function notesOf(app: App): Note[] {
  const table = app.table.value;
  const dataset = app.dataset.value;
  const mapping = app.mapping.value;
  if (!table || !dataset || !mapping) return [];
  const read = [...table.notes, ...dataset.notes];
  const numbers = app.prepared.value.value;
  if (numbers?.dataset !== dataset) return read;
  const used = usedPositions(app.rows.value);
  const quantities = app.catalog.value?.quantities ?? [];
  return [...read, ...checkData({ ...numbers, mapping, used, quantities })];
}

/** A column that looks like a switch: keep some of its values, or all. */
function Offer({ offer, title }: { offer: FilterOffer; title: string }) {
  const app = useApp();
  const mapping = app.mapping.value;
  if (!mapping) return null;
  const active = mapping.filters.find(({ column }) => column === offer.column);
  const rowsOf = (values: string[]) =>
    offer.values
      .filter(({ value }) => values.includes(value))
      .reduce((sum, { rows }) => sum + rows, 0);
  const choose = (values: string[] | null) =>
    app.setMapping(withFilter(mapping, offer.column, values));
  const every = offer.values.map(({ value }) => value);
  return (
    <fieldset class="offer">
      <legend>{title}</legend>
      <label>
        <input
          type="radio"
          name={`filter-${offer.column}`}
          checked={!active}
          onChange={() => choose(null)}
        />
        {words.filterNone(rowsOf(every))}
      </label>
      <label>
        <input
          type="radio"
          name={`filter-${offer.column}`}
          checked={active !== undefined}
          onChange={() => choose(offer.suggestion)}
        />
        {words.filterUse(
          (active?.values ?? offer.suggestion).join(', '),
          rowsOf(active?.values ?? offer.suggestion),
        )}
      </label>
    </fieldset>
  );
}
