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
  const said = verdict({
    law: fit.law,
    report: fit.report,
    optimum: plan.value?.optimum ?? null,
    intervals: draws?.value?.report ?? null,
    outliers: outliers?.value?.report ?? null,
    nextRun: run?.value?.report ?? null,
  });
  last.current = said.next ?? (run?.pending ? last.current : null);
  const [supported, doubtful, next] = p.fit.verdictParts;
  const asking = estimation === null || run?.pending === true;
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
        <p class="muted small">{t.verdict.basis(draws?.value?.report.draws ?? null)}</p>
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
