import { describe, expect, it } from '@jest/globals';
import { PLAIN_FACTS } from '../../test/support/candidates.js';
import { toChatFacts, toEmbeddingsFacts, toImagesFacts } from './to-request-facts.js';
import { validateChat } from './validate-chat.js';
import { validateImages } from './validate-images.js';

const USER = { role: 'user', content: 'Hello' };

function factsOf(body: object, sessionId?: string, accountId = '7') {
  const request = validateChat(Buffer.from(JSON.stringify({ model: 'm', messages: [USER], ...body })));
  return toChatFacts(request, { caller: { accountId }, sessionId }, 12);
}
const parts = (...types: string[]) => ({
  messages: [USER, { role: 'user', content: types.map((type) => ({ type })) }],
});

describe('what a chat request needs', () => {
  it('is nothing special for text', () => {
    expect(factsOf({})).toEqual({ ...PLAIN_FACTS, promptTokens: 12, outputTokensCap: undefined, stickyKey: undefined });
  });

  it.each<[string, object, object]>([
    ['a stream', { stream: true }, { isStream: true }],
    ['tools', { tools: [{ type: 'function' }] }, { needsTools: true }],
    ['functions of old', { functions: [{}] }, { needsTools: true }],
    ['no tools', { tools: [] }, { needsTools: false }],
    ['pictures', parts('text', 'image_url'), { needsVision: true, needsFileInput: false }],
    ['sound', parts('input_audio'), { needsAudioInput: true }],
    ['files', parts('file'), { needsFileInput: true }],
    ['a schema', { response_format: { type: 'json_schema' } }, { needsJsonSchema: true }],
    ['JSON without a schema', { response_format: { type: 'json_object' } }, { needsJsonSchema: false }],
    ['thought', { reasoning_effort: 'high' }, { needsReasoning: true }],
    ['no thought', { reasoning_effort: 'none' }, { needsReasoning: false }],
    ['several choices', { n: 3 }, { choiceCount: 3 }],
    ['a cap', { max_tokens: 9 }, { outputTokensCap: 9 }],
  ])('is seen: %s', (_name, body, wanted) => {
    expect(factsOf(body)).toMatchObject(wanted);
  });
});

describe('what a request sticks by', () => {
  it('is the cache key, the session or the user, in this order', () => {
    const all = { prompt_cache_key: 'key', user: 'user' };
    expect(factsOf(all, 'session').stickyKey).toBe('7 key');
    expect(factsOf({ user: 'user' }, 'session').stickyKey).toBe('7 session');
    expect(factsOf({ user: 'user' }).stickyKey).toBe('7 user');
    expect(factsOf({ user: '' }).stickyKey).toBeUndefined();
  });

  it('is another for another account, and bounded', () => {
    expect(factsOf({ user: 'u' }, undefined, '8').stickyKey).not.toBe(factsOf({ user: 'u' }).stickyKey);
    expect(factsOf({ user: 'u'.repeat(10_000) }).stickyKey!.length).toBeLessThan(300);
  });
});

describe('what other requests need', () => {
  it('is the number and the size of pictures', () => {
    const request = validateImages(Buffer.from('{"model":"m","prompt":"x","n":2,"size":"1024x1024"}'));
    expect(toImagesFacts(request, 'images')).toMatchObject({
      operation: 'images',
      choiceCount: 2,
      imageSize: '1024x1024',
    });
    const auto = validateImages(Buffer.from('{"model":"m","prompt":"x","size":"auto"}'));
    expect(toImagesFacts(auto, 'imageEdits')).toMatchObject({ operation: 'imageEdits', imageSize: undefined });
  });

  it('is the length of what is embedded', () => {
    expect(toEmbeddingsFacts(5)).toMatchObject({ operation: 'embeddings', promptTokens: 5, isStream: false });
  });
});
