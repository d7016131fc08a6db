// Installs what is missing, the npm packages included. Uses nothing but what comes with Node, and does nothing when
// nothing is missing.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attempt, main, run, say, seconds, step, StepFailed } from './run.mjs';
import { emscriptenEnv, root } from './toolchain.mjs';

const oldestNode = [20, 19];

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > 20 || (major === oldestNode[0] && minor >= 19);
  if (!recent) {
    throw new StepFailed(
      `Node ${process.versions.node} is too old: ${oldestNode.join('.')} or newer is needed.`,
    );
  }
}

async function installPackages() {
  const stamp = join(root, 'node_modules/.isoloss-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  await step('Installing npm packages', async () => {
    await run('npm', ['ci', '--include=dev', '--no-fund', '--no-audit'], { quiet: true });
    writeFileSync(stamp, lock);
  });
}

/**
 * @param {'build' | 'test'} mode 'test' adds what only the tests need
 * @returns {Promise<Record<string, string>>} the environment for cmake
 */
export async function setup(mode) {
  checkNode();
  say(`• Looking for what is needed to ${mode}`);
  const start = performance.now();
  const { status } = await attempt('bash', [join(root, 'tools/setup-debian.sh'), mode]);
  if (status !== 0) throw new StepFailed('Something is missing that could not be installed.');
  say(`  done (${seconds(start)})`);
  await installPackages();
  const env = emscriptenEnv();
  if (!env) throw new StepFailed('Emscripten was not found after it was installed.');
  return env;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    await setup(process.argv[2] === 'test' ? 'test' : 'build');
    say('Everything is there.');
  });
}
