import { AuditSchedule } from '../../src/audit/audit-schedule.js';
import { startHub, type TestHub } from '../support/hub.js';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.close());

describe('an account whose books are wrong', () => {
  it('is refused from the audit that sees it on, also for a key that was used just before', async () => {
    const models = async () => {
      const response = await hub.fetch('/api/relay/v1/models');
      const { error } = (await response.json()) as { error?: { code: string } };
      return { status: response.status, code: error?.code };
    };
    const [account] = await hub.sql.query<{ id: string }>(`select id from account where name = 'test'`);
    expect(await models()).toEqual({ status: 200, code: undefined });
    await hub.sql.query('update account set used_posted = 1 where id = $1', [account!.id]);
    expect(await models()).toEqual({ status: 200, code: undefined });
    await hub.app.get(AuditSchedule).round(new Date('2026-11-26T12:00:00Z'));
    expect(await models()).toEqual({ status: 403, code: 'account_not_active' });
    expect(hub.logText()).toContain(`Frozen now: account ${account!.id}.`);
  });
});
