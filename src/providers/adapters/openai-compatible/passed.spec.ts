import { describe, expect, it } from '@jest/globals';
import { JsonSource } from '../../../common/json-source.js';
import type { AnswerEventReader } from '../../canonical/answer-events.js';
import type { CompletionsRequest } from '../../canonical/completions.js';
import type { RerankRequest } from '../../canonical/rerank.js';
import type { TranscriptFormat, TranscriptionRequest } from '../../canonical/transcriptions.js';
import type { Provider, UpstreamBody } from '../../provider.js';
import { groq } from '../groq/groq.provider.js';
import { llamacpp } from '../llamacpp/llamacpp.provider.js';
import { mistral } from '../mistral/mistral.provider.js';
import { ollama } from '../ollama/ollama.provider.js';
import { openai } from '../openai/openai.provider.js';
import { siliconflow } from '../siliconflow/siliconflow.provider.js';
import { vllm } from '../vllm/vllm.provider.js';
import { openaiCompatible } from './openai-compatible.provider.js';

const TARGET = { upstreamModel: 'up-1', publicModel: 'public-1' };
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const bodyOf = ({ body }: UpstreamBody): unknown => JSON.parse(Buffer.from(body).toString());

function read(reader: AnswerEventReader, events: readonly unknown[]) {
  return events.flatMap((event) =>
    reader.push({ name: '', data: typeof event === 'string' ? event : JSON.stringify(event) }),
  );
}

describe('completions', () => {
  const completions = (value: object, isStream = false): CompletionsRequest => ({
    source: JsonSource.of({ model: 'public-1', prompt: 'a', ...value }),
    model: 'public-1',
    isStream,
    includeUsage: false,
    choiceCount: 1,
    outputTokensCap: 16,
  });
  const sent = (provider: Provider, value: object, isStream?: boolean) =>
    provider.completions!.toBody(completions(value, isStream), TARGET);
  const answered = (value: unknown) => openai.completions!.fromBody(bytes(value), completions({}), TARGET);

  it('go out with the cap said, unless the caller has said it', () => {
    expect(bodyOf(sent(openai, {}))).toEqual({ model: 'up-1', prompt: 'a', max_tokens: 16 });
    expect(bodyOf(sent(openai, { max_tokens: null }))).toMatchObject({ max_tokens: 16 });
    expect(bodyOf(sent(openai, { max_tokens: 0 }))).toMatchObject({ max_tokens: 0 });
  });

  it('ask for usage in a stream, and keep other options of it', () => {
    const streamed = sent(openai, { stream: true, stream_options: { include_obfuscation: false } }, true);
    expect(bodyOf(streamed)).toMatchObject({ stream_options: { include_obfuscation: false, include_usage: true } });
    expect(bodyOf(sent(openai, { stream_options: {} }))).not.toHaveProperty('stream_options');
  });

  it('are refused by name where a vendor cannot do it, and what is left out is told', () => {
    expect(() => sent(ollama, { n: 2 })).toThrow(expect.objectContaining({ kind: 'unsupported_option', param: 'n' }));
    expect(() => sent(ollama, { prompt: ['a'] })).toThrow(expect.objectContaining({ param: 'prompt' }));
    expect(sent(ollama, { echo: true, user: null, n: 1 })).toMatchObject({ droppedParams: ['echo'] });
    expect(bodyOf(sent(ollama, { n: 1 }))).not.toHaveProperty('n');
  });

  it.each([llamacpp, openaiCompatible])(
    'take no cap to $id that the hub does not see',
    ({ completions: own, chat }) => {
      const body = own!.toBody(completions({ n_predict: -1 }), TARGET);
      expect(bodyOf(body)).toEqual({ model: 'up-1', prompt: 'a', max_tokens: 16 });
      expect(body.droppedParams).toEqual(['n_predict']);
      const source = JsonSource.of({ model: 'public-1', messages: [{ role: 'user', content: 'a' }], n_predict: -1 });
      const talk = { source, model: 'public-1', isStream: false, includeUsage: false, choiceCount: 1 };
      expect(bodyOf(chat!.toBody({ ...talk, outputTokensCap: undefined }, TARGET, {}))).not.toHaveProperty('n_predict');
    },
  );

  it('are answers only with a text in each choice', () => {
    expect(answered({ choices: [{ text: 'b' }], usage: { prompt_tokens: 1, completion_tokens: 2 } })).toMatchObject({
      texts: ['b'],
      usage: { inputTokens: 1, outputTokens: 2 },
    });
    for (const wrong of [{}, { choices: [] }, { choices: [{}] }, { choices: [{ text: 1 }] }, { choices: ['a'] }]) {
      expect(() => answered(wrong)).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
    }
    expect(() => answered({ error: { message: 'no', type: 'server_error' } })).toThrow();
    expect(() => answered({ choices: [{ text: 'b', finish_reason: 'error' }] })).toThrow(
      expect.objectContaining({ kind: 'overloaded' }),
    );
  });

  it('end each choice once, whatever follows', () => {
    const reader = openai.completions!.openStream(TARGET, completions({}, true));
    const items = read(reader, [
      { choices: [{ index: 0, text: 'a', finish_reason: null }] },
      { choices: [{ index: 0, text: '', finish_reason: 'length' }] },
      { choices: [{ index: 0, text: 'more', finish_reason: null }] },
      'no json',
      '[DONE]',
      { choices: [{ index: 0, text: 'after' }] },
    ]);
    expect(items).toMatchObject([
      { type: 'event', hasContent: true, texts: [{ choice: 0, text: 'a' }], finished: [] },
      { type: 'event', hasContent: false, finished: [{ choice: 0, reason: 'length' }] },
      { type: 'malformed' },
      { type: 'done' },
    ]);
  });

  it('tell an error inside a stream, and nothing after it', () => {
    const reader = openai.completions!.openStream(TARGET, completions({}, true));
    const items = read(reader, [{ error: { message: 'boom', type: 'server_error' } }, { choices: [{ text: 'a' }] }]);
    expect(items).toMatchObject([{ type: 'error' }]);
  });
});

