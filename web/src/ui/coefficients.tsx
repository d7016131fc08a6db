import { useState } from 'preact/hooks';
import { formatEstimate, formatInterval, formatNumber, formatPercent } from '../format';
import type { Preset } from '../core/protocol';
import type { Fit } from '../state/fitting';
import * as e from '../text/engine';
import * as t from '../text/page';
import { results as words } from '../text/rooms';
import { useApp } from './context';
import { Formula } from './formula';
import { Num, Source, SymbolText, UnitText, WideTable } from './bits';

/** What came of the fit, as tables. */
export function Results({ fit, pending }: { fit: Fit; pending: boolean }) {
  return (
    <>
      <div class={`results ${pending ? 'is-pending' : ''}`}>
        <Coefficients fit={fit} />
        <Quality fit={fit} />
      </div>
      <Published fit={fit} />
    </>
  );
}

/** Value, error, interval and meaning of every coefficient. */
function Coefficients({ fit }: { fit: Fit }) {
  const { catalog } = useApp();
  // One choice among many is no number to read.
  const read = fit.report.usable ? fit.report.coefficients : [];
  const values = Object.fromEntries(read.map(({ id, value }) => [id, value]));
  return (
    <section>
      <div class="formula">
        <Formula
          law={fit.law}
          quantities={catalog.value?.quantities ?? []}
          values={values}
          format={(_, value) => formatNumber(value)}
        />
      </div>
      <WideTable label={words.coefficients}>
        <table class="numbers">
          <caption>{words.coefficients}</caption>
          <thead>
            <tr>
              <th scope="col">
                <span class="hidden">{words.coefficient}</span>
              </th>
              <th scope="col">{words.estimate}</th>
              <th scope="col">{words.interval}</th>
              <th scope="col" class="text">
                {words.meaning}
              </th>
            </tr>
          </thead>
          <tbody>
            {fit.law.coefficients.map(({ id, symbol, meaning, unit }) => {
              const found = fit.report.coefficients.find((candidate) => candidate.id === id);
              const state = found && e.coefficientState(found, fit.law);
              return (
                <tr key={id}>
                  <th scope="row" class="symbol">
                    <SymbolText symbol={symbol} />
                  </th>
                  <td>
                    <Num
                      value={values[id]}
                      text={formatEstimate(values[id], found?.standard_error)}
                      name={id}
                    />
                    {state && <span class="tag">{state}</span>}
                  </td>
                  <td>{formatInterval(id in values ? found?.interval : null)}</td>
                  <td class="text">
                    {meaning}{' '}
                    {unit && (
                      <span class="muted">
                        In <UnitText unit={unit} />.
                      </span>
                    )}
                  </td>
                </tr>
              );
            })}
            {(fit.report.usable ? fit.report.implied : []).map((implied) => (
              <tr key={implied.id} class="implied">
                <th scope="row" class="symbol">
                  <SymbolText symbol={implied.symbol} />
                </th>
                <td>
                  <Num
                    value={implied.value}
                    text={formatEstimate(implied.value, implied.standard_error)}
                  />
                </td>
                <td>{formatInterval(implied.interval)}</td>
                <td class="text">
                  {implied.name} <span class="tag">{words.implied}</span>
                </td>
              </tr>
            ))}
            <BestRatio />
          </tbody>
        </table>
      </WideTable>
      {fit.report.interval_method && (
        <p class="muted small">{e.intervalMethod(fit.report.interval_method)}</p>
      )}
    </section>
  );
}

