import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeclaredModel } from '../../src/channels/declaration.js';
import type { ModelRouting } from '../../src/channels/model-routing.js';
import { ChannelHealth } from '../../src/routing/health/channel-health.js';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import type { ScriptFunction } from '../../src/sandbox/faults/fault-desk.js';
import { type BookedRequest, balanceOf, bookedRequest, openHolds, TEST_PRICE, UNIT } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { requestLine, type SeenStream, streamChat } from '../support/relay-client.js';
import { findUnsound } from '../support/sound-books.js';
import { until } from '../support/until.js';

const TEXT = 'token0 token1 token2 token3 token4 token5';
const GAP_MS = 800;

let upstream: FakeUpstream;
let hub: TestHub;
let serial = 0;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub({ env: { HUB_GAP_TIMEOUT_MS: String(GAP_MS) } });
});
beforeEach(() => upstream.reset());
afterEach(async () => {
  await until(async () => (await openHolds(hub.sql)) === 0);
  expect(await findUnsound(hub.sql)).toEqual([]);
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

/** A provider of each kind: one that goes on from a beginning, and one that does not. */
type Kind = 'moonshot' | 'openai-compatible';
type Script = Directive | ScriptFunction;

/** One channel for each script, asked in this order. */
async function declare(
  channels: readonly (readonly [Kind, Script])[],
  routing?: ModelRouting,
  model: Partial<DeclaredModel> = {},
): Promise<void> {
  const declared = channels.map(([provider, script], i) => {
    const apiKey = `sk-rescue-${String(++serial).padStart(8, '0')}`;
    upstream.scriptKey(apiKey, script);
    return { name: `c${i + 1}`, provider, baseUrl: upstream.url, apiKey, priority: channels.length - i };
  });
  await hub.setChannels(declared, [{ id: 'gpt-4', price: TEST_PRICE, ...model, routing }]);
}

function bodyOf(request: { readonly body: Uint8Array }): Record<string, unknown> & { messages: object[] } {
  return JSON.parse(Buffer.from(request.body).toString('utf8'));
}

/** Goes on from what it is given, with these words; without a beginning it refuses. */
const goOn =
  (text: string, more: Directive = {}): ScriptFunction =>
  (request) => {
    const last = bodyOf(request).messages.at(-1) as { role: string; partial?: boolean };
    return last.role === 'assistant' && last.partial === true ? { text, ...more } : { status: 500 };
  };

/** A recorded stream of deltas. */
function recorded(deltas: readonly object[], end: string): Directive {
  const event = (delta: object, finish_reason: string | null): string =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  const body = deltas.map((delta) => event(delta, null)).join('') + end;
  return { status: 200, body, content_type: 'text/event-stream' };
}

/** The credential of the channel that was declared last. */
function lastKey(): string {
  return String(serial).padStart(8, '0');
}

async function booked(stream: SeenStream): Promise<BookedRequest> {
  await until(async () => (await openHolds(hub.sql)) === 0);
  return (await bookedRequest(hub.sql, stream.headers.get('x-request-id')!))!;
}

/** The client saw one well-formed stream: one id, one model, one role, one finish. */
function expectSeamless(stream: SeenStream, content: string): void {
  expect(stream).toMatchObject({ status: 200, content, isDone: true, error: undefined });
  expect(new Set(stream.events.map(({ id }) => id)).size).toBe(1);
  expect(new Set(stream.events.map(({ model }) => model))).toEqual(new Set(['gpt-4']));
  const choices = stream.events.flatMap((event) => event.choices ?? []);
  expect(choices.flatMap(({ delta }) => delta.role ?? [])).toEqual(['assistant']);
  expect(choices.flatMap((choice) => choice.finish_reason ?? [])).toEqual(['stop']);
}

describe('a stream that breaks off is gone on with from its beginning', () => {
  it.each(['end', 'fin', 'rst'] as const)('where the next channel takes one: %s', async (cut) => {
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 3, cut }],
      ['moonshot', goOn(' token3 token4 token5')],
    ]);
    const stream = await streamChat(hub);
    expectSeamless(stream, TEXT);
    expect(bodyOf(upstream.requests[1]!).messages.at(-1)).toEqual({
      role: 'assistant',
      content: 'token0 token1 token2',
      partial: true,
    });
    expect(await requestLine(hub, stream)).toMatchObject({ outcome: 'done', attempts: 2, channel: 'c2' });
  });

  it('after a silence, which the first channel is not given for long', async () => {
    await declare([
      ['openai-compatible', { text: TEXT, stall_after: 3 }],
      ['moonshot', goOn(' token3 token4 token5')],
    ]);
    expectSeamless(await streamChat(hub), TEXT);
    await until(() => upstream.requests[0]!.abortedAt !== undefined);
  });

  it('after an error event', async () => {
    await declare([
      ['openai-compatible', { text: TEXT, error_after: 3 }],
      ['moonshot', goOn(' token3 token4 token5')],
    ]);
    const stream = await streamChat(hub);
    expectSeamless(stream, TEXT);
    expect(stream.text).not.toContain('Sorry');
  });

  it('by a channel that is not the next, where only that one takes a beginning', async () => {
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 2 }],
      ['openai-compatible', { text: 'something else' }],
      ['moonshot', goOn(' token2 token3 token4 token5')],
    ]);
    const stream = await streamChat(hub);
    expectSeamless(stream, TEXT);
    expect(await requestLine(hub, stream)).toMatchObject({ attempts: 2, channel: 'c3' });
  });

  it('again and again, as long as channels are left', async () => {
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 2 }],
      ['moonshot', goOn(' token2 token3', { cut_after: 1 })],
      ['moonshot', goOn(' token3 token4 token5')],
    ]);
    const stream = await streamChat(hub);
    // The fake upstream cuts a text into words and the space before them.
    expectSeamless(stream, stream.content);
    expect(stream.content.startsWith('token0 token1')).toBe(true);
    expect(stream.content.endsWith('token3 token4 token5')).toBe(true);
    expect((await booked(stream)).events.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'done']);
  });

  it('with white space that the beginning had to go without', async () => {
    const first = recorded([{ role: 'assistant', content: 'One two \n' }], '');
    await declare([
      ['openai-compatible', first],
      ['moonshot', goOn(' \nthree')],
    ]);
    expectSeamless(await streamChat(hub), 'One two \nthree');
    expect(bodyOf(upstream.requests[1]!).messages.at(-1)).toMatchObject({ content: 'One two' });
  });

  it('in a tool call of its own', async () => {
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };
    const finish = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] })}\n\ndata: [DONE]\n\n`;
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 3 }],
      ['moonshot', recorded([{ tool_calls: [call] }], finish)],
    ]);
    const stream = await streamChat(hub);
    expect(stream).toMatchObject({ content: 'token0 token1 token2', isDone: true, error: undefined });
    expect(stream.text).toContain('"call_1"');
  });

  it('with what is left of the cap that the caller gave', async () => {
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 3 }],
      ['moonshot', goOn(' token3 token4 token5')],
    ]);
    await streamChat(hub, { max_tokens: 100 });
    const { max_tokens: left } = bodyOf(upstream.requests[1]!);
    expect(left).toBeLessThan(100);
    expect(left).toBeGreaterThan(85);
  });
});

describe('a beginning that is refused', () => {
  /** Refuses any beginning; without one it tells the text. */
  const refuse =
    (refusal: Directive, text: string): ScriptFunction =>
    (request) =>
      (bodyOf(request).messages.at(-1) as { role: string }).role === 'assistant' ? refusal : { text };

  it.each<[string, Directive]>([
    ['with a 400', { status: 400, body: { error: { message: 'Prefill is not supported.' } } }],
    ['inside the stream', { error_first: true, error: { message: 'no prefill', type: 'invalid_request_error' } }],
    ['as an address that there is not', { status: 404 }],
    ['by beginning anew with another text', { text: 'token0 token1 token2 but then another one' }],
  ])('is told again from the start: %s', async (_name, refusal) => {
    const text = `${TEXT} token6 token7`;
    await declare([
      ['openai-compatible', { text, cut_after: 5 }],
      ['moonshot', refuse(refusal, text)],
    ]);
    const stream = await streamChat(hub);
    expectSeamless(stream, text);
    expect(await requestLine(hub, stream)).toMatchObject({ outcome: 'done', attempts: 3, channel: 'c2' });
    expect(bodyOf(upstream.requests[2]!).messages).toHaveLength(1);
  });

  it('is not given where the request itself ends in one', async () => {
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 3 }],
      ['moonshot', { text: TEXT }],
    ]);
    const messages = [
      { role: 'user', content: 'Go on' },
      { role: 'assistant', content: 'I was' },
    ];
    expectSeamless(await streamChat(hub, { messages }), TEXT);
    expect(bodyOf(upstream.requests[1]!).messages).toEqual(messages);
  });
});

describe('a stream that breaks off where no channel takes a beginning', () => {
  it('is told again, and what the client has is not repeated', async () => {
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 4 }],
      ['openai-compatible', { text: TEXT, split: 3 }],
    ]);
    const stream = await streamChat(hub);
    expectSeamless(stream, TEXT);
    expect(await requestLine(hub, stream)).toMatchObject({ attempts: 2, channel: 'c2' });
  });

  it.each<[string, Directive]>([
    ['another text', { text: 'token0 token1 something else' }],
    ['a shorter text', { text: 'token0' }],
    ['a failure', { status: 500 }],
  ])('ends in an error event when what comes is %s', async (_name, second) => {
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 4 }],
      ['openai-compatible', second],
    ]);
    const stream = await streamChat(hub);
    expect(stream).toMatchObject({ status: 200, content: 'token0 token1 token2 token3', isDone: false });
    expect(stream.error?.code).toBe('upstream_incomplete');
    expect(await requestLine(hub, stream)).toMatchObject({ outcome: 'failed', attempts: 2 });
  });

  it('holds nothing against a channel that tells another text', async () => {
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 4 }],
      ['openai-compatible', { text: 'something else' }],
    ]);
    const seen: (string | undefined)[] = [];
    for (let i = 0; i < 4; i++) seen.push((await streamChat(hub)).error?.code);
    expect(seen).toEqual(Array(4).fill('upstream_incomplete'));
    const { candidates } = hub.app.get(ChannelHealth).snapshot();
    const rates = candidates.flatMap(({ candidate, failureRate }) =>
      candidate.channel.name === 'c2' && candidate.headers['authorization']?.endsWith(lastKey()) ? failureRate : [],
    );
    expect(rates).toEqual([0]);
  });

  it('repeats no reasoning, and begins the answer where only reasoning was sent', async () => {
    const finish = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`;
    await declare([
      ['openai-compatible', recorded([{ role: 'assistant', reasoning_content: 'thought one' }], '')],
      ['openai-compatible', recorded([{ reasoning_content: 'thought two' }, { content: 'The answer.' }], finish)],
    ]);
    const stream = await streamChat(hub);
    expectSeamless(stream, 'The answer.');
    expect(stream.text).toContain('thought one');
    expect(stream.text).not.toContain('thought two');
  });
});

