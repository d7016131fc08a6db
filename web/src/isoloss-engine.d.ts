// The engine's module, found by tools/vite-plugins.mjs; its one loader says what it
// offers (EngineModule in core/protocol.ts).

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
