import { useEffect, useState } from 'preact/hooks';
import { encodeAddress } from '../state/url';
import type { Law } from '../core/protocol';
import * as t from '../text/page';
import { Field, Select, Source } from './bits';
import { Charts, chartsDrawn } from './charts';
import { useApp } from './context';
import { later } from './later';
import { openPanel, PanelStrip, type PanelId } from './panel-strip';
import { Answer, FitStatusLines, InTheWay, Progress, Starting } from './summary';

/** As long as the first charts may take before what else there is to say is asked for. */
const PATIENCE = 3000;
const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE));

const quiet = Promise.race([chartsDrawn, patience]);

const Verdict = later(
  () => quiet.then(() => import('./panels')).then((module) => module.Verdict),
  <VerdictFrame />,
);
/** Below the charts, and not needed before them. */
const Results = later(
  () => quiet.then(() => import('./coefficients')).then((module) => module.Results),
  <></>,
);
const Panel = later<{ id: PanelId }>(
  () => import('./panels').then((module) => module.Panel),
  <p class="muted panel-waiting">{t.fit.loadingPanel}</p>,
);

/** Keeps the place of the verdict until it is there. */
function VerdictFrame() {
  return (
    <section class="verdict is-pending" aria-label={t.fit.verdict}>
      {t.fit.verdictParts.map((part) => (
        <div key={part}>
          <h2>{part}</h2>
        </div>
      ))}
    </section>
  );
}

/** The law, how it was fitted, and what came of it. */
export function FitRoom() {
  const app = useApp();
  const { value: fit, pending } = app.fit.state.value;
  if (!app.catalog.value) return <Starting heading={t.fit.heading} />;
  const open = openPanel(app.settings.value.panel);
  const obstacle = app.obstacle.value;
  if (obstacle && !app.law.value) {
    return (
      <>
        <h1 id="room-heading">{t.fit.heading}</h1>
        <InTheWay obstacle={obstacle}>
          <a href={encodeAddress({ ...app.address.value, room: 'data' })}>{t.fit.toData}</a>
        </InTheWay>
      </>
    );
  }
  return (
    <>
      <h1 id="room-heading">{t.fit.heading}</h1>
      <div class="narrow-only">
        <Answer />
      </div>
      <Verdict />
      <FitControls />
      <div class="narrow-only">
        <FitStatusLines />
        <Progress />
      </div>
      <WhatIf />
      <PanelStrip>
        {open === '' ? (
          <>
            <Charts />
            {fit && <Results fit={fit} pending={pending} />}
          </>
        ) : (
          <Panel id={open} />
        )}
      </PanelStrip>
    </>
  );
}

function FitControls() {
  const app = useApp();
  const { law, objective, offers } = app;
  const objectives = app.catalog.value?.objectives ?? [];
  const delta = objective.value?.delta ?? null;
  const penalty = objective.value?.penalty ?? null;
  const chosen = objectives.find(({ id }) => id === objective.value?.id);
  return (
    <div class="controls">
      <div class="fields">
        <Field label={t.fit.law} class="wide">
          {(control) => (
            <Select
              id={control}
              value={law.value?.id ?? ''}
              choices={offers.value.map(({ law, missing }) => ({
                value: law.id,
                text: missing.length > 0 ? `${law.name} (${t.fit.lacks(missing)})` : law.name,
                disabled: missing.length > 0,
              }))}
              onChange={(id) => app.set({ law: id, fixed: {}, tied: [], bounds: {} })}
            />
          )}
        </Field>
        <Field label={t.fit.objective} class="wide">
          {(control) => (
            <Select
              id={control}
              value={chosen?.id ?? ''}
              choices={objectives.map(({ id, name }) => ({ value: id, text: name }))}
              onChange={(id) => app.set({ objective: id, delta: null, penalty: null })}
            />
          )}
        </Field>
        {delta !== null && (
          <Field label={t.fit.delta} class="short">
            {(control) => (
              <input
                id={control}
                type="number"
                min="0"
                step="any"
                title={t.fit.deltaMeaning}
                value={delta}
                onChange={(event) => {
                  const delta = event.currentTarget.valueAsNumber;
                  app.set({ delta: delta > 0 ? delta : null });
                }}
              />
            )}
          </Field>
        )}
        {penalty !== null && (
          <Field label={t.fit.penalty} class="short">
            {(control) => (
              <input
                id={control}
                type="number"
                min="0"
                step="any"
                title={t.fit.penaltyMeaning}
                value={penalty}
                onChange={(event) => {
                  const penalty = event.currentTarget.valueAsNumber;
                  app.set({ penalty: penalty > 0 ? penalty : null });
                }}
              />
            )}
          </Field>
        )}
      </div>
      {law.value && (
        <p class="muted small">
          {law.value.summary} <Source citation={law.value.citation} />. {chosen?.summary}{' '}
          {chosen && <Source citation={chosen.citation} />}
        </p>
      )}
      {law.value && <Constraints law={law.value} />}
    </div>
  );
}

const Holding = later(
  () => import('./holding').then((module) => module.Holding),
  <p class="muted">{t.fit.loadingPanel}</p>,
);

/** Coefficients held, tied or bounded, and weights of runs; the controls come when they are asked for. */
function Constraints({ law }: { law: Law }) {
  const { fixed, tied, bounds } = useApp().settings.value;
  const [open, setOpen] = useState(false);
  const held = law.coefficients.filter(
    ({ id }) => id in fixed || id in bounds || tied.some(([first]) => first === id),
  ).length;
  return (
    <details class="holding" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{held > 0 ? t.fit.holding(held) : t.fit.hold}</summary>
      {open && <Holding law={law} />}
    </details>
  );
}

/** Losses taken for others: said as long as it lasts, and taken back by Escape or a press. */
function WhatIf() {
  const app = useApp();
  const losses = app.whatIf.value;
  const going = losses.size > 0;
  useEffect(() => {
    if (!going) return;
    const end = (event: KeyboardEvent) => event.key === 'Escape' && app.endWhatIf();
    addEventListener('keydown', end);
    return () => removeEventListener('keydown', end);
  }, [going]);
  const [[index, loss] = []] = losses;
  if (index === undefined || loss === undefined) return null;
  const name = app.rows.value.find((row) => row.index === index)?.name ?? '';
  return (
    <p class="notice notice-warning what-if" role="status">
      <strong>{t.fit.whatIf} </strong>
      {losses.size === 1 ? t.fit.whatIfNote(name, loss) : t.fit.whatIfMany(losses.size)}{' '}
      <button class="quiet" onClick={app.endWhatIf}>
        {t.fit.whatIfEnd}
      </button>
    </p>
  );
}
