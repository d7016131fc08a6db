// Measures in a module worker of the browser. Messages in: { id, job: 'item' | 'kernel' | 'prepare' | 'run', … }; the
// answer carries the same id.

import { measure, measureKernel, unitOf } from './measure.mjs';

/** @typedef {import('./items.mjs').Item & { columns: string[] }} WorkItem */

/** @param {string} name @returns {Promise<{ module: any, bytes: () => number }>} */
async function load(name) {
  const { default: create } = await import(new URL(`./${name}.mjs`, import.meta.url).href);
  /** @type {WebAssembly.Memory | undefined} */
  let memory;
  const compiled = await WebAssembly.compileStreaming(fetch(`./${name}.wasm`));
  const module = await create({
    instantiateWasm(
      /** @type {WebAssembly.Imports} */ imports,
      /** @type {(instance: WebAssembly.Instance, module: WebAssembly.Module) => void} */ done,
    ) {
      void WebAssembly.instantiate(compiled, imports).then((instance) => {
        memory = Object.values(instance.exports).find((part) => part instanceof WebAssembly.Memory);
        return done(instance, compiled);
      });
      return {};
    },
  });
  return { module, bytes: () => memory?.buffer.byteLength ?? 0 };
}

/** @param {WorkItem} item */
async function columnsOf(item) {
  /** @type {Record<string, Float64Array>} */
  const columns = {};
  for (const name of item.columns) {
    const answer = await fetch(`./tables/${item.table}.${name}.f64`);
    columns[name] = new Float64Array(await answer.arrayBuffer());
  }
  return columns;
}

/** @type {() => void} */
let prepared = () => {};

/** @type {Record<string, (message: any) => Promise<unknown>>} */
const jobs = {
  async kernel() {
    const { module } = await load('isoloss-bench-kernel');
    return measureKernel(module['_bench_kernel']);
  },
  async item({ item }) {
    const { module, bytes } = await load('isoloss-estimation');
    const timing = measure(module, item, await columnsOf(item));
    return item.curve ? { ...timing, memory: bytes() } : timing;
  },
  // For work that several workers share: get ready (and warm), then run when told.
  async prepare({ item, range }) {
    const { module } = await load('isoloss-estimation');
    prepared = unitOf(module, item, await columnsOf(item), range);
    prepared();
    return null;
  },
  async run() {
    prepared();
    return null;
  },
};

self.onmessage = ({ data }) => {
  const { id, job } = data;
  const work = jobs[job];
  if (!work) return;
  work(data).then(
    (value) => self.postMessage({ id, value }),
    (error) => self.postMessage({ id, error: String(error?.stack ?? error) }),
  );
};
