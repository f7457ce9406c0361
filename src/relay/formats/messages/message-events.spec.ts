import { beforeEach, describe, expect, it } from '@jest/globals';
import { readMessageEvents, type SeenMessage } from '../../../../test/support/read-message-events.js';
import { HubError } from '../../../common/hub-error.js';
import { completionToItems } from '../../../providers/adapters/openai-compatible/completion-to-items.js';
import type { ChatChunkChoice } from '../../../providers/canonical/chat.js';
import type { Usage } from '../../../providers/canonical/usage.js';
import { unwrapThought } from '../../../providers/canonical/wrapped-thought.js';
import { MessageEvents } from './message-events.js';
import { toMessage } from './write-message.js';

const HEAD = { id: 'chatcmpl-1', created: 7 };
const REQUEST_ID = 'req_0123';
const OWN_FINISH = { original_finish: { stop_reason: 'stop_sequence' } };
let events: MessageEvents;
let written: string;

beforeEach(() => {
  events = new MessageEvents('public', { requestId: REQUEST_ID, promptTokens: 11, outputTokens: () => 5 });
  written = '';
});

function push(delta: Record<string, unknown>, finish: string | null = null, more: Partial<ChatChunkChoice> = {}): void {
  written += events.chunk({ choices: [{ index: 0, delta, finish_reason: finish, ...more }] }, HEAD);
}

function end(usage?: Usage, wire?: Record<string, unknown>): SeenMessage {
  written += events.tail(usage, wire) + events.end();
  return readMessageEvents(written);
}

const call = (index: number, id: string | undefined, name: string | undefined, text: string) => ({
  tool_calls: [{ index, ...(id !== undefined && { id, type: 'function' }), function: { name, arguments: text } }],
});

