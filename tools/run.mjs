// Runs programs and says what is going on. Everything goes to stderr, so that the command line tool owns stdout.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './toolchain.mjs';

// Programs see a pipe and cannot tell that a person reads along.
const colours = process.stderr.isTTY ? { FORCE_COLOR: '1' } : {};

/** A program ended badly; its output has been shown. */
export class StepFailed extends Error {}

/** @param {string} text */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** @param {number} start in ms */
export function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/**
 * Runs a program with its output shown on stderr.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean, timeout?: number }} [options] quiet: show the output only on failure
 * @returns {Promise<string>} what it wrote
 */
export async function run(command, args, options = {}) {
  const { status, output } = await attempt(command, args, options);
  if (status !== 0) {
    if (options.quiet) process.stderr.write(output);
    throw new StepFailed(`${command} ${args[0] ?? ''} failed (${status})`);
  }
  return output;
}

/**
 * Like run, for a caller who reads the exit status.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean, timeout?: number }} [options]
 * @returns {Promise<{ status: number | string, output: string }>}
 */
export function attempt(command, args, { env = {}, quiet = false, timeout } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...colours, ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (/** @type {string} */ text) => {
        output += text;
        if (!quiet) process.stderr.write(text);
      });
    }
    child.on('error', (error) => resolve({ status: error.message, output: `${error.message}\n` }));
    child.on('close', (code, signal) => resolve({ status: code ?? signal ?? 'ended', output }));
  });
}

/** A program of the project's npm packages, run by this same node. @param {string} path in node_modules */
export function packageProgram(path) {
  return join(root, 'node_modules', path);
}

/**
 * The newest time of change of files and, all the way down, folders (a folder's tells that a file was added or removed).
 *
 * @param {string[]} paths
 * @returns {number}
 */
export function newestChange(paths) {
  let newest = 0;
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) continue;
    newest = Math.max(newest, stat.mtimeMs);
    if (stat.isDirectory()) {
      newest = Math.max(newest, newestChange(readdirSync(path).map((name) => join(path, name))));
    }
  }
  return newest;
}

/** @param {string} path relative to the root */
const fromRoot = (path) => join(root, path);

/**
 * Whether nothing was changed since onChange() last did its work. The stamp is a file in build/; the other paths are
 * relative to the root.
 *
 * @param {string} stamp
 * @param {string[]} inputs
 * @param {string[]} outputs
 */
export function isCurrent(stamp, inputs, outputs) {
  const last = statSync(join(root, 'build', stamp), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const complete = outputs.every((path) => existsSync(fromRoot(path)));
  return complete && newestChange(inputs.map(fromRoot)) < last;
}

/**
 * Does the work only when an input changed since the last time it succeeded, or an output is missing.
 *
 * @param {string} stamp
 * @param {string[]} inputs
 * @param {string[]} outputs
 * @param {() => Promise<void>} work
 */
export async function onChange(stamp, inputs, outputs, work) {
  if (isCurrent(stamp, inputs, outputs)) return;
  const started = Date.now() / 1000; // a change made while the work is going on counts as newer
  await work();
  const file = join(root, 'build', stamp);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  utimesSync(file, started, started);
}

/**
 * Says what is about to be done, does it, and says how long it took.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 */
export async function step(title, work) {
  const start = performance.now();
  say(`• ${title}`);
  const result = await work();
  say(`  done (${seconds(start)})`);
  return result;
}

/** Runs the body of a program; a failed step ends it without a stack trace. @param {() => Promise<void>} body */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    say(`✗ ${error.message}`);
    process.exitCode = 1;
  }
}
