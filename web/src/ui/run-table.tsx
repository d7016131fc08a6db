import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Quantity } from '../core/protocol';
import type { Role } from '../data/types';
import { formatQuantity, fullPrecision } from '../format';
import { histogram } from '../model/histogram';
import type { Prepared, RunRow } from '../model/rows';
import { problemText } from '../text/data';
import * as t from '../text/page';
import { data as words } from '../text/rooms';
import { useApp } from './context';

/** Height of a row in rem; must be what styles/page.css says. */
const ROW_REM = 1.875;
/** Rows drawn above and below what is seen. */
const MARGIN = 10;

function rowHeight(): number {
  return ROW_REM * parseFloat(getComputedStyle(document.documentElement).fontSize);
}

/** A window onto all rows: only those in sight are in the document, so 5,000 scroll as 50 do. */
function useWindow(count: number) {
  const box = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState({ first: 0, end: Math.min(count, 60) });
  const look = () => {
    if (!box.current) return;
    const { scrollTop, clientHeight } = box.current;
    const height = rowHeight();
    const first = Math.max(0, Math.floor(scrollTop / height) - MARGIN);
    const end = Math.min(count, Math.ceil((scrollTop + clientHeight) / height) + MARGIN);
    setRange((old) => (old.first === first && old.end === end ? old : { first, end }));
  };
  useLayoutEffect(look, [count]);
  return { box, look, ...range };
}

/** All rows, each with its switch; what cannot be used stays visible with the reason. */
export function RunTable() {
  const app = useApp();
  const { value: prepared } = app.prepared.value;
  const catalog = app.catalog.value;
  const rows = app.rows.value;
  const { box, look, first, end } = useWindow(rows.length);
  /** The one row whose switch Tab reaches; arrows move it. */
  const [active, setActive] = useState(0);
  const moved = useRef(false);
  useLayoutEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    box.current?.querySelector<HTMLInputElement>(`[data-position="${active}"] input`)?.focus();
  }, [active, first]);

  if (!prepared || !catalog) return null;
  const shown = catalog.quantities.filter(({ id }) => numbersOf(prepared, id));
  const headerOf = (role: Role) => {
    const column = app.mapping.value?.columns.findIndex((choice) => choice.role === role) ?? -1;
    return app.table.value?.header[column];
  };
  const run = headerOf('run');
  const group = headerOf('group');
  const anyOut = app.counts.value.used < rows.length;

  const move = (to: number) => {
    const position = Math.max(0, Math.min(rows.length - 1, to));
    const height = rowHeight();
    const view = box.current!;
    const header = view.querySelector('thead')?.offsetHeight ?? 0;
    const top = position * height;
    if (top < view.scrollTop) view.scrollTop = top;
    else if (top + height > view.scrollTop + view.clientHeight - header) {
      view.scrollTop = top + height - view.clientHeight + header;
    }
    moved.current = true;
    look();
    setActive(position);
  };
  const page = 10;
  const steps: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + page,
    PageUp: active - page,
    Home: 0,
    End: rows.length - 1,
  };

  return (
    <div class="run-table" role="group" aria-label={words.table} ref={box} onScroll={look}>
      <table aria-rowcount={rows.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" class="switch">
              <span class="hidden">{words.on}</span>
            </th>
            <th scope="col" class="line">
              {run ?? words.line}
            </th>
            {group !== undefined && <th scope="col">{group}</th>}
            {shown.map((quantity) => (
              <QuantityHeader key={quantity.id} quantity={quantity} prepared={prepared} />
            ))}
            <th scope="col" class="left-out">
              <span class={anyOut ? '' : 'hidden'}>{words.left}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {first > 0 && <Gap rows={first} />}
          {rows.slice(first, end).map((row, i) => (
            <Row
              key={row.index}
              row={row}
              position={first + i}
              reachable={first + i === active}
              shown={shown}
              grouped={group !== undefined}
              named={run !== undefined}
              prepared={prepared}
              onFocus={() => setActive(first + i)}
              onKeyDown={(event) => {
                const to = steps[event.key];
                if (to === undefined) return;
                event.preventDefault();
                move(to);
              }}
            />
          ))}
          {end < rows.length && <Gap rows={rows.length - end} />}
        </tbody>
      </table>
    </div>
  );
}

/** Stands for rows out of sight. */
function Gap({ rows }: { rows: number }) {
  return <tr aria-hidden="true" style={{ height: `${rows * ROW_REM}rem` }} />;
}

/** Numbers of a quantity; as they are written while they cannot be converted. */
function numbersOf({ columns, dataset }: Prepared, id: string): Float64Array | undefined {
  return columns[id] ?? dataset.columns[id];
}

