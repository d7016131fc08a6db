import { useComputed } from '@preact/signals';
import { useEffect, useErrorBoundary, useState } from 'preact/hooks';
import type { ChartHandlers } from '../charts/types';
import type { Law } from '../core/protocol';
import { chartInput } from '../model/chart-input';
import { problemText } from '../text/data';
import * as t from '../text/page';
import { Field, Notice, Select } from './bits';
import { Coefficients, Published, Quality } from './coefficients';
import { useApp } from './context';
import { Answer, FitStatusLines, Progress, Starting } from './summary';

/** The law, how it was fitted, and what came of it. */
export function FitRoom() {
  const app = useApp();
  const { value: fit, pending } = app.fit.state.value;
  if (!app.catalog.value) return <Starting heading={t.fit.heading} />;
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
          {law.value.summary} {chosen?.summary}
        </p>
      )}
      {law.value && <Holding law={law.value} />}
    </div>
  );
}

/** Hold coefficients at a value, or two of them equal. */
function Holding({ law }: { law: Law }) {
  const app = useApp();
  const { fixed, tied } = app.settings.value;
  const fitted = app.fit.state.value.value?.numbers?.coefficients;
  const held = law.coefficients.filter(
    ({ id }) => id in fixed || tied.some(([first]) => first === id),
  ).length;
  return (
    <details class="holding">
      <summary>{held > 0 ? t.fit.holding(held) : t.fit.hold}</summary>
      <div class="fields">
        {law.coefficients.map(({ id, symbol, role, lower, upper }, i) => {
          const partner = tied.find(([first]) => first === id)?.[1];
          const state = id in fixed ? 'fixed' : partner ? `tied:${partner}` : 'free';
          // Only like and like can be equal, and each pair is offered once.
          const partners = law.coefficients.slice(0, i).filter((other) => other.role === role);
          return (
            <Field key={id} label={symbol} class="hold">
              {(control) => (
                <>
                  <Select
                    id={control}
                    value={state}
                    choices={[
                      { value: 'free', text: t.fit.free },
                      { value: 'fixed', text: t.fit.fixedAt },
                      ...partners.map((other) => ({
                        value: `tied:${other.id}`,
                        text: t.fit.equals(other.symbol),
                      })),
                    ]}
                    onChange={(next) => {
                      const { [id]: _, ...others } = fixed;
                      const pairs = tied.filter(([first]) => first !== id);
                      if (next === 'fixed') {
                        const value = Number((fitted?.[id] ?? lower).toPrecision(4));
                        app.set({ fixed: { ...others, [id]: value }, tied: pairs });
                      } else if (next === 'free') app.set({ fixed: others, tied: pairs });
                      else
                        app.set({
                          fixed: others,
                          tied: [...pairs, [id, next.slice('tied:'.length)]],
                        });
                    }}
                  />
                  {id in fixed && (
                    <input
                      type="number"
                      step="any"
                      min={lower}
                      max={upper ?? undefined}
                      aria-label={`${symbol} ${t.fit.fixedAt}`}
                      value={fixed[id]}
                      onChange={(event) => {
                        const value = event.currentTarget.valueAsNumber;
                        if (Number.isFinite(value)) app.set({ fixed: { ...fixed, [id]: value } });
                      }}
                    />
                  )}
                </>
              )}
            </Field>
          );
        })}
      </div>
    </details>
  );
}

/** Kept while nothing that it is made of changes, so that charts need not compare. */
function useChartInput() {
  const app = useApp();
  const input = useComputed(() =>
    chartInput(
      {
        catalog: app.catalog.value,
        law: app.law.value,
        cost: app.cost.value,
        flops: app.budget.value.flops,
        prepared: app.prepared.value.value,
        rows: app.rows.value,
        fit: app.fit.state.value.value,
      },
      (problem) => problemText(problem, app.table.value?.header),
    ),
  );
  return input.value;
}

type Grid = typeof import('../charts/chart-grid').ChartGrid;
const grid = import('../charts/chart-grid').then((module) => module.ChartGrid);

export function Charts() {
  const app = useApp();
  const [broken] = useErrorBoundary();
  const [ChartGrid, setGrid] = useState<{ component: Grid } | null>(null);
  useEffect(() => {
    void grid.then((component) => setGrid({ component }));
  }, []);
  const input = useChartInput();
  const fitted = input?.fit !== null && input !== null && ChartGrid !== null;
  useEffect(() => {
    if (!fitted) return;
    // Two frames later what was asked for has been drawn.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => (document.documentElement.dataset.ready = 'charts')),
    );
  }, [fitted]);
  if (broken) return <Notice severity="error">{t.fit.chartsFailed}</Notice>;
  if (!input) return null;
  const handlers: ChartHandlers = {
    engine: app.engine,
    highlighted: app.highlighted,
    onToggle: app.toggleRow,
    onBudget: (flops) => app.set({ budget: flops.toPrecision(3).replace('e+', 'e') }),
  };
  return (
    <section class="charts" aria-labelledby="charts-heading">
      <h2 id="charts-heading" class="hidden">
        {t.fit.charts}
      </h2>
      {ChartGrid ? (
        <ChartGrid.component input={input} handlers={handlers} />
      ) : (
        <p class="muted">{t.fit.loadingCharts}</p>
      )}
    </section>
  );
}
