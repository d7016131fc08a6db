import { readFile } from 'node:fs/promises';
import createIsoloss from 'isoloss-estimation';
import wasmUrl from 'isoloss-estimation.wasm?url';
import { createEngine, type OpenEngine } from '../core/engine';
import type { EngineModule } from '../core/protocol';

/** The whole engine, under Node: the WebAssembly comes from the file beside the tool. */
export async function loadEngine(): Promise<OpenEngine> {
  const wasmBinary = await readFile(new URL(wasmUrl));
  return createEngine(await createIsoloss<EngineModule>({ wasmBinary }));
}
