import { useEffect, useState } from 'preact/hooks';
import type { Catalog, Estimate, Optimum } from '../core/protocol';
import {
  formatCount,
  formatInterval,
  formatLoss,
  formatNumber,
  formatQuantity,
  formatQuantityInterval,
} from '../format';
import { quantityOf } from '../model/laws';
import { furtherVariables, type Plan } from '../state/planning';
import * as t from '../text/page';
import { plan as words } from '../text/rooms';
import { Field, Notice, Num, NumberInput, WideTable } from './bits';
import { Charts } from './charts';
import { useApp } from './context';
import { Sources } from './coefficients';
import { CostChoiceFields } from './cost-choice';
import { Answer, originOf, Starting } from './summary';
import '../../styles/plan.css';

/** A budget in, the compute-optimal split out: by this fit, and by each published set of numbers. */
export function PlanRoom() {
  const app = useApp();
  const { value: own, pending } = app.plan.value;
  const { value: others } = app.presetPlans.value;
  const { value: fit } = app.fit.state.value;
  const catalog = app.catalog.value;
  if (!catalog) return <Starting heading={words.heading} />;
  return (
    <>
      <h1 id="room-heading">{words.heading}</h1>
      <div class="narrow-only">
        <Answer />
      </div>
      <div class="fields">
        <Budget />
        <CostChoiceFields />
        <FurtherVariables />
      </div>
      {own?.optimum && (
        <section class={`plan-card ${pending ? 'is-pending' : ''}`} aria-label={words.yours}>
          <p class="muted small">{originOf(app)}</p>
          <Figures optimum={own.optimum} catalog={catalog} />
        </section>
      )}
      {fit?.report.usable && fit.law.has_optimum && own === null && !pending && (
        <Notice severity="info">{words.incomplete}</Notice>
      )}
      {app.law.value?.has_optimum ? (
        <Charts class="of-plan" ready={own !== null || !(pending || app.fit.state.value.pending)} />
      ) : (
        <Notice severity="info">{words.none}</Notice>
      )}
      {others && others.length > 0 && <PlanTable own={own} others={others} catalog={catalog} />}
    </>
  );
}

/** Typed freely; what can be read takes effect at once, what cannot is said and changes nothing. */
function Budget() {
  const app = useApp();
  const { budget } = app.settings.value;
  const [typed, setTyped] = useState<string | null>(null);
  // Set from elsewhere: the line in a chart, an address.
  useEffect(() => setTyped(null), [budget]);
  const unread = typed !== null && typed.trim() !== '' && app.readBudget(typed) === null;
  const flops = app.flops.value;
  return (
    <>
      <Field label={words.budget}>
        {(control) => (
          <input
            id={control}
            type="text"
            autocomplete="off"
            spellcheck={false}
            placeholder={flops === null ? '' : String(flops).replace('e+', 'e')}
            value={typed ?? budget ?? ''}
            aria-invalid={unread}
            aria-describedby="budget-hint"
            onInput={(event) => {
              const text = event.currentTarget.value;
              setTyped(text);
              if (text.trim() === '') app.set({ budget: null });
              else if (app.readBudget(text) !== null) app.set({ budget: text });
            }}
          />
        )}
      </Field>
      <p id="budget-hint" class={unread ? 'notice notice-error' : 'muted small'}>
        {unread ? words.unread(typed) : words.budgetHint}
      </p>
    </>
  );
}

/** Variables of the law that a budget does not set. */
function FurtherVariables() {
  const app = useApp();
  const catalog = app.catalog.value;
  const law = app.law.value;
  if (!catalog || !law?.has_optimum) return null;
  const further = furtherVariables(law);
  return (
    <>
      {further.map((id) => (
        <Field key={id} label={quantityOf(catalog, id)?.name ?? id} class="short">
          {(control) => (
            <NumberInput
              id={control}
              lower={1}
              value={app.settings.value.at[id] ?? 1}
              onChange={(value) => app.set({ at: { ...app.settings.value.at, [id]: value } })}
            />
          )}
        </Field>
      ))}
    </>
  );
}

