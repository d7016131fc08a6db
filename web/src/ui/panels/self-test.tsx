import { useSignal } from '@preact/signals';
import { formatNumber, formatPercent } from '../../format';
import { coverages, recovery } from '../../model/panels/self-test';
import * as t from '../../text/panels';
import { Notice, Num, WideTable } from '../bits';
import { useApp } from '../context';
import { asked, progressOf } from './asked';
import { Term } from './common';

const RECOVERY = { kind: 'recovery' as const, studies: 40 };
const COVERAGE = { kind: 'coverage' as const, studies: 200, rows: 60, draws: 500 };

/** Studies whose truth is known, on the visitor's own machine. */
export function SelfTestPanel() {
  const app = useApp();
  const begun = useSignal(false);
  const law = app.fit.state.value.value?.law;
  return (
    <>
      <p class="prose">
        {t.test.intro} {law && t.test.ofLaw(law.name)}
      </p>
      {begun.value ? (
        <Studies />
      ) : (
        <p>
          <button disabled={!app.estimation.value || !law} onClick={() => (begun.value = true)}>
            {t.test.start}
          </button>
        </p>
      )}
      {begun.value && (
        <p>
          <button class="quiet" onClick={() => (begun.value = false)}>
            {t.test.stop}
          </button>
        </p>
      )}
    </>
  );
}

function Studies() {
  const app = useApp();
  const found = asked(app, 'selfTest', RECOVERY);
  const covered = asked(app, 'selfTest', found.value ? COVERAGE : null);
  const failure = found.failure ?? covered.failure;
  const recovered = found.value && recovery(found.value.columns);
  const held = covered.value ? coverages(covered.value.columns) : [];
  const done = recovered !== null && covered.value !== null;
  const sound =
    done && recovered.recovered === recovered.studies && held.every(({ within }) => within);
  return (
    <>
      {failure !== null && <Notice severity="error">{t.common.failed(failure)}</Notice>}
      {done && (
        <Notice severity={sound ? 'info' : 'warning'}>
          {sound ? t.test.passed : t.test.doubtful}
        </Notice>
      )}
      <section aria-label={t.test.recovery}>
        <h2>{t.test.recovery}</h2>
        {recovered ? (
          <dl class="facts">
            <div>
              <dt>{t.test.studies}</dt>
              <dd data-recovered={recovered.recovered}>
                {t.test.recovered(recovered.recovered, recovered.studies)}
              </dd>
            </div>
            <div>
              <dt>{t.test.worst}</dt>
              <dd>
                <Num value={recovered.worst} text={formatNumber(recovered.worst, 2)} />
              </dd>
            </div>
            <div>
              <dt>{t.test.worstPredicted}</dt>
              <dd>
                <Num
                  value={recovered.worstPredicted}
                  text={formatNumber(recovered.worstPredicted, 2)}
                />
              </dd>
            </div>
          </dl>
        ) : (
          failure === null && (
            <Going label={t.test.recovery} share={progressOf(app, 'selfTest', RECOVERY)} />
          )
        )}
      </section>
      {found.value && (
        <section aria-label={t.test.coverage}>
          <h2>
            {t.test.coverage} <Term id="coverage" />
          </h2>
          {covered.value ? (
            <>
              <WideTable label={t.test.coverage}>
                <table class="numbers">
                  <thead>
                    <tr>
                      <th scope="col" class="text">
                        {t.test.method}
                      </th>
                      <th scope="col" class="text">
                        {t.test.of}
                      </th>
                      <th scope="col">{t.test.held}</th>
                      <th scope="col">{t.test.share}</th>
                      <th scope="col" class="text">
                        <span class="hidden">{t.test.within}</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {held.map(({ method, quantity, studies, covered, share, within }) => (
                      <tr key={`${method} ${quantity}`}>
                        <th scope="row" class="text">
                          {t.methodName(method)}
                        </th>
                        <td class="text">{nameOf(quantity)}</td>
                        <td>{t.test.recovered(covered, studies)}</td>
                        <td>
                          <Num value={share} text={formatPercent(share)} />
                        </td>
                        <td class={within ? 'text' : 'text outside'}>
                          {within ? t.test.within : t.test.outside}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </WideTable>
              <p class="muted small">{t.test.coverageNote(covered.value.studies)}</p>
            </>
          ) : (
            failure === null && (
              <Going label={t.test.coverage} share={progressOf(app, 'selfTest', COVERAGE)} />
            )
          )}
        </section>
      )}
    </>
  );

  function nameOf(id: string): string {
    const law = app.fit.state.value.value?.law;
    const symbol = law?.coefficients.find((one) => one.id === id)?.symbol;
    return symbol ?? t.answers[id as keyof typeof t.answers] ?? id;
  }
}

function Going({ label, share }: { label: string; share: number }) {
  return (
    <div class="going">
      <progress aria-label={label} max={1} value={share} />
      <span class="muted small">{formatPercent(share)}</span>
    </div>
  );
}
