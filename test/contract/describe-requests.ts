import { JsonSource } from '../../src/common/json-source.js';
import type { ChatRequest } from '../../src/providers/canonical/chat.js';
import type { ChatOptions, Provider, UpstreamBody } from '../../src/providers/provider.js';
import { deepFreeze } from './deep-freeze.js';
import { target } from './target.js';

/** Odd spacing, escapes, big integers and number spellings: all of it has to arrive as it was sent. */
const PLAIN =
  '{ "model" :"public-1",\n\t"messages":[ {"role":"user","content":"h\\u00e9llo 世界 \\ud83d\\udc4b"} ] , "top_p":1.0,"temperature": 1E0 }';
const SEED = '9007199254740993';

function requestOf(text: string): ChatRequest {
  const source = JsonSource.parse(Buffer.from(text));
  deepFreeze(source.value);
  const cap = source.value['max_completion_tokens'] ?? source.value['max_tokens'];
  return {
    source,
    model: target.publicModel,
    isStream: source.value['stream'] === true,
    includeUsage: false,
    choiceCount: 1,
    ...(typeof cap === 'number' && { outputTokensCap: cap }),
  };
}

export function describeRequests(provider: Provider): void {
  const chat = provider.chat!;
  const translate = (text: string, options: ChatOptions = {}): UpstreamBody =>
    chat.toBody(requestOf(text), target, options);
  const textOf = (body: UpstreamBody): string => Buffer.from(body.body).toString();
  const sentBy = (body: UpstreamBody): Record<string, unknown> => JSON.parse(textOf(body));

  it('changes nothing of a request but the model name', () => {
    const body = translate(PLAIN);
    expect(textOf(body)).toBe(PLAIN.replace('"public-1"', JSON.stringify(target.upstreamModel)));
    expect(body).toMatchObject({ droppedParams: [], isStream: false });
  });

  it('passes a big integer digit for digit, or names the field it leaves out', () => {
    const body = translate(`{"model":"public-1","messages":[],"seed":${SEED}}`);
    if (body.droppedParams.includes('seed')) expect(textOf(body)).not.toContain('seed');
    else expect(textOf(body)).toMatch(new RegExp(`"(?:random_)?seed":${SEED}`));
  });

  it('asks for usage on a stream, and for nothing of the kind otherwise', () => {
    const streamed = sentBy(translate('{"model":"public-1","messages":[],"stream":true}'));
    expect(streamed['stream']).toBe(true);
    const whole = sentBy(translate('{"model":"public-1","messages":[],"stream_options":{"include_usage":true}}'));
    expect(whole).not.toHaveProperty('stream_options');
    if (provider.id === 'mistral') expect(streamed).not.toHaveProperty('stream_options');
    else expect(streamed['stream_options']).toEqual({ include_usage: true });
  });

  it('keeps the cap of the caller to the digit, under one of its names', () => {
    for (const name of ['max_tokens', 'max_completion_tokens']) {
      const body = translate(`{"model":"public-1","messages":[],"${name}":1.0e2}`, { outputTokensCap: 7 });
      expect(textOf(body)).toMatch(/"max_(?:completion_)?tokens":1\.0e2/);
      expect(textOf(body).match(/max_(?:completion_)?tokens/g)).toHaveLength(1);
      expect(body.droppedParams).toEqual([]);
    }
  });

  it('sends the cap of the hub when the caller has none', () => {
    const { max_tokens, max_completion_tokens } = sentBy(
      translate('{"model":"public-1","messages":[]}', { outputTokensCap: 7 }),
    );
    expect([max_tokens, max_completion_tokens].filter((cap) => cap !== undefined)).toEqual([7]);
  });

  it('sends, names or refuses every option, and never drops one in silence', () => {
    const options: Record<string, unknown> = {
      temperature: 0.5,
      top_p: 0.5,
      n: 2,
      stop: ['a'],
      presence_penalty: 1,
      frequency_penalty: 1,
      logit_bias: { 1: 2 },
      logprobs: true,
      top_logprobs: 2,
      user: 'u',
      store: false,
      metadata: { a: 'b' },
      service_tier: 'auto',
      reasoning_effort: 'low',
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema: {} } },
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
      tool_choice: 'required',
      parallel_tool_calls: false,
      an_option_of_tomorrow: 1,
    };
    for (const [name, value] of Object.entries(options)) {
      const text = JSON.stringify({ model: 'public-1', messages: [{ role: 'user', content: 'a' }], [name]: value });
      try {
        const body = translate(text);
        if (!body.droppedParams.includes(name)) expect(sentBy(body)[name]).toEqual(value);
        else expect(sentBy(body)).not.toHaveProperty(name);
      } catch (error) {
        expect(error).toMatchObject({ kind: 'unsupported_option', param: name });
      }
    }
  });

  it('translates the same request the same way twice and leaves it untouched', () => {
    const text = JSON.stringify({
      model: 'public-1',
      stream: true,
      stream_options: { include_obfuscation: false },
      seed: 1,
      max_completion_tokens: 5,
      messages: [
        { role: 'user', content: 'a', name: 'n' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1234567890', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1234567890', content: '1' },
      ],
    });
    const request = requestOf(text);
    const first = chat.toBody(request, target, {});
    expect(chat.toBody(request, target, {})).toEqual(first);
    expect(Buffer.from(request.source.bytes).toString()).toBe(text);
  });

  if (provider.embeddings !== undefined) {
    it('translates an embeddings request, or refuses token numbers by name', () => {
      const source = JsonSource.of({ model: 'public-1', input: [1, 2], encoding_format: 'base64' });
      const request = { source, model: 'public-1', inputCount: 1, encodingFormat: 'base64' as const };
      try {
        expect(sentBy(provider.embeddings!.toBody(request, target))).toMatchObject({
          model: target.upstreamModel,
          input: [1, 2],
        });
      } catch (error) {
        expect(error).toMatchObject({ kind: 'unsupported_option', param: 'input' });
      }
    });
  }
}