type Printed = [
  name: string,
  estimate: Estimate,
  text: string,
  interval: string,
  decades: number | null,
];

/** The four numbers of a plan as people read them. */
function printed(optimum: Optimum, catalog: Catalog): Printed[] {
  const params = quantityOf(catalog, 'params')!;
  const tokens = quantityOf(catalog, 'tokens')!;
  const { decades_outside: outside } = optimum;
  const ratio = optimum.tokens_per_param;
  return [
    [
      words.params,
      optimum.params,
      formatCount(optimum.params.value),
      formatQuantityInterval(params, optimum.params.interval),
      outside.params,
    ],
    [
      words.tokens,
      optimum.tokens,
      formatCount(optimum.tokens.value),
      formatQuantityInterval(tokens, optimum.tokens.interval),
      outside.tokens,
    ],
    [words.ratio, ratio, formatNumber(ratio.value, 3), formatInterval(ratio.interval), null],
    [
      words.loss,
      optimum.loss,
      formatLoss(optimum.loss.value),
      formatInterval(optimum.loss.interval),
      outside.flops,
    ],
  ];
}

function Figures({ optimum, catalog }: { optimum: Optimum; catalog: Catalog }) {
  return (
    <dl class="figures">
      {printed(optimum, catalog).map(([name, estimate, text, interval, decades]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Num value={estimate.value} text={text} />
            <span class="interval">
              {estimate.interval ? `95\u202f%: ${interval}` : words.noFitInterval}
            </span>
            {decades !== null && (
              <span class={decades > 0 ? 'outside' : 'muted'}>
                {decades > 0 ? t.reach.outside(decades) : t.reach.inside}
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function PlanTable({
  own,
  others,
  catalog,
}: {
  own: Plan | null;
  others: Plan[];
  catalog: Catalog;
}) {
  const app = useApp();
  const flops = quantityOf(catalog, 'flops');
  const plans = own ? [own, ...others] : others;
  return (
    <section>
      <WideTable label={words.others}>
        <table class="numbers">
          <caption>
            {words.others}
            {flops && app.flops.value !== null && `: ${formatQuantity(flops, app.flops.value)}`}
          </caption>
          <thead>
            <tr>
              <th scope="col" class="text">
                {words.source}
              </th>
              <th scope="col">{words.params}</th>
              <th scope="col">{words.tokens}</th>
              <th scope="col">{words.ratio}</th>
              <th scope="col">{words.loss}</th>
            </tr>
          </thead>
          <tbody>
            {plans.map((plan) => (
              <PlanRow key={plan.preset?.id ?? ''} plan={plan} catalog={catalog} />
            ))}
          </tbody>
        </table>
      </WideTable>
      <p class="muted small">{words.othersNote}</p>
      <Sources presets={others.flatMap(({ preset }) => preset ?? [])} />
    </section>
  );
}

function PlanRow({
  plan: { preset, optimum, unavailable },
  catalog,
}: {
  plan: Plan;
  catalog: Catalog;
}) {
  return (
    <tr class={preset ? '' : 'yours'}>
      <th scope="row" class="text" title={preset?.caveat}>
        {preset?.name ?? words.yours}{' '}
        {preset && <span class="tag">{`${preset.status}, ${words.noInterval}`}</span>}
      </th>
      {optimum ? (
        printed(optimum, catalog).map(([name, estimate, text, interval]) => (
          <td key={name}>
            <Num value={estimate.value} text={text} />
            {!preset && (
              <span class="interval">{estimate.interval ? interval : words.noFitInterval}</span>
            )}
          </td>
        ))
      ) : (
        <td colSpan={4} class="text">
          <Notice severity="info">{unavailable}</Notice>
        </td>
      )}
    </tr>
  );
}
