import type { OpenEngine } from './engine';
import type { FitProgress } from './protocol';

/** What client.ts and serve.ts say to one another. */
export type ToWorker =
  | { type: 'start'; module: WebAssembly.Module }
  | { type: 'call'; id: number; operation: keyof OpenEngine; args: unknown[] }
  | { type: 'cancel'; id: number };

export type FromWorker =
  | { type: 'ready' }
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'refusal'; id: number; message: string; field: string }
  | { type: 'progress'; id: number; progress: FitProgress }
  /** The instance trapped; nothing it says later can be trusted. */
  | { type: 'dead'; message: string };
