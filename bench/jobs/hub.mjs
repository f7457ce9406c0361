// @ts-check

import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment, freePort, pidOf, start, targetCore, waitUntil } from '../processes.mjs';

const built = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

const LOG_CHARS_SHOWN = 2_000;

/** The longest pause between two looks at a job; vendors' own are 15 s at most. */
export const INTERVAL_MS = 10_000;

/** @typedef {{ pid: number, url: string, stop: () => Promise<void> }} RunningHub */

/**
 * Settings of a hub that is started twice: once to see how it stores a job, once to be measured.
 *
 * @param {number} upstreamPort
 * @param {string} parent where it gets a directory
 * @param {string | undefined} databaseUrl undefined for the embedded database
 * @param {string} apiKey
 */
export function prepareHub(upstreamPort, parent, databaseUrl, apiKey) {
  const directory = join(parent, databaseUrl === undefined ? 'embedded' : 'postgres-hub');
  mkdirSync(directory);
  const dataDir = join(directory, 'data');
  const configFile = join(directory, 'hub.yaml');
  writeFileSync(configFile, configFor(upstreamPort), { mode: 0o600 });
  const env = {
    ...cleanEnvironment(),
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    HUB_CONFIG: configFile,
    HUB_MASTER_KEY: randomBytes(32).toString('base64'),
    HUB_API_KEY: apiKey,
    HUB_INITIAL_QUOTA: '1000000000',
    HUB_SANDBOX: 'off',
    HUB_PUBLIC_RPM: '1000000',
    HUB_JOB_STATUS_MS_MAX: String(INTERVAL_MS),
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  };
  return { dataDir, start: () => startHub(directory, env) };
}

/**
 * @param {string} directory
 * @param {Record<string, string>} env
 * @returns {Promise<RunningHub>}
 */
async function startHub(directory, env) {
  const port = await freePort();
  const logFile = join(directory, 'hub.log');
  const log = openSync(logFile, 'a', 0o600);
  const child = start(targetCore, [process.execPath, built], {
    cwd: directory,
    stdio: ['ignore', log, log],
    env: { ...env, PORT: String(port) },
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitUntil('the hub', child, async () => (await fetch(`${url}/api/health/ready`)).ok);
  } catch (error) {
    const end = readFileSync(logFile, 'utf8').slice(-LOG_CHARS_SHOWN);
    throw new Error(`${error instanceof Error ? error.message : error}; the end of its log:\n${end}`);
  }
  return {
    pid: pidOf(child),
    url,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** @param {number} upstreamPort */
function configFor(upstreamPort) {
  return `channels:
  - id: bench
    provider: openai
    baseUrl: http://127.0.0.1:${upstreamPort}/v1
    apiKey: bench-${randomBytes(12).toString('hex')}
    allowPrivateNetwork: true
    models: { bench-video: sora-2 }
models:
  - id: bench-video
    price: { perVideoSecond: "0.000001" }
`;
}
