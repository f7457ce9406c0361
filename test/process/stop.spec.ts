import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { type FakeUpstream, fakeCommand, startFakeUpstream } from '../support/fake-upstream.js';
import { freePort } from '../support/free-port.js';
import { HUB_COMMAND, type HubProcess, launch, startHubProcess, temporaryFolder } from '../support/hub-process.js';
import type { Ended } from '../support/processes.js';
import { parseResponse, RawClient, rawRequest } from '../support/raw-client.js';
import { until } from '../support/until.js';
import { askChat, CHAT_PATH, configOf, requestLines } from './hub-calls.js';

const DONE = 'data: [DONE]\n\n';
/** A bound on hanging. */
const ANSWER_MS_MAX = 45_000;

let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream();
});
afterAll(() => upstream.close());
afterEach(() => upstream.reset());

function startHub(env: Readonly<Record<string, string>> = {}, command?: readonly string[]): Promise<HubProcess> {
  return startHubProcess({ env, command, config: configOf(upstream.url) });
}

/** What the upstream shall do with this request, whatever it does with others. */
function commanded(directive: Directive): Readonly<Record<string, unknown>> {
  return { messages: [{ role: 'user', content: fakeCommand(directive) }] };
}

/** Opens a chat stream and waits for its first event. */
async function openStream(
  hub: HubProcess,
  body: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly text: Promise<string> }> {
  const answer = await askChat(hub, { stream: true, ...body });
  expect(answer.status).toBe(200);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader.read();
  const readAll = async (): Promise<string> => {
    let text = first.value ?? '';
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
    return text;
  };
  const text = readAll();
  text.catch(() => undefined);
  return { text };
}

/**
 * A request of which the server has the first bytes only: to it a connection at work, whatever else it closes. They come in
 * one piece with a whole request, whose answer shows that they have arrived.
 */
async function halfRequest(hub: HubProcess, request: Parameters<typeof rawRequest>[0]) {
  const bytes = rawRequest(request);
  const client = await RawClient.connect(hub.port);
  client.send(Buffer.concat([rawRequest({ path: '/api/health/live' }), bytes.subarray(0, 20)]));
  const { length } = await client.seen('{"status":"ok"}');
  return {
    sendRest: () => client.send(bytes.subarray(20)),
    answer: async (timeoutMs?: number) => (await client.readToEnd(timeoutMs)).slice(length),
  };
}

function chatRequest(hub: HubProcess, body: Readonly<Record<string, unknown>> = {}): Buffer {
  return rawRequest(chatParts(hub, body));
}

function chatParts(hub: HubProcess, body: Readonly<Record<string, unknown>> = {}) {
  const messages = [{ role: 'user', content: 'Hello' }];
  return {
    method: 'POST',
    path: CHAT_PATH,
    headers: [`authorization: Bearer ${hub.apiKey}`, 'content-type: application/json'],
    body: JSON.stringify({ model: 'gpt-4', messages, ...body }),
  };
}

