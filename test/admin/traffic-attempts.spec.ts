import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type TestHub } from '../support/hub.js';
import { requestLine, streamChat } from '../support/relay-client.js';
import { declareScripted } from '../support/scripted-channels.js';
import { until } from '../support/until.js';

const REQUEST = `query ($id: ID!) { request(id: $id) { outcome attempts {
  attempt isFinal outcome errorCode channelId upstreamModel upstreamStatus durationMs firstTokenMs isResume } } }`;

describe('the attempts of a request in the admin API', () => {
  let upstream: FakeUpstream;
  let hub: TestHub;

  beforeAll(async () => {
    upstream = await startFakeUpstream();
    hub = await startHub();
  });
  beforeEach(() => {
    upstream.reset();
  });
  afterAll(async () => {
    await hub?.close();
    await upstream?.close();
  });

  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
  const attemptsOf = async (client: AdminClient, answer: { headers: Headers }): Promise<any[]> => {
    const id = answer.headers.get('x-request-id');
    return until(async () => {
      const { request } = await client.data(REQUEST, { id });
      return request.attempts.length > 0 && request.attempts;
    });
  };

  it('show a rescue from its first failure to its end', async () => {
    const text = 'one two three four five six seven';
    await declareScripted(hub, upstream, [{ status: 503 }, { text, cut_after: 3 }, { text }]);
    const seen = await streamChat(hub);
    expect(seen).toMatchObject({ content: text, isDone: true });
    const staff = await signInAs(hub, 'operator');
    const attempts = await attemptsOf(staff, seen);
    const common = { channelId: expect.any(String), upstreamModel: 'gpt-4', durationMs: expect.any(Number) };
    expect(attempts).toEqual([
      { ...common, ...failed(1, 'overloaded'), upstreamStatus: 503, firstTokenMs: null, isResume: false },
      { ...common, ...failed(2, 'incomplete'), upstreamStatus: 200, firstTokenMs: expect.any(Number), isResume: false },
      {
        ...common,
        attempt: 3,
        isFinal: true,
        outcome: 'done',
        errorCode: null,
        upstreamStatus: 200,
        firstTokenMs: expect.any(Number),
        isResume: true,
      },
    ]);
    expect(new Set(attempts.map(({ channelId }) => channelId)).size).toBe(3);
  });

  it('have no status where no answer came', async () => {
    await hub.setChannels([
      { name: 'nobody', baseUrl: 'http://127.0.0.1:9/v1', priority: 1 },
      { name: 'somebody', baseUrl: upstream.url },
    ]);
    const attempts = await attemptsOf(await signInAs(hub, 'operator'), await streamChat(hub));
    expect(attempts.map(({ errorCode, upstreamStatus }) => [errorCode, upstreamStatus])).toEqual([
      ['unreachable', null],
      [null, 200],
    ]);
  });

  it('tell who was not asked, and why, in the log line of the request', async () => {
    await declareScripted(hub, upstream, [{ status: 401 }, undefined]);
    await streamChat(hub);
    const line = await requestLine(hub, await streamChat(hub));
    expect(line).toMatchObject({ attempts: 1, channel: 'c2', passedOver: 'c1 credential' });
  });

  it('keep channels and what they answered from members', async () => {
    await declareScripted(hub, upstream, [{ status: 503 }, undefined]);
    const seen = await streamChat(hub);
    const member = await signInAs(hub, 'member', hub.accountId);
    for (const field of ['channelId', 'upstreamModel', 'upstreamStatus', 'isResume']) {
      const query = `query ($id: ID!) { request(id: $id) { attempts { ${field} } } }`;
      expect(await member.code(query, { id: seen.headers.get('x-request-id') })).toBe('forbidden');
    }
  });
});

function failed(attempt: number, errorCode: string): Record<string, unknown> {
  return { attempt, isFinal: false, outcome: 'failed', errorCode };
}
