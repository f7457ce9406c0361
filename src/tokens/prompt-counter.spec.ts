import fc from 'fast-check';
import { countTokens as reference } from 'gpt-tokenizer/encoding/o200k_base';
import { computeChatCompletionTokenCount } from 'gpt-tokenizer/functionCalling';
import { SAMPLE_TEXTS } from '../../test/support/sample-texts.js';
import { CountThread } from './count-thread.js';
import type { CountJob } from './count-worker.js';
import { encodingNamed } from './encodings.js';
import { PromptCounter } from './prompt-counter.js';
import type { PromptKind } from './prompt-parts.js';

type Body = Record<string, unknown>;

/** Says what it was asked, and answers what it is told to. */
class ScriptedThread extends CountThread {
  readonly jobs: CountJob[] = [];
  answer: number | undefined;

  override count(job: CountJob): Promise<number | undefined> {
    this.jobs.push(job);
    return Promise.resolve(this.answer);
  }
}

const thread = new ScriptedThread();
const counter = new PromptCounter(thread);

function count(kind: PromptKind, body: Body, model = 'gpt-4o'): number {
  const tokens = counter.count(kind, body, JSON.stringify(body).length, model);
  if (typeof tokens !== 'number') throw new Error('It was not counted at once.');
  return tokens;
}

const chat = (messages: readonly unknown[], rest: Body = {}, model?: string): number =>
  count('chat', { messages, ...rest }, model);

const hello = { role: 'user', content: 'Hello, world!' };

describe('a chat prompt', () => {
  it('costs its texts, three tokens and the role for each message, and three for the answer', () => {
    expect(chat([hello])).toBe(4 + 3 + 1 + 3);
    expect(chat([{ role: 'system', content: '' }, hello])).toBe(4 + 2 * (3 + 1) + 3);
    expect(chat([{ ...hello, name: 'Ann' }])).toBe(chat([hello]) + reference('Ann') + 1);
  });

  it('counts as the reference does, with functions, calls and a named choice', () => {
    const messages = [
      { role: 'system', content: `${SAMPLE_TEXTS.english}\n` },
      hello,
      { role: 'assistant', content: '', function_call: { name: 'get_weather', arguments: '{"place":"Oslo"}' } },
      { role: 'assistant', content: 'It rains.' },
    ];
    const parameters = { type: 'object', properties: { place: { type: 'string', description: 'City.' } } };
    const functions = [{ name: 'get_weather', description: 'Tells the weather.', parameters }];
    const request = { messages, functions, function_call: { name: 'get_weather' } };
    const wanted = computeChatCompletionTokenCount(
      request as Parameters<typeof computeChatCompletionTokenCount>[0],
      reference,
    );
    // The reference takes four off for a system message with functions: kept here, so as not to hold too little.
    expect(count('chat', request)).toBe(wanted + 4);
    const tools = functions.map((each) => ({ type: 'function', function: each }));
    const choice = { type: 'function', function: { name: 'get_weather' } };
    expect(chat(messages, { tools, tool_choice: choice })).toBe(wanted + 4);
    expect(chat([hello], { tools }, 'claude-3')).toBeGreaterThan(chat([hello], { tools }) + 390);
  });

  it('counts parts, calls, results, refusals, reasoning and schemas', () => {
    const plain = chat([hello]);
    expect(chat([{ role: 'user', content: [{ type: 'text', text: 'Hello, world!' }] }])).toBe(plain);
    const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };
    expect(chat([{ role: 'assistant', content: null, tool_calls: [call] }])).toBe(
      3 + 1 + 3 + reference('f') + reference('{"a":1}') + 3,
    );
    expect(chat([{ role: 'tool', tool_call_id: 'call_1', content: 'Hello, world!' }])).toBe(plain);
    expect(chat([{ role: 'assistant', refusal: 'No.', reasoning_content: 'Hm.' }])).toBe(
      7 + reference('No.') + reference('Hm.'),
    );
    const schema = { name: 'answer', schema: { type: 'object', properties: { a: { type: 'string' } } } };
    expect(chat([hello], { response_format: { type: 'json_schema', json_schema: schema } })).toBe(
      plain + reference(JSON.stringify(schema)),
    );
    const grammar = { type: 'grammar', grammar: { syntax: 'lark', definition: SAMPLE_TEXTS.code } };
    const custom = { type: 'custom', custom: { name: 'sql', format: grammar } };
    expect(chat([hello], { tools: [custom] })).toBeGreaterThan(plain + reference(SAMPLE_TEXTS.code) + 9);
  });

  it('takes pictures by their size and not by their bytes', () => {
    const png = Buffer.alloc(90_000);
    png.writeUInt32BE(0x89504e47, 0);
    png.writeUInt32BE(512, 16);
    png.writeUInt32BE(512, 20);
    const url = `data:image/png;base64,${png.toString('base64')}`;
    const withImage = (image: unknown) => chat([{ role: 'user', content: [{ type: 'image_url', image_url: image }] }]);
    expect(withImage({ url })).toBe(7 + 85 + 170);
    expect(withImage({ url, detail: 'low' })).toBe(7 + 85);
    expect(withImage({ url: 'https://example.test/cat.png' })).toBe(7 + 765);
    expect(withImage('https://example.test/cat.png')).toBe(7 + 765);
  });

  it('has stated figures for what cannot be seen', () => {
    const part = (content: Body): number => chat([{ role: 'user', content: [content] }]) - 7;
    const data = Buffer.alloc(102_400).toString('base64');
    expect(part({ type: 'input_audio', input_audio: { data, format: 'mp3' } })).toBe(401);
    expect(part({ type: 'input_audio', input_audio: { data, format: 'wav' } })).toBe(101);
    expect(part({ type: 'file', file: { file_id: 'file_1' } })).toBe(1500);
    expect(part({ type: 'file', file: { file_data: data } })).toBe(2561);
    expect(part({ type: 'video_url', video_url: { url: 'x' } })).toBe(7890);
  });

  it('applies the factor of the family to texts, not to pictures', () => {
    const picture = { type: 'image_url', image_url: { url: 'https://example.test/cat.png' } };
    const content = [{ type: 'text', text: SAMPLE_TEXTS.german }, picture];
    const texts = Math.ceil(reference(SAMPLE_TEXTS.german) * 1.25);
    expect(chat([{ role: 'user', content }], {}, 'claude-opus-5-5')).toBe(7 + texts + Math.ceil(1024 ** 2 / 750));
  });

  it('gives a count for any body', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 5, key: fc.constantFrom(...KEYS) }), (body) => {
        for (const kind of ['chat', 'embeddings', 'images'] as const) {
          expect(count(kind, body as Body)).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('holds a quarter of the bytes for tools too many to look at', () => {
    const tools = Array.from({ length: 30_000 }, () => ({ type: 'function', function: { name: 'f' } }));
    thread.answer = 1000;
    const tokens = counter.count('chat', { messages: [hello], tools }, 1_500_000, 'gpt-4o');
    return expect(tokens).resolves.toBeGreaterThan(375_000);
  });
});