describe('MessageEvents', () => {
  it('begins the message once, tells one block after the other and ends it', () => {
    push({ role: 'assistant', content: '' });
    push({ content: 'Hel' });
    push({ content: 'lo' });
    push({}, 'stop');
    const { message, names } = end({ inputTokens: 9, outputTokens: 2 });
    expect(names).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(message).toMatchObject({
      id: 'msg_0123',
      type: 'message',
      role: 'assistant',
      model: 'public',
      content: [{ type: 'text', text: 'Hello' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 9, output_tokens: 2 },
    });
  });

  it("keeps the vendor's own id", () => {
    written += events.chunk({ choices: [{ index: 0, delta: { content: 'a' } }] }, { ...HEAD, id: 'msg_own' });
    expect(end().message['id']).toBe('msg_own');
  });

  it('tells the prompt at the beginning as far as it is known, and all of it at the end', () => {
    events.noteUsage({ inputTokens: 10, cachedInputTokens: 4, cacheWriteTokens: 1 });
    push({ content: 'a' });
    expect(written).toContain('"usage":{"input_tokens":5,"cache_creation_input_tokens":1,"cache_read_input_tokens":4');
    push({}, 'stop');
    const usage = { inputTokens: 20, cachedInputTokens: 15, cacheWriteTokens: 2, outputTokens: 8, reasoningTokens: 3 };
    expect(end(usage).message.usage).toEqual({
      input_tokens: 3,
      cache_creation_input_tokens: 2,
      cache_read_input_tokens: 15,
      cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 0 },
      output_tokens: 8,
      output_tokens_details: { thinking_tokens: 3 },
    });
  });

  it("says the hub's own count where nothing is reported", () => {
    push({ content: 'a' }, 'stop');
    expect(end().message.usage).toMatchObject({ input_tokens: 11, output_tokens: 5, cache_read_input_tokens: 0 });
  });

  it("adds what the vendor's own object says beyond tokens", () => {
    push({ content: 'a' }, 'stop');
    const original = { input_tokens: 1, server_tool_use: { web_search_requests: 2 }, service_tier: 'standard' };
    expect(end({ inputTokens: 1, outputTokens: 1 }, { original }).message.usage).toMatchObject({
      server_tool_use: { web_search_requests: 2 },
      service_tier: 'standard',
    });
  });

  it.each([
    ['stop', 'end_turn'],
    ['length', 'max_tokens'],
    ['tool_calls', 'tool_use'],
    ['function_call', 'tool_use'],
    ['content_filter', 'refusal'],
    ['a word of tomorrow', 'end_turn'],
  ])('calls the finish %s %s', (finish, reason) => {
    push({ content: 'a' }, finish);
    expect(end().message['stop_reason']).toBe(reason);
  });

  it('says of a refusal what the model said', () => {
    push({ refusal: 'I would ' });
    push({ refusal: 'rather not.' }, 'stop');
    expect(end().message).toMatchObject({
      content: [],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', explanation: 'I would rather not.' },
    });
  });

  it("keeps the vendor's own words on the end", () => {
    push({ content: 'a' }, 'stop', { original_finish: { stop_reason: 'stop_sequence', stop_sequence: 'END' } });
    expect(end().message).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'END' });
  });

  it.each<[string, readonly string[], Readonly<Record<string, unknown>>, string, string | null]>([
    ['vLLM', ['END', 'STOP'], { stop_reason: 'STOP' }, 'stop_sequence', 'STOP'],
    ['SGLang', ['END', 'STOP'], { matched_stop: 'END' }, 'stop_sequence', 'END'],
    ['a vendor that does not say at which', ['END'], OWN_FINISH, 'stop_sequence', 'END'],
    ['a vendor that does not say at which, of several', ['END', 'STOP'], OWN_FINISH, 'stop_sequence', null],
    ['the number of a token', ['END'], { stop_reason: 128_009 }, 'end_turn', null],
    ['a word that is none of the sequences', ['END'], { stop_reason: 'end_turn' }, 'end_turn', null],
    ['nothing', ['END'], { stop_reason: null, matched_stop: null }, 'end_turn', null],
  ])('tells at which sequence it stopped, where that is said: %s', (_who, sequences, said, reason, sequence) => {
    const facts = { requestId: REQUEST_ID, promptTokens: 1, outputTokens: () => 1 };
    const expected = { stop_reason: reason, stop_sequence: sequence };
    events = new MessageEvents('public', facts, sequences);
    push({ content: 'a' }, 'stop', said);
    expect(end().message).toMatchObject(expected);
    const choice = { ...said, index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' };
    const completion = { id: 'a', object: 'chat.completion' as const, created: 0, model: 'm', choices: [choice] };
    const answer = { bytes: Buffer.from(''), completion, usage: undefined };
    expect(toMessage(answer, 'public', facts, sequences)).toMatchObject(expected);
    // A whole answer that is told as a stream says it before the finish.
    written = '';
    events = new MessageEvents('public', facts, sequences);
    for (const item of completionToItems(answer)) {
      if (item.type === 'chunk') written += events.chunk(item.chunk, HEAD);
    }
    expect(end().message).toMatchObject(expected);
  });
});

describe('MessageEvents of tool calls', () => {
  it('tells each as a block of its own', () => {
    push({ content: 'I look.' });
    push(call(0, 'call_1', 'look', ''));
    push(call(0, undefined, undefined, '{"a":'));
    push(call(0, undefined, undefined, '1}'));
    push(call(1, 'call_2', 'add', '{}'));
    push({}, 'tool_calls');
    expect(end().message).toMatchObject({
      content: [
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: 'call_1', name: 'look', input: { a: 1 } },
        { type: 'tool_use', id: 'call_2', name: 'add', input: {} },
      ],
      stop_reason: 'tool_use',
    });
  });

  it('brings calls that come interleaved into order', () => {
    push(call(0, 'a', 'f', ''));
    push(call(1, 'b', 'g', '{"y"'));
    push(call(0, undefined, undefined, '{"x":'));
    push(call(1, undefined, undefined, ':2}'));
    push(call(0, undefined, undefined, '1}'));
    push({}, 'tool_calls');
    expect(end().message.content).toEqual([
      { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
      { type: 'tool_use', id: 'b', name: 'g', input: { y: 2 } },
    ]);
  });

  it('tells a text in the middle of a call after it', () => {
    push(call(0, 'a', 'f', '{"x":'));
    push({ content: 'meanwhile' });
    push(call(0, undefined, undefined, '1}'));
    push({}, 'tool_calls');
    expect(end().message.content).toMatchObject([
      { type: 'tool_use', input: { x: 1 } },
      { type: 'text', text: 'meanwhile' },
    ]);
  });

  it('writes ids in the letters that the vendor allows', () => {
    push(call(0, 'functions.f:0', 'f', '{}'), 'tool_calls');
    expect(end().message.content[0]!['id']).toMatch(/^[\w-]+$/);
  });
});

