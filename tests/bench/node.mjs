// Measures one item (or the kernel) in a process of its own: node.mjs FOLDER ID [cpu]. FOLDER holds the modules, the work and
// the tables, as tools/bench.mjs laid them out. Writes the timing as JSON; with cpu
// it is the time that the process had a processor for.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { measure, measureKernel } from './measure.mjs';

const [folder = '', id = '', kind = ''] = process.argv.slice(2);
const processorTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const clock = kind === 'cpu' ? processorTime : () => performance.now();

/** @param {string} name */
async function load(name) {
  const { default: create } = await import(pathToFileURL(join(folder, `${name}.mjs`)).href);
  const bytes = await readFile(join(folder, `${name}.wasm`));
  /** @type {WebAssembly.Memory | undefined} */
  let memory;
  const module = await create({
    instantiateWasm(
      /** @type {WebAssembly.Imports} */ imports,
      /** @type {(instance: WebAssembly.Instance, module: WebAssembly.Module) => void} */ done,
    ) {
      void WebAssembly.instantiate(bytes, imports).then(({ instance, module }) => {
        memory = Object.values(instance.exports).find((part) => part instanceof WebAssembly.Memory);
        return done(instance, module);
      });
      return {};
    },
  });
  return { module, bytes: () => memory?.buffer.byteLength ?? 0 };
}

if (id === 'kernel') {
  const { module } = await load('isoloss-bench-kernel');
  console.log(JSON.stringify(measureKernel(module['_bench_kernel'], clock)));
} else {
  /** @type {(import('./items.mjs').Item & { columns: string[] })[]} */
  const work = JSON.parse(await readFile(join(folder, 'work.json'), 'utf8'));
  const item = work.find((one) => one.id === id);
  if (!item) throw new Error(`No item ${id}`);
  /** @type {Record<string, Float64Array>} */
  const columns = {};
  for (const name of item.columns) {
    const { buffer, byteOffset, byteLength } = await readFile(
      join(folder, 'tables', `${item.table}.${name}.f64`),
    );
    columns[name] = new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
  }
  const { module, bytes } = await load('isoloss-estimation');
  const timing = measure(module, item, columns, clock);
  console.log(JSON.stringify(item.curve ? { ...timing, memory: bytes() } : timing));
}