describe('moderations', () => {
  const request = (input: unknown) => ({
    source: JsonSource.of({ model: 'public-1', input }),
    model: 'public-1',
    inputCount: Array.isArray(input) ? input.length : 1,
  });
  const answered = (value: unknown) => mistral.moderations!.fromBody(bytes(value), request(['a', 'b']), TARGET);

  it('have a verdict also where a vendor says it category by category', () => {
    const { bytes: body } = answered({ results: [{ categories: { hate: true } }, { categories: { hate: false } }] });
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({
      model: 'public-1',
      results: [
        { categories: { hate: true }, flagged: true },
        { categories: { hate: false }, flagged: false },
      ],
    });
  });

  it('are no answer without a result for each input', () => {
    for (const results of [undefined, [], [{ categories: {} }], [{ categories: {} }, {}], ['a', 'b']]) {
      expect(() => answered({ results })).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
    }
  });

  it('refuse pictures by name where only text is taken', () => {
    const parts = request([{ type: 'text', text: 'a' }]);
    expect(() => mistral.moderations!.toBody(parts, TARGET)).toThrow(
      expect.objectContaining({ kind: 'unsupported_option', param: 'input' }),
    );
    expect(bodyOf(openai.moderations!.toBody(parts, TARGET))).toMatchObject({ model: 'up-1' });
  });
});

