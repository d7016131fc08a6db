import { signal } from '@preact/signals';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { chartText } from '../text/charts';
import '../../styles/charts.css';
import type { Subject } from './context';
import type * as More from './more';
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
import type { PlotHandlers } from './types';

/** The colours where `root` stands, followed as they change; null until it is on the page. */
export function useTheme(root: { current: HTMLElement | null }): Theme | null {
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

/** Dragging draws a brush, in every chart at once: what is in hand does not depend on where the hand is. */
const brushing = signal(false);

export interface ChartCardProps {
  view: ChartView;
  subject: Subject;
  theme: Theme;
  handlers: PlotHandlers;
  say: (sentence: string) => void;
  /** The key stands in the card, not above all charts. */
  ownKey?: boolean;
}

/** A chart with its title and menu. What the menu offers comes when it is asked for (more.tsx). */
export function ChartCard({ view, subject, theme, handlers, say, ownKey }: ChartCardProps) {
  const [opened, setOpened] = useState<{ what: 'table' | 'large'; more: typeof More } | null>(null);
  const many = view.panels.length > 1;
  const brushes = !!handlers.onBrush && subject.runs;
  const doing = async (use: (more: typeof More) => void) => {
    try {
      use(await import('./more'));
    } catch {
      say(chartText.menuFailed);
    }
  };
  const menu: [string, (more: typeof More) => void][] = [
    [chartText.menuEnlarge, (more) => setOpened({ what: 'large', more })],
    [chartText.menuTable, (more) => setOpened({ what: 'table', more })],
    [chartText.menuSvg, (more) => more.saveSvg(view, subject, theme, handlers.caption)],
    [chartText.menuPng, (more) => more.savePng(view, subject, theme, handlers.caption)],
    [chartText.menuCsv, (more) => more.saveCsv(view, subject)],
  ];
  return (
    <section
      class={`chart-card${many ? ' is-wide' : ''}`}
      data-chart={view.id}
      aria-label={view.title}
    >
      <div class="chart-head">
        <h3 class="chart-title">{view.title}</h3>
        {brushes && (
          <button
            type="button"
            class="chart-brush"
            aria-pressed={brushing.value}
            aria-label={chartText.brush}
            title={chartText.brushTip}
            onClick={() => (brushing.value = !brushing.value)}
          >
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
              <path
                d="M2 2h12v12H2z"
                fill="none"
                stroke="currentColor"
                stroke-dasharray="2.4 1.6"
              />
            </svg>
          </button>
        )}
        <Menu title={view.title} items={menu.map(([text, use]) => [text, () => void doing(use)])} />
      </div>
      {view.note && <p class="chart-note">{view.note}</p>}
      {ownKey && <Key subject={subject} theme={theme} />}
      <Plots {...{ view, subject, theme, handlers, say }} />
      {opened && (
        <opened.more.Opened
          what={opened.what}
          close={() => setOpened(null)}
          {...{ view, subject, handlers, say }}
        />
      )}
    </section>
  );
}

/** The panels of a chart. */
export function Plots({ view, subject, theme, handlers, say }: ChartCardProps) {
  const kind = view.panels.some(({ y }) => y.categories) ? ' is-rows' : '';
  return (
    <div class={`chart-panels${view.panels.length > 1 ? ' is-many' : ''}${kind}`}>
      {view.panels.map((panel, i) => (
        <Plot
          key={`${i} ${panel.x.quantity}`}
          title={view.title}
          brushing={brushing.value && !!handlers.onBrush}
          {...{ panel, subject, theme, handlers, say }}
        />
      ))}
    </div>
  );
}

function Menu({ title, items }: { title: string; items: [string, () => void][] }) {
  const details = useRef<HTMLDetailsElement>(null);
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
      <summary aria-label={chartText.menu(title)}>
        <svg viewBox="0 0 16 16" width="16" height="16" fill="currentColor" aria-hidden="true">
          <circle cx="8" cy="3" r="1.4" />
          <circle cx="8" cy="8" r="1.4" />
          <circle cx="8" cy="13" r="1.4" />
        </svg>
      </summary>
      <div>
        {items.map(([text, action]) => (
          <button
            key={text}
            type="button"
            onClick={() => {
              details.current!.open = false;
              action();
            }}
          >
            {text}
          </button>
        ))}
      </div>
    </details>
  );
}

/** What the colours mean; nothing where all points are alike. */
export function Key({ subject, theme }: { subject: Subject; theme: Theme }) {
  const { key, rows, runs } = subject;
  const leftOut = runs && rows.some(({ used }) => !used);
  const shown = key.classes.flatMap(({ label, silent }, index) => (silent ? [] : { label, index }));
  if (shown.length < 2 && !leftOut) return null;
  return (
    <ul class="chart-key">
      {shown.length > 1 && key.title && <li class="chart-key-title">{key.title}</li>}
      {shown.length > 1 &&
        shown.map(({ label, index }) => (
          <li key={label}>
            <Swatch colour={classColour(theme, key, index)} shape={classShape(key, index)} />
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
