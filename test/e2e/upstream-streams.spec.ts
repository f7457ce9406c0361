import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type HubOptions, startHub, type TestHub } from '../support/hub.js';
import { requestLine, streamChat } from '../support/relay-client.js';
import { until } from '../support/until.js';

const MIB = 1024 * 1024;
const FIRST_KEY = 'first-channel-credential';
const SPARE_KEY = 'spare-channel-credential';

let serial = 0;
let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub();
});
// What one test finds out about a channel is nothing to the next one.
beforeEach(async () => {
  upstream.reset();
  serial++;
  await hub.setChannels(channels());
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

function channels(): HubOptions['channels'] {
  return [
    { name: 'first', baseUrl: upstream.url, apiKey: `${FIRST_KEY}-${serial}`, priority: 1 },
    { name: 'spare', baseUrl: upstream.url, apiKey: `${SPARE_KEY}-${serial}` },
  ];
}

/** Streams with a fault on the first channel; the spare one says `spare`. */
async function streamWith(directive: Directive, body: Readonly<Record<string, unknown>> = {}) {
  upstream.scriptKey(`${FIRST_KEY}-${serial}`, directive);
  upstream.scriptKey(`${SPARE_KEY}-${serial}`, { text: 'spare', in: 4, out: 1 });
  const stream = await streamChat(hub, body);
  return { stream, line: await requestLine(hub, stream) };
}

describe('a stream that breaks off after content, and that the next channel does not continue', () => {
  it.each(['end', 'fin', 'rst'] as const)('ends in an error event, not in [DONE]: %s', async (cut) => {
    const { stream, line } = await streamWith({ tokens: 6, cut_after: 3, cut });
    expect(stream).toMatchObject({ status: 200, content: 'token0 token1 token2', isDone: false });
    expect(stream.error?.code).toBe('upstream_incomplete');
    expect(stream.text).not.toContain('[DONE]');
    expect(stream.text).not.toContain('spare');
    expect(upstream.requests).toHaveLength(2);
    expect(line).toMatchObject({ outcome: 'failed', attempts: 2, channel: 'spare', code: 'upstream_incomplete' });
  });

  it('shows the error in an event of its own, with message at the top as in every relay error', async () => {
    const { stream } = await streamWith({ tokens: 6, cut_after: 3, cut: 'fin' });
    const last = stream.text.trimEnd().split('\n\n').at(-1);
    const message = 'The upstream provider broke off before the answer was complete.';
    expect(JSON.parse(last!.slice('data: '.length))).toEqual({
      error: { message, type: 'server_error', param: null, code: 'upstream_incomplete' },
      message,
    });
  });

  it('shows an error event of the upstream as one of the hub', async () => {
    const { stream, line } = await streamWith({ tokens: 6, error_after: 2, in: 5, out: 2 });
    expect(stream).toMatchObject({ content: 'token0 token1', isDone: false });
    expect(stream.error?.code).toBe('upstream_incomplete');
    expect(stream.text).not.toContain('Sorry about that');
    expect(line).toMatchObject({ outcome: 'failed', attempts: 2 });
  });

  it('without any finish reason is incomplete even when the upstream says [DONE]', async () => {
    const { stream } = await streamWith({ tokens: 3, no_finish: true });
    expect(stream).toMatchObject({ content: 'token0 token1 token2', isDone: false });
    expect(stream.error?.code).toBe('upstream_incomplete');
  });
});

/** A recorded stream: one choice that says `hello` and finishes, with `last` in place of the rest. */
function recorded(last: string, finish = 'stop', content = 'hello'): Directive {
  const choice = (delta: object, finish_reason: string | null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  const body = choice({ role: 'assistant', content }, null) + choice({}, finish) + last;
  return { status: 200, body, content_type: 'text/event-stream' };
}

describe('a stream of several choices', () => {
  it('is incomplete when it ends before each of them has begun', async () => {
    const { stream } = await streamWith(recorded(''), { n: 2 });
    expect(stream).toMatchObject({ content: 'hello', isDone: false });
    expect(stream.error?.code).toBe('upstream_incomplete');
  });

  it('is complete with fewer when the upstream says [DONE]', async () => {
    const { stream } = await streamWith(recorded('data: [DONE]\n\n'), { n: 2 });
    expect(stream).toMatchObject({ content: 'hello', isDone: true, error: undefined });
  });
});

describe('a stream without content', () => {
  it.each(['length', 'content_filter'])('is an answer when the model was curtailed: %s', async (finish) => {
    const { stream, line } = await streamWith(recorded('data: [DONE]\n\n', finish, ''));
    expect(stream).toMatchObject({ status: 200, content: '', isDone: true, error: undefined });
    expect(stream.events.at(-1)?.choices?.[0]?.finish_reason).toBe(finish);
    expect(line).toMatchObject({ outcome: 'done', attempts: 1 });
  });
});

describe('usage that comes in several reports', () => {
  it('is taken field by field, the last word counting, nonsense not', async () => {
    const report = (usage: object) => `data: ${JSON.stringify({ choices: [], usage })}\n\n`;
    const first = report({ prompt_tokens: 12, completion_tokens: 1, total_tokens: 13 });
    const last = report({ prompt_tokens: null, completion_tokens: 3, total_tokens: -1 });
    const { line } = await streamWith(recorded(`${first}${last}data: [DONE]\n\n`));
    expect(line).toMatchObject({ outcome: 'done', inputTokens: 12, outputTokens: 3 });
  });
});

describe('a stream that had finished', () => {
  it('is completed when the upstream forgot [DONE]', async () => {
    const { stream, line } = await streamWith({ tokens: 3, no_done: true, in: 5, out: 3 });
    expect(stream).toMatchObject({ content: 'token0 token1 token2', isDone: true, error: undefined });
    expect(line).toMatchObject({ outcome: 'done', inputTokens: 5, outputTokens: 3 });
  });

  it.each(['fin', 'rst'] as const)('is completed when the connection broke before [DONE]: %s', async (cut) => {
    const { stream, line } = await streamWith({ tokens: 3, cut, in: 5, out: 3 });
    expect(stream).toMatchObject({ content: 'token0 token1 token2', isDone: true, error: undefined });
    expect(line).toMatchObject({ outcome: 'done', attempts: 1, outputTokens: 3 });
  });

  it('ends once when the upstream says [DONE] twice', async () => {
    const { stream } = await streamWith({ tokens: 3, double_done: true });
    expect(stream).toMatchObject({ content: 'token0 token1 token2', isDone: true });
  });

  it('ignores what follows [DONE] in the body', async () => {
    const { stream } = await streamWith({ tokens: 3, garbage_after_done: true });
    expect(stream).toMatchObject({ content: 'token0 token1 token2', isDone: true, error: undefined });
    expect(stream.text).not.toContain('garbage');
    const next = await streamWith({ tokens: 2 });
    expect(next.stream).toMatchObject({ content: 'token0 token1', isDone: true });
    expect(next.line).toMatchObject({ attempts: 1 });
    expect(next.line).not.toHaveProperty('droppedEvents');
  });

  it('ignores what follows the end of the body, and never uses that connection again', async () => {
    const event = (text: string, end: string): string => {
      const choice = { index: 0, delta: { content: text }, finish_reason: 'stop' };
      const data = `data: ${JSON.stringify({ choices: [choice] })}\n\ndata: [DONE]\n\n`;
      const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
      return `${head}${data.length.toString(16)}\r\n${data}\r\n0\r\n\r\n${end}`;
    };
    let connections = 0;
    const server = createServer((socket) => {
      const name = `answer ${++connections}`;
      socket.on('error', () => undefined).on('data', () => socket.write(event(name, 'HTTP/1.1 200 OK\r\n\r\ngarbage')));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await hub.setChannels([{ name: 'raw', baseUrl: `http://127.0.0.1:${port}/v1` }]);
    expect(await streamChat(hub)).toMatchObject({ content: 'answer 1', isDone: true, error: undefined });
    expect(await streamChat(hub)).toMatchObject({ content: 'answer 2', isDone: true, error: undefined });
    server.close();
  });
});

describe('a stream with a broken event among good ones', () => {
  it('drops and counts it, and keeps the rest with its usage', async () => {
    const { stream, line } = await streamWith({ tokens: 4, bad_event_after: 2, in: 9, out: 4 });
    expect(stream).toMatchObject({ content: 'token0 token1 token2 token3', isDone: true, error: undefined });
    expect(stream.text).not.toContain('broken');
    expect(line).toMatchObject({ outcome: 'done', droppedEvents: 1, inputTokens: 9, outputTokens: 4 });
  });
});

describe('a stream that fails before content', () => {
  const cases: readonly (readonly [string, Directive])[] = [
    ['an error event first', { error_first: true }],
    ['an error that blames the load', { error_first: true, error: { message: 'busy', code: 'overloaded_error' } }],
    ['a role and then an error', { role_only_then_error: true }],
    ['no content', { text: '', usage: 'none' }],
    ['no content and a usage of nothing', { text: '', out: 0 }],
    ['a cut before content', { tokens: 3, cut_after: 0 }],
    ['a line over the limit', { giant_line: MIB + 1 }],
    ['status 500', { status: 500 }],
  ];

  it.each(cases)('is taken over by the next channel, and the client sees one stream: %s', async (_name, directive) => {
    const { stream, line } = await streamWith(directive, { stream_options: { include_usage: true } });
    expect(stream).toMatchObject({ status: 200, content: 'spare', isDone: true, error: undefined });
    expect(new Set(stream.events.map(({ id }) => id)).size).toBe(1);
    expect(new Set(stream.events.map(({ model }) => model))).toEqual(new Set(['gpt-4']));
    const roles = stream.events.flatMap(({ choices }) => choices?.flatMap(({ delta }) => delta.role ?? []) ?? []);
    expect(roles).toEqual(['assistant']);
    const finishes = stream.events.flatMap(
      ({ choices }) => choices?.flatMap((choice) => choice.finish_reason ?? []) ?? [],
    );
    expect(finishes).toEqual(['stop']);
    expect(stream.events.filter(({ usage }) => usage != null)).toHaveLength(1);
    expect(line).toMatchObject({ channel: 'spare', attempts: 2, outcome: 'done', inputTokens: 4, outputTokens: 1 });
  });

  it('is a plain error answer when nothing was sent and no channel is left', async () => {
    upstream.script({ error_first: true });
    const stream = await streamChat(hub);
    expect(stream.status).toBe(502);
    expect(JSON.parse(stream.text)).toMatchObject({ error: { code: 'upstream_error' } });
    expect(upstream.requests).toHaveLength(2);
  });
});

describe('a stream in any spelling that the grammar of server-sent events allows', () => {
  const spellings: readonly Directive[] = [
    ...(['lf', 'cr', 'crlf', 'mixed'] as const).map((line_ending) => ({ line_ending })),
    { bom: true },
    { comments: true },
    { named_events: true },
    { multi_data: true },
    { no_last_blank: true },
    { split: 1 },
    { line_ending: 'crlf', split: 1, bom: true, comments: true, named_events: true, multi_data: true },
    { line_ending: 'mixed', split: 7, comments: true, no_last_blank: true },
  ];

  it.each(spellings)('gives the client the same bytes: %j', async (spelling) => {
    const text = '你好，世界 🌍 café';
    const plain = await streamWith({ text });
    const spelled = await streamWith({ text, ...spelling });
    // Ids and times differ from answer to answer.
    const steady = (sse: string): string =>
      sse.replaceAll(/"id":"[^"]*"/g, '"id"').replaceAll(/"created":\d+/g, '"created"');
    expect(steady(spelled.stream.text)).toBe(steady(plain.stream.text));
    expect(spelled.stream).toMatchObject({ content: text, isDone: true });
    expect(spelled.line).toMatchObject({ attempts: 1 });
    expect(spelled.line).not.toHaveProperty('droppedEvents');
  });
});

describe('a stream with a line without end', () => {
  it('is given up at the line limit, and the upstream is told', async () => {
    upstream.script({ tokens: 1, giant_line: 8 * MIB });
    const stream = await streamChat(hub);
    expect(stream.status).toBe(502);
    expect(JSON.parse(stream.text)).toMatchObject({ error: { code: 'upstream_invalid_response' } });
    await until(() => upstream.requests.every(({ abortedAt }) => abortedAt !== undefined));
  });
});
