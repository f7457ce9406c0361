import { describe, expect, it } from '@jest/globals';
import { readMessages } from '../../../relay/formats/messages/read-messages.js';
import { anthropic } from './anthropic.provider.js';

// What a caller of Messages must not get through to Anthropic unchanged.

type Wire = Readonly<Record<string, unknown>>;

const chat = anthropic.chat!;
const hello = [{ role: 'user', content: 'Hi' }];
const call = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} };
const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' };

function sent(body: Wire, upstreamModel = 'claude-sonnet-4-6'): { body: Wire; dropped: readonly string[] } {
  const whole = { model: 'public', max_tokens: 64, messages: hello, ...body };
  const { request } = readMessages(Buffer.from(JSON.stringify(whole)));
  const told = chat.toBody(request, { upstreamModel, publicModel: 'public' }, {});
  return { body: JSON.parse(Buffer.from(told.body).toString()), dropped: told.droppedParams };
}

describe('what costs something else than the model that is sold', () => {
  it.each<[string, unknown]>([
    ['speed', 'fast'],
    ['fallbacks', [{ model: 'claude-fable-5-1' }]],
    ['fallbacks', 'default'],
  ])('%s is left out and reported: %j', (name, value) => {
    const { body, dropped } = sent({ [name]: value });
    expect(body).not.toHaveProperty(name);
    expect(dropped).toEqual([name]);
  });

  it('what costs nothing more stays', () => {
    const body = { speed: 'standard', inference_geo: 'global' };
    expect(sent(body)).toMatchObject({ body, dropped: [] });
  });

  it.each<[string, Wire, string]>([
    ['a certain place', { inference_geo: 'us' }, 'inference_geo'],
    [
      'a tool that asks another model',
      { tools: [{ type: 'advisor_20260301', name: 'advisor', model: 'claude-fable-5-1' }] },
      'tools[0].type',
    ],
  ])('%s is refused', (_name, body, param) => {
    expect(() => sent(body)).toThrow(expect.objectContaining({ kind: 'unsupported_option', param }));
  });
});

describe('a cache for an hour', () => {
  const hour = { type: 'ephemeral', ttl: '1h' };
  const text = { type: 'text', text: 'a', cache_control: hour };
  const document = { type: 'document', source: { type: 'content', content: [text] } };
  const fetched = { type: 'web_fetch_result', url: 'https://a', content: { ...document, cache_control: hour } };

  it.each<[string, readonly Wire[]]>([
    ['a document of blocks', [document]],
    ['a document within a result', [{ ...result, content: [document] }]],
    ['what a tool of the vendor fetched', [{ type: 'web_fetch_tool_result', tool_use_id: 's', content: fetched }]],
  ])('becomes one for five minutes in %s', (_name, content) => {
    const messages = [{ role: 'user', content }];
    const { body, dropped } = sent({ messages });
    expect(JSON.stringify(body)).not.toContain('1h');
    expect(JSON.stringify(body['messages'])).toBe(JSON.stringify(messages).replaceAll(',"ttl":"1h"', ''));
    expect(dropped).toEqual(['cache_control.ttl']);
  });

  it('may be spoken of in what a tool was given', () => {
    const messages = [{ role: 'assistant', content: [{ ...call, input: { content: [text], cache_control: hour } }] }];
    expect(sent({ messages })).toMatchObject({ body: { messages }, dropped: [] });
  });
});

describe('thinking with a budget', () => {
  const thinking = { type: 'enabled', budget_tokens: 40_000, display: 'summarized' };
  const answered = [...hello, { role: 'assistant', content: [call] }, { role: 'user', content: [result] }];

  it('is left out where the turn that called a tool has no thought, whoever made it', () => {
    const { body, dropped } = sent({ thinking, max_tokens: 50_000, messages: answered }, 'claude-sonnet-4-5');
    expect(body).not.toHaveProperty('thinking');
    expect(dropped).toEqual(['thinking']);
  });

  it('shrinks with a cap that is above what the model writes', () => {
    const { body, dropped } = sent({ thinking, max_tokens: 50_000 }, 'claude-opus-4-1');
    expect(body).toMatchObject({ max_tokens: 32_000, thinking: { ...thinking, budget_tokens: 31_999 } });
    expect(dropped).toEqual(['max_tokens', 'thinking']);
  });

  it('stays as it is where it fits', () => {
    const body = { thinking, max_tokens: 50_000 };
    expect(sent(body, 'claude-sonnet-4-5')).toMatchObject({ body, dropped: [] });
  });
});

describe('temperature and top_p of a model that takes only one of them', () => {
  it.each<[string, Wire, Wire, readonly string[]]>([
    ['keep the one that says something', { temperature: 0.5, top_p: 1 }, { temperature: 0.5 }, []],
    ['keep the other one that does', { temperature: 1, top_p: 0.9 }, { top_p: 0.9 }, []],
    ['keep one where neither does', { temperature: 1, top_p: 1 }, { top_p: 1 }, []],
    [
      'lose the second where both do, which is reported',
      { temperature: 0.5, top_p: 0.9 },
      { temperature: 0.5 },
      ['top_p'],
    ],
    ['stay where there is one', { temperature: 1 }, { temperature: 1 }, []],
  ])('%s', (_name, asked, told, reported) => {
    const { body, dropped } = sent(asked, 'claude-sonnet-4-5');
    const { model: _, max_tokens: __, messages: ___, ...rest } = body;
    expect(rest).toEqual(told);
    expect(dropped).toEqual(reported);
  });

  it('both stay where a model takes both', () => {
    const asked = { temperature: 1, top_p: 0.9 };
    expect(sent(asked, 'claude-3-7-sonnet-20250219')).toMatchObject({ body: asked, dropped: [] });
  });
});
