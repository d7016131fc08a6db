import type { Sensitivity } from '../../core/estimator';
import { formatNumber } from '../../format';
import { spreadOf } from '../../model/panels/sensitivity';
import * as t from '../../text/panels';
import { Num, SymbolText, WideTable } from '../bits';
import { useApp } from '../context';
import { asked } from './asked';
import { Arriving, Term, Value } from './common';

const COUNT = { kind: 'count' } as const;
const NUMBER = { kind: 'number' } as const;

/** The same runs under every objective, with and without the runs that stand out. */
export function ObjectivesPanel() {
  const app = useApp();
  const state = asked(app, 'sensitivity', {});
  return (
    <>
      <p class="muted">
        {t.objectives.intro} <Term id="delta" />
      </p>
      <Arriving state={state}>{(lines) => <SensitivityTable lines={lines} />}</Arriving>
    </>
  );
}

function SensitivityTable({ lines }: { lines: Sensitivity[] }) {
  const app = useApp();
  const { law } = app.fit.state.value.value!;
  const objectives = app.catalog.value?.objectives ?? [];
  const flops = law.has_optimum ? app.flops.value : null;
  const inForce = app.objective.value;
  const most = Math.max(...lines.map(({ rows }) => rows));
  const spread = spreadOf(lines.map(({ optima }) => optima[0]?.params.value ?? null));
  return (
    <>
      {spread !== null && <p>{t.objectives.spread(spread)}</p>}
      <WideTable label={t.objectives.caption(flops)}>
        <table class="numbers">
          <caption>{t.objectives.caption(flops)}</caption>
          <thead>
            <tr>
              <th scope="col" class="text">
                {t.objectives.objective}
              </th>
              <th scope="col">{t.objectives.runs}</th>
              {law.coefficients.map(({ id, symbol, meaning }) => (
                <th key={id} scope="col" class="symbol" title={meaning}>
                  <SymbolText symbol={symbol} />
                </th>
              ))}
              {flops !== null && <th scope="col">{t.answers.params}</th>}
              {flops !== null && <th scope="col">{t.answers.tokens_per_param}</th>}
              <th scope="col">
                <span class="hidden">{t.objectives.use}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ objective, without, rows, report, optima }) => {
              const known = objectives.find(({ id }) => id === objective.id);
              const current = objective.id === inForce?.id && !without;
              const { delta } = report.objective;
              return (
                <tr key={`${objective.id} ${without}`} class={current ? 'yours' : ''}>
                  <th scope="row" class="text" title={known?.summary}>
                    {known?.name ?? objective.id}
                    {delta !== null && (
                      <span class="muted small">{` δ\u00a0=\u00a0${formatNumber(delta, 2)}`}</span>
                    )}{' '}
                    {!report.usable && <span class="tag">{t.common.notThere}</span>}
                  </th>
                  <td>{without ? t.objectives.without(most - rows) : t.objectives.all}</td>
                  {law.coefficients.map(({ id }) => {
                    const value = report.coefficients.find((found) => found.id === id)?.value;
                    return (
                      <td key={id}>
                        <Num value={value} text={formatNumber(value)} />
                      </td>
                    );
                  })}
                  {flops !== null && (
                    <td>
                      <Value measure={COUNT} value={optima[0]?.params.value} />
                    </td>
                  )}
                  {flops !== null && (
                    <td>
                      <Value measure={NUMBER} value={optima[0]?.tokens_per_param.value} />
                    </td>
                  )}
                  <td>
                    {current ? (
                      <span class="muted small">{t.objectives.current}</span>
                    ) : (
                      !without && (
                        <button
                          class="quiet"
                          aria-label={`${t.objectives.use}: ${known?.name ?? objective.id}`}
                          onClick={() => app.set({ objective: objective.id, delta: null })}
                        >
                          {t.objectives.use}
                        </button>
                      )
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </WideTable>
    </>
  );
}
