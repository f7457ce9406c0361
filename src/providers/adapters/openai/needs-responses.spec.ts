import { JsonSource } from '../../../common/json-source.js';
import type { ChatRequest } from '../../canonical/chat.js';
import { needsResponses } from './needs-responses.js';
import { openai } from './openai.provider.js';

const tools = [{ type: 'function', function: { name: 'f' } }];

function asked(body: Record<string, unknown>): ChatRequest {
  const source = JsonSource.of({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...body });
  return { source, model: 'm', isStream: false, includeUsage: false, choiceCount: 1 };
}

describe('which endpoint of OpenAI serves a request', () => {
  it.each([
    ['gpt-4o', { tools }, '/chat/completions'],
    ['gpt-5', { tools, reasoning_effort: 'high' }, '/chat/completions'],
    ['gpt-5.4', { tools }, '/chat/completions'],
    ['gpt-5.4', { tools, reasoning_effort: 'none' }, '/chat/completions'],
    ['gpt-5.4-mini', { tools, reasoning_effort: 'low' }, '/responses'],
    ['gpt-5.2', { tools, reasoning_effort: 'low' }, '/chat/completions'],
    ['o3', { tools, reasoning_effort: 'high' }, '/chat/completions'],
    ['gpt-5.6-sol', { tools }, '/responses'],
    ['gpt-5.6-sol', { tools, reasoning_effort: 'low' }, '/responses'],
    ['gpt-5.6-sol', { tools, reasoning_effort: 'none' }, '/chat/completions'],
    ['gpt-5.6-sol', {}, '/chat/completions'],
    ['gpt-5.6-chat-latest', { tools }, '/chat/completions'],
    ['gpt-6-sol', { tools: [] }, '/chat/completions'],
    ['gpt-6-sol', { tools }, '/responses'],
    ['gpt-6-luna', { tools, reasoning_effort: 'none' }, '/chat/completions'],
    ['gpt-6-astra', { tools, reasoning_effort: 'none' }, '/responses'],
    ['gpt-6-astra', { reasoning_effort: 'high' }, '/chat/completions'],
    ['gpt-6.1-sol', { tools }, '/responses'],
    ['gpt-10', { tools }, '/responses'],
    ['gpt-5.5-pro', {}, '/responses'],
    ['gpt-5.2-codex', {}, '/responses'],
    ['o3-pro-2025-06-10', {}, '/responses'],
    ['o3-deep-research', {}, '/responses'],
  ])('%s with %j goes to %s', (upstreamModel, body, path) => {
    expect(needsResponses(upstreamModel, asked(body)) ? '/responses' : '/chat/completions').toBe(path);
  });

  it('is the endpoint that the body, the answer and the stream are made for', () => {
    const target = { upstreamModel: 'gpt-6-sol', publicModel: 'm' };
    const { chat } = openai;
    const withTools = asked({ tools });
    expect(chat?.toBody(withTools, target, {})).toMatchObject({ path: '/responses' });
    expect(chat?.toBody(asked({}), target, {})).not.toHaveProperty('path');
    const response = Buffer.from(
      JSON.stringify({ id: 'resp_1', output: [{ type: 'message', content: [{ type: 'output_text', text: 'a' }] }] }),
    );
    expect(chat?.fromBody(response, target, withTools).completion.choices[0]?.message).toMatchObject({ content: 'a' });
    expect(() => chat?.fromBody(response, target, asked({}))).toThrow(
      expect.objectContaining({ kind: 'invalid_response' }),
    );
    const event = { name: '', data: JSON.stringify({ type: 'response.output_text.delta', delta: 'a' }) };
    expect(chat?.openStream(target, withTools).push(event)).toHaveLength(1);
    expect(chat?.openStream(target, asked({})).push(event)).toEqual([]);
  });

  it('gives chat/completions nothing of what /responses said for itself', () => {
    const messages = [
      { role: 'assistant', content: 'a', reasoning_details: [{ data: 'x' }, { format: 'f', model: 'm', data: 'y' }] },
      { role: 'user', content: 'b' },
    ];
    const body = openai.chat?.toBody(asked({ messages }), { upstreamModel: 'gpt-6-sol', publicModel: 'm' }, {});
    expect(Buffer.from(body?.body ?? []).toString()).not.toContain('reasoning_details');
    expect(body?.droppedParams).toEqual(['messages[].reasoning_details']);
  });
});
