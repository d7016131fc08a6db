import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { curveSource } from '../model/curves';
import { chartText } from '../text/charts';
import '../../styles/charts.css';
import { chartContext, type ChartContext } from './context';
import { chartCsv, fileName, tableTwin } from './export';
import { chartViews } from './index';
import { chartPicture } from './picture';
import { Plot } from './plot';
import { same } from './same';
import type { ChartView } from './scene';
import {
  classColour,
  classShape,
  readTheme,
  SHAPE_OUTLINES,
  watchTheme,
  type Shape,
  type Theme,
} from './theme';
import type { ChartHandlers, ChartInput } from './types';

/** All charts that have something to say about the input, with one key of colours for all of them. */
export function ChartGrid({ input, handlers }: { input: ChartInput; handlers: ChartHandlers }) {
  const root = useRef<HTMLDivElement>(null);
  const theme = useTheme(root);
  const source = useMemo(() => curveSource(handlers.engine), [handlers.engine]);
  useEffect(() => source.request(input), [source, input]);
  const curves = source.curves.value;
  const context = useMemo(() => chartContext(input, curves), [input, curves]);
  const views = useMemo(() => chartViews(context), [context]);
  // Charts that come one after another would push each other about.
  const first = !source.answered.value;
  const spoken = useSignal('');
  const say = useMemo(() => (sentence: string) => void (spoken.value = sentence), [spoken]);

  return (
    <div ref={root} class={`chart-grid${first ? ' is-waiting' : ''}`}>
      {theme && <Key context={context} theme={theme} />}
      {theme &&
        !first &&
        views.map((view) => (
          <ChartCard
            key={view.id}
            view={view}
            context={context}
            theme={theme}
            handlers={handlers}
            say={say}
          />
        ))}
      <div class="chart-live" aria-live="polite">
        {spoken}
      </div>
    </div>
  );
}

function useTheme(root: { current: HTMLElement | null }): Theme | null {
  const [theme, setTheme] = useState<Theme | null>(null);
  useLayoutEffect(() => {
    const read = () => {
      const next = readTheme(root.current!);
      setTheme((last) => (same(last, next) ? last : next));
    };
    read();
    return watchTheme(read);
  }, []);
  return theme;
}

export interface ChartCardProps {
  view: ChartView;
  context: ChartContext;
  theme: Theme;
  handlers: ChartHandlers;
  say: (sentence: string) => void;
}

type Opened = 'table' | 'large' | null;

export function ChartCard({ view, context, theme, handlers, say }: ChartCardProps) {
  const [opened, setOpened] = useState<Opened>(null);
  const panels = (
    <div class={`chart-panels${view.panels.length > 1 ? ' is-many' : ''}`}>
      {view.panels.map((panel) => (
        <Plot
          key={panel.x.quantity}
          {...{ title: view.title, panel, context, theme, handlers, say }}
        />
      ))}
    </div>
  );
  return (
    <section
      class={`chart-card${view.panels.length > 1 ? ' is-wide' : ''}`}
      data-chart={view.id}
      aria-label={view.title}
    >
      <div class="chart-head">
        <h3 class="chart-title">{view.title}</h3>
        <Menu view={view} context={context} theme={theme} handlers={handlers} open={setOpened} />
      </div>
      {view.note && <p class="chart-note">{view.note}</p>}
      {panels}
      {opened && (
        <Dialog title={view.title} close={() => setOpened(null)}>
          {opened === 'table' ? (
            <Table view={view} context={context} />
          ) : (
            <>
              <Key context={context} theme={theme} />
              <LargePlots {...{ view, context, handlers, say }} />
            </>
          )}
        </Dialog>
      )}
    </section>
  );
}

/** The panels again, with the larger type of the dialog. */
function LargePlots({ view, context, handlers, say }: Omit<ChartCardProps, 'theme'>) {
  const root = useRef<HTMLDivElement>(null);
  const theme = useTheme(root);
  return (
    <div ref={root} class={`chart-panels chart-large${view.panels.length > 1 ? ' is-many' : ''}`}>
      {theme &&
        view.panels.map((panel) => (
          <Plot
            key={panel.x.quantity}
            {...{ title: view.title, panel, context, theme, handlers, say }}
          />
        ))}
    </div>
  );
}

