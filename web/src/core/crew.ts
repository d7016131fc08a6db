/**
 * Workers that share jobs of the estimation engine. Jobs are stateless, so it does not matter who does
 * which; what depends on the order (sums, decisions) is the caller's, who gets each job's answer.
 */
import { messagesHeard, type OpenEngine } from './engine';
import type { Columns, Engine, FitOptions } from './protocol';

export interface CallOptions {
  /** A job that has not begun leaves the queue; one that has is not waited for. Either rejects with the reason. */
  signal?: AbortSignal | undefined;
  /** Higher comes first; equals keep their order. Default 0; long work in parts is BACKGROUND. */
  priority?: number;
}

export const BACKGROUND = -1;

export interface Crew {
  /** How many jobs are done at a time. */
  readonly size: number;
  /**
   * One operation of estimation-protocol.ts. Rejects with EngineFailure: the request is wrong, or its worker
   * died (`field` is '' then), which other jobs do not notice.
   */
  call<R>(
    operation: string,
    request: object,
    columns: Columns,
    options?: CallOptions,
  ): Promise<{ result: R; columns: Columns }>;
  /** As Engine.fit; one that is aborted in the queue rejects as a call does. */
  fit(
    request: Parameters<Engine['fit']>[0],
    columns: Columns,
    options?: FitOptions & CallOptions,
  ): ReturnType<Engine['fit']>;
  /** Ends one worker as a crash would, a busy one if there is. */
  crash(): void;
  dispose(): void;
}

/** One who does a job at a time: a worker (EngineClient), or an engine in this thread. */
export interface Hand extends Pick<OpenEngine, 'call' | 'fit'> {
  /** Cannot be started; gets no jobs as long as another one can do them. */
  readonly broken?: boolean;
  crash?(): void;
  dispose?(): void;
}

interface Job {
  priority: number;
  run(hand: Hand): Promise<void>;
  reject(reason: unknown): void;
}

export function crewOf(hands: Hand[]): Crew {
  let waiting: Job[] = [];
  const busy = new Set<Hand>();

  const next = () => {
    for (;;) {
      const usable = hands.filter((hand) => !hand.broken);
      const free = (usable.length > 0 ? usable : hands).find((hand) => !busy.has(hand));
      const job = free && waiting.shift();
      if (!job) return;
      busy.add(free);
      void job.run(free).finally(() => {
        busy.delete(free);
        next();
      });
    }
  };

  const enlist = <T>(
    work: (hand: Hand) => Promise<T>,
    options: CallOptions,
    begun: 'let' | 'leave',
  ) =>
    new Promise<T>((resolve, reject) => {
      const { signal, priority = 0 } = options;
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      let running = false;
      const abort = () => {
        if (running && begun === 'let') return;
        waiting = waiting.filter((other) => other !== job);
        reject(signal!.reason);
      };
      const job: Job = {
        priority,
        reject,
        async run(hand) {
          running = true;
          try {
            resolve(await work(hand));
          } catch (error) {
            reject(error);
          } finally {
            signal?.removeEventListener('abort', abort);
          }
        },
      };
      signal?.addEventListener('abort', abort);
      const after = waiting.findIndex((other) => other.priority < priority);
      waiting.splice(after < 0 ? waiting.length : after, 0, job);
      next();
    });

  return {
    size: hands.length,
    call: <R>(operation: string, request: object, columns: Columns, options: CallOptions = {}) =>
      enlist((hand) => hand.call<R>(operation, request, columns), options, 'leave'),
    fit: (request, columns, options = {}) =>
      enlist((hand) => hand.fit(request, columns, options), options, 'let'),
    crash() {
      (hands.find((hand) => busy.has(hand)) ?? hands[0])?.crash?.();
    },
    dispose() {
      const lost = waiting;
      waiting = [];
      for (const { reject } of lost)
        reject(new DOMException('The crew was sent home.', 'AbortError'));
      for (const hand of hands) hand.dispose?.();
    },
  };
}

/** The same in this thread, for the command line and for tests. */
export function localCrew(engine: OpenEngine): Crew {
  return crewOf([
    {
      fit: engine.fit,
      async call(...job) {
        // Between two jobs an abort is heard.
        await messagesHeard();
        return engine.call(...job);
      },
    },
  ]);
}
