/** The crew of the page: loaded, like the module it works with, after the first fit. */
import wasmUrl from 'isoloss-estimation.wasm?url';
import { compile, EngineClient, type Hand } from './client';
import { crewOf, type Crew } from './crew';

/** More workers than this gain nothing that anybody would notice. */
const MOST = 4;

function startWorker(): Hand {
  return new Worker(new URL('./estimation-worker.ts', import.meta.url), {
    type: 'module',
  }) as Hand;
}

/**
 * Workers with the module for estimation, which is compiled once.
 *
 * @param onReplaced a worker died, and another one stands in its place
 */
export function hireCrew(onReplaced = () => {}): Crew {
  const size = Math.max(1, Math.min(MOST, navigator.hardwareConcurrency || 1));
  const module = compile(wasmUrl);
  const hands = Array.from({ length: size }, () => {
    return new EngineClient(module, onReplaced, startWorker);
  });
  return crewOf(hands);
}
