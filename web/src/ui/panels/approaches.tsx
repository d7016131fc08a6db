import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Approach2Report, PowerLine } from '../../core/estimation-protocol';
import type { Optimum } from '../../core/protocol';
import { formatFlops, formatInterval, formatNumber, formatPercent } from '../../format';
import { isoFlopChart } from '../../model/panels/isoflop';
import { printedInterval } from '../../model/panels/measures';
import * as e from '../../text/engine';
import { plan as words, results } from '../../text/rooms';
import * as t from '../../text/panels';
import { Field, Notice, Num, Select, WideTable } from '../bits';
import { useApp } from '../context';
import { Finding } from '../summary';
import { useAllocation } from './allocation';
import { asked } from './asked';
import { Arriving, Chart, Term, Value } from './common';

const COUNT = { kind: 'count' } as const;

/** Relative differences of compute up to which runs may count as one budget. */
const TOLERANCES = [0.02, 0.05, 0.1, 0.2, 0.3];
const DEFAULT_TOLERANCE = 0.1;
/** Published laws in the table before all are asked for. */
const FEW = 3;

/** The three ways of the Chinchilla paper on the same runs, side by side with published laws. */
export function ApproachesPanel() {
  const app = useApp();
  const fit = app.fit.state.value.value!;
  const catalog = app.catalog.value!;
  const chosen = app.flops.value;
  const tolerance = useSignal(DEFAULT_TOLERANCE);
  const of = useSignal<'params' | 'tokens'>('params');
  const { joint, envelope, isoflop, published, chart } = useAllocation(tolerance.value);
  const bias = asked(app, 'approach2Bias', { tolerance: tolerance.value });
  const plan = app.plan.value.value?.optimum ?? null;

  const parabolas = useMemo(
    () =>
      isoflop.value && isoFlopChart(isoflop.value, of.value, fit.positions, fit.prepared, catalog),
    // Rows of the answer are those of the fit that it came for.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [isoflop.value, of.value, catalog],
  );
  if (!fit.law.has_optimum || chosen === null)
    return <Notice severity="info">{t.common.noOptimum}</Notice>;
  const pending = joint.pending || isoflop.pending || envelope.pending;
  return (
    <>
      <p class="muted">
        {t.approaches.intro} <Term id="envelope" />, <Term id="isoflop" />, <Term id="joint" />.
      </p>
      <Chart chart={chart} pending={pending} wide />
      <SideBySide
        chosen={chosen}
        plan={plan}
        joint={joint.value?.report ?? null}
        envelope={envelope.value?.report ?? null}
        isoflop={isoflop.value}
        pending={pending}
        published={fit.law.presets.map(({ id, name, status }) => ({
          name,
          status,
          optimum: published.value?.get(id)?.[0] ?? null,
        }))}
      />
      {bias.value && isoflop.value && isoflop.value.budgets.length > 0 && (
        <p class={`muted small ${bias.pending ? 'is-pending' : ''}`} data-bias>
          {t.approaches.biasExplained(
            bias.value.optima[0]?.params ?? null,
            bias.value.params_exponent,
          )}
        </p>
      )}
      <section>
        <div class="fields">
          <Field label={t.approaches.along}>
            {(control) => (
              <Select
                id={control}
                value={of.value}
                choices={(['params', 'tokens'] as const).map((id) => ({
                  value: id,
                  text: catalog.quantities.find((one) => one.id === id)?.name ?? id,
                }))}
                onChange={(id) => (of.value = id)}
              />
            )}
          </Field>
          <Field label={t.approaches.tolerance}>
            {(control) => (
              <Select
                id={control}
                value={String(tolerance.value)}
                choices={TOLERANCES.map((value) => ({
                  value: String(value),
                  text: formatPercent(value),
                }))}
                onChange={(value) => (tolerance.value = Number(value))}
              />
            )}
          </Field>
        </div>
        <p class="muted small">{t.approaches.toleranceMeaning}</p>
        <Arriving state={isoflop} place={<Chart chart={null} wide />}>
          {(report) => (
            <>
              {parabolas ? (
                <Chart chart={parabolas} wide />
              ) : (
                <Notice severity="info">{t.approaches.noBudgets}</Notice>
              )}
              <Budgets report={report} of={of.value} />
              {[...report.warnings, ...(envelope.value?.report.warnings ?? [])].map((warning) => (
                <Finding
                  key={warning.code}
                  {...e.warningFinding(warning, fit.law, catalog.quantities)}
                />
              ))}
            </>
          )}
        </Arriving>
      </section>
    </>
  );
}

interface Line {
  name: string;
  own: boolean;
  tag?: string;
  pending?: boolean;
  params: { value: number | null; interval: [number, number] | null } | null;
  tokens: { value: number | null; interval: [number, number] | null } | null;
  exponents: [Exponent | null, Exponent | null];
  bias?: number | null;
}
interface Exponent {
  value: number | null;
  interval: [number, number] | null;
}

const lineExponent = (line: PowerLine | null | undefined): Exponent | null =>
  line ? { value: line.exponent, interval: line.exponent_interval } : null;

