// What the build of the page, the tests and the command line share: how the engine is imported, and what is added to the
// finished page.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { csp } from './csp.mjs';
import { bundledPackages, notices } from './notices.mjs';
import { root } from './toolchain.mjs';

/** The modules by the name under which they are imported. @type {Record<string, string>} */
const modules = { 'isoloss-engine': 'isoloss', 'isoloss-estimation': 'isoloss-estimation' };

/** @param {string} file */
export const builtFile = (file) => join(root, 'build/wasm-release', file);

/**
 * `isoloss-engine` is the JavaScript that Emscripten wrote, `isoloss-engine.wasm?url` the address of the WebAssembly: one
 * that can be fetched on the page, a file: address under Node (`wasmFile` says which, as an expression). The same for
 * `isoloss-estimation`, the larger module.
 *
 * @param {{ wasmFile?: (file: string) => string }} [options]
 * @returns {import('vite').Plugin}
 */
export function engine({ wasmFile } = {}) {
  const wasm = '.wasm?url';
  return {
    name: 'isoloss-engine',
    enforce: 'pre',
    resolveId(id) {
      const name = modules[id.endsWith(wasm) ? id.slice(0, -wasm.length) : id];
      if (name === undefined) return undefined;
      const script = builtFile(`${name}.mjs`);
      if (!existsSync(script)) this.error('The engine is not built yet: npm run build builds it.');
      if (!id.endsWith(wasm)) return script;
      return wasmFile === undefined ? builtFile(`${name}.wasm?url`) : `\0${name}.wasm`;
    },
    load(id) {
      return wasmFile && /^\0isoloss.*\.wasm$/.test(id)
        ? `export default ${wasmFile(id.slice(1))}`
        : undefined;
    },
  };
}

/** For vitest: the WebAssembly where the build left it. @param {string} file */
export const builtWasm = (file) => JSON.stringify(pathToFileURL(builtFile(file)).href);

/**
 * Leaves out of Chart.js what the page has no use for, 11 KiB: its colour arithmetic, and scales that stay only because
 * their defaults are read from properties, which a bundler must take for an effect.
 *
 * @returns {import('vite').Plugin}
 */
export function leanCharts() {
  return {
    name: 'isoloss-lean-charts',
    apply: 'build',
    config: () => ({
      resolve: { alias: { '@kurkle/color': join(root, 'web/src/charts/no-colour.ts') } },
    }),
    transform: {
      filter: { id: /chart\.js[\\/]dist[\\/]chart\.js$/ },
      handler: (code) => ({
        code: code.replaceAll(
          /(?<=callback: |static defaults = )(?:Ticks\.formatters|TimeScale)\.\w+/g,
          '/* @__PURE__ */ (() => $&)()',
        ),
        map: null,
      }),
    },
  };
}

/**
 * Stops the build when it takes in a package that the notices do not name.
 *
 * @returns {import('vite').Plugin}
 */
export function onlyKnownPackages() {
  return {
    name: 'isoloss-only-known-packages',
    apply: 'build',
    generateBundle(_options, bundle) {
      for (const part of Object.values(bundle)) {
        for (const id of part.type === 'chunk' ? part.moduleIds : []) {
          const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1];
          if (name !== undefined && !bundledPackages.includes(name)) {
            this.error(`${name} is bundled, but is not in tools/notices.mjs`);
          }
        }
      }
    },
  };
}

/**
 * Adds the policy to index.html, and to dist/ what goes along with it.
 *
 * @returns {import('vite').Plugin}
 */
export function pageExtras() {
  return {
    name: 'isoloss-page-extras',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        {
          tag: 'meta',
          attrs: { 'http-equiv': 'Content-Security-Policy', content: csp },
          injectTo: 'head-prepend',
        },
      ],
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'THIRD_PARTY_NOTICES.txt', source: notices() });
      // GitHub Pages would otherwise run Jekyll over the files
      this.emitFile({ type: 'asset', fileName: '.nojekyll', source: '' });
    },
  };
}
