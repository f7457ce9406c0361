import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';

let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub({ channels: [{ name: 'main', baseUrl: upstream.url }] });
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

describe('POST /api/relay/v1/chat/completions', () => {
  it('answers 200 with the public model name', async () => {
    const response = await hub.post('/api/relay/v1/chat/completions', {
      model: 'gpt-4',
      messages: [{ role: 'user', content: '你好' }],
    });
    expect(response.status).toBe(200);
    const body = (await response.json()) as { model: string; choices: { message: { content: string } }[] };
    expect(body.model).toBe('gpt-4');
    expect(body.choices[0]!.message.content).not.toBe('');
    expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
  });

  it('streams to [DONE]', async () => {
    const response = await hub.post('/api/relay/v1/chat/completions', {
      model: 'gpt-4',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const text = await response.text();
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(text).toContain('"finish_reason":"stop"');
    expect(text).not.toContain('"usage":{');
  });
});
