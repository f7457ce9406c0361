import { Logger } from '@nestjs/common';
import { AlertDelivery } from '../../src/alerts/alert-delivery.js';
import { AlertWebhook } from '../../src/alerts/alert-webhook.js';
import { Alerts } from '../../src/alerts/alerts.service.js';
import { Cancellation } from '../../src/common/cancellation.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import type { Database } from '../../src/database/database.js';
import type { Candidate } from '../../src/routing/candidate.js';
import { ChannelHealth } from '../../src/routing/health/channel-health.js';
import { RestAlerts } from '../../src/routing/health/rest-alerts.js';
import { candidateOf, candidatesOf, failure } from '../support/candidates.js';
import { openMemoryDatabase } from '../support/database.js';
import { until } from '../support/until.js';

const SIGNAL = new Cancellation();

describe('alerts of channels', () => {
  let database: Database;
  const running: RestAlerts[] = [];

  beforeAll(async () => {
    Logger.overrideLogger(false);
    database = await openMemoryDatabase();
  });
  afterEach(async () => {
    for (const watcher of running.splice(0)) await watcher.onModuleDestroy();
    await database.sql.query('delete from alert');
  });
  afterAll(() => database.close());

  /** An instance of the hub, and its clock. */
  function instance() {
    let nowMs = 0;
    const delivery = new AlertDelivery(database.sql, new AlertWebhook(parseSettings({})));
    const watcher = new RestAlerts(new Alerts(database.sql, delivery), database.sql);
    watcher.onApplicationBootstrap();
    running.push(watcher);
    const health = new ChannelHealth({ now: () => nowMs, watcher });
    return {
      fail: async (candidate: Candidate, kind: 'credential' | 'out_of_money' | 'rate_limited'): Promise<void> =>
        (await health.enter(candidate, SIGNAL)).fail(failure(kind, 1000)),
      succeed: async (candidate: Candidate): Promise<void> => (await health.enter(candidate, SIGNAL)).succeed(),
      rest: () => {
        nowMs += 300_000;
      },
    };
  }

  const alerts = () =>
    database.sql.query<{ kind: string; subject: string; message: string; dedupe_key: string }>(
      `select kind, subject, message, dedupe_key from alert order by id`,
    );
  const told = async (count: number) =>
    await until(async () => {
      const rows = await alerts();
      return rows.length >= count && rows;
    });
  const isOver = async () =>
    await until(async () => (await alerts()).every(({ dedupe_key: key }) => key.includes(':over:')));

  it('are one for each outage: told once, over with the next success, and told again', async () => {
    const { fail, succeed, rest } = instance();
    const channel = candidateOf('7', { credential: 'sk-canary' });
    await fail(channel, 'credential');
    const [first] = await told(1);
    expect(first).toMatchObject({
      kind: 'channel_credential',
      subject: 'channel:7',
      message: 'Channel "channel 7" rests: the upstream refuses its credential.',
    });
    expect(JSON.stringify(first)).not.toContain('canary');
    rest();
    await fail(channel, 'credential');
    rest();
    await succeed(channel);
    await isOver();
    expect(await alerts()).toHaveLength(1);
    await fail(channel, 'credential');
    expect(await told(2)).toHaveLength(2);
  });

  it('say which credential it is, and do not end with the success of another one', async () => {
    const { fail, succeed } = instance();
    const [first, second] = candidatesOf('7', { moreCredentials: ['b'] }) as [Candidate, Candidate];
    await fail(second, 'out_of_money');
    expect(await told(1)).toMatchObject([
      {
        kind: 'channel_out_of_money',
        message: 'Channel "channel 7" rests: the account of credential 2 of 2 is out of credit.',
      },
    ]);
    await succeed(first);
    await fail(candidateOf('8'), 'credential');
    const rows = await told(2);
    expect(rows.map(({ dedupe_key: key }) => key.includes(':over:'))).toEqual([false, false]);
  });

  it('of an instance that is gone are ended by another', async () => {
    await instance().fail(candidateOf('7'), 'credential');
    await told(1);
    const other = instance();
    await until(async () => {
      await other.succeed(candidateOf('7'));
      return (await alerts()).every(({ dedupe_key: key }) => key.includes(':over:'));
    });
  });

  it('are not raised for a rate limit', async () => {
    const { fail } = instance();
    await fail(candidateOf('7'), 'rate_limited');
    await fail(candidateOf('8'), 'credential');
    expect((await told(1)).map(({ subject }) => subject)).toEqual(['channel:8']);
  });
});
