import type { ComponentChildren } from 'preact';
import { lawWithout } from '../model/laws';
import type { App } from '../state/app';
import type { Fit } from '../state/fitting';
import { OWN, type Obstacle } from '../state/runs';
import type { Room } from '../state/url';
import * as e from '../text/engine';
import * as t from '../text/page';
import { formatEstimate } from '../format';
import { Notice, Num, RichText, SymbolText } from './bits';
import { useApp } from './context';
import { Formula } from './formula';

/** The answer in one sentence, or why there is none yet. */
export function Answer() {
  const app = useApp();
  const { value: fit, failure, pending } = app.fit.state.value;
  const plan = app.plan.value;
  const waiting = pending || plan.pending ? 'is-pending' : '';

  if (app.engineFailure.value !== null) {
    return <Notice severity="error">{t.unavailable(app.engineFailure.value)}</Notice>;
  }
  const broken = app.prepared.value.failure ?? failure ?? plan.failure;
  if (broken !== null) return <Finding {...e.failed(broken)} />;
  if (app.obstacle.value) return <InTheWay obstacle={app.obstacle.value} />;
  // The first plan comes a moment after the first fit.
  if (!fit || (plan.pending && !plan.value))
    return (
      <p class="answer is-pending is-first">
        {app.catalog.value ? t.fit.fitting : t.page.starting}
      </p>
    );
  if (!fit.report.usable && app.catalog.value) {
    return <Finding {...e.refusalFinding(fit.report, fit.law, app.catalog.value.quantities)} />;
  }
  const optimum = plan.value?.optimum;
  if (optimum && app.catalog.value) {
    return (
      <p class={`answer ${waiting}`}>
        <RichText
          parts={t.answerSentence(
            optimum,
            app.catalog.value,
            fit.range,
            plan.value!.at,
            plan.value!.intervals,
          )}
        />
      </p>
    );
  }
  return (
    <p class={`answer ${waiting}`}>
      {t.fittedOn(fit.law, fit.positions.length, fit.report.goodness?.median_abs_log_residual)}{' '}
      {plan.value?.unavailable}
    </p>
  );
}

/** Why nothing is fitted, and what to do. */
export function InTheWay({
  obstacle,
  children,
}: {
  obstacle: Obstacle;
  children?: ComponentChildren;
}) {
  const { name, text } = t.obstacles[obstacle];
  return (
    <Notice severity="info" name={name}>
      {text} {children}
    </Notice>
  );
}

/** A room before the engine has said what it can do: as index.html left it. */
export function Starting({ heading }: { heading: string }) {
  const failure = useApp().engineFailure.value;
  return (
    <>
      <h1 id="room-heading">{heading}</h1>
      <p class="answer">{t.page.promise}</p>
      {failure === null ? (
        <p class="muted">{t.page.intro}</p>
      ) : (
        <Notice severity="error">{t.unavailable(failure)}</Notice>
      )}
    </>
  );
}

export function Finding({
  severity,
  name,
  text,
  children,
}: e.Finding & { children?: ComponentChildren }) {
  return (
    <Notice severity={severity} name={name}>
      {text} {children}
    </Notice>
  );
}

/** Where the fit stands: status, agreement of the starts, every warning. */
export function FitStatusLines() {
  const app = useApp();
  const { value: fit } = app.fit.state.value;
  if (!fit || !app.catalog.value) return null;
  const status = e.statusFinding(fit.report);
  return (
    <div class="status-lines">
      <p class={`status status-${status.severity}`}>
        <span class={`dot dot-${dotOf(status.severity)}`} aria-hidden="true" />
        {status.name} {e.startsText(fit.report.starts)}
      </p>
      {status.text && fit.report.usable && fit.report.warnings.length === 0 && (
        <Finding {...status} />
      )}
      {fit.report.warnings.map((warning) => {
        const finding = e.warningFinding(warning, fit.law, app.catalog.value!.quantities);
        // The answer has said it already.
        if (!fit.report.usable && finding.name === status.name) return null;
        return (
          <Finding key={warning.code + warning.coefficients + warning.quantities} {...finding}>
            {warning.code === SHARED && <Instead fit={fit} />}
          </Finding>
        );
      })}
    </div>
  );
}

/** The warning that all runs share a quantity. */
const SHARED = 'single_value';

/** The way out where runs share a quantity: a law that does not read it. */
function Instead({ fit }: { fit: Fit }) {
  const app = useApp();
  const shared = fit.report.warnings
    .filter(({ code }) => code === SHARED)
    .flatMap(({ quantities }) => quantities);
  const law = lawWithout(app.offers.value, fit.law, shared);
  if (!law) return null;
  return (
    <button class="quiet" onClick={() => app.set({ law: law.id, fixed: {}, tied: [] })}>
      {t.fit.instead(law.name)}
    </button>
  );
}

const dotOf = (severity: e.Finding['severity']) =>
  severity === 'info' ? 'good' : severity === 'warning' ? 'doubt' : 'bad';

