import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { HeldOutRequest } from '../../core/estimation-protocol';
import type { Comparison, Groups as GroupsFound } from '../../core/estimator';
import type { FitReport } from '../../core/protocol';
import { formatEstimate, formatLoss, formatNumber, formatPercent } from '../../format';
import { heldOutChart } from '../../model/panels/held-out';
import * as e from '../../text/engine';
import * as t from '../../text/panels';
import { Field, Notice, Num, Select, SymbolText, WideTable } from '../bits';
import { useApp } from '../context';
import { Finding } from '../summary';
import { asked } from './asked';
import { Arriving, Chart, Term, Value } from './common';
import { GroupControls } from './group-controls';

const COUNT = { kind: 'count' } as const;

/** Which law: evidence, held-out predictions, simpler laws, groups. */
export function LawsPanel() {
  const app = useApp();
  const comparison = asked(app, 'compare', {});
  return (
    <>
      <section>
        <p class="muted">
          {t.laws.intro} <Term id="aicc" />, <Term id="heldOut" />.
        </p>
        <Arriving state={comparison}>{(found) => <Compared comparison={found} />}</Arriving>
      </section>
      <HeldOut />
      <Nested />
      <Groups />
    </>
  );
}

function Compared({ comparison }: { comparison: Comparison }) {
  const app = useApp();
  const fit = app.fit.state.value.value!;
  const flops = app.flops.value;
  const { laws, averages } = comparison;
  const sorted = [...laws].sort((a, b) => (b.weight ?? -1) - (a.weight ?? -1));
  const average = averages[0];
  const anyOptimum = laws.some(({ optima }) => optima[0]);
  return (
    <WideTable label={t.laws.caption}>
      <table class="numbers">
        <caption>
          {t.laws.caption}
          {anyOptimum && flops !== null && ` ${t.common.at(flops)}`}
        </caption>
        <thead>
          <tr>
            <th scope="col" class="text">
              {t.laws.law}
            </th>
            <th scope="col">{t.laws.k}</th>
            <th scope="col">{t.laws.weight}</th>
            <th scope="col">{t.laws.error}</th>
            <th scope="col">{t.laws.bias}</th>
            {anyOptimum && <th scope="col">{t.laws.size}</th>}
            {anyOptimum && <th scope="col">{t.answers.loss}</th>}
            <th scope="col">
              <span class="hidden">{t.laws.use}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map(({ law, report, score, weight, optima, heldOut }) => {
            const inUse = law.id === fit.law.id;
            return (
              <tr key={law.id} class={inUse ? 'yours' : ''}>
                <th scope="row" class="text" title={law.summary}>
                  {law.name} {!report.usable && <Unusable report={report} />}
                </th>
                <td>{formatNumber(score?.free_coefficients)}</td>
                <td>
                  <span class="weigh">
                    <span
                      class="weight-bar"
                      style={{ inlineSize: `${100 * (weight ?? 0)}%` }}
                      aria-hidden="true"
                    />
                    <Num value={weight} text={weightText(weight)} />
                  </span>
                </td>
                <td>
                  <Num value={heldOut?.mean_error} text={formatPercent(heldOut?.mean_error)} />
                </td>
                <td>
                  <Num value={heldOut?.bias} text={formatPercent(heldOut?.bias, { sign: true })} />
                </td>
                {anyOptimum && (
                  <td>
                    <Value measure={COUNT} value={optima[0]?.params.value} />
                  </td>
                )}
                {anyOptimum && (
                  <td>
                    <Num value={optima[0]?.loss.value} text={formatLoss(optima[0]?.loss.value)} />
                  </td>
                )}
                <td>
                  {inUse ? (
                    <span class="muted small">{t.laws.inUse}</span>
                  ) : (
                    <button
                      class="quiet"
                      aria-label={`${t.laws.use}: ${law.name}`}
                      onClick={() => app.set({ law: law.id, fixed: {}, tied: [], bounds: {} })}
                    >
                      {t.laws.use}
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
          {anyOptimum && average && (
            <tr class="implied">
              <th scope="row" class="text">
                {t.laws.average}
              </th>
              <td>{t.common.none}</td>
              <td>{t.common.none}</td>
              <td>{t.common.none}</td>
              <td>{t.common.none}</td>
              <td>
                <Value measure={COUNT} value={average.params} />
              </td>
              <td>
                <Num value={average.loss} text={formatLoss(average.loss)} />
              </td>
              <td>{t.common.none}</td>
            </tr>
          )}
        </tbody>
      </table>
      <p class="muted small">{t.laws.averageNote}</p>
    </WideTable>
  );
}

/** A weight too small for its digits is still not nothing. */
function weightText(weight: number | null): string {
  return weight !== null && weight < 5e-5 ? t.laws.hardlyAny : formatPercent(weight);
}

type Scheme = HeldOutRequest['scheme'];

function HeldOut() {
  const app = useApp();
  const fit = app.fit.state.value.value!;
  const catalog = app.catalog.value!;
  const scheme = useSignal<Scheme>('largest');
  const known = fit.range.flops !== undefined;
  const state = asked(app, 'heldOut', known ? { scheme: scheme.value } : null);
  const found = state.value;
  const chart = useMemo(
    () => found && heldOutChart(found.report, found.columns, fit.positions, fit.prepared, catalog),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- rows are those of the fit it came for
    [found, catalog],
  );
  if (!known) return null;
  return (
    <section>
      <h2>{t.laws.heldOutHeading}</h2>
      <div class="fields">
        <Field label={t.laws.scheme}>
          {(control) => (
            <Select<Scheme>
              id={control}
              value={scheme.value}
              choices={(Object.keys(t.laws.schemes) as Scheme[]).map((value) => ({
                value,
                text: t.laws.schemes[value],
              }))}
              onChange={(value) => (scheme.value = value)}
            />
          )}
        </Field>
      </div>
      <Arriving state={state} place={<Chart chart={null} />}>
        {({ report }) =>
          chart ? (
            <div class="two">
              <Chart chart={chart} />
              <Folds report={report} />
            </div>
          ) : (
            <Notice severity="info">{t.laws.noFolds}</Notice>
          )
        }
      </Arriving>
    </section>
  );
}

function Folds({ report }: { report: import('../../core/estimation-protocol').HeldOutReport }) {
  return (
    <div>
      <WideTable label={t.laws.heldOutHeading}>
        <table class="numbers">
          <caption>{t.laws.folds}</caption>
          <thead>
            <tr>
              <th scope="col">{t.laws.scheme}</th>
              <th scope="col">{t.laws.rows}</th>
              <th scope="col">{t.laws.error}</th>
              <th scope="col">{t.laws.bias}</th>
              <th scope="col">{t.laws.beyond}</th>
            </tr>
          </thead>
          <tbody>
            {report.folds.map((fold) => (
              <tr key={fold.flops}>
                <th scope="row">{t.common.from(fold.flops)}</th>
                <td>{t.common.ofRuns(fold.tested, fold.tested + fold.trained)}</td>
                <td>
                  <Num value={fold.mean_error} text={formatPercent(fold.mean_error)} />
                </td>
                <td>
                  <Num value={fold.bias} text={formatPercent(fold.bias, { sign: true })} />
                </td>
                <td>
                  {fold.extrapolation === null
                    ? t.common.none
                    : `×\u2060${formatNumber(fold.extrapolation, 2)}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
      <p class="muted small">{t.laws.baseline(report.baseline)}</p>
    </div>
  );
}

/** Would a special case of this law do? */
function Nested() {
  const app = useApp();
  const fit = app.fit.state.value.value!;
  const offers = asked(app, 'nestedTests', {}).value ?? [];
  const testing = useSignal<string | null>(null);
  const going = testing.value === fit.law.id;
  if (offers.length === 0) return null;
  return (
    <section>
      <h2>
        {t.laws.tests} <Term id="nested" />
      </h2>
      {!going && <button onClick={() => (testing.value = fit.law.id)}>{t.laws.testsRun}</button>}
      {going && (
        <WideTable label={t.laws.tests}>
          <table class="numbers">
            <thead>
              <tr>
                <th scope="col" class="text">
                  {t.laws.test}
                </th>
                <th scope="col">{t.laws.pValue}</th>
                <th scope="col" class="text">
                  {t.laws.outcome}
                </th>
              </tr>
            </thead>
            <tbody>
              {offers.map((offer) => (
                <NestedRow key={offer.id} {...offer} />
              ))}
            </tbody>
          </table>
          <p class="muted small">{t.laws.testsNote(TEST_DRAWS)}</p>
        </WideTable>
      )}
    </section>
  );
}

const TEST_DRAWS = 1000;

function NestedRow({
  name,
  meaning,
  restriction,
}: import('../../core/estimation-protocol').NestedTestOffer) {
  const { value, pending, failure } = asked(useApp(), 'nested', {
    restriction,
    draws: TEST_DRAWS,
  });
  const p = value?.p ?? null;
  return (
    <tr class={pending ? 'is-pending' : ''}>
      <th scope="row" class="text">
        {name} <span class="muted small">{meaning}</span>
      </th>
      <td>
        <Num value={p} text={p === null ? t.common.none : formatNumber(p, 2)} />
      </td>
      <td class="text">
        {failure !== null
          ? t.common.failed(failure)
          : p === null
            ? pending
              ? t.common.working
              : t.common.notThere
            : t.laws.verdictOf(p)}
      </td>
    </tr>
  );
}

/** Exponents shared by groups, or each group by itself. */
function Groups() {
  const app = useApp();
  const fit = app.fit.state.value.value!;
  const named = fit.prepared.dataset.rows.some(({ group }) => group !== '');
  const asks = named || app.settings.value.group !== null;
  const state = asked(app, 'groups', asks ? {} : null);
  return (
    <section>
      <h2>{t.laws.groups}</h2>
      <p class="muted">{t.laws.groupsIntro}</p>
      <div class="fields">
        <GroupControls />
      </div>
      {asks && (
        <Arriving state={state}>
          {({ comparison, names }) =>
            comparison ? (
              <GroupTable {...comparison} names={names} />
            ) : (
              <Notice severity="info">{t.laws.noGroups(names.length)}</Notice>
            )
          }
        </Arriving>
      )}
    </section>
  );
}

/** Why there are no numbers, beside the name of a fit. */
function Unusable({ report }: { report: { status: string; usable: boolean } }) {
  return <span class="tag">{e.statusFinding(report as FitReport).name.replace(/\.$/, '')}</span>;
}

function GroupTable({ report, separate, names }: GroupsFound & { names: string[] }) {
  const app = useApp();
  const fit = app.fit.state.value.value!;
  const catalog = app.catalog.value!;
  const { coefficients } = fit.law;
  const compared = report.groups.reduce((sum, { rows }) => sum + rows, 0);
  const aside = fit.positions.length - compared;
  const shared = new Map(report.shared.map((one) => [one.id, one]));
  return (
    <>
      <WideTable label={t.laws.groups}>
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col" class="text">
                {t.laws.group}
              </th>
              <th scope="col">{t.laws.rows}</th>
              {coefficients.map(({ id, symbol, meaning }) => (
                <th key={id} scope="col" class="symbol" title={meaning}>
                  <SymbolText symbol={symbol} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr class="subhead">
              <th colSpan={2 + coefficients.length} class="text" scope="rowgroup">
                {t.laws.shared} {!report.usable && <Unusable report={report} />}
              </th>
            </tr>
            {report.groups.map((group, i) => (
              <tr key={i}>
                <th scope="row" class="text">
                  {names[i]}
                </th>
                <td>{formatNumber(group.rows)}</td>
                {coefficients.map(({ id }) => {
                  const one = shared.get(id);
                  const value = one ? one.value : group.coefficients[id];
                  const text = one
                    ? formatEstimate(one.value, one.standard_error)
                    : formatNumber(value);
                  return (
                    <td key={id} class={one ? 'shared' : ''}>
                      <Num value={value} text={text} />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
          <tbody>
            <tr class="subhead">
              <th colSpan={2 + coefficients.length} class="text" scope="rowgroup">
                {t.laws.separate}
              </th>
            </tr>
            {separate.map(({ group, rows, report }) => (
              <tr key={group}>
                <th scope="row" class="text">
                  {names[group]} {!report.usable && <Unusable report={report} />}
                </th>
                <td>{formatNumber(rows)}</td>
                {coefficients.map(({ id }) => {
                  const found = report.coefficients.find((one) => one.id === id);
                  return (
                    <td key={id}>
                      <Num
                        value={found?.value}
                        text={formatEstimate(found?.value, found?.standard_error)}
                      />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
      {aside > 0 && <p class="muted small">{t.laws.aside(aside)}</p>}
      {report.warnings.map((warning) => (
        <Finding key={warning.code} {...e.warningFinding(warning, fit.law, catalog.quantities)} />
      ))}
      <Preference aicc={report.aicc} />
    </>
  );
}

function Preference({
  aicc: { shared, separate },
}: {
  aicc: { shared: number | null; separate: number | null };
}) {
  if (shared === null || separate === null) return null;
  return <p>{shared <= separate ? t.laws.preferShared : t.laws.preferSeparate}</p>;
}