function SideBySide({
  chosen,
  plan,
  joint,
  envelope,
  isoflop,
  published,
  pending,
}: {
  chosen: number;
  plan: Optimum | null;
  joint: import('../../core/estimation-protocol').IntervalsReport | null;
  envelope: import('../../core/estimation-protocol').Approach1Report | null;
  isoflop: Approach2Report | null;
  published: { name: string; status: string; optimum: Optimum | null }[];
  pending: boolean;
}) {
  const app = useApp();
  const all = useSignal(false);
  const fit = app.fit.state.value.value!;
  const names = t.approaches.names;
  const implied = (id: string): Exponent | null =>
    joint?.implied.find((one) => one.id === id) ??
    fit.report.implied.find((one) => one.id === id) ??
    null;
  const own = joint?.optima[0] ?? plan;
  const [exponentN, exponentD] = fit.report.implied.map(({ id }) => id);
  const lines: Line[] = [
    {
      name: names[1],
      own: true,
      params: envelope?.optima[0]?.params ?? null,
      tokens: envelope?.optima[0]?.tokens ?? null,
      exponents: [lineExponent(envelope?.params), lineExponent(envelope?.tokens)],
    },
    {
      name: names[2],
      own: true,
      params: isoflop?.optima[0]?.params ?? null,
      tokens: isoflop?.optima[0]?.tokens ?? null,
      exponents: [lineExponent(isoflop?.params), lineExponent(isoflop?.tokens)],
    },
    {
      name: names[3],
      own: true,
      params: own?.params ?? null,
      tokens: own?.tokens ?? null,
      exponents: [exponentN ? implied(exponentN) : null, exponentD ? implied(exponentD) : null],
    },
    ...published
      .filter(({ optimum }) => optimum)
      .slice(0, all.value ? Infinity : FEW)
      .map(({ name, status, optimum }): Line => ({
        name,
        own: false,
        tag: `${status}, ${words.noInterval}`,
        params: optimum!.params,
        tokens: optimum!.tokens,
        exponents: [null, null],
      })),
  ];
  return (
    <section>
      <WideTable label={t.approaches.table(chosen)}>
        <table class={`numbers approaches ${pending ? 'is-pending' : ''}`}>
          <caption>{t.approaches.table(chosen)}</caption>
          <thead>
            <tr>
              <th scope="col" class="text">
                {t.approaches.approach}
              </th>
              <th scope="col">{t.approaches.params}</th>
              <th scope="col">{t.approaches.tokens}</th>
              <th scope="col">{t.approaches.exponentN}</th>
              <th scope="col">{t.approaches.exponentD}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ name, own, tag, params, tokens, exponents }) => (
              <tr key={name} class={name === names[3] ? 'yours' : ''}>
                <th scope="row" class="text">
                  {name} {tag && <span class="tag">{tag}</span>}
                </th>
                {[params, tokens].map((answer, i) => (
                  <td key={i}>
                    <Value measure={COUNT} value={answer?.value} />
                    {own && answer?.interval && (
                      <span class="interval">{printedInterval(COUNT, answer.interval)}</span>
                    )}
                  </td>
                ))}
                {exponents.map((exponent, i) => (
                  <td key={i}>
                    <Num value={exponent?.value} text={formatNumber(exponent?.value, 3)} />
                    {exponent?.interval && (
                      <span class="interval">{formatInterval(exponent.interval)}</span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
      {published.length > FEW && (
        <button class="quiet" aria-expanded={all.value} onClick={() => (all.value = !all.value)}>
          {all.value ? results.showFewer : t.approaches.showPublished(published.length)}
        </button>
      )}
    </section>
  );
}

/** Budgets as they were recognised, with the lowest point of each and what is doubtful about it. */
function Budgets({ report, of }: { report: Approach2Report; of: 'params' | 'tokens' }) {
  const { budgets, unassigned, exponent_sum: sum } = report;
  if (budgets.length === 0) return null;
  return (
    <>
      <WideTable label={t.approaches.budgets(budgets.length)}>
        <table class="numbers">
          <caption>{t.approaches.budgets(budgets.length)}</caption>
          <thead>
            <tr>
              <th scope="col">{t.approaches.budget}</th>
              <th scope="col">{t.laws.rows}</th>
              <th scope="col">{of === 'params' ? t.approaches.params : t.approaches.tokens}</th>
              <th scope="col" class="text">
                {t.approaches.flagged}
              </th>
            </tr>
          </thead>
          <tbody>
            {budgets.map(({ flops, rows, used, ...quantities }) => {
              const { log_opt, flags } = quantities[of];
              return (
                <tr key={flops}>
                  <th scope="row">
                    <Num value={flops} text={`${formatFlops(flops)} FLOPs`} />
                  </th>
                  <td>{formatNumber(rows.length)}</td>
                  <td>
                    <Value measure={COUNT} value={log_opt === null ? null : Math.exp(log_opt)} />
                  </td>
                  <td class="text">
                    {[
                      ...flags.map((flag) => t.approaches.flags[flag]),
                      ...(used ? [] : [t.approaches.unused]),
                    ].join('; ')}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </WideTable>
      <p class="muted small">
        {sum !== null && t.approaches.sum(sum)}{' '}
        {unassigned.length > 0 && t.approaches.unassigned(unassigned.length)}
      </p>
    </>
  );
}
