import { useEffect, useState } from 'preact/hooks';
import type { App } from '../state/app';
import type { OwnRuns } from '../state/saved';
import { OWN } from '../state/runs';
import * as t from '../text/page';
import { Notice, Select, Source } from './bits';
import { useApp } from './context';

/** A saved fit brings the way it was made along. */
async function openRuns(app: App, own: OwnRuns): Promise<void> {
  app.openRuns(own);
  if (!own.text.includes(FIT_FILE)) return;
  const { readFitFile } = await import('../report/fit-json');
  const said = readFitFile(own.text);
  // Other runs may have been opened meanwhile.
  if (!said || app.own.value !== own) return;
  const { law, objective, fixed, tied, bounds, weights } = said.request;
  app.set({
    law,
    objective: objective.id || null,
    delta: objective.delta ?? null,
    penalty: objective.penalty ?? null,
    fixed: fixed ?? {},
    tied: tied ?? [],
    bounds: bounds ?? {},
    weights: weights ?? null,
    ...(said.flops !== null && { budget: String(said.flops) }),
    ...(said.cost && { cost: said.cost }),
    ...(said.draws !== null && { draws: said.draws }),
    ...(said.seed !== null && { seed: said.seed }),
  });
}

const FIT_FILE = '"isoloss.fit/';

/** Opens the file; the answer says why it could not be. */
async function openFile(app: App, file: File): Promise<string> {
  const bytes = await file.arrayBuffer().catch(() => null);
  if (!bytes) return t.source.fileUnreadable(file.name);
  const { decode } = await import('../state/reading');
  const decoded = decode(new Uint8Array(bytes));
  if ('binary' in decoded) return t.source.fileBinary(file.name, decoded.binary);
  await openRuns(app, { text: decoded.text, name: file.name });
  return '';
}

/** What a paste or a drop holds as a table: plain text, else the HTML of a table. */
function textOf(transfer: DataTransfer | null): string {
  return transfer?.getData('text/plain') || transfer?.getData('text/html') || '';
}

function isEditable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select') !== null;
}

/** Runs come in here: pasted anywhere, dropped anywhere, from a file or an example. */
export function SourceBar() {
  const app = useApp();
  const [dropping, setDropping] = useState(false);
  const [problem, setProblem] = useState('');

  const read = (file: File) => {
    void openFile(app, file).then(setProblem);
  };
  const take = (text: string) => {
    setProblem('');
    if (text.trim() !== '') void openRuns(app, { text, name: '' });
  };

  useEffect(() => {
    const listening = new AbortController();
    const on = <K extends keyof DocumentEventMap>(
      name: K,
      hear: (event: DocumentEventMap[K]) => void,
    ) => document.addEventListener(name, hear, { signal: listening.signal });
    on('paste', (event) => {
      if (isEditable(event.target)) return;
      take(textOf(event.clipboardData));
    });
    on('dragover', (event) => {
      event.preventDefault();
      setDropping(true);
    });
    on('dragleave', (event) => {
      if (event.relatedTarget === null) setDropping(false);
    });
    on('drop', (event) => {
      event.preventDefault();
      setDropping(false);
      const file = event.dataTransfer?.files[0];
      if (file) read(file);
      else take(textOf(event.dataTransfer));
    });
    return () => listening.abort();
  }, []);

  return (
    <section class="source" aria-label={t.source.region}>
      <div class="source-line">
        <textarea
          class="paste"
          rows={1}
          placeholder={t.source.paste}
          aria-label={t.source.paste}
          spellcheck={false}
          autocomplete="off"
          onPaste={(event) => {
            event.preventDefault();
            event.stopPropagation();
            event.currentTarget.value = '';
            take(textOf(event.clipboardData));
          }}
          onChange={(event) => {
            // Typed by hand, and left.
            take(event.currentTarget.value);
            event.currentTarget.value = '';
          }}
        />
        <label class="button">
          {t.source.open}
          <input
            type="file"
            class="hidden"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file) read(file);
              event.currentTarget.value = '';
            }}
          />
        </label>
        <ExampleMenu />
      </div>
      {problem && <Notice severity="error">{problem}</Notice>}
      <OnScreen />
      {dropping && <div class="drop-target">{t.page.drop}</div>}
    </section>
  );
}

function ExampleMenu() {
  const app = useApp();
  const { catalog, own, source } = app;
  const examples = catalog.value?.examples ?? [];
  const choices = [
    ...(own.value
      ? [{ value: OWN, text: t.source.own }]
      : [{ value: OWN, text: t.source.choose, disabled: true }]),
    ...examples.map(({ id, name }) => ({ value: id, text: name })),
  ];
  return (
    <Select
      aria-label={t.source.choose}
      value={source.value}
      choices={choices}
      onChange={(id) => (id === OWN ? app.showOwn() : app.openExample(id))}
    />
  );
}

/** What is on screen, and where it comes from. */
function OnScreen() {
  const app = useApp();
  const { catalog, own, source, table } = app;
  const rows = table.value ? ` · ${t.source.rows(table.value.rows.length)}` : '';
  const example = catalog.value?.examples.find(({ id }) => id === source.value);
  if (example) {
    return (
      <details class="on-screen">
        <summary>
          <span class="tag">{t.source.example(example.label)}</span>
          <span class="muted">
            {rows} · <span class="link">{t.source.provenance}</span>
          </span>
        </summary>
        <p>{example.description}</p>
        <ul>
          {example.provenance.map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ul>
        {example.citation && (
          <p>
            <Source citation={example.citation} />
          </p>
        )}
      </details>
    );
  }
  if (source.value !== OWN || !own.value) return <p class="on-screen">&nbsp;</p>;
  const { name } = own.value;
  return (
    <p class="on-screen">
      <span class="tag tag-own">{name ? t.source.ownNamed(name) : t.source.own}</span>
      <span class="muted">{rows}</span>
      {own.value.text !== '' && (
        <button class="quiet" onClick={() => app.openRuns({ text: '', name: '' })}>
          {t.source.clear}
        </button>
      )}
      <span class="muted on-screen-note">{t.source.stayHere}</span>
    </p>
  );
}
