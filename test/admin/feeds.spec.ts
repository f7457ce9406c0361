import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startVideoHub } from '../support/admin-hub.js';
import { type VideoHub } from '../support/video-hub.js';

/** A stream of a subscription. */
interface Stream {
  /** The next event's data; undefined when the stream is over. */
  next(): Promise<{ data?: Record<string, Record<string, unknown>>; errors?: unknown } | undefined>;
  close(): void;
}

async function subscribe(url: string, token: string, query: string): Promise<Stream> {
  const abort = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
    signal: abort.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next: Stream['next'] = async () => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end !== -1) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        if (event.startsWith('event: complete')) return undefined;
        const data = event.split('\n').find((line) => line.startsWith('data: '));
        if (data !== undefined) return JSON.parse(data.slice('data: '.length));
        continue;
      }
      const { done, value } = await reader.read();
      if (done) throw new Error('The stream ended without "complete"');
      text += value;
    }
  };
  return { next, close: () => abort.abort() };
}

describe('live feeds of the admin API', () => {
  let rig: VideoHub;
  let viewer: AdminClient;
  let member: AdminClient;
  let stranger: AdminClient;
  beforeAll(async () => {
    rig = await startVideoHub();
    const { hub } = rig;
    const [other] = await hub.sql.query<{ id: string }>(`insert into account (name) values ('other') returning id`);
    viewer = await signInAs(hub, 'viewer');
    member = await signInAs(hub, 'member', hub.accountId);
    stranger = await signInAs(hub, 'member', other!.id);
  });
  afterAll(() => rig.close());

  const chat = async (): Promise<void> => {
    const body = { model: 'gpt-4', messages: [{ role: 'user', content: 'hi' }] };
    await (await rig.hub.post('/api/relay/v1/chat/completions', body)).text();
  };

  /** Sends requests until the feed, whose first look only finds out where "now" is, tells of one. */
  const untilTold = async (stream: Stream): Promise<Record<string, unknown>> => {
    const timer = setInterval(() => void chat(), 200);
    const event = await stream.next().finally(() => clearInterval(timer));
    return event?.data?.['requestFeed'] ?? {};
  };

  it('tell of requests as they end, to whom they belong and to staff', async () => {
    const query = 'subscription { requestFeed { requestId accountId model outcome cost } }';
    const streams = await Promise.all([viewer, member].map(({ token }) => subscribe(rig.hub.url, token, query)));
    for (const stream of streams) {
      const request = await untilTold(stream);
      expect(request).toMatchObject({
        requestId: expect.stringMatching(/^req_[0-9a-f]{32}$/),
        accountId: rig.hub.accountId,
        model: 'gpt-4',
        outcome: 'done',
      });
      stream.close();
    }
  });

  it('tell nothing of the requests of others', async () => {
    const stream = await subscribe(rig.hub.url, stranger.token, 'subscription { requestFeed { requestId accountId } }');
    let isTold = false;
    void stream.next().then(
      () => {
        isTold = true;
      },
      () => undefined,
    );
    // Once a member of the account itself has heard of one, the feed has looked.
    const own = await subscribe(rig.hub.url, member.token, 'subscription { requestFeed { requestId } }');
    await untilTold(own);
    expect(isTold).toBe(false);
    own.close();
    stream.close();
  });

  it('are twenty for each person at most', async () => {
    const query = 'subscription { jobFeed { id } }';
    const someone = await signInAs(rig.hub, 'member', rig.hub.accountId);
    const streams = await Promise.all(Array.from({ length: 20 }, () => subscribe(rig.hub.url, someone.token, query)));
    const another = () =>
      fetch(`${rig.hub.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          authorization: `Bearer ${someone.token}`,
        },
        body: JSON.stringify({ query }),
      });
    const refused = await another();
    expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'too_many_subscriptions' }]);
    // Others are not held up by it, and neither is an ordinary operation.
    (await subscribe(rig.hub.url, viewer.token, query)).close();
    expect(await someone.data('{ me { id } }')).toEqual({ me: { id: someone.userId } });
    for (const stream of streams) stream.close();
    for (;;) {
      const answer = await another();
      await answer.body?.cancel();
      if (answer.status === 200) break;
    }
  });

  it('tell of jobs as they change, to their end', async () => {
    const stream = await subscribe(rig.hub.url, member.token, 'subscription { jobFeed { id status } }');
    rig.upstream.script({ video_ms: 2500 });
    await chat();
    const id = await rig.submit();
    const seen = new Set<unknown>();
    while (!seen.has('SUCCEEDED')) {
      const event = await stream.next();
      const job = event?.data?.['jobFeed'] ?? {};
      if (job['id'] === id) seen.add(job['status']);
    }
    expect([...seen].at(-1)).toBe('SUCCEEDED');
    stream.close();
  });

  it('look at what belongs to a job anew with each of its events', async () => {
    const query = 'subscription { jobFeed { id status attempts { errorDetail } } }';
    const stream = await subscribe(rig.hub.url, viewer.token, query);
    // Several looks: one must see the attempt while the job is under way.
    rig.upstream.script({ video_ms: 4000 });
    await chat();
    const id = await rig.submit();
    const nextOf = async (): Promise<Record<string, unknown>> => {
      for (;;) {
        const job = (await stream.next())?.data?.['jobFeed'];
        if (job?.['id'] === id) return job;
      }
    };
    for (let job = await nextOf(); (job['attempts'] as unknown[]).length === 0; job = await nextOf());
    await rig.hub.sql.query(`update job_attempt set error_detail = 'later' where job_id = $1`, [
      id.slice('job_'.length),
    ]);
    let job = await nextOf();
    while (job['status'] !== 'SUCCEEDED') job = await nextOf();
    expect(job['attempts']).toEqual([{ errorDetail: 'later' }]);
    stream.close();
  });

  it('are refused to visitors and to queries, and need a permission for each field', async () => {
    const ask = async (query: string, token?: string): Promise<unknown> => {
      const response = await fetch(`${rig.hub.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query }),
      });
      return response.json();
    };
    const feed = 'subscription { requestFeed { requestId } }';
    expect(await ask(feed)).toMatchObject({ errors: [{ extensions: { code: 'sign_in_needed' } }] });
    expect(await ask('{ me { id } }', viewer.token)).toMatchObject({
      errors: [{ message: 'This is not a subscription.' }],
    });
    const stream = await subscribe(rig.hub.url, member.token, 'subscription { requestFeed { requestId channelId } }');
    const timer = setInterval(() => void chat(), 200);
    expect(await stream.next()).toMatchObject({ errors: [{ extensions: { code: 'forbidden' } }] });
    clearInterval(timer);
    stream.close();
  });

  it('end when their session is ended', async () => {
    const guest = await signInAs(rig.hub, 'viewer');
    const stream = await subscribe(rig.hub.url, guest.token, 'subscription { jobFeed { id } }');
    await rig.hub.sql.query('update user_session set ended_at = now() where user_id = $1', [guest.userId]);
    expect(await stream.next()).toBeUndefined();
  });
});
