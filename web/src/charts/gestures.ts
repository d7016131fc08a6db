/**
 * What hands can do with the runs of a plot beside reading and clicking: move one ("what if it had this
 * loss") and brush over many. Fetched when a hand first comes near (plot.tsx).
 */
import { formatLoss } from '../format';
import { chartText } from '../text/charts';
import type { Subject } from './context';
import type { Box, MountedPanel } from './mount';
import type { PanelView } from './scene';
import { faded } from './theme';
import type { PlotHandlers } from './types';

/** A press that has become more than a click. `kept`: let go; otherwise taken back. */
export interface Gesture {
  move: (to: Place) => void;
  end: (kept: boolean) => void;
}
interface Place {
  x: number;
  y: number;
}

/** Where a gesture takes place. */
export interface Ground {
  plot: MountedPanel;
  subject: Subject;
  panel: PanelView;
  handlers: PlotHandlers;
  say: (sentence: string) => void;
  /** Keeps the axes as they are while something is held. */
  hold: (on: boolean) => void;
}

/** What the keyboard has in hand between two keys. */
export interface KeyHand {
  /** The run moved last, at its place in the subject's rows, and the loss it was given. */
  moved?: { at: number; loss: number };
  /** Runs marked with Shift and arrows. */
  marked?: Set<number>;
}

/** A step by keyboard. */
const KEY_STEP = 0.005;
/** Pixels below which a frame was a click. */
const LEAST_FRAME = 4;

/** Moves the run at `at` (place in the subject's rows) up and down after the pointer, once a frame at most. */
export function moveRun(ground: Ground, at: number, from: Place): Gesture {
  const { plot, subject, handlers, say, hold } = ground;
  const row = subject.rows[at]!.index;
  const start = plot.placeOf(at) ?? from;
  let [loss, sent, frame] = [NaN, NaN, 0];
  let y = start.y;
  hold(true);
  const send = () => {
    frame = 0;
    if (loss > 0 && loss !== sent) handlers.onMove?.(row, { loss: (sent = loss) });
  };
  plot.paint((ctx, { left, right }, theme) => {
    ctx.strokeStyle = faded(theme.accent, 0.6);
    ctx.lineWidth = 1;
    ctx.setLineDash([3, 3]);
    ctx.beginPath();
    ctx.moveTo(start.x, start.y);
    ctx.lineTo(start.x, y);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.fillStyle = theme.accent;
    ctx.beginPath();
    ctx.arc(start.x, y, 0.4 * theme.size, 0, 2 * Math.PI);
    ctx.fill();
    if (!(loss > 0)) return;
    ctx.font = `600 ${theme.size}px ${theme.family}`;
    ctx.textBaseline = 'middle';
    const text = formatLoss(loss);
    const wide = ctx.measureText(text).width;
    const beside = start.x + theme.size;
    ctx.lineJoin = 'round';
    ctx.lineWidth = 0.35 * theme.size;
    ctx.strokeStyle = theme.surface;
    const x = beside + wide < right ? beside : Math.max(left, start.x - theme.size - wide);
    ctx.strokeText(text, x, y);
    ctx.fillText(text, x, y);
  });
  return {
    move(to) {
      y = start.y + to.y - from.y;
      loss = plot.valueAt(y, 'y');
      plot.repaint();
      frame ||= requestAnimationFrame(send);
    },
    end(kept) {
      cancelAnimationFrame(frame);
      if (kept) send();
      plot.paint(null);
      hold(false);
      const done = kept && loss > 0;
      handlers.onMoveEnd?.(row, done ? { loss } : null);
      const { title } = subject.reading(at);
      say(done ? chartText.moved(title, formatLoss(loss)) : chartText.movedBack(title));
    },
  };
}

