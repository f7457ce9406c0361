import { startHub, type TestHub } from '../support/hub.js';
import { acceptJob, endJob, makeJob } from '../support/jobs.js';
import { sendRaw } from '../support/raw-client.js';
import { reportingProvider, signReport } from '../support/reporting-provider.js';
import { until } from '../support/until.js';

const SECRET = 'callback-secret-of-the-test';
const MIB = 1024 * 1024;
const MODELS = new Map([['reporting-1', 'reporting-1']]);

let hub: TestHub;
let mainId: string;
let otherId: string;

beforeAll(async () => {
  hub = await startHub({
    providers: [reportingProvider('http://127.0.0.1:1')],
    channels: [
      { name: 'main', provider: 'reporting', models: MODELS, callbackSecret: SECRET },
      { name: 'other', provider: 'reporting', models: MODELS, callbackSecret: SECRET },
      { name: 'silent', provider: 'reporting', models: MODELS },
      { name: 'empty', provider: 'reporting', models: MODELS, callbackSecret: '' },
      { name: 'plain', callbackSecret: SECRET },
    ],
  });
  const rows = await hub.sql.query<{ id: string; name: string }>('select id, name from channel');
  mainId = rows.find(({ name }) => name === 'main')!.id;
  otherId = rows.find(({ name }) => name === 'other')!.id;
});
afterAll(() => hub.close());

let tasks = 0;

/** A job that its upstream works on. */
async function accepted(channelId = mainId): Promise<{ job: string; task: string }> {
  const job = await makeJob(hub.sql, hub.accountId, { channelId });
  const task = `task-${++tasks}`;
  await acceptJob(hub.sql, job, { id: task }, task);
  return { job, task };
}

interface Report {
  readonly task?: string;
  readonly channel?: string;
  readonly secret?: string;
  readonly sentAtMs?: number;
  readonly body?: string;
}

async function report({ task, channel = 'main', secret = SECRET, sentAtMs = Date.now(), body }: Report) {
  const text = body ?? JSON.stringify({ task, state: 'succeeded' });
  const answer = await hub.fetch(`/api/callbacks/${channel}`, {
    method: 'POST',
    key: null,
    headers: { 'x-sent-at': String(sentAtMs), 'x-signature': signReport(secret, sentAtMs, text) },
    body: text,
  });
  const { code } = (await answer.json()) as { code?: string };
  return { status: answer.status, code };
}

const rowOf = async (job: string) =>
  (await hub.sql.query<Record<string, unknown>>('select * from job where id = $1', [job]))[0]!;

describe('T046: a callback of a provider', () => {
  it('makes its job due, and does not end it whatever it says', async () => {
    const { job, task } = await accepted();
    const { due_at: before } = await rowOf(job);
    expect(await report({ task })).toEqual({ status: 200 });
    await until(async () => {
      const { due_at: due, looks } = await rowOf(job);
      return Number(looks) > 0 || (due as Date) < (before as Date);
    });
    expect((await rowOf(job))['finished_at']).toBeNull();
  });

  it('that comes five times changes nothing when the job is over', async () => {
    const { job, task } = await accepted();
    await endJob(hub.sql, job);
    const before = await rowOf(job);
    const sentAtMs = Date.now();
    for (let i = 0; i < 5; i++) expect(await report({ task, sentAtMs })).toEqual({ status: 200 });
    expect(await rowOf(job)).toEqual(before);
  });

  it('is refused when it was forged', async () => {
    const { job, task } = await accepted();
    const before = await rowOf(job);
    expect(await report({ task, secret: 'guessed' })).toEqual({ status: 401, code: 'invalid_signature' });
    expect(await report({ task, secret: '' })).toEqual({ status: 401, code: 'invalid_signature' });
    expect(await rowOf(job)).toEqual(before);
  });

  it('is refused when it is old', async () => {
    const { task } = await accepted();
    expect(await report({ task, sentAtMs: Date.now() - 301_000 })).toEqual({ status: 401, code: 'invalid_signature' });
  });

  it('is unknown for the task of another channel, and for none of ours', async () => {
    const { job, task } = await accepted(otherId);
    const before = await rowOf(job);
    expect(await report({ task })).toEqual({ status: 404, code: 'task_not_found' });
    expect(await report({ task: 'task-of-nobody' })).toEqual({ status: 404, code: 'task_not_found' });
    expect(await report({ body: '{"state":"succeeded"}' })).toEqual({ status: 404, code: 'task_not_found' });
    expect(await rowOf(job)).toEqual(before);
    expect(await report({ task, channel: 'other' })).toEqual({ status: 200 });
  });

  it.each(['silent', 'empty', 'plain', 'nowhere', '..%2Fmain'])('is not taken for the channel %s', async (channel) => {
    const { task } = await accepted();
    expect(await report({ task, channel })).toEqual({ status: 404, code: 'not_found' });
  });

  it('may have a mebibyte and no more', async () => {
    const { task } = await accepted();
    const large = JSON.stringify({ task, state: 'x'.repeat(MIB - 100) });
    expect(await report({ body: large })).toEqual({ status: 200 });
    expect(await report({ body: large.replace('x', 'x'.repeat(200)) })).toEqual({
      status: 413,
      code: 'request_too_large',
    });
  });

  it('may not grow beyond that while it comes', async () => {
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const head = `POST /api/callbacks/main HTTP/1.1\r\nhost: hub\r\ntransfer-encoding: chunked\r\n\r\n`;
    const answer = await sendRaw(hub.port, head + chunk.repeat(80));
    expect(answer.status).toBe(413);
  });

  it('is taken by POST only', async () => {
    expect((await hub.fetch('/api/callbacks/main', { key: null })).status).toBe(405);
  });

  it('leaves no secret in the log', () => {
    expect(hub.logText()).not.toContain(SECRET);
  });
});
