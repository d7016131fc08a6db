import { signal } from '@preact/signals';
import { expect, test } from 'vitest';
import { settle } from '../../../web/src/state/settle';

/** A run whose end the test decides. */
function controlled() {
  const runs: {
    input: number;
    signal: AbortSignal;
    end: (x: string) => void;
    fail: (why: Error) => void;
  }[] = [];
  const run = (input: number, signal: AbortSignal) =>
    new Promise<string>((end, fail) => runs.push({ input, signal, end, fail }));
  return { runs, run };
}
const soon = () => new Promise((resolve) => setTimeout(resolve));

test('the newest request wins, whatever order answers come in', async () => {
  const input = signal<number | null>(1);
  const { runs, run } = controlled();
  const { state } = settle(input, run);
  expect(state.value).toEqual({ value: null, pending: true, failure: null });
  input.value = 2;
  expect(runs[0]!.signal.aborted).toBe(true);
  runs[1]!.end('two');
  await soon();
  runs[0]!.end('one');
  await soon();
  expect(state.value).toEqual({ value: 'two', pending: false, failure: null });
});

test('the old value stays until the new one is there', async () => {
  const input = signal<number | null>(1);
  const { runs, run } = controlled();
  const { state } = settle(input, run);
  runs[0]!.end('one');
  await soon();
  input.value = 2;
  expect(state.value).toEqual({ value: 'one', pending: true, failure: null });
  runs[1]!.fail(new Error('broken'));
  await soon();
  expect(state.value).toEqual({ value: null, pending: false, failure: 'broken' });
  input.value = null;
  expect(state.value).toEqual({ value: null, pending: false, failure: null });
});

test('cancelling aborts the run and takes what it answers', async () => {
  const input = signal<number | null>(1);
  const { runs, run } = controlled();
  const { state, cancel } = settle(input, run);
  cancel();
  expect(runs[0]!.signal.aborted).toBe(true);
  runs[0]!.end('half');
  await soon();
  expect(state.value.value).toBe('half');
});