async function isRefusing(hub: HubProcess): Promise<boolean> {
  return RawClient.connect(hub.port).then(
    (client) => {
      client.close();
      return false;
    },
    (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
  );
}

describe('one SIGTERM, another one and a SIGINT', () => {
  const SLOW_BYTES = 30 * 1024 * 1024;
  let hub: HubProcess;
  let ended: Promise<Ended>;
  let streams: readonly { readonly text: Promise<string> }[];
  let ready: Awaited<ReturnType<typeof halfRequest>>;
  let late: Awaited<ReturnType<typeof halfRequest>>;
  let slow: RawClient;

  beforeAll(async () => {
    hub = await startHub();
    slow = await RawClient.connect(hub.port);
    slow.send(chatRequest(hub, commanded({ body_bytes: SLOW_BYTES })));
    await slow.seen('HTTP/1.1 200');
    // The hub is through with it, and the rest waits in its buffers.
    slow.socket.pause();
    streams = await Promise.all(
      Array.from({ length: 10 }, () => openStream(hub, commanded({ tokens: 60, token_ms: 50 }))),
    );
    ready = await halfRequest(hub, { path: '/api/health/ready' });
    late = await halfRequest(hub, chatParts(hub, { stream: true, ...commanded({ tokens: 50, token_ms: 100 }) }));
    ended = hub.stop('SIGTERM');
    await until(() => isRefusing(hub), ANSWER_MS_MAX);
    process.kill(hub.pid, 'SIGINT');
    process.kill(hub.pid, 'SIGTERM');
  });

  it('refuse new connections, and are not ready', async () => {
    ready.sendRest();
    const answer = parseResponse(await ready.answer());
    expect(answer).toMatchObject({ status: 503, headers: { connection: 'close' } });
    expect(JSON.parse(answer.body)).toMatchObject({ status: 'error', checks: { db: 'ok' } });
  });

  it('serve a request that was on its way, for as long as it takes', async () => {
    late.sendRest();
    expect(await late.answer(ANSWER_MS_MAX)).toContain(DONE);
  });

  it('let streams finish', async () => {
    for (const { text } of streams) expect((await text).endsWith(DONE)).toBe(true);
  });

  it('do not cut off a client that takes the rest of a finished answer slowly', async () => {
    // By now it has waited longer than what a stop allows beyond the drain window.
    slow.socket.resume();
    const answer = parseResponse(await slow.readToEnd(ANSWER_MS_MAX));
    expect(Buffer.byteLength(answer.body)).toBe(Number(answer.headers['content-length']));
  });

  it('end in exit code 0, with a line for each request', async () => {
    expect(await ended).toMatchObject({ code: 0, signal: null });
    const chats = requestLines(hub).filter((line) => line['path'] === CHAT_PATH);
    expect(chats.map((line) => line['outcome'])).toEqual(Array(12).fill('done'));
  });
});

describe('SIGTERM', () => {
  it('ends what outlasts the drain window with an error event, also for a client that does not read', async () => {
    const drainMs = 1500;
    const hub = await startHub({ HUB_DRAIN_TIMEOUT_MS: String(drainMs) });
    upstream.script({ endless: true });
    const stalled = await RawClient.connect(hub.port);
    stalled.send(chatRequest(hub, { stream: true }));
    await stalled.seen('data: ');
    stalled.socket.pause();
    const reader = await RawClient.connect(hub.port);
    reader.send(chatRequest(hub, { stream: true }));
    // By then the other one's buffers, in both kernels and both processes, are full as well.
    await until(() => reader.size > 12 * 1024 * 1024, ANSWER_MS_MAX);
    const ended = hub.stop('SIGTERM');
    const text = await reader.readToEnd(ANSWER_MS_MAX);
    expect(text).toMatch(/data: \{"error":\{[^\n]*"code":"server_shutting_down"[^\n]*\n\n/);
    expect(text).not.toContain('[DONE]');
    const { code, ms } = await ended;
    expect(code).toBe(0);
    expect(ms).toBeGreaterThanOrEqual(drainMs);
    const chats = requestLines(hub).filter((line) => line['path'] === CHAT_PATH);
    expect(new Set(chats.map((line) => line['outcome']))).toEqual(new Set(['shutdown']));
    stalled.close();
  });

  it('ends a start that is under way', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const env = { DATA_DIR: dataDir, PORT: String(await freePort()) };
    const starting = launch(HUB_COMMAND, env);
    await until(() => existsSync(join(dataDir, 'hub.pid')), ANSWER_MS_MAX);
    expect(await starting.stop('SIGTERM')).toMatchObject({ code: 0, signal: null });
    expect(starting.stdout()).not.toContain('is running');
  });

  it('sent to npm start ends all of its processes with exit code 0', async () => {
    const hub = await startHub({}, ['npm', 'start']);
    upstream.script({ tokens: 30, token_ms: 50 });
    const { text } = await openStream(hub);
    const ended = hub.stop('SIGTERM');
    expect((await text).endsWith(DONE)).toBe(true);
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect(processesOf(hub.pid)).toEqual([]);
  });
});

describe('SIGINT', () => {
  it('stops as SIGTERM does, and waits for none of 100 idle keep-alive clients', async () => {
    // Whoever waited for them would wait for longer than this suite does.
    const hub = await startHub({ HUB_DRAIN_TIMEOUT_MS: '600000', HUB_KEEP_ALIVE_TIMEOUT_MS: '600000' });
    const agent = new Agent({ keepAlive: true, maxSockets: 100, maxFreeSockets: 100 });
    const ask = (): Promise<string | undefined> =>
      new Promise((resolve, reject) => {
        get(`${hub.url}/api/health/live`, { agent }, (answer: IncomingMessage) => {
          answer.resume().on('end', () => resolve(answer.headers.connection));
        }).on('error', reject);
      });
    const answers = await Promise.all(Array.from({ length: 100 }, ask));
    expect(new Set(answers)).toEqual(new Set(['keep-alive']));
    await until(() => Object.values(agent.freeSockets).flat().length === 100, ANSWER_MS_MAX);
    upstream.script({ tokens: 30, token_ms: 50 });
    const { text } = await openStream(hub);
    const ended = hub.stop('SIGINT');
    expect((await text).endsWith(DONE)).toBe(true);
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });
});

describe('an error that nobody handles', () => {
  it.each([
    ['a rejection', 'Promise.reject(new Error("boom"))'],
    ['an exception', 'setImmediate(() => { throw new Error("boom"); })'],
  ])('stops the hub after a drain, with exit code 1: %s', async (_, statement) => {
    const preload = join(temporaryFolder(), 'preload.mjs');
    writeFileSync(preload, `process.on('SIGUSR2', () => { ${statement}; });`);
    const [node = '', ...main] = HUB_COMMAND;
    const hub = await startHub({}, [node, '--import', preload, ...main]);
    upstream.script({ tokens: 30, token_ms: 50 });
    const { text } = await openStream(hub);
    const ended = hub.stop('SIGUSR2');
    expect((await text).endsWith(DONE)).toBe(true);
    expect(await ended).toMatchObject({ code: 1, signal: null });
    expect(hub.stdout()).toContain('"msg":"An error nobody handled; the hub stops."');
    expect(hub.stdout()).toContain('boom');
  });
});

/** The command lines of a process group. Linux only. */
function processesOf(group: number): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && groupOf(name) === group)
    .map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
}

function groupOf(pid: string): number | undefined {
  try {
    // After the name, which may hold anything: state, parent, group.
    const [state, , group] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z' ? undefined : Number(group);
  } catch {
    return undefined;
  }
}
