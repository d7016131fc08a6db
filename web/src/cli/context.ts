import type { OpenEngine } from '../core/engine';
import type { Estimator } from '../core/estimator';
import type { Catalog, Engine } from '../core/protocol';

/** The world as a verb sees it; tests bring their own. */
export interface Io {
  /** "-" is standard input. */
  read(path: string): Promise<Uint8Array>;
  /** Standard output: the report and nothing else. */
  out(text: string): void;
  /** Standard error: what is said beside. */
  err(text: string): void;
  /** How far a fit is, where somebody watches; null = done. */
  progress?(fraction: number | null): void;
  loadEngine(): Promise<OpenEngine>;
}

export interface Context {
  io: Io;
  engine: Engine;
  /** Questions about a fit, asked of the same engine. */
  estimator: Estimator;
  catalog: Catalog;
}
