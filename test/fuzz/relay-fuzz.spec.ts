import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RunRegistry } from '../../src/relay/run-registry.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { until } from '../support/until.js';
import { type FuzzRequest, fuzzRequest } from './relay-requests.js';

// Given to jest with --globals: how many inputs, and the seed of a run that is to be repeated.
const { fuzzInputs = 5_000, fuzzSeed = Date.now() % 2 ** 31 } = globalThis as {
  fuzzInputs?: number;
  fuzzSeed?: number;
};
const BATCH = 20;
// 409: two requests of a batch may have drawn one Idempotency-Key, and then the second comes while the first is answered.
const STATUSES = new Set([200, 204, 400, 401, 403, 404, 405, 409, 413, 414, 415, 422, 431]);
const UPSTREAM_STATUSES = new Set([502, 503, 504]);

let upstream: FakeUpstream;
let hub: TestHub;
const agent = new Agent({ keepAlive: true, maxSockets: BATCH });
let addresses = 0;
const seen = new Map<number, number>();

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const names = ['gpt-4', 'text-embedding-3-small', 'dall-e-2'];
  const models = new Map(names.map((name) => [name, name]));
  hub = await startHub({
    channels: [{ name: 'main', baseUrl: upstream.url, models }],
    env: { LOG_LEVEL: 'warn', HUB_TRUST_PROXY: '127.0.0.1' },
  });
});
afterAll(async () => {
  agent.destroy();
  await hub.close();
  await upstream.close();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Bad keys come from ever new addresses: too many from one would be refused for that alone. */
function addressOf({ key }: FuzzRequest): Record<string, string> {
  if (key === undefined) return {};
  addresses++;
  return { 'x-forwarded-for': `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}` };
}

function send(input: FuzzRequest, isAgain = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, path, body } = input;
    const headers = { ...input.headers, authorization: input.key ?? `Bearer ${hub.apiKey}`, ...addressOf(input) };
    const request = httpRequest({ agent, port: hub.port, host: '127.0.0.1', method, path, headers, timeout: 20_000 });
    request.on('timeout', () => request.destroy(new Error('no answer within 20 s')));
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The race of every keep-alive connection: it was closed while the request was on its way.
      const isClosed = error.code === 'ECONNRESET' || error.code === 'EPIPE';
      if (request.reusedSocket && isClosed && !isAgain) send(input, true).then(resolve, reject);
      else reject(error);
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        });
      });
    });
    request.end(body);
  });
}

function check({ method, path }: FuzzRequest, { status, headers, text }: Answer): void {
  seen.set(status, (seen.get(status) ?? 0) + 1);
  expect(STATUSES.has(status) || UPSTREAM_STATUSES.has(status) ? 'documented' : `${status} ${text}`).toBe('documented');
  expect(headers['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/);
  expect(headers['x-injected']).toBeUndefined();
  if (status < 300) {
    if (headers['content-type']?.startsWith('text/event-stream')) expect(text).toMatch(/data: (\[DONE\]|\{"error")/);
    return;
  }
  if (method === 'HEAD') return;
  const body = JSON.parse(text) as { error?: { message: string; code: string }; message: string; code?: string };
  const code = body.error === undefined ? body.code : body.error.code;
  expect(body.message).toMatch(/\S/);
  if (path.startsWith('/api/relay/')) expect(body.error?.message).toBe(body.message);
  if (UPSTREAM_STATUSES.has(status)) expect(code).toMatch(/^upstream_/);
  expect(text).not.toMatch(
    /node_modules|\bat .+\.[jt]s:\d|127\.0\.0\.1|upstream-credential|select |sk_live_[0-9A-Za-z]/,
  );
}

/** Names the one request of a batch that failed, in a form that can be sent again. */
function checkOne(input: FuzzRequest, answer: Answer): void {
  try {
    check(input, answer);
  } catch (error) {
    const sent = JSON.stringify({ ...input, body: input.body?.toString('latin1') });
    throw new Error(`${sent}\nanswered ${answer.status} ${answer.text.slice(0, 2000)}`, { cause: error });
  }
}

describe('the relay', () => {
  it(`answers ${fuzzInputs} generated requests with documented statuses and keeps nothing`, async () => {
    process.stdout.write(`fuzz: ${fuzzInputs} inputs, seed ${fuzzSeed}\n`);
    await fc.assert(
      fc.asyncProperty(fc.array(fuzzRequest, { minLength: BATCH, maxLength: BATCH }), async (inputs) => {
        const answers = await Promise.all(inputs.map((input) => send(input)));
        for (const [index, answer] of answers.entries()) checkOne(inputs[index]!, answer);
      }),
      { numRuns: Math.ceil(fuzzInputs / BATCH), seed: fuzzSeed, interruptAfterTimeLimit: 3_000_000 },
    );
    process.stdout.write(
      `fuzz: ${[...seen]
        .sort(([a], [b]) => a - b)
        .map((pair) => pair.join('×'))
        .join(' ')}\n`,
    );
    await until(() => hub.app.get(RunRegistry).size === 0);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect((await hub.fetch('/api/relay/v1/models')).status).toBe(200);
    // Otherwise the generator would only test the door.
    expect(seen.get(200) ?? 0).toBeGreaterThan(fuzzInputs / 20);
    expect(upstream.executions).toBeGreaterThan(fuzzInputs / 40);
  }, 3_600_000);
});