describe('transcriptions', () => {
  const upload = (format: TranscriptFormat, more: Partial<TranscriptionRequest> = {}): TranscriptionRequest => ({
    model: 'public-1',
    task: 'transcribe',
    format,
    isStream: false,
    fields: [{ name: 'model', value: 'public-1' }],
    fileBytes: 1,
    soundMs: undefined,
    ...more,
  });
  const answered = (format: TranscriptFormat, text: string, type: string) =>
    openai.transcriptions!.fromBody(Buffer.from(text), type, upload(format));

  it('refuse by name a format that a vendor does not write, and a stream that it does not send', () => {
    expect(() => groq.transcriptions!.toFields(upload('srt'), TARGET)).toThrow(
      expect.objectContaining({ kind: 'unsupported_option', param: 'response_format' }),
    );
    expect(() => vllm.transcriptions!.toFields(upload('json', { isStream: true }), TARGET)).toThrow(
      expect.objectContaining({ param: 'stream' }),
    );
  });

  it('leave out what a vendor does not know, and tell it', () => {
    const fields = [
      { name: 'language', value: 'de' },
      { name: 'timestamp_granularities[]', value: 'word' },
      { name: 'timestamp_granularities[]', value: 'segment' },
    ];
    const { fields: edits, droppedParams } = siliconflow.transcriptions!.toFields(upload('text', { fields }), TARGET);
    expect(droppedParams).toEqual(['language', 'timestamp_granularities']);
    expect(edits).toMatchObject({ model: 'up-1', language: undefined, response_format: undefined });
    expect(Object.keys(edits)).toContain('timestamp_granularities[]');
  });

  it.each([
    [
      'tokens',
      { text: 'a', usage: { type: 'tokens', input_tokens: 14, output_tokens: 45 } },
      { inputTokens: 14, outputTokens: 45 },
    ],
    ['a length', { text: 'a', usage: { type: 'duration', seconds: 9 } }, { audioMs: 9000 }],
    ['a length beside the text', { text: 'a', duration: 8.47 }, { audioMs: 8470 }],
    ['a length as a text', { text: 'a', duration: '8.470000' }, { audioMs: 8470 }],
    ['nothing', { text: '' }, undefined],
  ])('report %s', (_what, value, usage) => {
    expect(answered('verbose_json', JSON.stringify(value), 'application/json').usage).toEqual(usage);
  });

  it('are text in other formats, and made out of JSON where a vendor has only that', () => {
    expect(answered('srt', '1\n', 'text/plain')).toMatchObject({
      text: '1\n',
      contentType: 'text/plain; charset=utf-8',
    });
    expect(Buffer.from(answered('text', '{"text":"a"}', 'application/json').bytes).toString()).toBe('a');
    expect(() => answered('srt', '{"text":"a"}', 'application/json')).toThrow();
    expect(() => answered('text', '<html>', 'text/html')).toThrow();
    expect(() => answered('json', '{"words":[]}', 'application/json')).toThrow();
    expect(() => answered('json', '{"error":{"message":"no"}}', 'application/json')).toThrow();
  });

  it('count the text of a stream once, however it comes', () => {
    const texts = (events: readonly unknown[]): string =>
      read(openai.transcriptions!.openStream!(TARGET, upload('json')), events)
        .flatMap((item) => (item.type === 'event' ? item.texts.map(({ text }) => text) : []))
        .join('|');
    const delta = { type: 'transcript.text.delta', delta: 'a' };
    const segment = { type: 'transcript.text.segment', text: 'a', speaker: 'A' };
    const done = { type: 'transcript.text.done', text: 'a' };
    expect(texts([delta, segment, done])).toBe('a');
    expect(texts([segment, done])).toBe('a');
    expect(texts([done])).toBe('a');
  });
});

