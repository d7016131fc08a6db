import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { scatter } from '../../model/panels/draws';
import {
  forest,
  ownRow,
  presetRow,
  profileInterval,
  type ForestRow,
} from '../../model/panels/forest';
import { influenceChart, influences, profileChart } from '../../model/panels/hinges';
import {
  drawn,
  fitted,
  isAnswer,
  measuresOf,
  printedInterval,
  type Measure,
} from '../../model/panels/measures';
import { formatEstimate, formatNumber, formatPercent } from '../../format';
import type { App } from '../../state/app';
import { MOST_DRAWS, MOST_SEED } from '../../state/saved';
import * as t from '../../text/panels';
import { Field, Notice, Num, NumberInput, Select, WideTable } from '../bits';
import { useApp } from '../context';
import { asked, useOwnOptimum, usePresetOptima } from './asked';
import { Chart, MeasureName, MeasureSelect, Term, Value } from './common';
import { SwitchRun } from './switch-run';

/** Runs named in the table of influence. */
const NAMED = 6;
/** Fewer draws do not make percentiles. */
const FEWEST_DRAWS = 200;

/** How sure the numbers are: intervals by three methods, draws, profiles, and what each run does to them. */
export function SurePanel() {
  const app = useApp();
  const catalog = app.catalog.value!;
  const fit = app.fit.state.value.value!;
  const plan = app.plan.value.value?.optimum ?? null;
  const bootstrap = app.estimation.value?.bootstrap.state.value ?? null;
  const measures = useMemo(
    () => measuresOf(catalog, fit.law, fit.report.implied),
    [catalog, fit.law, fit.report.implied],
  );
  const profiles = new Map(
    measures.map(({ id }) => [id, asked(app, 'profile', { of: id })] as const),
  );
  const profileOf = (measure: Measure) =>
    profileInterval(profiles.get(measure.id)?.value?.report ?? null);
  const presets = usePresetOptima(null);
  const instant = useOwnOptimum();

  // Draws of an older fit are no whiskers for this one.
  const current = bootstrap?.value?.fit === fit ? bootstrap.value.report : null;
  const rowsOf = (measure: Measure): ForestRow[] =>
    [
      ownRow(
        'bootstrap',
        fitted(fit.report, plan, measure).value,
        drawn(current, measure)?.interval,
      ),
      ownRow(
        'sandwich',
        fitted(fit.report, instant.value, measure).value,
        fitted(fit.report, instant.value, measure).interval,
      ),
      ownRow('profile', fitted(fit.report, plan, measure).value, profileOf(measure)),
      ...fit.law.presets.map((preset) =>
        presetRow(preset, measure, presets.value?.get(preset.id)?.[0] ?? null),
      ),
    ].filter((row) => row !== null);

  const coefficients = measures.filter(({ of }) => of === 'coefficient');
  const answers = measures.filter(({ of }) => of !== 'coefficient');
  const exponent = fit.law.coefficients.find(({ role }) => role === 'exponent')?.id;
  return (
    <>
      <DrawControls />
      <div class="two">
        <Forest
          id="forest-coefficient"
          label={t.sure.forestCoefficient}
          measures={coefficients}
          first={exponent ?? coefficients[0]!.id}
          rowsOf={rowsOf}
          pending={bootstrap?.pending ?? true}
        />
        {answers.length > 0 && (
          <Forest
            id="forest-answer"
            label={t.sure.forestAnswer}
            measures={answers}
            first={answers.find(({ id }) => isAnswer(id))?.id ?? answers[0]!.id}
            rowsOf={rowsOf}
            pending={bootstrap?.pending ?? true}
          />
        )}
      </div>
      <section>
        <WideTable label={t.sure.intervals}>
          <table class="numbers intervals">
            <caption>{t.sure.intervals}</caption>
            <thead>
              <tr>
                <th scope="col" class="text">
                  {t.sure.quantity}
                </th>
                <th scope="col">{t.sure.estimate}</th>
                <th scope="col">
                  <Term id="bootstrap">{t.sure.bootstrap}</Term>
                </th>
                <th scope="col">
                  <Term id="sandwich">{t.sure.sandwich}</Term>
                </th>
                <th scope="col">
                  <Term id="profile">{t.sure.profileColumn}</Term>
                </th>
              </tr>
            </thead>
            <tbody>
              {measures.map((measure) => {
                const own = fitted(fit.report, plan, measure);
                const draws = drawn(bootstrap?.value?.report ?? null, measure);
                const text =
                  measure.kind === 'number' && measure.of !== 'answer'
                    ? formatEstimate(own.value, draws?.standard_error ?? own.standard_error)
                    : null;
                return (
                  <tr key={measure.of + measure.id}>
                    <MeasureName measure={measure} />
                    <td>
                      {text === null ? (
                        <Value measure={measure} value={own.value} />
                      ) : (
                        <Num value={own.value} text={text} />
                      )}
                    </td>
                    <td
                      class={bootstrap?.pending ? 'is-pending' : ''}
                      data-interval={`bootstrap ${measure.id}`}
                    >
                      {printedInterval(measure, draws?.interval)}
                    </td>
                    <td>
                      {printedInterval(
                        measure,
                        fitted(fit.report, instant.value, measure).interval,
                      )}
                    </td>
                    <td class={profiles.get(measure.id)?.pending ? 'is-pending' : ''}>
                      {printedInterval(measure, profileOf(measure))}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </WideTable>
        <DrawNotes />
      </section>
      <div class="two">
        <Scatter measures={measures} />
        <Profile measures={measures} first={exponent ?? measures[0]!.id} />
      </div>
      <Influence />
    </>
  );
}

function Forest({
  id,
  label,
  measures,
  first,
  rowsOf,
  pending,
}: {
  id: string;
  label: string;
  measures: Measure[];
  first: string;
  rowsOf: (measure: Measure) => ForestRow[];
  pending: boolean;
}) {
  const chosen = useSignal(first);
  const measure = measures.find((one) => one.id === chosen.value) ?? measures[0]!;
  return (
    <section>
      <div class="fields">
        <MeasureSelect
          label={label}
          measures={measures}
          value={measure.id}
          onChange={(id) => (chosen.value = id)}
        />
      </div>
      <Chart
        chart={forest(
          id,
          t.sure.forestTitle(measure.of === 'answer' ? measure.name : t.plain(measure.symbol)),
          measure,
          rowsOf(measure),
        )}
        pending={pending}
      />
    </section>
  );
}

/** Number of draws, seed, and whether whole clusters are drawn. */
function DrawControls() {
  const app = useApp();
  const { draws, seed, cluster } = app.settings.value;
  return (
    <div class="fields">
      <Field label={t.sure.drawsField} class="short">
        {(control) => (
          <NumberInput
            id={control}
            title={t.sure.drawsMeaning}
            lower={FEWEST_DRAWS}
            upper={MOST_DRAWS}
            value={draws}
            onChange={(value) => app.set({ draws: Math.round(value) })}
          />
        )}
      </Field>
      <Field label={t.sure.seedField} class="short">
        {(control) => (
          <NumberInput
            id={control}
            title={t.sure.seedMeaning}
            lower={0}
            upper={MOST_SEED}
            value={seed}
            onChange={(value) => app.set({ seed: Math.round(value) })}
          />
        )}
      </Field>
      <Field label={t.sure.clusterField}>
        {(control) => (
          <Select
            id={control}
            value={cluster ?? ''}
            choices={[
              { value: '', text: t.sure.noCluster },
              ...clusterChoices(app).map((name) => ({ value: name.id, text: name.text })),
            ]}
            onChange={(name) => app.set({ cluster: name === '' ? null : name })}
          />
        )}
      </Field>
    </div>
  );
}

/** Columns of the table, and quantities whose lines belong together. */
function clusterChoices(app: App): { id: string; text: string }[] {
  const header = app.table.value?.header ?? [];
  const columns = app.prepared.value.value?.columns ?? {};
  const quantities = (app.catalog.value?.quantities ?? []).filter(
    ({ id, kind }) => kind !== 'loss' && columns[id] && !header.includes(id),
  );
  return [
    ...quantities.map(({ id, name }) => ({ id, text: t.sure.sameQuantity(name.toLowerCase()) })),
    ...header.map((name) => ({ id: name, text: name })),
  ];
}

/** What the intervals rest on: draws, audit, shares that ended badly. */
function DrawNotes() {
  const app = useApp();
  const { seed, cluster } = app.settings.value;
  const bootstrap = app.estimation.value?.bootstrap.state.value;
  const found = bootstrap?.value;
  const uneven = app.fit.state.value.value?.report.warnings.find(
    ({ code }) => code === 'errors_differ',
  );
  if (bootstrap?.failure) {
    return <Notice severity="warning">{t.common.failed(bootstrap.failure)}</Notice>;
  }
  if (app.estimation.value?.tooLarge.value) return <p class="muted small">{t.sure.tooLarge}</p>;
  if (!found) return <p class="muted small is-pending">{t.verdict.pendingDraws}</p>;
  const { report, audit } = found;
  const facts = [
    t.sure.basis(report.draws, seed, cluster),
    t.sure.audit(audit.audited, audit.missed, audit.rerun),
    audit.reason && t.sure.auditReasons[audit.reason],
    report.at_bound > 0 && `${t.sure.atBound}: ${formatPercent(report.at_bound)}.`,
    report.failed > 0 && `${t.sure.failed}: ${formatNumber(report.failed)}.`,
    uneven?.value && t.sure.uneven(uneven.value),
  ];
  return (
    <p class={`muted small ${bootstrap.pending ? 'is-pending' : ''}`} data-draws={report.draws}>
      {facts.filter(Boolean).join(' ')}
    </p>
  );
}

/** Draws of any two quantities. */
function Scatter({ measures }: { measures: Measure[] }) {
  const app = useApp();
  const fit = app.fit.state.value.value!;
  const plan = app.plan.value.value?.optimum ?? null;
  const bootstrap = app.estimation.value?.bootstrap.state.value ?? null;
  const found = bootstrap?.value ?? null;
  const exponents = fit.law.coefficients.filter(({ role }) => role === 'exponent');
  const x = useSignal(exponents[0]?.id ?? measures[0]!.id);
  const y = useSignal(exponents[1]?.id ?? measures[1]?.id ?? measures[0]!.id);
  const of = (id: string) => measures.find((measure) => measure.id === id) ?? measures[0]!;
  const [across, up] = [of(x.value), of(y.value)];
  const chart = useMemo(
    () =>
      found &&
      scatter(
        { ...found.draws, ...found.columns },
        [across, up],
        [fitted(fit.report, plan, across).value, fitted(fit.report, plan, up).value],
      ),
    [found, across, up, fit, plan],
  );
  return (
    <section>
      <div class="fields">
        <MeasureSelect
          label={t.sure.acrossField}
          measures={measures}
          value={across.id}
          onChange={(id) => (x.value = id)}
        />
        <MeasureSelect
          label={t.sure.upField}
          measures={measures}
          value={up.id}
          onChange={(id) => (y.value = id)}
        />
      </div>
      <Chart chart={chart} pending={bootstrap?.pending ?? true} />
    </section>
  );
}

function Profile({ measures, first }: { measures: Measure[]; first: string }) {
  const app = useApp();
  const chosen = useSignal(first);
  const measure = measures.find(({ id }) => id === chosen.value) ?? measures[0]!;
  const { value, pending, failure } = asked(app, 'profile', { of: measure.id });
  const chart = useMemo(() => value && profileChart(measure, value.columns), [value, measure]);
  return (
    <section>
      <div class="fields">
        <MeasureSelect
          label={t.sure.profileField}
          measures={measures}
          value={measure.id}
          onChange={(id) => (chosen.value = id)}
        />
      </div>
      {failure === null ? (
        <Chart chart={chart} pending={pending} />
      ) : (
        <Notice severity="info">{t.common.failed(failure)}</Notice>
      )}
    </section>
  );
}

/** What leaving out each run does to the best size. */
function Influence() {
  const app = useApp();
  const fit = app.fit.state.value.value!;
  const catalog = app.catalog.value!;
  const {
    value: found,
    pending,
    failure,
  } = asked(app, 'influence', fit.law.has_optimum ? {} : null);
  const params = catalog.quantities.find(({ id }) => id === 'params');
  const runs = useMemo(
    () => (found ? influences(found.columns, fit.positions, fit.prepared) : []),
    // Answers belong to the fit that was there when they came.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [found],
  );
  const symbol = t.optimal(params?.symbol ?? '');
  const chart = useMemo(() => influenceChart(runs, symbol), [runs, symbol]);
  if (!fit.law.has_optimum) return null;
  if (failure !== null) return <Notice severity="info">{t.common.failed(failure)}</Notice>;
  return (
    <section>
      <h2>
        <Term id="influence">{t.sure.influenceHeading}</Term>
      </h2>
      <div class="two">
        <Chart chart={chart} pending={pending} />
        <div class={pending ? 'is-pending' : ''}>
          <WideTable label={t.sure.influenceTable}>
            <table class="numbers">
              <caption>{t.sure.influenceTable}</caption>
              <thead>
                <tr>
                  <th scope="col" class="text">
                    {t.sure.run}
                  </th>
                  <th scope="col">{t.sure.change}</th>
                  <th scope="col">
                    <span class="hidden">{t.common.leaveOut}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {runs.slice(0, NAMED).map(({ index, name, change }) => (
                  <tr
                    key={index}
                    class={app.highlighted.value === index ? 'yours' : ''}
                    onPointerEnter={() => (app.highlighted.value = index)}
                    onPointerLeave={() => (app.highlighted.value = null)}
                  >
                    <th scope="row" class="text">
                      <button class="quiet" onClick={() => (app.highlighted.value = index)}>
                        {name}
                      </button>
                    </th>
                    <td>
                      <Num value={change} text={formatPercent(change, { sign: true })} />
                    </td>
                    <td>
                      <SwitchRun index={index} name={name} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </WideTable>
          <p class="muted small">
            {t.sure.rowsShown(Math.min(NAMED, runs.length), runs.length)}{' '}
            {found?.report.method === 'one_step' && t.sure.oneStep}
          </p>
        </div>
      </div>
    </section>
  );
}