function Menu({
  view,
  context,
  theme,
  handlers,
  open,
}: Omit<ChartCardProps, 'say'> & { open: (what: Opened) => void }) {
  const details = useRef<HTMLDetailsElement>(null);
  const closing = (action: () => void) => () => {
    details.current!.open = false;
    action();
  };
  const savePng = () =>
    chartPicture(view, context.key, theme, handlers.caption).toBlob(
      (blob) => blob && save(blob, fileName(view, 'png')),
    );
  const saveCsv = () =>
    save(
      new Blob([chartCsv(view, context.input)], { type: 'text/csv;charset=utf-8' }),
      fileName(view, 'csv'),
    );
  return (
    // Closing on Escape and on leaving is the menu's, wherever inside it the focus is.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <details
      ref={details}
      class="chart-menu"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !details.current!.open) return;
        event.stopPropagation();
        details.current!.open = false;
        details.current!.querySelector('summary')!.focus();
      }}
      onFocusOut={(event) => {
        if (!details.current!.contains(event.relatedTarget as Node | null))
          details.current!.open = false;
      }}
    >
      <summary aria-label={chartText.menu(view.title)}>
        <svg viewBox="0 0 16 16" width="16" height="16" fill="currentColor" aria-hidden="true">
          <circle cx="8" cy="3" r="1.4" />
          <circle cx="8" cy="8" r="1.4" />
          <circle cx="8" cy="13" r="1.4" />
        </svg>
      </summary>
      <div>
        <button type="button" onClick={closing(() => open('large'))}>
          {chartText.menuEnlarge}
        </button>
        <button type="button" onClick={closing(() => open('table'))}>
          {chartText.menuTable}
        </button>
        <button type="button" onClick={closing(savePng)}>
          {chartText.menuPng}
        </button>
        <button type="button" onClick={closing(saveCsv)}>
          {chartText.menuCsv}
        </button>
      </div>
    </details>
  );
}

function save(blob: Blob, name: string) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function Dialog({
  title,
  close,
  children,
}: {
  title: string;
  close: () => void;
  children: preact.ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog ref={dialog} class="chart-dialog" aria-label={title} onClose={close}>
      <div class="chart-head">
        <h3 class="chart-title">{title}</h3>
        <button type="button" class="chart-close" onClick={() => dialog.current!.close()}>
          {chartText.close}
        </button>
      </div>
      {children}
    </dialog>
  );
}

function Table({ view, context }: { view: ChartView; context: ChartContext }) {
  const { header, rows } = useMemo(() => tableTwin(view, context.input), [view, context.input]);
  return (
    // What scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div class="chart-table" tabIndex={0} role="region" aria-label={view.title}>
      <table>
        <thead>
          <tr>
            {header.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...values], i) => (
            <tr key={i}>
              <th scope="row">{name}</th>
              {values.map((value, column) => (
                <td key={column}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What the colours mean; nothing where all runs are alike. */
function Key({ context, theme }: { context: ChartContext; theme: Theme }) {
  const { key, input } = context;
  const leftOut = input.rows.some(({ used }) => !used);
  if (key.classes.length < 2 && !leftOut) return null;
  return (
    <ul class="chart-key">
      {key.classes.length > 1 && <li>{key.title}</li>}
      {key.classes.length > 1 &&
        key.classes.map(({ label }, index) => (
          <li key={label}>
            <Swatch colour={classColour(theme, key, index)} shape={classShape(index)} />
            {label}
          </li>
        ))}
      {leftOut && (
        <li>
          <svg viewBox="-6 -6 12 12" aria-hidden="true">
            <circle r="4.2" fill="none" stroke={theme.muted} stroke-width="1.5" />
          </svg>
          {chartText.keyLeftOut}
        </li>
      )}
    </ul>
  );
}

function Swatch({ colour, shape }: { colour: string; shape: Shape }) {
  return (
    <svg viewBox="-6 -6 12 12" aria-hidden="true">
      <path d={SHAPE_OUTLINES[shape]} fill={colour} />
    </svg>
  );
}
