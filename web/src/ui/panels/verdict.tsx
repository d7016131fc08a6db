import { useRef } from 'preact/hooks';
import { verdict, type Verdict as Said } from '../../model/panels/verdict';
import * as p from '../../text/page';
import * as t from '../../text/panels';
import { RichText } from '../bits';
import { useApp } from '../context';

/** In three short parts: what the runs support, what they do not, which run would help most. */
export function Verdict() {
  const app = useApp();
  const { value: fit, pending } = app.fit.state.value;
  const catalog = app.catalog.value;
  const plan = app.plan.value;
  const estimation = app.estimation.value;
  const draws = estimation?.bootstrap.state.value;
  const outliers = estimation?.outliers.state.value;
  const run = estimation?.nextRun.state.value;
  /** What was recommended last stays until there is something else to say. */
  const last = useRef<Said['next']>(null);
  if (!fit || !catalog) return <section class="verdict is-pending" aria-label={p.fit.verdict} />;
  // What an older fit left is not said of this one.
  const ofFit = <T extends { fit: unknown }>(value: T | null | undefined) =>
    value?.fit === fit ? value : null;
  const intervals = ofFit(draws?.value)?.report ?? null;
  const said = verdict({
    law: fit.law,
    report: fit.report,
    optimum: plan.value?.optimum ?? null,
    intervals,
    outliers: ofFit(outliers?.value)?.report ?? null,
    nextRun: ofFit(run?.value)?.report ?? null,
  });
  const asking = estimation === null || draws?.pending === true || run?.pending === true;
  last.current = said.next ?? (asking ? last.current : null);
  const [supported, doubtful, next] = p.fit.verdictParts;
  const drawing = pending || plan.pending || draws?.pending;
  return (
    <section class="verdict" aria-label={p.fit.verdict}>
      <Part
        heading={supported!}
        sentences={said.supported.map((point) => t.verdictSentence(point, fit.law, catalog))}
        pending={drawing}
      />
      <Part
        heading={doubtful!}
        sentences={said.doubtful.map((point) => t.verdictSentence(point, fit.law, catalog))}
        pending={drawing || outliers?.pending}
      />
      <div>
        <h2>{next}</h2>
        {last.current ? (
          <p class={asking ? 'is-pending' : ''}>
            <RichText parts={t.nextSentence(last.current, fit.law, catalog)} />
          </p>
        ) : (
          <p class={`muted ${asking ? 'is-pending' : ''}`}>
            {asking ? t.verdict.pending : t.common.none}
          </p>
        )}
        {fit.report.usable && (
          <p class="muted small">{t.verdict.basis(intervals?.draws ?? null)}</p>
        )}
      </div>
    </section>
  );
}

function Part({
  heading,
  sentences,
  pending,
}: {
  heading: string;
  sentences: p.Rich[];
  pending: boolean | undefined;
}) {
  return (
    <div class={pending ? 'is-pending' : ''}>
      <h2>{heading}</h2>
      <ul>
        {sentences.map((parts, i) => (
          <li key={i}>
            <RichText parts={parts} />
          </li>
        ))}
      </ul>
    </div>
  );
}
