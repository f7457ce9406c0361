import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anthropic } from '../../../src/providers/adapters/anthropic/anthropic.provider.js';
import { ChatProgress } from '../../../src/providers/canonical/chat-progress.js';
import type { Usage } from '../../../src/providers/canonical/usage.js';
import { isWrapped, unwrapThought, wrapThought } from '../../../src/providers/canonical/wrapped-thought.js';
import { ChatShaper } from '../../../src/relay/chat-shaper.js';
import { messagesFormat } from '../../../src/relay/formats/messages/messages.format.js';
import type { AnthropicDirective } from '../../simulators/anthropic/anthropic-directive.js';
import { checkRequest } from '../../simulators/anthropic/check-request.js';
import { makeMessage } from '../../simulators/anthropic/make-message.js';
import { messageEvents } from '../../simulators/anthropic/message-events.js';
import { readConversation } from '../../simulators/anthropic/read-conversation.js';
import { readMessageEvents } from '../../support/read-message-events.js';
import { body, input, name, text, tools } from './messages-bodies.js';

// Messages in, Anthropic out: nothing may be lost in between, neither of what is asked nor of what is answered.

type Wire = Readonly<Record<string, unknown>>;

const RUNS = { numRuns: 150 };
const chat = anthropic.chat!;
const MODEL = 'claude-sonnet-4-6';
const target = { upstreamModel: MODEL, publicModel: 'public-1' };

function read(value: unknown) {
  return messagesFormat({}).read(Buffer.from(JSON.stringify(value)));
}

function sentOf(value: unknown): { sent: Wire; dropped: readonly string[] } {
  const { body: bytes, droppedParams } = chat.toBody(read(value).request, target, {});
  return { sent: JSON.parse(Buffer.from(bytes).toString()), dropped: droppedParams };
}

describe('a request in Messages to Anthropic', () => {
  it('arrives as it was sent, but for the name of the model', () => {
    fc.assert(
      fc.property(body, (asked) => {
        const { sent, dropped } = sentOf(asked);
        expect(sent).toEqual({ ...asked, model: MODEL });
        expect(dropped).toEqual([]);
        checkRequest(sent, '');
      }),
      RUNS,
    );
  });

  it('says the same in the canonical words, which is what every other upstream is told', () => {
    fc.assert(
      fc.property(body, (asked) => {
        const plain = plainly(asked);
        const { original: _, ...request } = read(plain).request;
        const told = JSON.parse(Buffer.from(chat.toBody(request, target, {}).body).toString()) as Wire;
        const said = (one: Wire) => readConversation(checkRequest({ ...one, model: MODEL }, ''));
        expect(said(told)).toEqual(said(plain));
        for (const member of ['max_tokens', 'stop_sequences', 'tool_choice', 'service_tier', 'stream'] as const) {
          const given = member === 'stream' && asked[member] === false ? undefined : asked[member];
          expect(told[member]).toEqual(given);
        }
        expect(told['tools']).toEqual(tools);
      }),
      RUNS,
    );
  });

  it('keeps the bytes of everything that nothing has to change', () => {
    const asked =
      '{ "model":"public-1", "max_tokens":10,"messages":[{"role":"user","content":"a\\u0041 1.0"}],"x":1.0 }';
    const { request } = messagesFormat({}).read(Buffer.from(asked));
    const told = Buffer.from(chat.toBody(request, target, {}).body).toString();
    expect(told).toBe(asked.replace('"public-1"', `"${MODEL}"`));
  });

  it('has thoughts of this model in their own words, and none of others', () => {
    const own = { type: 'reasoning.text', format: 'anthropic-claude-v1', model: MODEL, signature: 'sig' };
    const hidden = { type: 'reasoning.encrypted', format: 'anthropic-claude-v1', model: MODEL, data: 'dat' };
    const content = [
      { type: 'thinking', thinking: 'Own.', signature: wrapThought({ detail: own }) },
      { type: 'thinking', thinking: 'Raw.', signature: 'EqQB' },
      { type: 'redacted_thinking', data: wrapThought({ detail: hidden }) },
      {
        type: 'thinking',
        thinking: 'Other.',
        signature: wrapThought({ detail: { ...own, model: 'claude-opus-5-5' } }),
      },
      { type: 'thinking', thinking: 'Unsigned.', signature: wrapThought({}) },
      { type: 'redacted_thinking', data: wrapThought({ calls: { a: {} } }) },
      { type: 'tool_use', id: 'a', name: 'look', input: { big: 1 } },
    ];
    const turns = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content },
    ];
    const { sent } = sentOf({ model: 'm', max_tokens: 10, messages: turns });
    expect((sent['messages'] as Wire[])[1]!['content']).toEqual([
      { type: 'thinking', thinking: 'Own.', signature: 'sig' },
      { type: 'thinking', thinking: 'Raw.', signature: 'EqQB' },
      { type: 'redacted_thinking', data: 'dat' },
      { type: 'tool_use', id: 'a', name: 'look', input: { big: 1 } },
    ]);
  });

  it('is cached for five minutes where it asks for an hour, and says so', () => {
    const hour = { cache_control: { type: 'ephemeral', ttl: '1h' } };
    const block = { type: 'text', text: 'a', ...hour };
    const { sent, dropped } = sentOf({
      ...hour,
      model: 'm',
      max_tokens: 10,
      system: [block],
      tools: [{ name: 'f', input_schema: { properties: { cache_control: { ttl: '1h' } } }, ...hour }],
      messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: [block] }] }],
    });
    expect(JSON.stringify(sent).match(/"ttl":"1h"/g)).toHaveLength(1);
    expect(JSON.stringify(sent).match(/"cache_control":\{"type":"ephemeral"\}/g)).toHaveLength(4);
    expect(dropped).toEqual(['cache_control.ttl']);
  });

  it.each([
    ['claude-opus-5-5', { temperature: 0.5, top_p: 0.9, top_k: 3 }, ['temperature', 'top_p', 'top_k']],
    ['claude-sonnet-4-6', { temperature: 0.5, top_k: 3 }, []],
  ])('leaves out what %s would refuse, and says so', (upstreamModel, options, dropped) => {
    const asked = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'a' }], ...options };
    const told = chat.toBody(read(asked).request, { ...target, upstreamModel }, {});
    expect(told.droppedParams).toEqual(dropped);
    const sent = JSON.parse(Buffer.from(told.body).toString()) as Wire;
    expect(Object.keys(options).filter((option) => option in sent)).toEqual(
      Object.keys(options).filter((option) => !(dropped as string[]).includes(option)),
    );
  });

  it('goes on from the beginning of an answer, with the room that is left and without thinking', () => {
    const asked = {
      model: 'm',
      max_tokens: 5000,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      messages: [{ role: 'user', content: 'a' }],
    };
    const { request } = read(asked);
    const told = chat.toBody(
      { ...request, outputTokensCap: 7 },
      { ...target, upstreamModel: 'claude-haiku-4-5' },
      { prefill: 'So "far' },
    );
    expect(JSON.parse(Buffer.from(told.body).toString())).toEqual({
      model: 'claude-haiku-4-5',
      max_tokens: 7,
      messages: [...asked.messages, { role: 'assistant', content: 'So "far' }],
    });
  });
});

