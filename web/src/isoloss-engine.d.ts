// The engine's modules, found by tools/vite-plugins.mjs; their loaders say what they
// offer (EngineModule in core/protocol.ts).

declare module 'isoloss-engine' {
  /** What Emscripten's start-up function takes of its host. */
  interface EngineOptions {
    /** Bytes, where the caller has read them (Node). */
    wasmBinary?: ArrayBuffer | Uint8Array;
    /** For a caller who has compiled the module (the page's workers). */
    instantiateWasm?: (
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ) => object;
  }

  export default function createIsoloss<Bindings extends object>(
    options: EngineOptions,
  ): Promise<Bindings>;
}

declare module 'isoloss-engine.wasm?url' {
  /** http(s): on the page, file: under Node. */
  const url: string;
  export default url;
}

/** The same engine with the estimation operations (core/estimation-protocol.ts): larger, loaded later. */
declare module 'isoloss-estimation' {
  export { default } from 'isoloss-engine';
}

declare module 'isoloss-estimation.wasm?url' {
  /** http(s): on the page, file: under Node. */
  const url: string;
  export default url;
}
