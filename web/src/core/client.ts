import wasmUrl from 'isoloss-engine.wasm?url';
import { EngineFailure, type OpenEngine } from './engine';
import type { FromWorker, ToWorker } from './messages';
import type { Columns, Engine, FitOptions, FitProgress, FitReport, FitRequest } from './protocol';

/** Compiled once; the same module starts every worker. */
export const compileEngine = () => compile(wasmUrl);

export async function compile(url: string): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compileStreaming(fetch(url));
  } catch {
    // A host that sends another MIME type, or a browser that cannot stream.
    const response = await fetch(url);
    return WebAssembly.compile(await response.arrayBuffer());
  }
}

function failure(message: string): EngineFailure {
  return new EngineFailure({ field: '', message });
}

interface Job {
  resolve(value: never): void;
  reject(error: Error): void;
  onProgress: ((progress: FitProgress) => void) | undefined;
}

/** The part of Worker that is used; tests bring their own. */
export interface Hand {
  postMessage(message: ToWorker): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export function startWorker(): Hand {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }) as Hand;
}

/**
 * The engine behind a worker. When the worker dies, every job it held is rejected and a fresh worker
 * stands ready for the next call: the page never sees a dead engine, only failed jobs.
 */
export class EngineClient implements OpenEngine {
  readonly #module: Promise<WebAssembly.Module>;
  readonly #hire: () => Hand;
  readonly #onReplaced: () => void;
  #hand: Hand;
  /** Whether the worker at hand has ever started; one that cannot start is not replaced for ever. */
  #proven = false;
  #broken: string | null = null;
  #jobs = new Map<number, Job>();
  #lastId = 0;

  constructor(module: Promise<WebAssembly.Module>, onReplaced = () => {}, hire = startWorker) {
    this.#module = module;
    this.#onReplaced = onReplaced;
    this.#hire = hire;
    this.#hand = this.#start();
  }

  catalog() {
    return this.#call<Awaited<ReturnType<Engine['catalog']>>>('catalog');
  }
  prepare(...args: Parameters<Engine['prepare']>) {
    return this.#call<Awaited<ReturnType<Engine['prepare']>>>('prepare', args);
  }
  predict(...args: Parameters<Engine['predict']>) {
    return this.#call<Awaited<ReturnType<Engine['predict']>>>('predict', args);
  }
  optimum(...args: Parameters<Engine['optimum']>) {
    return this.#call<Awaited<ReturnType<Engine['optimum']>>>('optimum', args);
  }
  example(...args: Parameters<Engine['example']>) {
    return this.#call<Awaited<ReturnType<Engine['example']>>>('example', args);
  }
  fit(request: FitRequest, columns: Columns, options: FitOptions = {}) {
    return this.#call<{ report: FitReport; columns: Columns }>('fit', [request, columns], options);
  }

  call<R>(operation: string, request: object, columns: Columns) {
    return this.#call<{ result: R; columns: Columns }>('call', [operation, request, columns]);
  }

  /** The worker could not be started, and will not be. */
  get broken(): boolean {
    return this.#broken !== null;
  }

  /** Ends the worker as a crash would. */
  crash(): void {
    this.#replace('The calculation was stopped from outside.');
  }

  /** Ends the worker for good; every job it held, and every later one, is rejected. */
  dispose(): void {
    this.#proven = false;
    this.#replace('The calculation has ended.');
  }

  #start(): Hand {
    const hand = this.#hire();
    this.#proven = false;
    // A module that does not compile fails in #call.
    this.#module.then((module) => hand.postMessage({ type: 'start', module })).catch(() => {});
    hand.onmessage = ({ data }) => this.#hear(data);
    hand.onerror = (event) => {
      event.preventDefault?.();
      this.#replace(event.message || 'The worker could not be started.');
    };
    return hand;
  }

  async #call<T>(operation: keyof OpenEngine, args: unknown[] = [], options: FitOptions = {}) {
    const id = ++this.#lastId;
    await this.#module;
    if (this.#broken !== null) throw failure(this.#broken);
    return new Promise<T>((resolve, reject) => {
      this.#jobs.set(id, { resolve, reject, onProgress: options.onProgress });
      this.#hand.postMessage({ type: 'call', id, operation, args });
      const cancel = () => this.#hand.postMessage({ type: 'cancel', id });
      if (options.signal?.aborted) cancel();
      else options.signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  #hear(message: FromWorker): void {
    if (message.type === 'dead') {
      this.#replace(message.message);
      return;
    }
    this.#proven = true;
    if (message.type === 'ready') return;
    const job = this.#jobs.get(message.id);
    if (!job) return;
    if (message.type === 'progress') {
      job.onProgress?.(message.progress);
      return;
    }
    this.#jobs.delete(message.id);
    if (message.type === 'answer') job.resolve(message.value as never);
    else job.reject(new EngineFailure({ field: message.field, message: message.message }));
  }

  #replace(reason: string): void {
    const lost = [...this.#jobs.values()];
    this.#jobs.clear();
    this.#hand.onmessage = null;
    this.#hand.onerror = null;
    this.#hand.terminate();
    if (this.#proven) this.#hand = this.#start();
    else this.#broken = reason;
    for (const job of lost) job.reject(failure(reason));
    if (this.#broken === null) this.#onReplaced();
  }
}
