import type { ChatOptions, Provider, UpstreamBody } from '../../src/providers/provider.js';
import type { Dialect } from './dialect.js';
import { requestOf } from './request-of.js';
import { targetOf } from './target.js';

const MESSAGES = '"messages":[{"role":"user","content":"a"}]';
const SEED = '9007199254740993';

/** Promises about requests that hold in every format. */
export function describeRequests(provider: Provider, dialect: Dialect): void {
  const chat = provider.chat!;
  const target = targetOf(dialect);
  const translate = (text: string, options: ChatOptions = {}): UpstreamBody =>
    chat.toBody(requestOf(text), target, options);
  const textOf = (body: UpstreamBody): string => Buffer.from(body.body).toString();
  const sentBy = (body: UpstreamBody): Record<string, unknown> => JSON.parse(textOf(body));

  it('passes a big integer digit for digit, or names the field it leaves out', () => {
    const body = translate(`{"model":"public-1",${MESSAGES},"seed":${SEED}}`);
    if (body.droppedParams.includes('seed')) expect(textOf(body)).not.toContain('seed');
    else expect(textOf(body)).toMatch(new RegExp(`"(?:random_)?seed":${SEED}`));
  });

  it('asks for a stream when the caller does', () => {
    expect(translate(`{"model":"public-1",${MESSAGES},"stream":true}`).isStream).toBe(true);
  });

  it('keeps the cap of the caller, whichever name it has', () => {
    for (const name of ['max_tokens', 'max_completion_tokens']) {
      const body = translate(`{"model":"public-1",${MESSAGES},"${name}":1.0e2}`, { outputTokensCap: 70 });
      expect(dialect.outputCapOf(sentBy(body))).toBe(100);
      expect(body.droppedParams).toEqual([]);
    }
  });

  it('sends the cap of the hub when the caller has none', () => {
    const body = sentBy(translate(`{"model":"public-1",${MESSAGES}}`, { outputTokensCap: 70 }));
    expect(dialect.outputCapOf(body)).toBe(70);
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
    const asked = { model: 'public-1', messages: [{ role: 'user', content: 'a' }] };
    const without = sentBy(translate(JSON.stringify(asked)));
    for (const [name, value] of Object.entries(options)) {
      const text = JSON.stringify({ ...asked, [name]: value });
      try {
        const body = translate(text);
        const isDropped = body.droppedParams.includes(name);
        if (isDropped || dialect.metUnsent.includes(name)) expect(sentBy(body)).toEqual(without);
        else if (dialect.isPassedThrough) expect(sentBy(body)[name]).toEqual(value);
        else expect([name, sentBy(body)]).not.toEqual([name, without]);
      } catch (error) {
        expect(error).toMatchObject({
          kind: expect.stringMatching(/^(?:unsupported_option|invalid_request)$/),
          param: name,
        });
      }
    }
  });

  it('translates the same request the same way twice and leaves it untouched', () => {
    const text = JSON.stringify({
      model: 'public-1',
      stream: true,
      stream_options: { include_obfuscation: false },
      seed: 1,
      max_completion_tokens: 50,
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
}
