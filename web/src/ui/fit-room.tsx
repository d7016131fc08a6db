import { encodeAddress } from '../state/url';
import * as t from '../text/page';
import { Field, Select, Source } from './bits';
import { Charts } from './charts';
import { Coefficients, Published, Quality } from './coefficients';
import { useApp } from './context';
import { Holding } from './holding';
import { Answer, FitStatusLines, InTheWay, Progress, Starting } from './summary';

/** The law, how it was fitted, and what came of it. */
export function FitRoom() {
  const app = useApp();
  const { value: fit, pending } = app.fit.state.value;
  if (!app.catalog.value) return <Starting heading={t.fit.heading} />;
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
      <FitControls />
      <div class="narrow-only">
        <FitStatusLines />
        <Progress />
      </div>
      <Charts />
      {fit && (
        <div class={`results ${pending ? 'is-pending' : ''}`}>
          <Coefficients fit={fit} />
          <Quality fit={fit} />
        </div>
      )}
      {fit && <Published fit={fit} />}
    </>
  );
}

function FitControls() {
  const app = useApp();
  const { law, objective, offers } = app;
  const objectives = app.catalog.value?.objectives ?? [];
  const delta = objective.value?.delta ?? null;
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
              onChange={(id) => app.set({ law: id, fixed: {}, tied: [] })}
            />
          )}
        </Field>
        <Field label={t.fit.objective} class="wide">
          {(control) => (
            <Select
              id={control}
              value={chosen?.id ?? ''}
              choices={objectives.map(({ id, name }) => ({ value: id, text: name }))}
              onChange={(id) => app.set({ objective: id, delta: null })}
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
      </div>
      {law.value && (
        <p class="muted small">
          {law.value.summary} <Source citation={law.value.citation} />. {chosen?.summary}{' '}
          {chosen && <Source citation={chosen.citation} />}
        </p>
      )}
      {law.value && <Holding law={law.value} />}
    </div>
  );
}
