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
/** The catalogue's bounds are 200 and 300 ms, of a machine that does nothing else; a suite shares its two cores. */
const LOOP_DELAY_MS_MAX = 600;
const GAP_MS_MAX = 900;

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
    await until(() => clients.every((client) => isAnswered(client) || client.isEnded || client.isClosed), 20_000);
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
  sink.listen(0, '127.0.0.1', () => console.log('port=' + sink.address().port + ';'));
  process.on('SIGUSR2', async () => {
    const content = 'x'.repeat(Math.floor(bytes / length) - 40);
    const messages = Array.from({ length: Number(length) }, () => ({ role: 'user', content }));
    const body = Buffer.from(JSON.stringify({ model: 'big', messages, max_tokens: 5 }));
    const headers = { authorization: 'Bearer ' + key, 'content-type': 'application/json' };
    const ask = () => fetch(url, { method: 'POST', headers, body });
    const answers = await Promise.all(Array.from({ length: Number(count) }, ask));
    console.log('statuses=' + [...new Set(answers.map(({ status }) => status))] + ';');
  });
`;

/** Starts to measure how late the event loop is at the first signal, and prints it at the second. */
const LOOP_DELAY = `
  import { monitorEventLoopDelay } from 'node:perf_hooks';
  const delay = monitorEventLoopDelay({ resolution: 10 });
  let isOn = false;
  process.on('SIGUSR2', () => {
    if (isOn) process.stderr.write('p99=' + delay.percentile(99) / 1e6 + ' max=' + delay.max / 1e6 + ';');
    else isOn = delay.enable();
  });
`;

describe('many large prompts at once', () => {
  // T112
  it('hold up neither the event loop nor streams beside them', async () => {
    const [port, apiKey] = [String(await freePort()), generateApiKey()];
    const numbers = [PROMPTS, PROMPT_BYTES, MESSAGES].map(String);
    const url = `http://127.0.0.1:${port}${CHAT_PATH}`;
    const asker = launch([node, '--input-type=module', '-e', LARGE_PROMPTS, url, apiKey, ...numbers]);
    const [, sinkPort] = await until(() => /port=(\d+);/.exec(asker.stdout()) ?? undefined, 30_000);
    const preload = join(temporaryFolder(), 'preload.mjs');
    writeFileSync(preload, LOOP_DELAY);
    const hub = await startHubProcess({
      command: [node, '--import', preload, main],
      env: { PORT: port, HUB_API_KEY: apiKey },
      config: configWithSink(upstream.url, sinkPort!),
    });
    upstream.script({ tokens: 5_000, token_ms: 20 });
    const leaving = new AbortController();
    const gaps: number[] = [];
    const streams = Array.from({ length: 5 }, async () => {
      const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'x' }], stream: true });
      const answer = await fetch(url, { method: 'POST', headers, body, signal: leaving.signal });
      let last = performance.now();
      try {
        for await (const _ of answer.body!) {
          gaps.push(performance.now() - last);
          last = performance.now();
        }
      } catch {
        // It is left when all is over.
      }
    });
    await until(() => gaps.length > 50);
    gaps.length = 0;
    process.kill(hub.pid, 'SIGUSR2');
    process.kill(asker.pid, 'SIGUSR2');
    const [, statuses] = await until(() => /statuses=([^;]*);/.exec(asker.stdout()) ?? undefined, 60_000);
    expect(statuses).toBe('200');
    process.kill(hub.pid, 'SIGUSR2');
    const [, p99] = await until(() => /p99=([\d.]+) max=[\d.]+;/.exec(hub.stderr()) ?? undefined);
    leaving.abort();
    await Promise.all(streams);
    gaps.sort((a, b) => a - b);
    const gap = gaps[Math.floor(gaps.length * 0.99)]!;
    const figures = { loopDelayMs: Number(p99), gapMs: gap };
    expect(figures.loopDelayMs < LOOP_DELAY_MS_MAX && gap < GAP_MS_MAX ? 'in time' : figures).toBe('in time');
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
