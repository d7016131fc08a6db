import { effect, signal, untracked, type ReadonlySignal, type Signal } from '@preact/signals';

/**
 * Something that is computed elsewhere and settles: the last value stays on screen until its
 * successor is there, so nothing blinks.
 */
export interface Settling<O> {
  value: O | null;
  pending: boolean;
  /** Why there is no newer value: what the engine said when it failed. */
  failure: string | null;
}

export interface Settled<O, P> {
  state: ReadonlySignal<Settling<O>>;
  progress: ReadonlySignal<P | null>;
  /** Asks the run under way to stop; it settles with what it has. */
  cancel(): void;
  dispose(): void;
}

/** Runs under way hear `abort` both when they are cancelled and when a newer one takes over. */
export type Run<I, O, P> = (input: I, signal: AbortSignal, progress: (p: P) => void) => Promise<O>;

/**
 * Runs `run` whenever `input` changes; the newest request wins and what older ones answer is dropped.
 * A null input means that there is nothing to compute.
 */
export function settle<I, O, P = never>(
  input: ReadonlySignal<I | null>,
  run: Run<I, O, P>,
): Settled<O, P> {
  const state: Signal<Settling<O>> = signal({ value: null, pending: false, failure: null });
  const progress: Signal<P | null> = signal(null);
  let current: AbortController | null = null;

  const dispose = effect(() => {
    const request = input.value;
    current?.abort();
    const mine = new AbortController();
    current = mine;
    untracked(() => {
      progress.value = null;
      if (request === null) {
        state.value = { value: null, pending: false, failure: null };
        return;
      }
      state.value = { ...state.value, pending: true };
      const finish = (part: Partial<Settling<O>>) => {
        if (current !== mine) return;
        progress.value = null;
        state.value = { ...state.value, pending: false, ...part };
      };
      run(request, mine.signal, (p) => {
        if (current === mine) progress.value = p;
      }).then(
        (value) => finish({ value, failure: null }),
        (error: unknown) => {
          // A run that was cancelled and has nothing to show is no failure.
          if (mine.signal.aborted) finish({});
          else
            finish({
              value: null,
              failure: error instanceof Error ? error.message : String(error),
            });
        },
      );
    });
  });

  return {
    state,
    progress,
    cancel: () => current?.abort(),
    dispose: () => {
      dispose();
      current?.abort();
      current = null;
    },
  };
}
