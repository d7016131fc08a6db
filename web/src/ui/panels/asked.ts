import { computed, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Optimum } from '../../core/protocol';
import type { App } from '../../state/app';
import type { Questions } from '../../state/estimation';
import { settle, type Run, type Settling } from '../../state/settle';
import { useApp } from '../context';

/** What stands where nothing was asked yet. */
const WAITING: Settling<never> = { value: null, pending: true, failure: null };
const IDLE: Settling<never> = { value: null, pending: false, failure: null };

/**
 * Where the answer to a question stands. Read while a component is drawn, it is computed for as long as the
 * component is there. `null` instead of arguments: not asked.
 */
export function asked<Q extends keyof Questions>(
  app: App,
  question: Q,
  args: Questions[Q]['args'] | null,
): Settling<Questions[Q]['answer']> {
  if (args === null) return IDLE;
  return app.estimation.value?.asked(question, args).state.value ?? WAITING;
}

/** Share of the work done, of a question that takes long. */
export function progressOf<Q extends keyof Questions>(
  app: App,
  question: Q,
  args: Questions[Q]['args'],
): number {
  return app.estimation.value?.asked(question, args).progress.value ?? 0;
}

/** settle() for as long as the component is there; `input` is read again whenever a signal in it changes. */
export function useSettled<I extends object, O>(
  input: () => I | null,
  run: Run<I, O, number>,
  inputs: readonly unknown[] = [],
): Settling<O> {
  const settled = useMemo(() => {
    const current: ReadonlySignal<I | null> = computed(input);
    return settle<I, O, number>(current, run);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the caller names what it depends on
  }, inputs);
  useEffect(() => () => settled.dispose(), [settled]);
  return settled.state.value;
}

/** What the published numbers of the law say at these budgets, by preset. */
export function usePresetOptima(
  flops: readonly number[] | null,
): Settling<Map<string, (Optimum | null)[]>> {
  const app = useApp();
  return useSettled(
    () => {
      const fit = app.fit.state.value.value;
      const target = app.target.value;
      if (!fit?.law.has_optimum || !target) return null;
      return { law: fit.law, target };
    },
    async ({ law, target }) => {
      const answers = await Promise.all(
        law.presets.map(async ({ id, coefficients }) => {
          const request = {
            law: law.id,
            coefficients,
            ...target,
            ...(flops && { flops: [...flops] }),
          };
          return [id, (await app.engine.optimum(request)).optima] as const;
        }),
      );
      return new Map(answers);
    },
    [flops?.join()],
  );
}

/** The answer at the budget as the fit itself gives it, with the intervals of the sandwich. */
export function useOwnOptimum(): Settling<Optimum> {
  const app = useApp();
  return useSettled(
    () => {
      const fit = app.fit.state.value.value;
      const target = app.target.value;
      return fit?.law.has_optimum && fit.numbers && target
        ? { numbers: fit.numbers, target }
        : null;
    },
    async ({ numbers, target }) => (await app.engine.optimum({ ...numbers, ...target })).optima[0]!,
  );
}