function QuantityHeader({ quantity, prepared }: { quantity: Quantity; prepared: Prepared }) {
  const numbers = numbersOf(prepared, quantity.id)!;
  const converted = quantity.id in prepared.columns;
  const written = prepared.dataset.units[quantity.id]?.id;
  const unit = converted
    ? quantity.unit
    : (quantity.units.find(({ id }) => id === written)?.name ?? written);
  // Scrolling draws the header anew, and need not count again.
  const { bars, ends } = useMemo(() => {
    const finite = numbers.filter(Number.isFinite).sort();
    const ends = [finite[0], finite.at(-1)];
    return {
      bars: histogram(numbers, 14),
      ends: ends.map((x) => formatQuantity(quantity, x, { unit: false })),
    };
  }, [numbers, quantity]);
  return (
    <th scope="col" class="number" title={converted ? quantity.meaning : words.asWritten}>
      <svg
        class="histogram"
        viewBox="0 0 70 18"
        role="img"
        aria-label={words.histogram(quantity.name, ends[0]!, ends[1]!)}
      >
        {bars.map((height, i) => (
          <rect key={i} x={i * 5} width="4" y={17 - height * 16} height={height * 16} />
        ))}
        <path d="M0 17.5h70" />
      </svg>
      <span class="symbol">{quantity.symbol}</span> <span class="unit">{unit}</span>
    </th>
  );
}

function Row({
  row,
  position,
  reachable,
  shown,
  grouped,
  named,
  prepared,
  onFocus,
  onKeyDown,
}: {
  row: RunRow;
  position: number;
  reachable: boolean;
  shown: Quantity[];
  grouped: boolean;
  named: boolean;
  prepared: Prepared;
  onFocus: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}) {
  const app = useApp();
  const why =
    row.leftOut &&
    t.leftOutText(row.leftOut, app.catalog.value!.quantities, (problem) =>
      problemText(problem, app.table.value?.header),
    );
  const lit = app.highlighted.value === row.index;
  const light = () => (app.highlighted.value = row.index);
  return (
    <tr
      aria-rowindex={position + 2}
      data-position={position}
      data-row={row.index}
      class={`${row.leftOut ? 'is-out' : ''} ${lit ? 'is-lit' : ''}`}
      onPointerEnter={light}
      onPointerLeave={() => (app.highlighted.value = null)}
    >
      <td class="switch">
        <input
          type="checkbox"
          checked={!row.leftOut}
          disabled={!row.readable}
          tabIndex={reachable ? 0 : -1}
          aria-label={words.rowSwitch(row.name)}
          onChange={() => app.toggleRow(row.index)}
          onKeyDown={onKeyDown}
          onFocus={() => {
            onFocus();
            light();
          }}
        />
      </td>
      <td class="line" title={row.name}>
        {named ? row.name : row.index + 1}
      </td>
      {grouped && <td class="text">{row.group}</td>}
      {shown.map((quantity) => (
        <Cell
          key={quantity.id}
          quantity={quantity}
          position={position}
          index={row.index}
          prepared={prepared}
        />
      ))}
      <td class="left-out" title={why ?? undefined}>
        {why}
      </td>
    </tr>
  );
}

function Cell({
  quantity,
  position,
  index,
  prepared,
}: {
  quantity: Quantity;
  position: number;
  index: number;
  prepared: Prepared;
}) {
  const app = useApp();
  const converted = quantity.id in prepared.columns;
  const x = numbersOf(prepared, quantity.id)![position]!;
  if (!converted || !Number.isFinite(x)) {
    // As it stands in the text, so that one sees what could not be read.
    const column = app.mapping.value?.columns.findIndex(({ role }) => role === quantity.id) ?? -1;
    return (
      <td
        class={Number.isFinite(x) ? 'number' : 'number unreadable'}
        title={converted ? undefined : words.asWritten}
      >
        {app.table.value?.rows[index]?.[column] ?? ''}
      </td>
    );
  }
  const given = Number.isFinite(prepared.dataset.columns[quantity.id]?.[position]);
  if (quantity.kind === 'loss' && app.whatIf.value.has(index)) {
    return (
      <td class="number what-if" title={`${fullPrecision(x)} (${t.fit.whatIf})`}>
        {formatQuantity(quantity, x, { unit: false })} <span class="tag">{t.fit.whatIf}</span>
      </td>
    );
  }
  return (
    <td
      class={given ? 'number' : 'number derived'}
      title={given ? fullPrecision(x) : `${fullPrecision(x)} (${words.derivedCell})`}
    >
      {formatQuantity(quantity, x, { unit: false })}
    </td>
  );
}
