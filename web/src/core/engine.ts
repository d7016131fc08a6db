import type {
  Catalog,
  Columns,
  Engine,
  EngineError,
  EngineModule,
  ExampleReport,
  FitProgress,
  FitReport,
  ModuleAnswer,
  OptimumReport,
  PrepareReport,
} from './protocol';

/** The engine refused a request, or could not be reached: `field` names what is wrong, `''` when nothing of the request is. */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
  readonly field: string;

  constructor({ field, message }: EngineError) {
    super(message);
    this.field = field;
  }
}

/** An engine that answers any operation by its name: those of estimation-protocol.ts are asked for so. */
export interface OpenEngine extends Engine {
  call<R>(
    operation: string,
    request: object,
    columns: Columns,
  ): Promise<{ result: R; columns: Columns }>;
}

/** How long a fit may keep the thread, in ms, before messages (cancel) are heard. */
const SLICE = 12;

/**
 * Puts promises round a module that answers at once. Refusals become EngineFailure; whatever else
 * is thrown (a WebAssembly trap) passes through: the module is then unusable.
 *
 * The module holds one fit at a time, so a caller must not start a second one before the first has
 * settled.
 */
export function createEngine(module: EngineModule): OpenEngine {
  const call = (operation: string, request: object, columns: Columns) =>
    module.call(operation, request, columns);

  return {
    async call<R>(operation: string, request: object, columns: Columns) {
      const answer = call(operation, request, columns);
      return { result: resultOf<R>(answer), columns: answer.columns };
    },
    async catalog() {
      return resultOf<Catalog>(call('catalog', {}, {}));
    },
    async prepare(request, columns) {
      const answer = call('prepare', request, columns);
      return { report: resultOf<PrepareReport>(answer), columns: answer.columns };
    },
    async predict(request, columns) {
      const answer = call('predict', request, columns);
      resultOf(answer);
      return { columns: answer.columns };
    },
    async optimum(request) {
      return resultOf<OptimumReport>(call('optimum', request, {}));
    },
    async example(id) {
      return resultOf<ExampleReport>(call('example', { id }, {}));
    },
    async fit(request, columns, { onProgress, signal } = {}) {
      resultOf(module.fitStart(request, columns));
      let sliceEnd = performance.now() + SLICE;
      while (!signal?.aborted) {
        const progress = resultOf<FitProgress>(module.fitStep());
        const finished = progress.fraction >= 1;
        if (finished || performance.now() >= sliceEnd) {
          onProgress?.(progress);
          if (finished) break;
          await messagesHeard();
          sliceEnd = performance.now() + SLICE;
        }
      }
      const answer = module.fitResult();
      return { report: resultOf<FitReport>(answer), columns: answer.columns };
    },
  };
}

function resultOf<T>(answer: ModuleAnswer): T {
  if (!answer.ok) throw new EngineFailure(answer.error);
  return answer.result as T;
}

/** Resolves in a new task, without the 4 ms that browsers add to a timer. */
export function messagesHeard(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