const directive: fc.Arbitrary<AnthropicDirective> = fc.record(
  {
    text,
    calls: fc.array(fc.record({ name, input }), { maxLength: 3 }),
    thought: fc.oneof(text, fc.constant('')),
    redacted_thought: fc.boolean(),
    in: fc.nat(1000),
    out: fc.integer({ min: 100, max: 1000 }),
    cached: fc.nat(1000),
    written: fc.nat(1000),
    in_at_start: fc.nat(1000),
    thinking_tokens: fc.nat(5),
    duplicate_start: fc.boolean(),
    unknown_events: fc.boolean(),
    stop_reason: fc.constantFrom(
      'end_turn',
      'max_tokens',
      'stop_sequence',
      'pause_turn',
      'model_context_window_exceeded',
    ),
  },
  { requiredKeys: ['text'] },
);

const asked = { model: 'public-1', max_tokens: 2000, messages: [{ role: 'user', content: 'Hello' }] };
const facts = { requestId: 'req_1', promptTokens: 1, outputTokens: () => 1 };

function messageOf(said: AnthropicDirective) {
  return makeMessage(checkRequest({ ...asked, model: MODEL }, ''), said);
}

describe('an answer of Anthropic in Messages', () => {
  it('is the same whole, but for the name of the model and signatures that say whose they are', () => {
    fc.assert(
      fc.property(directive, (said) => {
        const message = messageOf(said);
        const request = read(asked);
        const answer = chat.fromBody(Buffer.from(JSON.stringify(message)), target, request.request);
        const told = JSON.parse(Buffer.from(request.toWhole(answer, facts)).toString()) as Wire;
        expect(unwrapped(told)).toEqual({ ...message, model: 'public-1' });
      }),
      RUNS,
    );
  });

  it('is the same streamed', () => {
    fc.assert(
      fc.property(directive, (said) => {
        const message = messageOf(said);
        const { message: told } = readMessageEvents(streamed(said));
        const { service_tier: _, ...usage } = message.usage;
        expect({ ...unwrapped(told), usage: undefined }).toEqual({ ...message, model: 'public-1', usage: undefined });
        expect(told.usage).toMatchObject(usage);
      }),
      RUNS,
    );
  });

  it('keeps what only this vendor has, whole and streamed', () => {
    const content = [
      { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: '12345678901234567890' } },
      { type: 'web_search_tool_result', tool_use_id: 's', content: [{ type: 'web_search_result', url: 'u' }] },
      { type: 'text', text: 'Found', citations: [{ type: 'web_search_result_location', url: 'u', cited_text: 'c' }] },
      { type: 'text', text: ' it.' },
    ];
    const usage = { input_tokens: 1, output_tokens: 2, server_tool_use: { web_search_requests: 1 } };
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: MODEL,
      content,
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage,
    };
    const request = read(asked);
    const answer = chat.fromBody(Buffer.from(JSON.stringify(message)), target, request.request);
    const told = JSON.parse(Buffer.from(request.toWhole(answer, facts)).toString()) as Wire;
    expect(told).toMatchObject({ content, usage });

    const events: Wire[] = [{ type: 'message_start', message: { ...message, content: [], usage } }];
    for (const [index, block] of content.entries()) {
      const { text: said = '', input: given, citations = [], ...rest } = block as Wire;
      const start =
        rest['type'] === 'text' ? { type: 'text', text: '' } : { ...rest, ...(given !== undefined && { input: {} }) };
      events.push({ type: 'content_block_start', index, content_block: start });
      const deltas: Wire[] = (citations as Wire[]).map((citation) => ({ type: 'citations_delta', citation }));
      if (said !== '') deltas.push({ type: 'text_delta', text: said });
      if (given !== undefined) deltas.push({ type: 'input_json_delta', partial_json: JSON.stringify(given) });
      events.push(...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })));
      events.push({ type: 'content_block_stop', index });
    }
    events.push({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage });
    events.push({ type: 'message_stop' });
    const seen = readMessageEvents(written(events.map((event) => JSON.stringify(event))));
    expect(seen.message).toMatchObject({ content, usage });
  });
});