describe('a stream that cannot be gone on with', () => {
  const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a"' } };
  const cutCall = recorded([{ role: 'assistant', content: 'So:' }, { tool_calls: [call] }], '');

  it('ends in an error event when a tool call has begun', async () => {
    await declare([
      ['openai-compatible', cutCall],
      ['moonshot', { text: 'no' }],
    ]);
    const stream = await streamChat(hub);
    expect(stream).toMatchObject({ isDone: false });
    expect(stream.error?.code).toBe('upstream_incomplete');
    expect(upstream.requests).toHaveLength(1);
  });

  it('ends in an error event where the operator wants it so', async () => {
    await declare(
      [
        ['openai-compatible', { text: TEXT, cut_after: 3 }],
        ['moonshot', goOn(' token3 token4 token5')],
      ],
      { rescue: 'error' },
    );
    const stream = await streamChat(hub);
    expect(stream).toMatchObject({ content: 'token0 token1 token2', isDone: false });
    expect(stream.error?.code).toBe('upstream_incomplete');
    expect(upstream.requests).toHaveLength(1);
  });

  it('ends in an error event when it has several choices', async () => {
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 3 }],
      ['moonshot', { text: TEXT }],
    ]);
    expect((await streamChat(hub, { n: 2 })).error?.code).toBe('upstream_incomplete');
    expect(upstream.requests).toHaveLength(1);
  });

  it('ends in an error event when nobody is left', async () => {
    await declare([['moonshot', { text: TEXT, cut_after: 3 }]]);
    expect((await streamChat(hub)).error?.code).toBe('upstream_incomplete');
    expect(upstream.requests).toHaveLength(1);
  });
});

