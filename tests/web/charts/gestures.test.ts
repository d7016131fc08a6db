import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chartContext, points } from '../../../web/src/charts/context';
import {
  brush,
  forget,
  moveRun,
  onKey,
  type Ground,
  type KeyHand,
} from '../../../web/src/charts/gestures';
import type { MountedPanel } from '../../../web/src/charts/mount';
import { inBox, indexPoints, nearest, step } from '../../../web/src/charts/nearest';
import { NO_CURVES } from '../../../web/src/model/curves';
import { isoFlopStudy } from './study';

/** A plot of 100 pixels a decade of x, and 100 a unit of loss, downwards from 10. */
function ground() {
  const input = isoFlopStudy();
  const context = chartContext(input, NO_CURVES);
  const runs = points(context, input.columns.params!, input.columns.loss!);
  const px = runs.x.map((x) => 100 * Math.log10(x));
  const py = runs.y.map((y) => 100 * (10 - y));
  const index = indexPoints(px, py);
  const placeOf = (row: number) => {
    const at = runs.row.indexOf(row);
    return at < 0 ? null : { x: px[at]!, y: py[at]! };
  };
  const rowOf = (at: number) => (at < 0 ? null : runs.row[at]!);
  const painted: unknown[] = [];
  const plot: MountedPanel = {
    update: () => {},
    highlight: () => {},
    rowAt: (x, y, reach) => rowOf(nearest(index, x, y, reach)),
    rowBeside: (row, by) => rowOf(step(index, row === null ? -1 : runs.row.indexOf(row), by)),
    placeOf,
    ruleAt: () => false,
    valueAt: (at, on) => (on === 'y' ? 10 - at / 100 : 10 ** (at / 100)),
    within: (box) => inBox(index, box),
    paint: (over) => void painted.push(over),
    repaint: () => {},
    destroy: () => {},
  };
  const calls: unknown[][] = [];
  const said: string[] = [];
  const held: boolean[] = [];
  const made: Ground = {
    plot,
    subject: context,
    panel: {
      x: { quantity: 'params', label: '', scale: 'log', min: 1e7, max: 1e10, format: 'count' },
      y: { quantity: 'loss', label: '', scale: 'log', min: 5, max: 8, format: 'loss' },
      points: runs,
      curves: [],
      rules: [],
      marks: [],
    },
    handlers: {
      highlighted: null as never,
      caption: '',
      onMove: (...args) => calls.push(['move', ...args]),
      onMoveEnd: (...args) => calls.push(['end', ...args]),
      onBrush: (...args) => calls.push(['brush', ...args]),
    },
    say: (sentence) => said.push(sentence),
    hold: (on) => held.push(on),
  };
  return { ground: made, input, calls, said, held, painted, placeOf };
}

/** Frames come when the test says so. */
let frames: (() => void)[] = [];
const nextFrame = () => frames.splice(0).forEach((frame) => frame());
beforeEach(() => {
  frames = [];
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame));
  vi.stubGlobal('cancelAnimationFrame', (id: number) => delete frames[id - 1]);
});
afterEach(() => vi.unstubAllGlobals());

describe('a run that is dragged', () => {
  it('has the loss under the pointer, told once a frame, and in the end', () => {
    const { ground: here, calls, held, said, input, placeOf } = ground();
    const loss = input.columns.loss![4]!;
    const start = placeOf(4)!;
    // Held three pixels off its middle: it does not jump there.
    const gesture = moveRun(here, 4, { x: start.x + 3, y: start.y - 3 });
    gesture.move({ x: start.x, y: start.y + 7 });
    gesture.move({ x: start.x, y: start.y + 17 });
    expect(calls).toEqual([]);
    nextFrame();
    expect(calls).toEqual([['move', 104, { loss: expect.closeTo(loss - 0.2, 9) }]]);
    gesture.move({ x: start.x, y: start.y + 27 });
    gesture.end(true);
    expect(calls.slice(1)).toEqual([
      ['move', 104, { loss: expect.closeTo(loss - 0.3, 9) }],
      ['end', 104, { loss: expect.closeTo(loss - 0.3, 9) }],
    ]);
    expect(held).toEqual([true, false]);
    expect(said).toEqual([expect.stringMatching(/^Run 105: what if its loss were /)]);
  });

  it('is taken back whole', () => {
    const { ground: here, calls, held, said, placeOf, painted } = ground();
    const start = placeOf(4)!;
    const gesture = moveRun(here, 4, start);
    gesture.move({ x: start.x, y: start.y - 50 });
    nextFrame();
    gesture.move({ x: start.x, y: start.y - 60 });
    gesture.end(false);
    nextFrame();
    expect(calls.map(([what]) => what)).toEqual(['move', 'end']);
    expect(calls.at(-1)).toEqual(['end', 104, null]);
    expect(held).toEqual([true, false]);
    expect(painted.at(-1)).toBeNull();
    expect(said).toEqual(['Run 105: its own loss again.']);
  });

  it('never gets a loss that is none', () => {
    const { ground: here, calls, placeOf } = ground();
    const start = placeOf(4)!;
    const gesture = moveRun(here, 4, start);
    gesture.move({ x: 0, y: 5000 });
    nextFrame();
    gesture.end(true);
    expect(calls).toEqual([['end', 104, null]]);
  });
});

