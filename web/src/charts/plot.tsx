import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { chartText } from '../text/charts';
import type { Subject } from './context';
import type * as Gestures from './gestures';
import { mountPanel, type MountedPanel } from './mount';
import { same } from './same';
import type { PanelView } from './scene';
import type { Theme } from './theme';
import type { PlotHandlers } from './types';

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
  subject: Subject;
  theme: Theme;
  handlers: PlotHandlers;
  /** Reads a sentence out. */
  say: (sentence: string) => void;
  /** Dragging draws the brush's frame, without Shift. */
  brushing?: boolean | undefined;
}

/**
 * One panel, alive: reads the nearest run, switches it off and on, moves the budget; by mouse, finger and
 * keyboard alike. Moving runs and brushing are in gestures.ts, fetched when a pointer or the focus first
 * comes here.
 */
export function Plot(props: PlotProps) {
  const { title, subject, theme, handlers, say, brushing } = props;
  const host = useRef<HTMLDivElement>(null);
  const mounted = useRef<MountedPanel | null>(null);
  const drawn = useRef<{ panel: PanelView; key: unknown; theme: Theme } | null>(null);
  const press = useRef<{
    timer: number;
    x: number;
    y: number;
    touch: boolean;
    at: number | null;
    rule: boolean;
    /** Held long enough to mean the run. */
    long: boolean;
    done: boolean;
    gesture: Gestures.Gesture | null;
  } | null>(null);
  const gestures = useRef<typeof Gestures | null>(null);
  const hand = useRef<Gestures.KeyHand | null>(null);
  const [read, setRead] = useState<{ at: number; x: number; y: number } | null>(null);
  const [over, setOver] = useState('');
  /** Row of the table that is read here; −1 for what is none, null for nothing. */
  const readRow = useRef<number | null>(null);
  const [still, setStill] = useState<Pick<PanelView, 'x' | 'y'> | null>(null);
  const { rows, key } = subject;
  // Axes that followed what is dragged would drag it along.
  const panel = still ? { ...props.panel, ...still } : props.panel;
  const moves = !!handlers.onMove && subject.runs && panel.y.quantity === 'loss';
  const brushes = !!handlers.onBrush && subject.runs;

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
        if (index !== null) mounted.current?.highlight(placeIn(rows, index));
        else if (readRow.current === null || readRow.current >= 0) mounted.current?.highlight(null);
      }),
    [rows, handlers.highlighted],
  );
  useEffect(() => {
    // A finger that holds a run moves it, not the page.
    const hold = (event: TouchEvent) => {
      if ((press.current?.long || press.current?.gesture) && event.cancelable)
        event.preventDefault();
    };
    host.current!.addEventListener('touchmove', hold, { passive: false });
  }, []);

  const ground = (): Gestures.Ground => ({
    plot: mounted.current!,
    subject,
    panel,
    handlers,
    say,
    hold: (on) => setStill(on ? { x: panel.x, y: panel.y } : null),
  });
  const fetchGestures = async () => {
    if (gestures.current || !(moves || brushes)) return;
    // Without them plots are still read and clicked.
    gestures.current = await import('./gestures').catch(() => null);
    if (gestures.current && host.current) host.current.dataset.gestures = 'ready';
  };

  /** Where the plot stood when something was taken in hand: what moves the page does not move that. */
  const origin = useRef<{ left: number; top: number } | null>(null);
  const place = (event: MouseEvent) => {
    const { left, top } =
      (press.current?.gesture && origin.current) || host.current!.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const show = (at: number | null) => {
    const where = at === null ? null : mounted.current?.placeOf(at);
    const row = at === null ? -1 : (rows[at]?.index ?? -1);
    readRow.current = at === null ? null : row;
    handlers.highlighted.value = row < 0 ? null : row;
    if (row < 0) mounted.current?.highlight(at);
    setRead(where && at !== null ? { at, ...where } : null);
  };
  const toggle = (at: number | null) => {
    if (at === null || !handlers.onToggle || rows[at]!.index < 0) return;
    handlers.onToggle(rows[at]!.index);
    return true;
  };

  function onPointerDown(event: PointerEvent) {
    if (event.button > 0) return;
    origin.current = host.current!.getBoundingClientRect();
    const { x, y } = place(event);
    const touch = event.pointerType === 'touch';
    const at = mounted.current!.rowAt(x, y, touch ? FINGER_REACH : CLICK_REACH);
    const rule =
      !!handlers.onBudget &&
      mounted.current!.ruleAt(x, touch ? FINGER_REACH / 2 : RULE_REACH) &&
      (touch || at === null);
    const gesture =
      brushes && (brushing || event.shiftKey)
        ? (gestures.current?.brush(ground(), { x, y }) ?? null)
        : null;
    const held = { timer: 0, x, y, at, touch, rule, long: false, done: rule, gesture };
    press.current = held;
    if (gesture) {
      show(null);
      host.current!.setPointerCapture(event.pointerId);
    } else if (rule) host.current!.setPointerCapture(event.pointerId);
    else if (touch) {
      show(at);
      held.timer = window.setTimeout(() => {
        held.long = at !== null;
        // What can also be moved is switched when the finger leaves without having moved it.
        if (moves && gestures.current) return;
        held.done = true;
        toggle(at);
      }, LONG_PRESS);
    }
  }
  function onPointerMove(event: PointerEvent) {
    const { x, y } = place(event);
    const held = press.current;
    if (held?.gesture) {
      held.gesture.move({ x, y });
      return;
    }
    const far = held ? Math.hypot(x - held.x, y - held.y) : 0;
    if (held && held.at !== null && moves && gestures.current && !held.rule) {
      if (held.touch ? held.long && far > 6 : far > 5) {
        held.gesture = gestures.current.moveRun(ground(), held.at, { x: held.x, y: held.y });
        host.current!.setPointerCapture(event.pointerId);
        held.gesture.move({ x, y });
        return;
      }
    }
    if (held?.rule) {
      const flops = mounted.current!.valueAt(x);
      if (flops > 0) handlers.onBudget?.(flops);
      return;
    }
    if (held && far > 8) window.clearTimeout(held.timer);
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
    if (held.gesture) return held.gesture.end(true);
    if (held.touch && held.long && !held.done) toggle(held.at);
    if (held.done || held.touch) return;
    const { x, y } = place(event);
    if (Math.hypot(x - held.x, y - held.y) < 6) toggle(mounted.current!.rowAt(x, y, CLICK_REACH));
  }
  function release() {
    window.clearTimeout(press.current?.timer);
    press.current?.gesture?.end(false);
    press.current = null;
    setOver('');
    show(null);
  }

  function onKeyDown(event: KeyboardEvent) {
    const index = handlers.highlighted.value;
    const shared = index === null ? null : placeIn(rows, index);
    const current = shared ?? read?.at ?? null;
    if (event.key === 'Escape' && press.current?.gesture) {
      press.current.gesture.end(false);
      press.current = null;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const taken = gestures.current?.onKey(ground(), event, current, hand, { moves, brushes });
    if (taken) {
      if (typeof taken === 'object') show(taken.at);
      event.preventDefault();
      event.stopPropagation();
      return;
    }
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
        say(subject.reading(at).sentence);
      }
    } else if (event.key === 'Enter' && current !== null) {
      if (toggle(current))
        say(chartText.toggled(subject.reading(current).title, !rows[current]!.used));
    } else if (event.key === 'Escape' && current !== null) {
      show(null);
    } else {
      return;
    }
    event.preventDefault();
  }

  const runs = panel.points.row.length;
  const reading = read && rows[read.at] ? subject.reading(read.at) : null;
  const width = host.current?.clientWidth ?? 0;
  return (
    // role="application" takes the keys itself; the rules know it not as interactive.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={host}
      class={`chart-plot ${brushing ? 'is-brushing' : over}`}
      // Rows of a category axis want their own height, whatever that of other plots.
      style={panel.y.categories && { height: `${2.6 * panel.y.categories.length + 4.5}em` }}
      data-x={panel.x.quantity}
      data-y={panel.y.quantity}
      data-read={
        reading && read
          ? `${rows[read.at]!.index} ${Math.round(read.x)} ${Math.round(read.y)}`
          : undefined
      }
      role="application"
      aria-roledescription="chart"
      aria-label={[
        chartText.plotLabel(title, runs, panel.x.label, panel.y.label, subject.runs),
        handlers.onToggle && subject.runs ? chartText.plotToggle : '',
        moves ? chartText.plotMove : '',
        brushes ? chartText.plotBrush : '',
      ]
        .filter(Boolean)
        .join(' ')}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onPointerEnter={() => void fetchGestures()}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={release}
      onPointerLeave={(event) =>
        event.pointerType !== 'touch' &&
        !press.current?.rule &&
        !press.current?.gesture &&
        release()
      }
      onDblClick={(event) => {
        const { x, y } = place(event);
        if (mounted.current!.rowAt(x, y, CLICK_REACH) !== null) return;
        gestures.current?.forget(ground(), hand);
        show(null);
        handlers.onReset?.();
      }}
      onContextMenu={(event) => press.current?.touch && event.preventDefault()}
      onKeyDown={onKeyDown}
      onFocus={() => void fetchGestures()}
      onBlur={() => {
        gestures.current?.forget(ground(), hand);
        show(null);
      }}
    >
      {reading && read && !still && (
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

/** Place of a row of the table among the subject's; null when it is not there. */
function placeIn(rows: Subject['rows'], index: number): number | null {
  const at = rows.findIndex((row) => row.index === index);
  return at < 0 ? null : at;
}
