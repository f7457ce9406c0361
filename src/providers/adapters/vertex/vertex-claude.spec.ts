import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JsonSource } from '../../../common/json-source.js';
import { validateChat } from '../../../relay/validate-chat.js';
import type { ChatRequest, ChatStreamItem } from '../../canonical/chat.js';
import { SseReader } from '../../transport/sse-reader.js';
import { anthropic } from '../anthropic/anthropic.provider.js';
import { vertex } from './vertex.provider.js';

const AT_VERTEX = { upstreamModel: 'claude-sonnet-4-5@20250929', publicModel: 'public-1' };
const AT_HOME = { upstreamModel: 'claude-sonnet-4-5-20250929', publicModel: 'public-1' };
const FIXTURES = join(import.meta.dirname, '../../../../test/fixtures/anthropic');

const ask = (body: object): ChatRequest => validateChat(Buffer.from(JSON.stringify({ model: 'public-1', ...body })));
const hello = { messages: [{ role: 'user', content: 'Hello' }] };

describe('Claude on Vertex AI', () => {
  it.each([
    hello,
    { ...hello, stream: true, max_tokens: 5_000, reasoning_effort: 'low' },
    { ...hello, tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }] },
  ])('is asked as Anthropic is, but for the model and the version', (body) => {
    const request = ask(body);
    const here = vertex.chat!.toBody(request, AT_VERTEX, {});
    const there = anthropic.chat!.toBody(request, AT_HOME, {});
    const { model, ...rest } = JSON.parse(Buffer.from(there.body).toString());
    expect(model).toBe(AT_HOME.upstreamModel);
    expect(JSON.parse(Buffer.from(here.body).toString())).toEqual({ ...rest, anthropic_version: 'vertex-2023-10-16' });
    expect({ ...here, body: undefined, path: undefined }).toEqual({ ...there, body: undefined, path: undefined });
  });

  it('keeps the words of a caller of the same format, to the digit', () => {
    const text =
      '{"model":"public-1","max_tokens":9,"messages":[{"role":"user","content":"Hi"}],"tools":[{"name":"f","input_schema":{"maximum":12345678901234567890}}]}';
    const source = JsonSource.parse(Buffer.from(text));
    const original = { format: 'anthropic', source, headers: { 'anthropic-beta': 'some-beta' } } as const;
    const { body, headers, isOriginal } = vertex.chat!.toBody(
      { ...ask(hello), outputTokensCap: 9, original },
      AT_VERTEX,
      {},
    );
    const sent = Buffer.from(body).toString();
    expect(sent).toBe(
      text.replace('"model":"public-1",', '').replace(/\}$/, ',"anthropic_version":"vertex-2023-10-16"}'),
    );
    expect([headers, isOriginal]).toEqual([{ 'anthropic-beta': 'some-beta' }, true]);
  });

  it.each(['chat-stream.sse', 'tool-stream.sse', 'chat-stream-thought.sse', 'error-stream.sse'])(
    'streams %s as Anthropic does',
    (name) => {
      const bytes = readFileSync(join(FIXTURES, name));
      const read = (provider: typeof vertex, target: typeof AT_HOME): readonly ChatStreamItem[] => {
        const lines = new SseReader(1024 * 1024);
        const reader = provider.chat!.openStream(target, ask(hello));
        return [...lines.push(bytes), ...lines.end()].flatMap((event) => [...reader.push(event)]);
      };
      const items = read(vertex, AT_VERTEX);
      expect(items.length).toBeGreaterThan(0);
      expect(items).toEqual(read(anthropic, AT_HOME));
    },
  );

  it('speaks the format of Anthropic, which Gemini beside it does not', () => {
    expect(vertex.chat?.speaks?.('claude-opus-4-6')).toBe('anthropic');
    expect(vertex.chat?.speaks?.('gemini-3.8-flash')).toBeUndefined();
  });

  it('goes on from the beginning of an answer where the model does', () => {
    for (const model of ['claude-haiku-4-5@20251001', 'claude-opus-5-5'])
      expect([model, vertex.chat?.canPrefill?.(model)]).toEqual([
        model,
        anthropic.chat?.canPrefill?.(model.replace('@', '-')),
      ]);
    expect(vertex.chat?.canPrefill?.('gemini-3.8-flash')).toBe(false);
  });
});

describe('the credential', () => {
  it('is a key in a header of its own, or a token', () => {
    expect(vertex.auth('AIzaSyA-01')).toEqual({ 'x-goog-api-key': 'AIzaSyA-01' });
    expect(vertex.auth('AQ.Ab8RN6')).toEqual({ 'x-goog-api-key': 'AQ.Ab8RN6' });
    expect(vertex.auth('ya29.a0Af')).toEqual({ authorization: 'Bearer ya29.a0Af' });
  });
});