describe('a brush', () => {
  const around = (places: ({ x: number; y: number } | null)[]) => {
    const [xs, ys] = [places.map((at) => at!.x), places.map((at) => at!.y)];
    return [
      { x: Math.max(...xs) + 3, y: Math.max(...ys) + 3 },
      { x: Math.min(...xs) - 3, y: Math.min(...ys) - 3 },
    ] as const;
  };

  it('switches off what lies in its frame, drawn in whatever direction', () => {
    const { ground: here, calls, said, placeOf } = ground();
    const [from, to] = around([0, 1, 2].map(placeOf));
    const gesture = brush(here, from);
    gesture.move(to);
    gesture.end(true);
    expect(calls).toEqual([['brush', expect.any(Array), 'off']]);
    const [[, rows]] = calls as [[string, number[]]];
    const inside = here.panel.points.row.filter((row) => {
      const { x, y } = placeOf(row)!;
      return x >= to.x && x <= from.x && y >= to.y && y <= from.y;
    });
    expect(rows.toSorted()).toEqual([...inside].map((row) => row + 100).toSorted());
    expect(rows).toEqual(expect.arrayContaining([100, 101, 102]));
    expect(said).toEqual([`${rows.length} runs left out.`]);
  });

  it('passes over runs that are off already, and takes back where all are', () => {
    const { ground: here, calls, placeOf } = ground();
    const both = brush(here, around([18, 19].map(placeOf))[0]);
    both.move(around([18, 19].map(placeOf))[1]);
    both.end(true);
    expect((calls[0] as [string, number[]])[1]).not.toContain(119);
    const [from, to] = around([19].map(placeOf));
    const lone = brush(here, from);
    lone.move(to);
    lone.end(true);
    expect(calls[1]).toEqual(['brush', [119], 'on']);
  });

  it('does nothing when it was a click, or taken back', () => {
    const { ground: here, calls, placeOf } = ground();
    const at = placeOf(3)!;
    const click = brush(here, at);
    click.move({ x: at.x + 1, y: at.y + 1 });
    click.end(true);
    const back = brush(here, { x: 0, y: 0 });
    back.move({ x: 5000, y: 5000 });
    back.end(false);
    expect(calls).toEqual([]);
  });
});

describe('the keyboard', () => {
  const can = { moves: true, brushes: true };
  const key = (key: string, more: Partial<KeyboardEvent> = {}) => ({
    key,
    altKey: false,
    shiftKey: false,
    ...more,
  });

  it('moves the run that is read by half a percent, and takes it back', () => {
    const { ground: here, calls, input } = ground();
    const hand: { current: KeyHand | null } = { current: null };
    const loss = input.columns.loss![7]!;
    const alt = { altKey: true };
    for (const name of ['ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown', 'ArrowDown'])
      expect(onKey(here, key(name, alt), 7, hand, can)).toBe(true);
    const moved = calls.filter(([what]) => what === 'end').map(([, , move]) => move);
    expect(moved).toEqual(
      [1, 2, 1, 0, -1].map((steps) => ({ loss: expect.closeTo(loss * 1.005 ** steps, 9) })),
    );
    expect(onKey(here, key('Escape'), 7, hand, can)).toBe(true);
    expect(calls.at(-1)).toEqual(['end', 107, null]);
    // There is nothing more to take back: Escape is the plot's own again.
    expect(onKey(here, key('Escape'), 7, hand, can)).toBe(false);
  });

  it('marks runs with Shift, switches them with Enter, lets go with Escape', () => {
    const { ground: here, calls, said } = ground();
    const hand: { current: KeyHand | null } = { current: null };
    const first = here.plot.rowBeside(null, 1)!;
    const second = here.plot.rowBeside(first, 1)!;
    expect(onKey(here, key('ArrowRight', { shiftKey: true }), first, hand, can)).toEqual({
      at: second,
    });
    expect(onKey(here, key('Enter'), second, hand, can)).toBe(true);
    expect(calls).toEqual([['brush', [first + 100, second + 100], 'off']]);
    expect(onKey(here, key('Enter'), second, hand, can)).toBe(false);
    onKey(here, key('ArrowRight', { shiftKey: true }), second, hand, can);
    expect(onKey(here, key('Escape'), second, hand, can)).toBe(true);
    expect(said.at(-1)).toBe('No run is marked.');
    expect(onKey(here, key('Enter'), second, hand, can)).toBe(false);
    expect(calls).toHaveLength(1);
  });

  it('leaves alone what is not offered, and plain arrows', () => {
    const { ground: here, calls } = ground();
    const hand: { current: KeyHand | null } = { current: null };
    const none = { moves: false, brushes: false };
    for (const more of [{}, { altKey: true }, { shiftKey: true }])
      expect(onKey(here, key('ArrowUp', more), 7, hand, none)).toBe(false);
    expect(onKey(here, key('ArrowUp'), 7, hand, can)).toBe(false);
    forget(here, hand);
    expect(hand.current).toBeNull();
    expect(calls).toEqual([]);
  });
});
