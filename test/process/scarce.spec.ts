import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateApiKey } from '../../src/common/api-key.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { freePort } from '../support/free-port.js';
import { HUB_COMMAND, launch, startHubProcess, temporaryFolder } from '../support/hub-process.js';
import { RawClient, rawRequest } from '../support/raw-client.js';
import { until } from '../support/until.js';
import { CHAT_PATH, chatStatus, configOf } from './hub-calls.js';

/** The embedded database alone keeps about 250 open, one for each table and index that was touched. */
const FILES_MAX = 450;
const CLIENTS = 500;
const PROMPTS = 50;
const PROMPT_BYTES = 5 * 1024 * 1024;
const MESSAGES = 20_000;
/**
 * How long the event loop may be held up, in the processor time that this machine takes to parse one such prompt: three times what was
 * measured. Several prompts in one turn would be far more.
 */
const TURN_PARSES_MAX = 30;
/** Chunks that a stream beside the prompts gets while the hub reads them: one that is held up until the last is answered gets none. */
const CHUNKS_MIN = 20;

const [node = '', main = ''] = HUB_COMMAND;

let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream();
});
beforeEach(() => upstream.reset());
afterAll(() => upstream.close());

describe('a hub that may open few files', () => {
  // T105
  it('refuses connections that it has no descriptor for, and is well again when they are gone', async () => {
    const hub = await startHubProcess({
      command: ['sh', '-c', `ulimit -n ${FILES_MAX}; exec "$0" "$1"`, node, main],
      config: configOf(upstream.url),
    });
    expect(await chatStatus(hub)).toBe(200);
    const opened = await Promise.all(
      Array.from({ length: CLIENTS }, () => RawClient.connect(hub.port).catch(() => undefined)),
    );
    const clients = opened.filter((client) => client !== undefined);
    for (const client of clients) client.send(rawRequest({ path: '/api/health/live' }));
    const isAnswered = (client: RawClient): boolean => client.text.includes('"status":"ok"');
    await until(() => clients.every((client) => isAnswered(client) || client.isEnded || client.isClosed));
    const answered = clients.filter(isAnswered).length;
    expect(answered).toBeGreaterThan(FILES_MAX / 4);
    expect(answered).toBeLessThan(FILES_MAX);
    for (const client of clients) client.close();
    await until(async () => (await chatStatus(hub).catch(() => 0)) === 200);
    expect(await hub.stop()).toMatchObject({ code: 0, signal: null });
  });
});

/**
 * Upstream and client of the large prompts, in a process of its own: neither looks at what it handles. Prints the upstream's
 * port, and asks when it is told to.
 */
const LARGE_PROMPTS = `
  const { createServer } = await import('node:http');
  const [url, key, count, bytes, length] = process.argv.slice(1);
  const sink = createServer((request, response) => {
    request.resume().on('end', () => {
      const usage = { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 };
      const choices = [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: 'big', choices, usage }));
    });
  });
  const content = 'x'.repeat(Math.floor(bytes / length) - 40);
  const messages = Array.from({ length: Number(length) }, () => ({ role: 'user', content }));
  const body = Buffer.from(JSON.stringify({ model: 'big', messages, max_tokens: 5 }));
  const before = process.threadCpuUsage();
  JSON.parse(body.toString());
  const { user, system } = process.threadCpuUsage(before);
  sink.listen(0, '127.0.0.1', () => console.log('parse=' + (user + system) / 1000 + ' port=' + sink.address().port + ';'));
  process.on('SIGUSR2', async () => {
    const headers = { authorization: 'Bearer ' + key, 'content-type': 'application/json' };
    const ask = () => fetch(url, { method: 'POST', headers, body });
    const answers = await Promise.all(Array.from({ length: Number(count) }, ask));
    console.log('statuses=' + [...new Set(answers.map(({ status }) => status))] + ';');
  });
`;

/**
 * Measures from the first signal on how much processor time the event loop's thread takes without coming back to a timer, and prints
 * it at the second. A clock would measure the machine: these suites share their cores.
 */
const LOOP_TURNS = `
  const cpuMs = () => { const { user, system } = process.threadCpuUsage(); return (user + system) / 1000; };
  let turns;
  let last;
  const turn = () => { const now = cpuMs(); turns.push(now - last); last = now; setTimeout(turn, 10); };
  process.on('SIGUSR2', () => {
    if (turns === undefined) { turns = []; last = cpuMs(); turn(); return; }
    turns.sort((a, b) => a - b);
    process.stderr.write('p99=' + turns[Math.floor(turns.length * 0.99)] + ' max=' + turns.at(-1) + ';');
  });
`;

describe('many large prompts at once', () => {
  // T112
  it('hold up neither the event loop nor streams beside them', async () => {
    const [port, apiKey] = [String(await freePort()), generateApiKey()];
    const numbers = [PROMPTS, PROMPT_BYTES, MESSAGES].map(String);
    const url = `http://127.0.0.1:${port}${CHAT_PATH}`;
    const asker = launch([node, '--input-type=module', '-e', LARGE_PROMPTS, url, apiKey, ...numbers]);
    const [, parseMs, sinkPort] = await until(() => /parse=([\d.]+) port=(\d+);/.exec(asker.stdout()) ?? undefined);
    const preload = join(temporaryFolder(), 'preload.mjs');
    writeFileSync(preload, LOOP_TURNS);
    const hub = await startHubProcess({
      command: [node, '--import', preload, main],
      env: { PORT: port, HUB_API_KEY: apiKey },
      config: configWithSink(upstream.url, sinkPort!),
    });
    upstream.script({ tokens: 5_000, token_ms: 20 });
    const leaving = new AbortController();
    const chunks = [0, 0, 0, 0, 0];
    const streams = chunks.map(async (_count, index) => {
      const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'x' }], stream: true });
      const answer = await fetch(url, { method: 'POST', headers, body, signal: leaving.signal });
      try {
        for await (const _ of answer.body!) chunks[index]!++;
      } catch {
        // It is left when all is over.
      }
    });
    await until(() => chunks.every((count) => count > 10));
    const before = [...chunks];
    process.kill(hub.pid, 'SIGUSR2');
    process.kill(asker.pid, 'SIGUSR2');
    const [, statuses] = await until(() => /statuses=([^;]*);/.exec(asker.stdout()) ?? undefined);
    expect(statuses).toBe('200');
    const during = chunks.map((count, index) => count - before[index]!);
    process.kill(hub.pid, 'SIGUSR2');
    const [, p99] = await until(() => /p99=([\d.]+) max=[\d.]+;/.exec(hub.stderr()) ?? undefined);
    leaving.abort();
    await Promise.all(streams);
    expect(Number(p99)).toBeLessThan(TURN_PARSES_MAX * Number(parseMs));
    expect(Math.min(...during)).toBeGreaterThan(CHUNKS_MIN);
    await Promise.all([hub.kill(), asker.kill()]);
  });
});

function configWithSink(upstreamUrl: string, sinkPort: string): string {
  const sink = `
  - id: sink
    provider: openai-compatible
    baseUrl: http://127.0.0.1:${sinkPort}/v1
    apiKey: credential-of-the-sink
    allowPrivateNetwork: true
    models: { "big": }
models:
  - { id: big, price: { inputPerMillion: "0.001" } }
`;
  return configOf(upstreamUrl).replace('\nmodels:\n', sink);
}
