import type { Provider, UpstreamBody } from '../../src/providers/provider.js';
import { requestOf } from './request-of.js';
import { target } from './target.js';

/** Odd spacing, escapes, big integers and number spellings: all of it has to arrive as it was sent. */
const PLAIN =
  '{ "model" :"public-1",\n\t"messages":[ {"role":"user","content":"h\\u00e9llo 世界 \\ud83d\\udc4b"} ] , "top_p":1.0,"temperature": 1E0 }';

/** Promises of providers that pass the caller's own bytes on. */
export function describePassedRequests(provider: Provider): void {
  const translate = (text: string): UpstreamBody =>
    provider.chat!.toBody(requestOf(text), target, { outputTokensCap: 7 });
  const textOf = (body: UpstreamBody): string => Buffer.from(body.body).toString();
  const sentBy = (body: UpstreamBody): Record<string, unknown> => JSON.parse(textOf(body));

  it('changes nothing of a request but the model name', () => {
    const body = provider.chat!.toBody(requestOf(PLAIN), target, {});
    expect(textOf(body)).toBe(PLAIN.replace('"public-1"', JSON.stringify(target.upstreamModel)));
    expect(body).toMatchObject({ droppedParams: [], isStream: false });
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
      const body = translate(`{"model":"public-1","messages":[],"${name}":1.0e2}`);
      expect(textOf(body)).toMatch(/"max_(?:completion_)?tokens":1\.0e2/);
      expect(textOf(body).match(/max_(?:completion_)?tokens/g)).toHaveLength(1);
    }
  });
}
