import * as t from '../text/page';
import { data as words } from '../text/rooms';
import { problemText } from '../text/data';
import { Notice, Select } from './bits';
import { Charts } from './charts';
import { ColumnBar } from './column-bar';
import { useApp } from './context';
import { CostChoiceFields } from './cost-choice';
import { Notes } from './notes';
import { RunTable } from './run-table';
import '../../styles/data.css';

/** From text to runs: what each column means, what was derived, which rows count. */
export function DataRoom() {
  const app = useApp();
  const table = app.table.value;
  const { value: prepared, failure } = app.prepared.value;
  return (
    <>
      <h1 id="room-heading">{words.heading}</h1>
      {!table || table.rows.length === 0 ? (
        <>
          {app.obstacle.value === 'no_table' && <Notes />}
          <p class="empty">
            {!app.catalog.value ? t.page.starting : app.obstacle.value ? words.empty : ''}
          </p>
        </>
      ) : (
        <>
          <ColumnBar />
          <Notes />
          {failure !== null && <Notice severity="error">{failure}</Notice>}
          {prepared && <Derived />}
          <Counts />
          <div class="table-and-charts">
            <RunTable />
            <Charts class="of-data" />
          </div>
        </>
      )}
    </>
  );
}

/** "D is computed for 240 rows with C = 6·N·D" */
function Derived() {
  const app = useApp();
  const derived = app.prepared.value.value?.report.derived ?? [];
  if (derived.length === 0) return null;
  const symbol = (id: string) =>
    app.catalog.value?.quantities.find((quantity) => quantity.id === id)?.symbol ?? id;
  return (
    <div class="derived-line">
      {derived.map(({ quantity, rows }) => (
        <span key={quantity}>{words.derived(symbol(quantity), rows)}</span>
      ))}
      <CostChoiceFields />
    </div>
  );
}

function Counts() {
  const app = useApp();
  const counts = app.counts.value;
  const reasons = new Map<string, number>();
  for (const { leftOut } of app.rows.value) {
    if (!leftOut || !app.catalog.value) continue;
    const why = t.leftOutText(leftOut, app.catalog.value.quantities, (problem) =>
      problemText(problem, app.table.value?.header),
    );
    reasons.set(why, (reasons.get(why) ?? 0) + 1);
  }
  return (
    <div class="counts">
      <p>
        <strong>{t.countsText(counts)}</strong>
        {reasons.size > 0 && (
          <span class="muted">
            {' '}
            (
            {[...reasons]
              .slice(0, 4)
              .map(([why, rows]) => `${rows} ${why}`)
              .join('; ')}
            )
          </span>
        )}
      </p>
      {counts.switchedOff > 0 && (
        <button class="quiet" onClick={app.switchAllOn}>
          {words.allOn}
        </button>
      )}
      <PerRun />
    </div>
  );
}

/** Step logs have several rows per run. */
function PerRun() {
  const app = useApp();
  const mapping = app.mapping.value;
  const grouped = mapping?.columns.some(({ role }) => role === 'step' || role === 'run');
  if (
    !mapping ||
    !grouped ||
    (mapping.perRun === 'all' && !mapping.columns.some(({ role }) => role === 'step'))
  ) {
    return null;
  }
  return (
    <Select
      aria-label={words.perRun}
      value={mapping.perRun}
      choices={(['all', 'last', 'minimum'] as const).map((value) => ({
        value,
        text: words.perRuns[value],
      }))}
      onChange={(perRun) => app.setMapping({ ...mapping, perRun })}
    />
  );
}
