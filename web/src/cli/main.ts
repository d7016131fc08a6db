import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { UsageError } from './complaints';
import type { Io } from './context';
import { loadEngine } from './load-engine';
import { run } from './run';

const io: Io = {
  async read(path) {
    if (path === '-') return buffer(process.stdin);
    try {
      return await readFile(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new UsageError(`${path} ${reasons[code ?? ''] ?? `cannot be read (${code})`}.`);
    }
  },
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  ...(process.stderr.isTTY
    ? {
        progress(fraction) {
          const text = fraction === null ? '' : `fitting … ${Math.round(100 * fraction)} %`;
          process.stderr.write(`\r\x1b[K${text}`);
        },
      }
    : {}),
  loadEngine,
};

const reasons: Record<string, string> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read',
};

// A reader that has seen enough (head) closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await run(process.argv.slice(2), io);
