// @ts-check

import { randomBytes, randomInt } from 'node:crypto';
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { cleanEnvironment, freePort, pidOf, start, targetCore, waitUntil } from '../processes.mjs';
import { BOOKS_OFF, FROM_MESSAGES, FROM_RESPONSES, MANY_CHANNELS, PRODUCTION, TO_ANTHROPIC } from './hub-names.mjs';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Far above any load, so that every request is counted and none refused. */
const LIMIT = '2000000000';
const LIMITS = ['KEY', 'ACCOUNT'].flatMap((whose) =>
  ['RPM', 'TPM', 'CONCURRENCY'].map((what) => [`HUB_${whose}_${what}_DEFAULT`, LIMIT]),
);
/** So many have the model of {@link MANY_CHANNELS}. */
const CHANNELS = 20;
const built = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const booksOff = fileURLToPath(new URL('./hub-books-off.mjs', import.meta.url));

/**
 * The hub as it ships: request log on, one channel to the bench upstream, a priced model, limits on key and account, an
 * account with ample quota, and every other setting at its default.
 *
 * @param {{ port: number }} upstream
 * @param {string} parent where it gets a directory for its data, configuration and log; removed by the caller
 * @param {string | undefined} databaseUrl undefined for the embedded database
 * @param {{ withBooks: boolean, cpuProfileDirectory: string | undefined }} mode
 * @returns {Promise<import('./target.mjs').Target>}
 */
export async function startHub(upstream, parent, databaseUrl, { withBooks, cpuProfileDirectory }) {
  if (!existsSync(built))
    throw new Error('the hub is not built: run "npm run build" first, or leave it out (--targets bare)');
  const directory = join(parent, withBooks ? 'hub' : 'hub-books-off');
  mkdirSync(directory);
  const port = await freePort();
  const apiKey = newApiKey();
  const configFile = join(directory, 'hub.yaml');
  writeFileSync(configFile, configFor(upstream.port), { mode: 0o600 });
  const logFile = join(directory, 'hub.log');
  const log = openSync(logFile, 'a+', 0o600);
  const profiling =
    cpuProfileDirectory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(cpuProfileDirectory)}`];
  const child = start(targetCore, [process.execPath, ...profiling, withBooks ? built : booksOff], {
    cwd: directory,
    stdio: ['ignore', log, log],
    env: {
      ...cleanEnvironment(),
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: join(directory, 'data'),
      HUB_CONFIG: configFile,
      HUB_MASTER_KEY: randomBytes(32).toString('base64'),
      HUB_ADMIN_EMAIL: 'bench@example.com',
      HUB_ADMIN_PASSWORD: randomBytes(18).toString('base64url'),
      HUB_API_KEY: apiKey,
      HUB_INITIAL_QUOTA: '1000000000',
      HUB_SANDBOX: 'off',
      LOG_LEVEL: 'info',
      ...Object.fromEntries(LIMITS),
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    },
  });
  try {
    await waitUntil('the hub', child, async () => (await fetch(`http://127.0.0.1:${port}/api/health/ready`)).ok);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}; the end of its log:\n${endOf(logFile)}`);
  }
  child.once('exit', () => closeSync(log));
  return {
    name: withBooks ? PRODUCTION : BOOKS_OFF,
    pid: pidOf(child),
    port,
    path: '/api/relay/v1/chat/completions',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    isRelay: true,
    about: `${withBooks ? 'keys, limits, price, hold, settlement, usage event' : 'no limits, no counting, no hold, no settlement'}; request log to a file; ${databaseUrl === undefined ? 'embedded database' : 'PostgreSQL'}`,
    noteOfRow() {
      const lines = readFileSync(logFile).reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
      ftruncateSync(log);
      return lines === 0 ? 'no log line was written' : null;
    },
  };
}

/**
 * The same process asked for other models (one that twenty channels have, and one of an upstream with another format), and in other
 * formats for the ordinary one. In one process, so that nothing else differs.
 *
 * @param {import('./target.mjs').Target} hub
 * @param {readonly string[]} wanted of `many`, `anthropic`, `responses` and `messages`
 * @returns {import('./target.mjs').Target[]}
 */
export function variantsOf(hub, wanted) {
  const workloads = ['json', 'sse'];
  /** @type {import('./target.mjs').Target[]} */
  const variants = [];
  if (wanted.includes('many')) {
    const about = `${PRODUCTION}, asked for a model that ${CHANNELS} channels have, all of one weight`;
    variants.push({ ...hub, name: MANY_CHANNELS, model: 'bench-many', workloads, about });
  }
  if (wanted.includes('anthropic')) {
    const about = `${PRODUCTION}, asked for a model of an upstream that speaks Anthropic's format`;
    variants.push({ ...hub, name: TO_ANTHROPIC, model: 'bench-claude', workloads, about });
  }
  if (wanted.includes('responses')) {
    const about = `${PRODUCTION}, asked in OpenAI's Responses format`;
    const path = '/api/relay/v1/responses';
    variants.push({ ...hub, name: FROM_RESPONSES, path, format: 'responses', workloads, about });
  }
  if (wanted.includes('messages')) {
    const about = `${PRODUCTION}, asked in Anthropic's Messages format`;
    const path = '/api/relay/anthropic/v1/messages';
    variants.push({ ...hub, name: FROM_MESSAGES, path, format: 'messages', workloads, about });
  }
  return variants;
}

/** A key of the hub's own form: `sk_live_`, 30 random characters, their CRC-32 in base 62. */
export function newApiKey() {
  const random = Array.from({ length: 30 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  let checksum = '';
  for (let rest = crc32(random); checksum.length < 6; rest = Math.floor(rest / 62))
    checksum = ALPHABET[rest % 62] + checksum;
  return `sk_live_${random}${checksum}`;
}

/** @param {number} upstreamPort */
function configFor(upstreamPort) {
  const address = `http://127.0.0.1:${upstreamPort}`;
  const many = Array.from({ length: CHANNELS }, (_, index) =>
    channelOf(`many-${index}`, 'openai-compatible', `${address}/v1`, 'bench-many: bench-upstream-model'),
  );
  const price = '{ inputPerMillion: "2.5", outputPerMillion: "10" }';
  const models = ['bench-model', 'bench-many', 'bench-claude'].map((id) => `  - { id: ${id}, price: ${price} }\n`);
  return `channels:
${channelOf('bench', 'openai-compatible', `${address}/v1`, 'bench-model: bench-upstream-model')}${many.join('')}${channelOf('claude', 'anthropic', address, 'bench-claude: claude-haiku-4-5')}models:
${models.join('')}`;
}

/** @param {string} id @param {string} provider @param {string} baseUrl @param {string} model */
function channelOf(id, provider, baseUrl, model) {
  return `  - id: ${id}
    provider: ${provider}
    baseUrl: ${baseUrl}
    apiKey: bench-${randomBytes(12).toString('hex')}
    allowPrivateNetwork: true
    models: { ${model} }
`;
}

/** @param {string} file */
function endOf(file) {
  return readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');
}