describe('rerank', () => {
  const request = (value: object = {}): RerankRequest => ({
    source: JsonSource.of({ model: 'public-1', query: 'q', documents: ['a', { text: 'b' }], ...value }),
    model: 'public-1',
    query: 'q',
    documents: ['a', 'b'],
    returnDocuments: true,
  });
  const answered = (value: unknown) => siliconflow.rerank!.fromBody(bytes(value), request(), TARGET);

  it('sends texts, and no wish to have them back', () => {
    const body = siliconflow.rerank!.toBody(request({ return_documents: true, top_n: 1 }), TARGET);
    expect(bodyOf(body)).toEqual({ model: 'up-1', query: 'q', documents: ['a', 'b'], top_n: 1 });
  });

  it.each([
    ['in billed units', { meta: { billed_units: { search_units: 2 }, tokens: {} } }, { searches: 2 }],
    [
      'in tokens of SiliconFlow',
      { meta: { tokens: { input_tokens: 7, output_tokens: 0 } } },
      { inputTokens: 7, outputTokens: 0 },
    ],
    [
      'in tokens where searches are only filled in',
      { meta: { billed_units: { input_tokens: 7, output_tokens: 0, search_units: 0 } } },
      { inputTokens: 7, outputTokens: 0 },
    ],
    ['nowhere, with searches filled in', { meta: { billed_units: { search_units: 0 } } }, undefined],
    ['in usage', { usage: { prompt_tokens: 5, total_tokens: 5 } }, { inputTokens: 5 }],
    ['in a total alone', { usage: { total_tokens: 9 } }, { inputTokens: 9 }],
    ['nowhere', {}, undefined],
  ])('reads what was consumed %s', (_where, value, usage) => {
    expect(answered({ results: [], ...value }).usage).toEqual(usage);
  });

  it('puts the best first', () => {
    const results = [
      { index: 0, relevance_score: 0.1 },
      { index: 1, score: 0.9 },
    ];
    expect(answered({ results }).results).toEqual([
      { index: 1, relevance_score: 0.9 },
      { index: 0, relevance_score: 0.1 },
    ]);
  });

  it.each([
    [{}],
    [{ results: [{ index: 2, relevance_score: 1 }] }],
    [{ results: [{ index: -1, relevance_score: 1 }] }],
    [{ results: [{ index: 0.5, relevance_score: 1 }] }],
    [{ results: [{ relevance_score: 1 }] }],
    [{ results: [{ index: 0, relevance_score: 'high' }] }],
    [{ results: [{ index: 0 }] }],
    [
      {
        results: [
          { index: 0, relevance_score: 1 },
          { index: 0, relevance_score: 2 },
        ],
      },
    ],
    [{ error: { message: 'no' } }],
  ])('does not take %j for an answer', (value) => {
    expect(() => answered(value)).toThrow();
  });
});

describe('speech', () => {
  const request = (value: object, isEvents: boolean) => ({
    source: JsonSource.of({ model: 'public-1', input: 'a', voice: 'v', ...value }),
    model: 'public-1',
    input: 'a',
    characters: 1,
    format: 'mp3',
    isEvents,
  });

  it('is refused as events by name where there are none', () => {
    expect(() => groq.speech!.toBody(request({ stream_format: 'sse' }, true), TARGET)).toThrow(
      expect.objectContaining({ kind: 'unsupported_option', param: 'stream_format' }),
    );
    expect(bodyOf(groq.speech!.toBody(request({ stream_format: 'audio' }, false), TARGET))).toEqual({
      model: 'up-1',
      input: 'a',
      voice: 'v',
    });
    expect(bodyOf(openai.speech!.toBody(request({ stream_format: 'sse' }, true), TARGET))).toMatchObject({
      stream_format: 'sse',
    });
  });

  it('has sound in its events, and usage in the last', () => {
    const reader = openai.speech!.openStream!(TARGET, request({}, true));
    const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
    expect(
      read(reader, [
        { type: 'speech.audio.delta', audio: 'AA==' },
        { type: 'speech.audio.done', usage },
      ]),
    ).toMatchObject([
      { type: 'event', hasContent: true, texts: [], finished: [] },
      { type: 'event', hasContent: false, finished: [{ choice: 0 }] },
      { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } },
    ]);
  });
});