describe('the money of a rescued stream', () => {
  it('gone on with: the prompt once, both parts of the text, the first attempt at the cost of the operator', async () => {
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 3 }],
      ['moonshot', goOn(' token3 token4 token5', { in: 50, out: 7 })],
    ]);
    const before = (await balanceOf(hub.sql, hub.accountId)).used;
    const stream = await streamChat(hub, { stream_options: { include_usage: true } });
    const { events, settled } = await booked(stream);
    const [first, second] = events;
    expect(first).toMatchObject({ attempt: 1, isFinal: false, outcome: 'failed', estimated: true, cost: 0n });
    const { inputTokens, outputTokens } = first!;
    expect(inputTokens).toBeGreaterThan(0);
    expect(outputTokens).toBeGreaterThan(2);
    expect(second).toMatchObject({ attempt: 2, isFinal: true, outcome: 'done', estimated: true, inputTokens });
    expect(second!.outputTokens).toBe(outputTokens! + 7);
    const cost = BigInt(inputTokens! + 2 * (outputTokens! + 7)) * UNIT;
    expect(second!.cost).toBe(cost);
    expect(settled).toBe(cost);
    expect((await balanceOf(hub.sql, hub.accountId)).used - before).toBe(cost);
    const usage = stream.events.findLast((event) => event.usage != null)?.usage;
    expect(usage).toMatchObject({ prompt_tokens: inputTokens, completion_tokens: outputTokens! + 7 });
  });

  it.each<[string, string, object, (before: number, all: number) => number]>([
    ['says it all again', TEXT, { prompt_tokens: 5000, completion_tokens: 9 }, () => 9],
    ['counts nothing but the prompt', ' token3 token4 token5', { prompt_tokens: 5000 }, (_before, all) => all],
  ])('gone on with by one that %s: the prompt once, without the beginning', async (_name, text, usage, outputOf) => {
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 3 }],
      ['moonshot', goOn(text, { usage: { ...usage } })],
    ]);
    const { events, settled } = await booked(await streamChat(hub));
    const { inputTokens, outputTokens: before } = events[0]!;
    expect(inputTokens).toBeLessThan(100);
    const outputTokens = outputOf(before!, events[1]!.outputTokens!);
    expect(events[1]).toMatchObject({ outcome: 'done', inputTokens, outputTokens });
    expect(settled).toBe(BigInt(inputTokens! + 2 * outputTokens) * UNIT);
  });

  it('told again: what the second attempt reports, once', async () => {
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 4 }],
      ['openai-compatible', { text: TEXT, in: 10, out: 6 }],
    ]);
    const stream = await streamChat(hub);
    const { events } = await booked(stream);
    expect(events[0]).toMatchObject({ outcome: 'failed', cost: 0n });
    expect(events[1]).toMatchObject({
      outcome: 'done',
      estimated: false,
      inputTokens: 10,
      outputTokens: 6,
      cost: 22n * UNIT,
    });
  });

  it('that could not be rescued: the prompt and what was delivered', async () => {
    await declare([
      ['openai-compatible', { text: TEXT, cut_after: 4 }],
      ['openai-compatible', { text: 'token0 other' }],
    ]);
    const { events, settled } = await booked(await streamChat(hub));
    expect(events).toMatchObject([
      { attempt: 1, isFinal: false, cost: 0n },
      { attempt: 2, isFinal: true, outcome: 'failed', errorCode: 'incomplete', estimated: true },
    ]);
    const { inputTokens, outputTokens } = events[1]!;
    expect(outputTokens).toBe(events[0]!.outputTokens);
    expect(settled).toBe(BigInt(inputTokens! + 2 * outputTokens!) * UNIT);
  });
});
