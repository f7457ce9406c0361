import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startVideoHub } from '../support/admin-hub.js';
import { type VideoHub } from '../support/video-hub.js';

const UNKNOWN = `job_${'0'.repeat(32)}`;

const LIST = `query Jobs($filter: VideoJobFilter, $first: Int, $after: String) {
  videoJobs(filter: $filter, first: $first, after: $after) {
    nodes { id status cost accountId attempts { number outcome channel } results { url } webhookMessages { status } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const CANCEL = `mutation ($id: ID!) { cancelJob(id: $id) {
  __typename ... on JobAccepted { job { id status isCancelRequested } } ... on JobRefused { code message } } }`;
const RETRY = `mutation ($id: ID!) { retryJob(id: $id) {
  __typename ... on JobAccepted { job { id status held } } ... on JobRefused { code } } }`;
const REFUND = `mutation ($input: RefundJobInput!) { refundJob(input: $input) {
  __typename ... on JobRefunded { amount entryId } ... on JobRefused { code } } }`;

describe('jobs in the admin API', () => {
  let rig: VideoHub;
  let admin: AdminClient;
  let member: AdminClient;
  let stranger: AdminClient;

  beforeAll(async () => {
    rig = await startVideoHub();
    const { hub } = rig;
    const [other] = await hub.sql.query<{ id: string }>(`insert into account (name) values ('other') returning id`);
    admin = await signInAs(hub, 'admin');
    member = await signInAs(hub, 'member', hub.accountId);
    stranger = await signInAs(hub, 'member', other!.id);
  });
  afterAll(() => rig.close());
  afterEach(() => rig.upstream.reset());

  const balance = async (): Promise<bigint> => {
    const [row] = await rig.hub.sql.query<{ left: string }>(
      'select credits_posted - debits_posted as left from account where id = $1',
      [rig.hub.accountId],
    );
    return BigInt(row!.left);
  };
  const auditOf = (id: string) =>
    rig.hub.sql.query<{ action: string; actor: string }>(
      'select action, actor from audit_log where subject_id = $1 order by seq',
      [id],
    );

  it('are listed with attempts and results, page by page, each once', async () => {
    const ids = [await rig.submit(), await rig.submit(), await rig.submit()];
    for (const id of ids) await rig.untilStatus(id, ['succeeded']);
    const first = await admin.data(LIST, { first: 2 });
    expect(first.videoJobs.nodes.map(({ id }: { id: string }) => id)).toEqual([ids[2], ids[1]]);
    expect(first.videoJobs.nodes[0]).toMatchObject({
      status: 'SUCCEEDED',
      accountId: rig.hub.accountId,
      attempts: [{ number: 1, outcome: 'accepted' }],
      results: [{ url: expect.stringMatching(/^http/) }],
    });
    const second = await admin.data(LIST, { first: 2, after: first.videoJobs.pageInfo.endCursor });
    expect(second.videoJobs.nodes.map(({ id }: { id: string }) => id)).toEqual([ids[0]]);
    expect(second.videoJobs.pageInfo.hasNextPage).toBe(false);
  });

  it('show what they made to their customer, and of staff to those who may read prompts', async () => {
    const id = await rig.submit();
    await rig.untilStatus(id, ['succeeded']);
    const query = 'query ($id: ID!) { videoJob(id: $id) { results { contentType url } } }';
    const operator = await signInAs(rig.hub, 'operator');
    const shown = { contentType: 'video/mp4', url: expect.stringMatching(/^http/) };
    for (const who of [admin, member]) expect((await who.data(query, { id })).videoJob.results).toEqual([shown]);
    expect((await operator.data(query, { id })).videoJob.results).toEqual([{ ...shown, url: null }]);
  });

  it('are shown to members only where they are theirs, and without what the hub pays', async () => {
    const id = await rig.submit();
    const query = 'query ($id: ID!) { videoJob(id: $id) { id status } }';
    expect((await member.data(query, { id })).videoJob.id).toBe(id);
    expect(await stranger.code(query, { id })).toBe('not_found');
    expect(await admin.code(query, { id: UNKNOWN })).toBe('not_found');
    expect(await admin.code(query, { id: "'; drop table job; --" })).toBe('not_found');
    expect((await stranger.data('{ videoJobs { nodes { id } } }')).videoJobs.nodes).toEqual([]);
    expect(await member.code('query ($id: ID!) { videoJob(id: $id) { attempts { channel } } }', { id })).toBe(
      'forbidden',
    );
    expect(await member.code('{ videoJobs(filter: { channelId: "1" }) { nodes { id } } }')).toBe('forbidden');
    // The balance that the next test looks at is not to change because of this one.
    await rig.untilStatus(id, ['succeeded']);
  });

  it('are called off, refunded by their own end, and logged', async () => {
    rig.upstream.script({ retry_after: 2 });
    const before = await balance();
    const id = await rig.submit();
    expect(await stranger.code(CANCEL, { id })).toBe('not_found');
    const { cancelJob } = await member.data(CANCEL, { id });
    expect(cancelJob).toMatchObject({ __typename: 'JobAccepted', job: { id, isCancelRequested: true } });
    await rig.untilStatus(id, ['cancelled']);
    expect(await balance()).toBe(before);
    expect((await member.data(CANCEL, { id })).cancelJob).toMatchObject({
      __typename: 'JobRefused',
      code: 'job_finished',
    });
    expect(await auditOf(id)).toEqual([{ action: 'job.cancel', actor: member.email }]);
  });

  it('are submitted again after a failure, as new jobs that are paid once', async () => {
    rig.upstream.script({ video_end: 'content' });
    const failed = await rig.submit();
    await rig.untilStatus(failed, ['failed']);
    rig.upstream.reset();
    const before = await balance();
    const asked = await Promise.all(Array.from({ length: 4 }, () => admin.data(RETRY, { id: failed })));
    const [retryJob, ...others] = asked
      .map((each) => each.retryJob)
      .sort((a, b) => (a.__typename < b.__typename ? -1 : 1));
    expect(others).toEqual(Array(3).fill({ __typename: 'JobRefused', code: 'job_retried' }));
    expect(retryJob.__typename).toBe('JobAccepted');
    expect(retryJob.job.id).not.toBe(failed);
    await rig.untilStatus(retryJob.job.id, ['succeeded']);
    expect(before - (await balance())).toBeGreaterThan(0n);
    expect(await auditOf(retryJob.job.id)).toEqual([{ action: 'job.retry', actor: admin.email }]);
    expect((await admin.data(RETRY, { id: retryJob.job.id })).retryJob).toMatchObject({ code: 'job_not_failed' });
  });

  it('are refunded once, however often it is asked', async () => {
    const id = await rig.submit();
    await rig.untilStatus(id, ['succeeded']);
    const before = await balance();
    const input = { id, reason: 'The customer was right.' };
    expect(await member.code(REFUND, { input })).toBe('forbidden');
    expect(await admin.code(REFUND, { input: { ...input, reason: ' ' } })).toBe('invalid_value');
    expect(await admin.code(REFUND, { input: { ...input, amount: '1000000' } })).toBe('invalid_value');
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => admin.data(REFUND, { input })));
    const types = outcomes.map(({ refundJob }) => refundJob.__typename).sort();
    expect(types).toEqual(['JobRefunded', 'JobRefused', 'JobRefused', 'JobRefused', 'JobRefused']);
    const [job] = await rig.hub.sql.query<{ cost: string }>('select cost from job where id = $1', [
      id.slice('job_'.length),
    ]);
    expect((await balance()) - before).toBe(BigInt(job!.cost));
    expect(await auditOf(id)).toEqual([{ action: 'job.refund', actor: admin.email }]);
  });

  it('have no message to send again without a webhook', async () => {
    const id = await rig.submit();
    await rig.untilStatus(id, ['succeeded']);
    const query = 'mutation ($id: ID!) { redeliverWebhook(jobId: $id) { __typename ... on JobRefused { code } } }';
    expect((await member.data(query, { id })).redeliverWebhook).toEqual({
      __typename: 'JobRefused',
      code: 'no_webhook',
    });
    expect(await stranger.code(query, { id })).toBe('not_found');
  });
});
