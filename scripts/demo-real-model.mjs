// npm run demo:real-model
// A model server that is no part of this project, behind the hub, asked with both official SDKs. What it installs is kept
// in .cache/real-model. The exit status says whether it worked.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERSION as OPENAI_VERSION } from 'openai/version';
import { freePort, run, start, stop, waitFor } from './processes.mjs';
import { askWithNode } from './real-model/ask-node.mjs';
import { install } from './real-model/install.mjs';

const ROOT = join(import.meta.dirname, '..');
const UPSTREAM_MODEL = 'SmolLM2-135M-Instruct';
const MODEL = 'smollm2';
const QUESTION = 'What is the capital of France? Answer in one short sentence.';
const STORY = 'Write three sentences about a small boat that crosses the sea.';
const READY_MS_MAX = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'hub-real-model-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const startedAt = performance.now();
await demonstrate().catch((error) => {
  console.error(`\nIt did not work: ${error.message}`);
  process.exit(1);
});
console.log(`\nIt worked, in ${seconds(startedAt)} s.`);
process.exit(0);

async function demonstrate() {
  const { python, weights } = await install(join(ROOT, '.cache', 'real-model'));
  const upstreamKey = randomBytes(16).toString('hex');
  const upstream = await startModelServer(python, weights, upstreamKey);
  const hub = await startHub(upstream.url, upstreamKey);
  for (const question of [QUESTION, STORY]) {
    console.log(`\n> ${question}\n\nopenai for Node:`);
    await askWithNode({ baseURL: hub.baseUrl, apiKey: hub.apiKey, model: MODEL, question });
    console.log('\nopenai for Python:');
    const env = { HUB_BASE_URL: hub.baseUrl, HUB_API_KEY: hub.apiKey, HUB_MODEL: MODEL, HUB_QUESTION: question };
    await run(python, [join(ROOT, 'scripts', 'real-model', 'ask.py')], { env, timeoutMs: 240_000, isShown: true });
  }
  const status = await stop(hub.started);
  if (status !== 0) throw new Error(`the hub stopped with ${status}:\n${hub.started.output().slice(-3000)}`);
  printRequestLines(hub.started.output());
  await stop(upstream.started);
}

/** https://llama-cpp-python.readthedocs.io/en/latest/server/ with a key of its own, which only the hub knows. */
async function startModelServer(python, weights, key) {
  const begunAt = performance.now();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/v1`;
  // Its threads wait for each other by spinning: as many as there are cores come to a crawl when something else runs.
  const threads = Math.max(1, availableParallelism() - 1);
  const args = ['--model', weights, '--model_alias', UPSTREAM_MODEL, '--host', '127.0.0.1', '--port', String(port)];
  const settings = ['--n_ctx', '2048', '--n_threads', String(threads), '--api_key', key, '--verbose', 'False'];
  const started = start(python, ['-m', 'llama_cpp.server', ...args, ...settings]);
  const headers = { authorization: `Bearer ${key}` };
  await waitFor(started, () => answersOk(`${url}/models`, headers), READY_MS_MAX);
  const versions = `import llama_cpp, openai, platform; print('llama-cpp-python', llama_cpp.__version__, 'and openai', openai.__version__, 'on Python', platform.python_version())`;
  console.log((await run(python, ['-c', versions], { timeoutMs: READY_MS_MAX })).trim());
  console.log(`openai ${OPENAI_VERSION} on Node ${process.versions.node}`);
  console.log(`${UPSTREAM_MODEL} is served at ${url} after ${seconds(begunAt)} s`);
  return { url, started };
}

async function startHub(upstreamUrl, upstreamKey) {
  const begunAt = performance.now();
  const configFile = join(folder, 'hub.yaml');
  const config = `channels:
  - id: llama
    provider: llamacpp
    baseUrl: ${upstreamUrl}
    apiKey: \${REAL_MODEL_KEY}
    allowPrivateNetwork: true
    models: { ${MODEL}: ${UPSTREAM_MODEL} }
models:
  - id: ${MODEL}
    price: { inputPerMillion: "0", outputPerMillion: "0" }
`;
  writeFileSync(configFile, config);
  console.log(`\nHUB_CONFIG:\n${config}`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PORT: String(port),
    DATA_DIR: join(folder, 'data'),
    HUB_CONFIG: configFile,
    REAL_MODEL_KEY: upstreamKey,
  };
  // What a shell or an .env file sets for another hub must not reach this one.
  const none = { HUB_API_KEY: '', HUB_PUBLIC_URL: '', DATABASE_URL: '', REDIS_URL: '', HUB_WORKERS: '', LOG_LEVEL: '' };
  const started = start(process.execPath, [join(ROOT, 'dist', 'src', 'main.js')], { env: { ...none, ...env } });
  await waitFor(started, () => answersOk(`${url}/api/health/ready`), READY_MS_MAX);
  await waitFor(started, () => /API key: +sk_live_/.test(started.output()), READY_MS_MAX);
  console.log(`The hub is ready at ${url} after ${seconds(begunAt)} s`);
  const apiKey = /API key: +(sk_live_\w+)/.exec(started.output())[1];
  return { baseUrl: `${url}/api/relay/v1`, apiKey, started };
}

/** What the hub logged of the calls, as far as it is of interest here. */
function printRequestLines(output) {
  console.log('\nThe log of the hub:');
  for (const line of output
    .split('\n')
    .filter((text) => text.includes('"msg":"request"') && text.includes('"model"'))) {
    const { id, status, channel, inputTokens, outputTokens, firstTokenMs, ms, outcome } = JSON.parse(line);
    console.log(JSON.stringify({ id, status, channel, inputTokens, outputTokens, firstTokenMs, ms, outcome }));
  }
}

async function answersOk(url, headers = {}) {
  try {
    const answer = await fetch(url, { headers: { ...headers, connection: 'close' } });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

function seconds(sinceMs) {
  return ((performance.now() - sinceMs) / 1000).toFixed(1);
}