describe('MessageEvents of thoughts', () => {
  const signed = (text: string) => ({ type: 'reasoning.text', format: 'f', model: 'm', text, signature: 's' });

  it('signs a thought that came word by word', () => {
    push({ reasoning_content: 'Hm' });
    push({ reasoning_content: 'm.' });
    push({ reasoning_details: [signed('Hmm.')] });
    push({ content: 'Yes.' }, 'stop');
    const { content } = end().message;
    expect(content).toMatchObject([
      { type: 'thinking', thinking: 'Hmm.' },
      { type: 'text', text: 'Yes.' },
    ]);
    const { text: _, ...detail } = signed('Hmm.');
    expect(unwrapThought(content[0]!['signature'])).toEqual({ detail });
  });

  it('tells a thought that only its signature tells', () => {
    push({ reasoning_details: [signed('')] });
    push({ content: 'Yes.' }, 'stop');
    expect(end().message.content).toMatchObject([
      { type: 'thinking', thinking: '', signature: expect.stringMatching(/^hub1\./) },
      { type: 'text' },
    ]);
  });

  it('tells several thoughts that come with their texts in one chunk once', () => {
    push({ reasoning_content: 'ab', reasoning_details: [signed('a'), signed('b')], content: 'c' }, 'stop');
    expect(end().message.content).toMatchObject([{ thinking: 'a' }, { thinking: 'b' }, { text: 'c' }]);
  });

  it('marks a thought that nobody has signed', () => {
    push({ reasoning_content: 'a' });
    push({ content: 'b' }, 'stop');
    expect(unwrapThought(end().message.content[0]!['signature'])).toEqual({});
  });

  describe('of a vendor that tells its entries piece by piece', () => {
    const piece = (text: string, more: object = {}) => ({
      reasoning_content: text,
      reasoning_details: [{ type: 'reasoning.text', text, format: 'unknown', index: 0, ...more }],
    });

    it('tells one thought, which goes back as one entry', () => {
      for (const text of ['Ea', 'sy', ' one.']) push(piece(text));
      push({ content: 'Four.' }, 'stop');
      const { content } = end().message;
      expect(content).toMatchObject([
        { type: 'thinking', thinking: 'Easy one.' },
        { type: 'text', text: 'Four.' },
      ]);
      const detail = { type: 'reasoning.text', format: 'unknown', index: 0 };
      expect(unwrapThought(content[0]?.['signature'])).toEqual({ detail });
    });

    it('takes the signature that comes last', () => {
      push(piece('Hmm'));
      push({ reasoning_details: [{ type: 'reasoning.text', text: '', signature: 's', index: 0 }] });
      push(call(0, 'c', 'f', '{}'), 'tool_calls');
      const { content } = end().message;
      expect(content.map(({ type }) => type)).toEqual(['thinking', 'tool_use']);
      const detail = { type: 'reasoning.text', format: 'unknown', index: 0, signature: 's' };
      expect(unwrapThought(content[0]?.['signature'])).toEqual({ detail });
    });

    it('hides a summary whole, ahead of what it led to', () => {
      for (const summary of ['Look', 'ing'])
        push({ reasoning_details: [{ type: 'reasoning.summary', summary, index: 0 }] });
      push(call(0, 'c', 'f', '{}'), 'tool_calls');
      const { content } = end().message;
      expect(content.map(({ type }) => type)).toEqual(['redacted_thinking', 'tool_use']);
      const detail = { type: 'reasoning.summary', summary: 'Looking', index: 0 };
      expect(unwrapThought(content[0]?.['data'])).toEqual({ detail });
    });
  });

  it('hides what a model must be given back and does not show', () => {
    const detail = { type: 'reasoning.encrypted', format: 'f', model: 'm', data: 'x' };
    push({ reasoning_details: [detail] });
    push({
      tool_calls: [{ index: 0, id: 'c', extra_content: { google: 1 }, function: { name: 'f', arguments: '{}' } }],
    });
    push({}, 'tool_calls');
    const { content } = end().message;
    expect(content.map(({ type }) => type)).toEqual(['redacted_thinking', 'redacted_thinking', 'tool_use']);
    expect(unwrapThought(content[0]!['data'])).toEqual({ detail });
    expect(unwrapThought(content[1]!['data'])).toEqual({ calls: { c: { google: 1 } } });
  });
});