/** Draws a frame; the runs in it are switched off, or on where all of them are off. */
export function brush(ground: Ground, from: Place): Gesture {
  const { plot, panel } = ground;
  let to = from;
  const box = (): Box => ({
    left: Math.min(from.x, to.x),
    right: Math.max(from.x, to.x),
    top: Math.min(from.y, to.y),
    bottom: Math.max(from.y, to.y),
  });
  ground.hold(true);
  plot.paint((ctx, _, theme) => {
    const { left, right, top, bottom } = box();
    ctx.fillStyle = faded(theme.accent, 0.1);
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.rect(left, top, right - left, bottom - top);
    ctx.fill();
    ctx.stroke();
    ring(ctx, plot, rowsIn(ground, box()), theme);
  });
  return {
    move(next) {
      to = next;
      plot.repaint();
    },
    end(kept) {
      const { left, right, top, bottom } = box();
      const rows = rowsIn(ground, { left, right, top, bottom });
      plot.paint(null);
      ground.hold(false);
      if (!kept || Math.max(right - left, bottom - top) < LEAST_FRAME) return;
      switchRuns(ground, rows);
    },
  };

  function rowsIn({ plot }: Ground, frame: Box): number[] {
    return plot.within(frame).map((point) => panel.points.row[point]!);
  }
}

/** Of runs at these places: off while any is in the fit, else on. */
export function switchRuns({ subject, handlers, say }: Ground, places: Iterable<number>): void {
  const rows = [...new Set(places)].map((at) => subject.rows[at]!);
  const mode = rows.some(({ used }) => used) ? 'off' : 'on';
  const changed = rows.filter(({ used }) => used === (mode === 'off')).map(({ index }) => index);
  say(chartText.brushed(changed.length, mode));
  if (changed.length) handlers.onBrush?.(changed, mode);
}

/**
 * Alt+Up and Alt+Down move the run that is read, Escape takes that back; Shift and arrows mark runs, Enter
 * switches all that are marked, Escape lets go of them. Answers whether the key was one of these, and which run
 * is read now where that changed.
 */
export function onKey(
  ground: Ground,
  event: Pick<KeyboardEvent, 'key' | 'altKey' | 'shiftKey'>,
  current: number | null,
  hand: { current: KeyHand | null },
  can: { moves: boolean; brushes: boolean },
): boolean | { at: number } {
  const { plot, subject, handlers, say, panel } = ground;
  const held = (hand.current ??= {});
  const { key } = event;
  const up = { ArrowUp: 1, ArrowDown: -1 }[key];
  const along = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[key];
  if (can.moves && event.altKey && up && current !== null) {
    const own = panel.points.y[panel.points.row.indexOf(current)];
    const last = held.moved?.at === current ? held.moved.loss : own;
    if (last === undefined) return true;
    const loss = last * (1 + KEY_STEP) ** up;
    held.moved = { at: current, loss };
    const { index } = subject.rows[current]!;
    handlers.onMove?.(index, { loss });
    handlers.onMoveEnd?.(index, { loss });
    say(chartText.moved(subject.reading(current).title, formatLoss(loss)));
    return true;
  }
  if (can.brushes && event.shiftKey && along) {
    const marked = (held.marked ??= new Set());
    if (current !== null) marked.add(current);
    const at = plot.rowBeside(current, along);
    if (at === null) return true;
    marked.add(at);
    plot.paint((ctx, _, theme) => ring(ctx, plot, marked, theme));
    say(chartText.marked(marked.size));
    return { at };
  }
  if (key === 'Enter' && held.marked?.size) {
    switchRuns(ground, held.marked);
    forget(ground, hand);
    return true;
  }
  if (key === 'Escape' && held.marked?.size) {
    forget(ground, hand);
    say(chartText.unmarked);
    return true;
  }
  if (key === 'Escape' && held.moved && held.moved.at === current) {
    handlers.onMoveEnd?.(subject.rows[current]!.index, null);
    say(chartText.movedBack(subject.reading(current).title));
    delete held.moved;
    return true;
  }
  return false;
}

/** Nothing is marked, nothing can be taken back. */
export function forget({ plot }: Pick<Ground, 'plot'>, hand: { current: KeyHand | null }): void {
  if (hand.current?.marked?.size) plot.paint(null);
  hand.current = null;
}

function ring(
  ctx: CanvasRenderingContext2D,
  plot: MountedPanel,
  places: Iterable<number>,
  theme: { accent: string; size: number },
): void {
  ctx.strokeStyle = theme.accent;
  ctx.lineWidth = 1.5;
  for (const at of places) {
    const place = plot.placeOf(at);
    if (!place) continue;
    ctx.beginPath();
    ctx.arc(place.x, place.y, 0.5 * theme.size, 0, 2 * Math.PI);
    ctx.stroke();
  }
}
