import { defineConfig } from 'vite';
import { engine, leanCharts, onlyKnownPackages, pageExtras } from './tools/vite-plugins.mjs';

export default defineConfig({
  base: './', // works from any path of any static host
  publicDir: 'web/public',
  plugins: [engine(), leanCharts(), onlyKnownPackages(), pageExtras()],
  worker: { format: 'es', plugins: () => [engine(), onlyKnownPackages()] },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false, // tests/e2e/size.spec.ts measures what the page really loads
  },
});