function streamed(said: AnthropicDirective): string {
  return written([...messageEvents(messageOf(said), said)].map((event) => event.data));
}

/** What a caller of the hub sees of an upstream's events. */
function written(events: readonly string[]): string {
  const request = read({ ...asked, stream: true });
  const reader = chat.openStream(target, request.request);
  const writer = request.openStream(facts);
  const shaper = new ChatShaper(writer, 'chatcmpl-1', new ChatProgress(1));
  let usage: Usage | undefined;
  let out = '';
  for (const data of events) {
    const { type } = JSON.parse(data) as { type: string };
    for (const item of reader.push({ name: type, data })) {
      if (item.type === 'chunk') out += shaper.write(shaper.shape(item)).join('');
      else if (item.type === 'usage') {
        usage = { ...usage, ...item.usage };
        shaper.takeUsage(usage, item.wire);
      }
    }
  }
  return out + shaper.tail(usage).join('') + writer.end();
}

/** A message with the signatures that the vendor gave. */
function unwrapped(message: Wire): Wire {
  const content = (message['content'] as Wire[]).map((block) => {
    const carrier = block['type'] === 'thinking' ? 'signature' : 'data';
    if (!isWrapped(block[carrier])) return block;
    const detail = unwrapThought(block[carrier])?.detail;
    expect(detail).toMatchObject({ model: MODEL });
    return { ...block, [carrier]: detail?.[carrier] };
  });
  return { ...message, content };
}

/**
 * A request without what the canonical words tell in another way, which tests of the reader say: documents, pictures in results, results
 * that are errors, several instructions.
 */
function plainly(value: Wire): Wire {
  const textsOf = (blocks: unknown): string =>
    typeof blocks === 'string' ? blocks : (blocks as Wire[]).flatMap(({ text: said }) => said ?? []).join('\n\n');
  const plain = (block: Wire): Wire[] => {
    if (block['type'] === 'document') return [];
    if (block['type'] !== 'tool_result') return [block];
    return [{ type: 'tool_result', tool_use_id: block['tool_use_id'], content: textsOf(block['content']) }];
  };
  const turns = (value['messages'] as Wire[]).map(({ role, content }) => ({
    role,
    content: [...(content as Wire[]).flatMap(plain), ...(role === 'user' ? [{ type: 'text', text: 'Well?' }] : [])],
  }));
  return { ...value, messages: turns, ...(value['system'] !== undefined && { system: textsOf(value['system']) }) };
}
