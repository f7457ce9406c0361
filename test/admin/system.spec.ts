import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Alerts } from '../../src/alerts/alerts.service.js';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { type TestHub } from '../support/hub.js';

const ACKNOWLEDGE = 'mutation ($id: ID!) { acknowledgeAlert(id: $id) { id acknowledgedBy } }';

describe('alerts and the state of the hub in the admin API', () => {
  let hub: TestHub;
  let operator: AdminClient;
  let viewer: AdminClient;
  let member: AdminClient;
  beforeAll(async () => {
    hub = await startHub();
    operator = await signInAs(hub, 'operator');
    viewer = await signInAs(hub, 'viewer');
    member = await signInAs(hub, 'member', hub.accountId);
    const alerts = hub.app.get(Alerts, { strict: false });
    const alert = { kind: 'loss', message: 'Something was lost.', subject: 'account:7' } as const;
    await alerts.raise({ ...alert, severity: 'warning', dedupeKey: 'one' });
    await alerts.raise({ ...alert, severity: 'critical', dedupeKey: 'two' });
  });
  afterAll(() => hub.close());

  const list = async (filter: object) =>
    (
      await viewer.data('query ($filter: AlertFilter) { alerts(filter: $filter) { nodes { id severity } } }', {
        filter,
      })
    ).alerts.nodes;

  it('lists alerts by what they are and whether somebody sees to them', async () => {
    expect((await list({ kind: 'loss' })).map(({ severity }: { severity: string }) => severity)).toEqual([
      'CRITICAL',
      'WARNING',
    ]);
    expect(await list({ severities: ['WARNING'], subject: 'account:7' })).toHaveLength(1);
    expect(await list({ subject: 'account:%' })).toEqual([]);
    expect(await list({ isAcknowledged: true })).toEqual([]);
  });

  it('refuses texts that no row can have, by name', async () => {
    const query = 'query ($filter: AlertFilter) { alerts(filter: $filter) { nodes { id } } }';
    for (const subject of ['a\0b', 'x'.repeat(300), '\ud800']) {
      const { errors } = await viewer.send(query, { filter: { subject } });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'invalid_value', param: 'filter.subject' });
    }
  });

  it('lets an operator see to an alert once, and logs it', async () => {
    const [{ id }] = await list({ severities: ['CRITICAL'] });
    expect(await viewer.code(ACKNOWLEDGE, { id })).toBe('forbidden');
    expect((await operator.data(ACKNOWLEDGE, { id })).acknowledgeAlert).toEqual({ id, acknowledgedBy: operator.email });
    await operator.data(ACKNOWLEDGE, { id });
    const rows = await hub.sql.query('select 1 from audit_log where action = $1', ['alert.acknowledge']);
    expect(rows).toHaveLength(1);
    expect(await operator.code(ACKNOWLEDGE, { id: '999999' })).toBe('not_found');
    expect(await operator.code(ACKNOWLEDGE, { id: '9'.repeat(30) })).toBe('not_found');
  });

  it('says how the hub is', async () => {
    const { systemHealth } = await viewer.data(`{ systemHealth {
      version database redis openHolds stuckHolds jobsInFlight jobsOverdue webhooksWaiting criticalAlerts statisticsAsOf
      instances { name isAlive } } }`);
    expect(systemHealth).toMatchObject({
      database: 'embedded',
      redis: 'disabled',
      openHolds: 0,
      stuckHolds: 0,
      criticalAlerts: 0,
    });
    expect(systemHealth.instances).toEqual([expect.objectContaining({ isAlive: true })]);
    expect(await member.code('{ systemHealth { version } }')).toBe('forbidden');
  });

  it('takes statistics to be of now while there is no usage that they lack', async () => {
    const asOf = async (): Promise<number> =>
      Date.parse((await viewer.data('{ systemHealth { statisticsAsOf } }')).systemHealth.statisticsAsOf);
    const beganMs = Date.now() - 60_000;
    await hub.sql.query(`update usage_rollup_state set updated_at = now() - interval '3 hours'`);
    expect(await asOf()).toBeGreaterThan(beganMs);
  });
});
