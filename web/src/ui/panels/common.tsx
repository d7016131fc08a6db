import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { ChartDescription, PanelHandlers } from '../../charts/panel';
import type { Measure } from '../../model/panels/measures';
import * as t from '../../text/panels';
import type { Settling } from '../../state/settle';
import { Field, Notice, Num, Select, SymbolText } from '../bits';
import { useApp } from '../context';
import { later } from '../later';
import { originOf } from '../summary';
import { printed } from '../../model/panels/measures';

/** A word of the field, explained by a press. */
export function Term({ id, children }: { id: t.TermId; children?: ComponentChildren }) {
  const note = useId();
  const { word, text } = t.terms[id];
  return (
    <>
      <button type="button" class="term" {...{ popovertarget: note }}>
        {children ?? word}
      </button>
      <span id={note} class="term-note" popover="auto">
        {text}
      </span>
    </>
  );
}

const ShowChart = later(
  () => import('../../charts/panel-chart').then(({ PanelChart }) => PanelChart),
  <div class="chart-place" />,
);

/** A chart in its place, which is kept while there is none; dim while its successor is computed. */
export function Chart({
  chart,
  pending = false,
  handlers,
  wide = false,
}: {
  chart: ChartDescription | null;
  pending?: boolean;
  handlers?: PanelHandlers;
  wide?: boolean;
}) {
  const app = useApp();
  const law = app.fit.state.value.value?.law.name ?? '';
  const shared: PanelHandlers = {
    highlighted: app.highlighted,
    onToggle: app.toggleRow,
    ...handlers,
  };
  return (
    <div class={`panel-chart${wide ? ' is-wide' : ''}${pending ? ' is-pending' : ''}`}>
      {chart ? (
        <ShowChart
          chart={chart}
          caption={[originOf(app), law].filter(Boolean).join(' · ')}
          handlers={shared}
        />
      ) : (
        <div class="chart-place" />
      )}
    </div>
  );
}

/** What is computed elsewhere: its place while it is on its way, why it is not there, or itself. */
export function Arriving<T>({
  state: { value, pending, failure },
  place,
  children,
}: {
  state: Settling<T>;
  /** Stands here until the first value. */
  place?: ComponentChildren;
  children: (value: T) => ComponentChildren;
}) {
  if (value === null && failure !== null)
    return <Notice severity="error">{t.common.failed(failure)}</Notice>;
  if (value === null)
    return (
      <div class="arriving is-pending">
        {place ?? <p class="muted">{pending ? t.common.working : t.common.needsEstimation}</p>}
      </div>
    );
  return <div class={`arrived${pending ? ' is-pending' : ''}`}>{children(value)}</div>;
}

/** Choice among measures, by symbol and name. */
export function MeasureSelect({
  label,
  measures,
  value,
  onChange,
}: {
  label: string;
  measures: readonly Measure[];
  value: string;
  onChange: (id: string) => void;
}) {
  return (
    <Field label={label}>
      {(control) => (
        <Select
          id={control}
          value={value}
          choices={measures.map(({ id, symbol, name, of }) => ({
            value: id,
            text: of === 'answer' ? name : `${t.plain(symbol)}: ${name}`,
          }))}
          onChange={onChange}
        />
      )}
    </Field>
  );
}

/** A measured number with its full precision along. */
export function Value({
  measure,
  value,
}: {
  measure: Pick<Measure, 'kind'>;
  value: number | null | undefined;
}) {
  return <Num value={value} text={printed(measure, value)} />;
}

export function MeasureName({ measure }: { measure: Measure }) {
  return (
    <th scope="row" class="text measure" title={measure.name}>
      <span class="symbol">
        <SymbolText symbol={measure.symbol} />
      </span>{' '}
      <span class="muted small">{measure.name}</span>
    </th>
  );
}
