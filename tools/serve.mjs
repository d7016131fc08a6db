// A small static server that behaves like a strict host: under a path of one's choice, with the content security policy as
// a header on every answer.

import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { csp } from './csp.mjs';

/** @type {Record<string, string>} */
const types = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm', // lets the browser compile while it loads
  '.webmanifest': 'application/manifest+json',
};

/**
 * @param {{ folder: string, base?: string, port?: number, headers?: Record<string, string> }} options base: the path to serve under, as '/some/path/';
 *   port: the first to try when it is taken by others, 0 for any; headers: more of them, on every answer
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve({ folder, base = '/', port = 0, headers: more = {} }) {
  const server = createServer((request, response) => {
    const headers = {
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': csp,
      'X-Content-Type-Options': 'nosniff',
      ...more,
    };
    /** @type {(status: number, text: string, extra?: object) => void} */
    const answer = (status, text, extra) => {
      response.writeHead(status, { ...headers, 'Content-Type': 'text/plain', ...extra }).end(text);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'GET only');
    let path;
    try {
      path = normalize(
        decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname),
      );
    } catch {
      return answer(400, 'Not an address');
    }
    if (`${path}/` === base) return answer(301, '', { Location: base });
    if (!path.startsWith(base)) return answer(404, 'Not here');
    let file = join(folder, path.slice(base.length));
    if (file !== folder && !file.startsWith(folder + sep)) return answer(404, 'Not here');
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) file = join(file, 'index.html');
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat?.isFile()) return answer(404, 'No such file');
    response.writeHead(200, {
      ...headers,
      'Content-Type': types[extname(file)] ?? 'application/octet-stream',
      'Content-Length': stat.size,
    });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
    return undefined;
  });

  const listen = (/** @type {number} */ candidate) =>
    new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
      server.once('error', reject);
      server.listen(candidate, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  for (let candidate = port; ; candidate++) {
    try {
      await listen(candidate);
      break;
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || candidate > port + 20) throw error;
    }
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    url: `http://127.0.0.1:${address.port}${base}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