/** How the budget is best split under this fit, by the same answer as the sentence. */
function BestRatio() {
  const app = useApp();
  const { value: plan, pending } = app.plan.value;
  const { quantities = [] } = app.catalog.value ?? {};
  const tokens = quantities.find(({ id }) => id === 'tokens');
  const params = quantities.find(({ id }) => id === 'params');
  if (!plan?.optimum || !tokens || !params) return null;
  const { flops, tokens_per_param: ratio } = plan.optimum;
  return (
    <tr class={`implied ${pending ? 'is-pending' : ''}`}>
      <th scope="row" class="at">
        <span class="symbol">{words.ratio(tokens, params)}</span> {words.at(flops)}
      </th>
      <td>
        <Num value={ratio.value} text={formatEstimate(ratio.value, ratio.standard_error)} />
      </td>
      <td>{formatInterval(ratio.interval)}</td>
      <td class="text">
        {[words.ratioMeaning, ...t.heldAt(plan.at, quantities)].join(', ')}{' '}
        <span class="tag">{words.implied}</span>
      </td>
    </tr>
  );
}

function Quality({ fit }: { fit: Fit }) {
  const { goodness, objective, starts } = fit.report;
  const facts: [name: string, text: string, value: number | null, id?: string][] = [
    [words.objectiveValue, formatNumber(objective.value, 6), objective.value, 'objective'],
    [words.starts, words.startsOf(starts.agreeing, starts.tried), null],
  ];
  if (goodness) {
    facts.unshift(
      [
        words.median,
        formatPercent(goodness.median_abs_log_residual),
        goodness.median_abs_log_residual,
      ],
      [words.rms, formatPercent(goodness.rms_log_residual), goodness.rms_log_residual],
      [words.largest, formatPercent(goodness.max_abs_log_residual), goodness.max_abs_log_residual],
      [words.r2, formatNumber(goodness.r_squared, 5), goodness.r_squared],
      [words.rows, formatNumber(goodness.rows), goodness.rows],
      [words.freeCount, formatNumber(goodness.free_coefficients), goodness.free_coefficients],
    );
  }
  return (
    <section class="quality" aria-label={words.quality}>
      <h2>{words.quality}</h2>
      <dl class="facts">
        {facts.map(([name, text, value, id]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {value === null ? text : <Num value={value} text={text} {...(id && { name: id })} />}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Presets shown before "Show all". */
const FEW = 4;

/** The law's published numbers, one source a row, under those of this fit. */
function Published({ fit }: { fit: Fit }) {
  const [all, setAll] = useState(false);
  const { presets, coefficients } = fit.law;
  if (presets.length === 0) return null;
  const shown = all ? presets : presets.slice(0, FEW);
  return (
    <section class="published">
      <WideTable label={words.published}>
        <table class="numbers">
          <caption>{words.published}</caption>
          <thead>
            <tr>
              <th scope="col" class="text">
                {words.source}
              </th>
              {coefficients.map(({ id, symbol, meaning }) => (
                <th key={id} scope="col" class="symbol" title={meaning}>
                  <SymbolText symbol={symbol} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr class="yours">
              <th scope="row" class="text">
                {words.yours}
              </th>
              {coefficients.map(({ id }) => {
                const found = fit.report.coefficients.find((candidate) => candidate.id === id);
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
            {shown.map((preset) => (
              <tr key={preset.id}>
                <th scope="row" class="text">
                  {preset.name} <span class="tag">{preset.status}</span>
                </th>
                {coefficients.map(({ id }) => (
                  <td key={id}>
                    <Num
                      value={preset.coefficients[id]}
                      text={formatEstimate(preset.coefficients[id], preset.standard_errors[id])}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
      {presets.length > FEW && (
        <button class="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? words.showFewer : words.showAll(presets.length)}
        </button>
      )}
      <Sources presets={shown} />
    </section>
  );
}

/** Where published numbers come from, and what to mind with them. */
export function Sources({ presets }: { presets: Preset[] }) {
  return (
    <details>
      <summary>{words.sources}</summary>
      <dl class="sources">
        {presets.map(({ id, name, status_text, caveat, citation }) => (
          <div key={id}>
            <dt>{name}</dt>
            <dd>
              <span class="tag">{status_text}</span> {caveat} <Source citation={citation} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