describe('MessageEvents of an upstream of the same format', () => {
  it('keeps blocks that nobody else has, their input told apart', () => {
    push({ content_blocks: [{ type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } }] });
    push({ content_blocks: [{ type: 'web_search_tool_result', tool_use_id: 's', content: [] }] });
    push({ citations: [{ type: 'web_search_result_location', url: 'u' }] });
    push({ content: 'Found.' });
    push({}, null, { original_block_end: true });
    push({ content: ' And more.' }, 'stop');
    expect(end().message.content).toEqual([
      { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } },
      { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
      { type: 'text', text: 'Found.', citations: [{ type: 'web_search_result_location', url: 'u' }] },
      { type: 'text', text: ' And more.' },
    ]);
  });
});

describe('MessageEvents of a failure', () => {
  it('ends with an error event and says nothing more', () => {
    push({ content: 'Hal' });
    written += events.error(new HubError({ status: 502, code: 'upstream_incomplete', message: 'It broke off.' }));
    const { error, names } = readMessageEvents(written);
    expect(error).toEqual({
      type: 'error',
      error: { type: 'api_error', message: 'It broke off.' },
      request_id: REQUEST_ID,
    });
    expect(names).not.toContain('message_stop');
  });
});

describe('MessageEvents of an answer without end', () => {
  const many = 'x'.repeat(1024 * 1024);

  it.each([
    ['a thought', { reasoning_content: many }],
    ['a call', call(0, 'c', 'f', many)],
    ['a refusal', { refusal: many }],
  ])('give %s up before the memory is full of it', (_name, delta) => {
    const pushMany = () => {
      for (let i = 0; i < 20; i++) events.chunk({ choices: [{ index: 0, delta, finish_reason: null }] }, HEAD);
    };
    expect(pushMany).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
  });

  it('let a text go on, of which nothing is kept', () => {
    for (let i = 0; i < 20; i++)
      events.chunk({ choices: [{ index: 0, delta: { content: many }, finish_reason: null }] }, HEAD);
  });
});

describe('pictures, for which there are no blocks', () => {
  const images = ['https://a/b.png', 'data:image/png;base64,AAAA'].map((url) => ({
    type: 'image_url',
    image_url: { url },
  }));
  const told = 'Look:\n\n![](https://a/b.png)\n\n(The model has made a picture, which this format cannot carry.)';

  it('are spoken of in a stream', () => {
    push({ content: 'Look:' });
    push({ images }, 'stop');
    expect(end().message.content).toMatchObject([{ type: 'text', text: told }]);
  });

  it('are spoken of in a whole answer', () => {
    const choice = {
      index: 0,
      message: { role: 'assistant', content: 'Look:', images },
      logprobs: null,
      finish_reason: 'stop',
    };
    const completion = { id: 'a', object: 'chat.completion' as const, created: 0, model: 'm', choices: [choice] };
    const facts = { requestId: REQUEST_ID, promptTokens: 1, outputTokens: () => 1 };
    const message = toMessage({ bytes: Buffer.from(''), completion, usage: undefined }, 'public', facts);
    expect(message['content']).toMatchObject([{ type: 'text', text: told }]);
  });
});
