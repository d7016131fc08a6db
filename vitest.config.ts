import { defineConfig } from 'vitest/config';
import { builtWasm, engine } from './tools/vite-plugins.mjs';

export default defineConfig({
  plugins: [engine({ wasmFile: builtWasm })],
  test: {
    include: ['tests/web/**/*.test.{ts,tsx}'],
    environment: 'node',
    testTimeout: 20_000,
  },
});