const KEYS = [
  ...['messages', 'role', 'content', 'type', 'text', 'tools', 'function', 'name', 'parameters', 'properties', 'input'],
  ...['image_url', 'url', 'file', 'tool_calls', 'arguments', 'response_format', 'json_schema', 'prompt', 'tool_choice'],
];

describe('other prompts', () => {
  it('counts embeddings inputs without overhead, and tokens by their number', () => {
    expect(count('embeddings', { input: 'Hello, world!' })).toBe(4);
    expect(count('embeddings', { input: ['Hello, world!', 'Hello, world!'] })).toBe(8);
    expect(count('embeddings', { input: [1, 2, 3] })).toBe(3);
    expect(count('embeddings', { input: [[1, 2, 3], [4]] })).toBe(4);
  });

  it('counts the prompt of a picture', () => {
    expect(count('images', { prompt: 'Hello, world!', size: '1024x1024' })).toBe(4);
    expect(count('images', {})).toBe(0);
  });
});

describe('large prompts', () => {
  const long = SAMPLE_TEXTS.english.repeat(100);
  const body = { messages: [{ role: 'user', content: long }] };

  it('are counted by the thread', async () => {
    thread.answer = 20_000;
    thread.jobs.length = 0;
    const tokens = counter.count('chat', body, 100_000, 'claude-opus-5-5');
    expect(tokens).toBeInstanceOf(Promise);
    expect(await tokens).toBe(25_000 + 7);
    expect(thread.jobs).toEqual([{ encoding: 'o200k_base', texts: [long] }]);
  });

  it('are bounded when the thread has no answer: never below the real count, and not far above', async () => {
    thread.answer = undefined;
    for (const text of Object.values(SAMPLE_TEXTS)) {
      const many = text.repeat(Math.ceil(100_000 / text.length));
      const exact = encodingNamed('o200k_base').count(many);
      const bound = await counter.count('chat', { messages: [{ role: 'user', content: many }] }, 100_000, 'gpt-4o');
      expect(bound).toBeGreaterThanOrEqual(exact);
      expect(bound).toBeLessThan(exact * 1.3);
    }
  });

  it('are still counted at once in 64 KB of any language', () => {
    for (const text of Object.values(SAMPLE_TEXTS)) {
      const bytes = Buffer.from(text.repeat(Math.ceil(64_000 / text.length))).subarray(0, 64_000);
      expect(count('embeddings', { input: bytes.toString() })).toBe(reference(bytes.toString()));
    }
  });

  it('go to the thread also when short but costly: what is no word of the vocabulary', async () => {
    thread.answer = 7;
    const random = 'xqzvk'.repeat(10_000);
    expect(await counter.count('embeddings', { input: random }, 50_000, 'gpt-4o')).toBe(7);
    thread.answer = undefined;
    const bound = await counter.count('embeddings', { input: random }, 50_000, 'gpt-4o');
    const exact = encodingNamed('o200k_base').count(random);
    expect(bound).toBeGreaterThanOrEqual(exact);
    expect(bound).toBeLessThan(exact * 1.3);
  });

  it('give the same count when a text was seen before', () => {
    const text = `Once more: ${SAMPLE_TEXTS.chinese}`;
    expect(count('images', { prompt: text })).toBe(reference(text));
    expect(count('images', { prompt: text })).toBe(reference(text));
    // Another encoding is another count.
    expect(count('images', { prompt: text }, 'gpt-4')).toBe(encodingNamed('cl100k_base').count(text));
  });
});