export function Progress() {
  const app = useApp();
  const { pending } = app.fit.state.value;
  if (!pending) return null;
  return (
    <div class="progress">
      <progress aria-label={t.fit.fitting} max={1} value={app.fit.progress.value?.fraction ?? 0} />
      <button class="quiet" onClick={() => app.fit.cancel()}>
        {t.fit.cancel}
      </button>
    </div>
  );
}

/** The right-hand column: the sentence, the law with its numbers, how far to trust them. */
export function Summary() {
  const app = useApp();
  const { value: fit, pending } = app.fit.state.value;
  const law = fit?.law ?? app.law.value;
  const catalog = app.catalog.value;
  // One choice among many is no number to read.
  const read = fit?.report.usable ? fit.report.coefficients : [];
  const values = Object.fromEntries(read.map(({ id, value }) => [id, value]));
  return (
    <>
      <Answer />
      <p class="muted small from">{originOf(app)}</p>
      {law && catalog && (
        <section class={pending ? 'is-pending' : ''} aria-label={t.fit.law}>
          <h2 class="law-name">{law.name}</h2>
          <div class="formula">
            <Formula law={law} quantities={catalog.quantities} />
          </div>
          {fit && (
            <dl class="coefficient-list">
              {fit.law.coefficients.map(({ id, symbol, meaning }) => {
                const found = fit.report.coefficients.find((candidate) => candidate.id === id);
                return (
                  <div key={id} title={meaning}>
                    <dt>
                      <SymbolText symbol={symbol} />
                    </dt>
                    <dd>
                      <Num
                        value={values[id]}
                        text={formatEstimate(values[id], found?.standard_error)}
                      />
                    </dd>
                  </div>
                );
              })}
            </dl>
          )}
        </section>
      )}
      <FitStatusLines />
      <Progress />
      {app.unread.value.length > 0 && (
        <Notice severity="warning">{t.unreadAddress(app.unread.value)}</Notice>
      )}
      {app.recovered.value && app.engineFailure.value === null && (
        <Notice severity="warning">{t.recovered}</Notice>
      )}
      {app.keeping.value !== 'kept' && app.own.value && (
        <Notice severity="warning">{t.keepingText[app.keeping.value]}</Notice>
      )}
    </>
  );
}

/** Whose runs the numbers come from. */
export function originOf(app: App): string {
  const used = app.fit.state.value.value?.positions.length;
  const runs = used === undefined ? '' : ` · ${t.source.inFit(used)}`;
  if (app.source.value !== OWN) {
    const example = app.catalog.value?.examples.find(({ id }) => id === app.source.value);
    return example ? t.source.example(example.label) + runs : '';
  }
  if (!app.own.value) return '';
  const { name } = app.own.value;
  return (name ? t.source.ownNamed(name) : t.source.own) + runs;
}

/** The dot beside a room, and what it says to those who cannot see it. */
export function roomState(
  app: App,
  room: Room,
): { kind: 'good' | 'doubt' | 'bad' | 'idle'; text: string } {
  const { value: fit, failure } = app.fit.state.value;
  switch (room) {
    case 'data': {
      const { used, unreadable } = app.counts.value;
      if (app.rows.value.length === 0) return { kind: 'idle', text: '' };
      return {
        kind: used === 0 ? 'bad' : unreadable > 0 ? 'doubt' : 'good',
        text: t.countsText(app.counts.value),
      };
    }
    case 'fit': {
      if (failure !== null) return { kind: 'bad', text: failure };
      if (!fit) return { kind: 'idle', text: '' };
      const { severity, name } = e.statusFinding(fit.report);
      const quantities = app.catalog.value?.quantities ?? [];
      const doubtful =
        severity === 'info' &&
        fit.report.warnings.some(
          (warning) => e.warningFinding(warning, fit.law, quantities).severity !== 'info',
        );
      return { kind: doubtful ? 'doubt' : dotOf(severity), text: name };
    }
    case 'plan': {
      const optimum = app.plan.value.value?.optimum;
      if (!optimum) return { kind: 'idle', text: '' };
      const far = optimum.decades_outside.flops ?? 0;
      return {
        kind: far > 1 ? 'doubt' : 'good',
        text: far > 0 ? t.reach.outside(far) : t.reach.inside,
      };
    }
  }
}

/** Says aloud what happened, for those who do not see it settle. */
export function LiveStatus() {
  const app = useApp();
  const { value: fit, pending } = app.fit.state.value;
  const words =
    app.engineFailure.value !== null
      ? t.unavailable(app.engineFailure.value)
      : app.obstacle.value
        ? t.obstacles[app.obstacle.value].name
        : pending || !fit
          ? ''
          : `${fit.law.name}: ${e.statusFinding(fit.report).name} ${t.countsText(app.counts.value)}`;
  return (
    <p role="status" class="hidden">
      {words}
    </p>
  );
}
