import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { chartText } from '../text/charts';
import type { ChartContext } from './context';
import { mountPanel, type MountedPanel } from './mount';
import { readingOf } from './reading';
import { same } from './same';
import type { PanelView } from './scene';
import type { Theme } from './theme';
import type { ChartHandlers } from './types';

/** Pixels from a run at which it is read; fingers are wider than pointers. */
const REACH = 24;
const FINGER_REACH = 40;
/** Pixels at which a click means the run, or a press the budget line. */
const CLICK_REACH = 12;
const RULE_REACH = 6;
const LONG_PRESS = 500;

export interface PlotProps {
  title: string;
  panel: PanelView;
  context: ChartContext;
  theme: Theme;
  handlers: ChartHandlers;
  /** Reads a sentence out. */
  say: (sentence: string) => void;
}

/**
 * One panel, alive: reads the nearest run, switches it off and on, moves the budget; by mouse, finger and
 * keyboard alike.
 */
export function Plot({ title, panel, context, theme, handlers, say }: PlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const mounted = useRef<MountedPanel | null>(null);
  const drawn = useRef<{ panel: PanelView; key: unknown; theme: Theme } | null>(null);
  const press = useRef<{
    timer: number;
    x: number;
    y: number;
    touch: boolean;
    rule: boolean;
    done: boolean;
  } | null>(null);
  const [read, setRead] = useState<{ at: number; x: number; y: number } | null>(null);
  const [over, setOver] = useState('');
  const { input, key } = context;

  useEffect(() => {
    mounted.current = mountPanel(host.current!, { panel, key, theme });
    drawn.current = { panel, key, theme };
    return () => mounted.current?.destroy();
  }, []);
  useEffect(() => {
    const next = { panel, key, theme };
    if (same(drawn.current, next)) return;
    drawn.current = next;
    mounted.current?.update(next);
    // The run read stays read, where it stands now.
    setRead((last) => {
      const where = last && mounted.current?.placeOf(last.at);
      return where ? { at: last.at, ...where } : null;
    });
  }, [panel, key, theme]);
  useEffect(
    () =>
      effect(() => {
        const index = handlers.highlighted.value;
        mounted.current?.highlight(
          index === null ? null : input.rows.findIndex((row) => row.index === index),
        );
      }),
    [input, handlers.highlighted],
  );

  const place = (event: PointerEvent) => {
    const box = host.current!.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const show = (at: number | null) => {
    const where = at === null ? null : mounted.current?.placeOf(at);
    handlers.highlighted.value = at === null ? null : (input.rows[at]?.index ?? null);
    setRead(where && at !== null ? { at, ...where } : null);
  };
  const toggle = (at: number | null) => {
    if (at !== null) handlers.onToggle(input.rows[at]!.index);
  };

  function onPointerDown(event: PointerEvent) {
    const { x, y } = place(event);
    const touch = event.pointerType === 'touch';
    const at = mounted.current!.rowAt(x, y, touch ? FINGER_REACH : CLICK_REACH);
    const rule =
      !!handlers.onBudget &&
      mounted.current!.ruleAt(x, touch ? FINGER_REACH / 2 : RULE_REACH) &&
      (touch || at === null);
    const held = { timer: 0, x, y, touch, rule, done: rule };
    press.current = held;
    if (rule) host.current!.setPointerCapture(event.pointerId);
    else if (touch) {
      show(at);
      held.timer = window.setTimeout(() => {
        held.done = true;
        toggle(at);
      }, LONG_PRESS);
    }
  }
  function onPointerMove(event: PointerEvent) {
    const { x, y } = place(event);
    const held = press.current;
    if (held?.rule) {
      const flops = mounted.current!.valueAt(x);
      if (flops > 0) handlers.onBudget?.(flops);
      return;
    }
    if (held && Math.hypot(x - held.x, y - held.y) > 8) window.clearTimeout(held.timer);
    const at = mounted.current!.rowAt(x, y, event.pointerType === 'touch' ? FINGER_REACH : REACH);
    if (at !== read?.at || (at === null) !== (read === null)) show(at);
    const near = mounted.current!.rowAt(x, y, CLICK_REACH) !== null;
    setOver(
      near
        ? 'is-at-run'
        : handlers.onBudget && mounted.current!.ruleAt(x, RULE_REACH)
          ? 'is-at-rule'
          : '',
    );
  }
  function onPointerUp(event: PointerEvent) {
    const held = press.current;
    press.current = null;
    if (!held) return;
    window.clearTimeout(held.timer);
    if (held.done || held.touch) return;
    const { x, y } = place(event);
    if (Math.hypot(x - held.x, y - held.y) < 6) toggle(mounted.current!.rowAt(x, y, CLICK_REACH));
  }
  function release() {
    window.clearTimeout(press.current?.timer);
    press.current = null;
    setOver('');
    show(null);
  }

  function onKeyDown(event: KeyboardEvent) {
    const index = handlers.highlighted.value;
    const current = index === null ? null : input.rows.findIndex((row) => row.index === index);
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowUp: 1,
      ArrowLeft: -1,
      ArrowDown: -1,
      PageUp: 10,
      PageDown: -10,
      Home: -Infinity,
      End: Infinity,
    };
    const by = steps[event.key];
    if (by !== undefined) {
      const at = Number.isFinite(by)
        ? mounted.current!.rowBeside(current, by)
        : mounted.current!.rowBeside(null, by < 0 ? 1 : -1);
      if (at !== null) {
        show(at);
        say(readingOf(input, at).sentence);
      }
    } else if (event.key === 'Enter' && current !== null) {
      toggle(current);
      say(chartText.toggled(readingOf(input, current).title, !input.rows[current]!.used));
    } else if (event.key === 'Escape' && current !== null) {
      show(null);
    } else {
      return;
    }
    event.preventDefault();
  }

  const runs = panel.points.row.length;
  const reading = read && input.rows[read.at] ? readingOf(input, read.at) : null;
  const width = host.current?.clientWidth ?? 0;
  return (
    // role="application" takes the keys itself; the rules know it not as interactive.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={host}
      class={`chart-plot ${over}`}
      role="application"
      aria-roledescription="chart"
      aria-label={chartText.plotLabel(title, runs, panel.x.label, panel.y.label)}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={release}
      onPointerLeave={(event) => event.pointerType !== 'touch' && !press.current?.rule && release()}
      onContextMenu={(event) => press.current?.touch && event.preventDefault()}
      onKeyDown={onKeyDown}
      onBlur={() => show(null)}
    >
      {reading && read && (
        <div
          class="chart-reading"
          style={{
            top: `${Math.max(0, read.y - 40)}px`,
            ...(read.x > width / 2
              ? { right: `${width - read.x + 16}px` }
              : { left: `${read.x + 16}px` }),
          }}
        >
          <b>{reading.title}</b>
          <dl>
            {reading.lines.map(({ label, value }) => (
              <>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </>
            ))}
          </dl>
          {reading.leftOut}
        </div>
      )}
    </div>
  );
}
