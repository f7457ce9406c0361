// @ts-check

import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment, freePort, pidOf, start, targetCore, waitUntil } from '../processes.mjs';

const PACKAGE = '@portkey-ai/gateway';
const VERSION = '1.15.2';
// The newest with which streaming works: later ones (up to 1.19.19) hand Portkey the immutable headers of the upstream's
// answer, to which it appends its own, and every stream ends in a 500.
const HTTP_SERVER = { '@hono/node-server': '1.13.8' };
const INSTALL_TIMEOUT_MS = 180_000;
const cache = fileURLToPath(new URL(`../../.cache/bench/portkey-${VERSION}`, import.meta.url));

/**
 * Portkey's open gateway, brought by npm into a cache outside the project's own dependencies. It takes its upstream from the
 * request's headers and keeps no keys of its own, so it authenticates nobody.
 *
 * @param {{ port: number }} upstream
 * @param {string} directory for its log
 * @returns {Promise<import('./target.mjs').Target>}
 */
export async function startPortkey(upstream, directory) {
  const entry = join(cache, 'node_modules', PACKAGE, 'build', 'start-server.js');
  if (!existsSync(entry)) install();
  const port = await freePort();
  const log = openSync(join(directory, 'portkey.log'), 'a', 0o600);
  const child = start(targetCore, [process.execPath, entry, `--port=${port}`, '--headless'], {
    cwd: cache,
    stdio: ['ignore', log, log],
    env: { ...cleanEnvironment(), NODE_ENV: 'production' },
  });
  closeSync(log);
  await waitUntil('Portkey', child, async () => (await fetch(`http://127.0.0.1:${port}/`)).ok);
  return {
    name: 'portkey',
    pid: pidOf(child),
    port,
    path: '/v1/chat/completions',
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `http://127.0.0.1:${upstream.port}/v1`,
    },
    isRelay: true,
    about: `${PACKAGE} ${VERSION} from npm, its defaults (it authenticates nobody)`,
  };
}

function install() {
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'package.json'), `${JSON.stringify({ private: true, overrides: HTTP_SERVER })}\n`);
  const args = [
    'install',
    '--prefix',
    cache,
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--save-exact',
    `${PACKAGE}@${VERSION}`,
  ];
  execFileSync('npm', args, { cwd: cache, stdio: ['ignore', 'ignore', 'inherit'], timeout: INSTALL_TIMEOUT_MS });
}
