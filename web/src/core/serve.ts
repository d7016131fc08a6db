/**
 * The worker's side of client.ts. Waits for the compiled WebAssembly, then answers calls by id. A call
 * that the engine refuses is answered; a trap leaves the instance unusable, so the worker says that it is
 * dead and does nothing more: client.ts puts a new one in its place.
 */
import type createIsoloss from 'isoloss-engine';
import { createEngine, EngineFailure, type OpenEngine } from './engine';
import type { FromWorker, ToWorker } from './messages';
import type { Columns, EngineModule } from './protocol';

/** Makes this worker answer, with the module that `createModule` starts. */
export function serve(createModule: typeof createIsoloss): void {
  const scope = self as unknown as {
    postMessage(message: FromWorker, transfer?: Transferable[]): void;
    onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  };

  const load = async (module: WebAssembly.Module): Promise<OpenEngine> => {
    const loaded = await createModule<EngineModule>({
      instantiateWasm(imports, done) {
        WebAssembly.instantiate(module, imports).then(
          (instance) => done(instance, module),
          (error: unknown) => scope.postMessage({ type: 'dead', message: String(error) }),
        );
        return {};
      },
    });
    return createEngine(loaded);
  };

  let start: (module: WebAssembly.Module) => void = () => {};
  const engine: Promise<OpenEngine> = new Promise<WebAssembly.Module>((resolve) => {
    start = resolve;
  }).then(load);
  engine.then(
    () => scope.postMessage({ type: 'ready' }),
    (error: unknown) => scope.postMessage({ type: 'dead', message: String(error) }),
  );
  /** One abort for each fit under way. */
  const running = new Map<number, AbortController>();
  /** The module holds one fit at a time: the next waits until the one before has heard its abort. */
  let lastFit: Promise<unknown> = Promise.resolve();

  const run = async ({
    id,
    operation,
    args,
  }: Extract<ToWorker, { type: 'call' }>): Promise<unknown> => {
    if (operation !== 'fit') {
      const target = await engine;
      return (target[operation] as (...a: unknown[]) => Promise<unknown>)(...args);
    }
    const abort = new AbortController();
    running.set(id, abort);
    const before = lastFit;
    const mine = (async () => {
      const target = await engine;
      await before;
      const [request, columns] = args as Parameters<OpenEngine['fit']>;
      return target.fit(request, columns, {
        signal: abort.signal,
        onProgress: (progress) => scope.postMessage({ type: 'progress', id, progress }),
      });
    })();
    lastFit = mine.catch(() => undefined);
    return mine.finally(() => running.delete(id));
  };

  scope.onmessage = ({ data }) => {
    switch (data.type) {
      case 'start':
        start(data.module);
        break;
      case 'cancel':
        running.get(data.id)?.abort();
        break;
      case 'call': {
        const { id } = data;
        run(data).then(
          (value) => scope.postMessage({ type: 'answer', id, value }, buffersOf(value)),
          (error: unknown) => {
            const message = error instanceof Error ? error.message : String(error);
            if (error instanceof EngineFailure) {
              scope.postMessage({ type: 'refusal', id, message, field: error.field });
            } else {
              scope.postMessage({ type: 'dead', message });
            }
          },
        );
        break;
      }
    }
  };
}

/** Columns of an answer are handed over, not copied. */
function buffersOf(value: unknown): Transferable[] {
  const { columns = {} } = (value ?? {}) as { columns?: Columns };
  return Object.values(columns).map(({ buffer }) => buffer as ArrayBuffer);
}
