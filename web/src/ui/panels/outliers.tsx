import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { formatPercent } from '../../format';
import { pathChart } from '../../model/panels/hinges';
import { measuresOf, printed, type Measure } from '../../model/panels/measures';
import type { Outliers } from '../../state/estimation';
import * as t from '../../text/panels';
import { Notice, Num, RichText, WideTable } from '../bits';
import { useApp } from '../context';
import { asked } from './asked';
import { Arriving, Chart, MeasureSelect } from './common';
import { SwitchRun } from './switch-run';

const COUNT = { kind: 'count' } as const;
/** How far the paths go. */
const DROP = 20;
const DELTAS = 25;

/** Runs that stand out, why, and what becomes of the answer without them. */
export function OutliersPanel() {
  const app = useApp();
  const estimation = app.estimation.value;
  const found = estimation?.outliers.state.value ?? { value: null, pending: true, failure: null };
  // They wait for the draws, whose spread is the yardstick of influence.
  const drawing = estimation?.bootstrap.state.value.pending ?? true;
  const state = { ...found, pending: found.pending || drawing };
  return (
    <>
      <Arriving state={state}>{(found) => <Flagged found={found} />}</Arriving>
      <SwitchedOff />
      <Paths />
    </>
  );
}

function Flagged({ found }: { found: Outliers }) {
  const app = useApp();
  const { fit, report, influence } = found;
  const flops = fit.law.has_optimum ? app.flops.value : null;
  const rows = fit.prepared.dataset.rows;
  const now = app.plan.value.value?.optimum?.params.value ?? null;
  if (report.outliers.length === 0) return <p>{t.outliers.none}</p>;
  const indices = report.outliers.flatMap(({ row }) => rows[fit.positions[row]!]?.index ?? []);
  return (
    <section>
      <p class="muted">{t.outliers.intro}</p>
      <WithoutAll count={indices.length} indices={indices} />
      <WideTable label={t.outliers.heading}>
        <table class="numbers">
          <caption>{t.outliers.heading}</caption>
          <thead>
            <tr>
              <th scope="col" class="text">
                {t.outliers.run}
              </th>
              <th scope="col" class="text">
                {t.outliers.why}
              </th>
              {flops !== null && <th scope="col">{t.outliers.without(flops)}</th>}
              <th scope="col">
                <span class="hidden">{t.common.leaveOut}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {report.outliers.map(({ row, reasons }) => {
              const run = rows[fit.positions[row]!];
              if (!run) return null;
              const log = influence?.columns['params:0']?.[row] ?? NaN;
              const change = Math.expm1(log);
              return (
                <tr
                  key={run.index}
                  class={app.highlighted.value === run.index ? 'yours' : ''}
                  data-outlier={run.index}
                  onPointerEnter={() => (app.highlighted.value = run.index)}
                  onPointerLeave={() => (app.highlighted.value = null)}
                >
                  <th scope="row" class="text">
                    {run.name}
                  </th>
                  <td class="text">
                    {reasons
                      .map(
                        ({ code, value, threshold }) =>
                          t.outliers.reasons[code]?.(value, threshold) ?? code,
                      )
                      .join('; ')}
                  </td>
                  {flops !== null && (
                    <td>
                      {now !== null && Number.isFinite(change) ? (
                        <>
                          <Num
                            value={now * (1 + change)}
                            text={printed(COUNT, now * (1 + change))}
                          />
                          <span class="interval">{formatPercent(change, { sign: true })}</span>
                        </>
                      ) : (
                        t.common.none
                      )}
                    </td>
                  )}
                  <td>
                    <SwitchRun index={run.index} name={run.name} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </WideTable>
    </section>
  );
}

/** What the answer becomes without all that stand out, and one click to have it so. */
function WithoutAll({ count, indices }: { count: number; indices: number[] }) {
  const app = useApp();
  const sensitivity = asked(app, 'sensitivity', {});
  const objective = app.objective.value?.id;
  const line = sensitivity.value?.find((one) => one.without && one.objective.id === objective);
  const without = line?.optima[0]?.params.value ?? null;
  const now = app.plan.value.value?.optimum?.params.value ?? null;
  return (
    <div class="row">
      {without !== null && now !== null && (
        <p class={sensitivity.pending ? 'is-pending' : ''}>
          <RichText
            parts={[
              t.outliers.becomes,
              { strong: printed(COUNT, without) },
              t.outliers.insteadOf,
              { strong: printed(COUNT, now) },
              '.',
            ]}
          />
        </p>
      )}
      <button onClick={() => app.switchRows(indices, false)}>{t.outliers.all(count)}</button>
    </div>
  );
}

/** Runs left out by hand, so that what was done here can be undone here. */
function SwitchedOff() {
  const app = useApp();
  const off = app.rows.value.filter(({ leftOut }) => leftOut?.kind === 'switched_off');
  if (off.length === 0) return null;
  return (
    <section>
      <div class="row">
        <h2>{t.outliers.leftOut(off.length)}</h2>
        <button class="quiet" onClick={app.switchAllOn}>
          {t.outliers.allBack}
        </button>
      </div>
      <ul class="chips">
        {off.slice(0, 40).map(({ index, name }) => (
          <li key={index}>
            {name} <SwitchRun index={index} name={name} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The answer along two choices: how many runs are left out, and δ. */
function Paths() {
  const app = useApp();
  const fit = app.fit.state.value.value!;
  const catalog = app.catalog.value!;
  const measures = useMemo(() => measuresOf(catalog, fit.law, []), [catalog, fit.law]);
  const chosen = useSignal(fit.law.has_optimum ? 'params' : measures[0]!.id);
  const measure: Measure = measures.find(({ id }) => id === chosen.value) ?? measures[0]!;
  const { value, pending, failure } = asked(app, 'paths', { drop: DROP, deltas: DELTAS });
  const delta = app.objective.value?.delta ?? null;
  const charts = useMemo(
    () =>
      value &&
      (['drop', 'delta'] as const).map((path) =>
        pathChart(path, value, measure, fit.positions, fit.prepared, delta),
      ),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- rows are those of the fit it came for
    [value, measure, delta],
  );
  if (failure !== null) return <Notice severity="info">{t.common.failed(failure)}</Notice>;
  return (
    <section>
      <div class="fields">
        <MeasureSelect
          label={t.outliers.pathOf}
          measures={measures}
          value={measure.id}
          onChange={(id) => (chosen.value = id)}
        />
      </div>
      <div class="two">
        <Chart chart={charts?.[0] ?? null} pending={pending} />
        {(charts === null || charts[1]) && <Chart chart={charts?.[1] ?? null} pending={pending} />}
      </div>
    </section>
  );
}
