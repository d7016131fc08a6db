import { computed, type ReadonlySignal } from '@preact/signals';

/**
 * The current value, or while `waiting` the last one there was: what is on screen stays until its
 * successor is ready.
 */
export function hold<T>(
  current: ReadonlySignal<T>,
  waiting: ReadonlySignal<boolean>,
): ReadonlySignal<T> {
  let last: { value: T } | null = null;
  return computed(() => {
    if (!waiting.value || !last) last = { value: current.value };
    return last.value;
  });
}
