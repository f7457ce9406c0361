import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { AlertDelivery } from '../../src/alerts/alert-delivery.js';
import { AlertWebhook } from '../../src/alerts/alert-webhook.js';
import { Alerts } from '../../src/alerts/alerts.service.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import { Database } from '../../src/database/database.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

describeWithPostgres('alerts of several instances', () => {
  let server: PostgresServer;
  let database: Database;
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    receiver = await startWebhookReceiver();
    server = await startPostgres();
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 10, ledgerPoolMax: 4 });
  });
  afterAll(async () => {
    await database?.close();
    await server?.stop();
    await receiver.close();
  });

  function instance(): AlertDelivery {
    const settings = parseSettings({
      HUB_ALERT_WEBHOOK_URL: receiver.url,
      HUB_ALERT_WEBHOOK_SECRET: 'a secret of the test',
      HUB_ALERT_WEBHOOK_ALLOW_PRIVATE: 'true',
    });
    return new AlertDelivery(database.sql, new AlertWebhook(settings));
  }

  const alert = (dedupeKey: string) =>
    ({ kind: 'loss', severity: 'info', subject: 'books', message: 'Something.', dedupeKey }) as const;

  it('are sent once each, by whichever instance is first', async () => {
    const instances = [instance(), instance(), instance()] as const;
    const alerts = new Alerts(database.sql, instances[0]);
    for (let i = 0; i < 30; i++) await alerts.raise(alert(randomUUID()));
    await Promise.all(instances.map((delivery) => delivery.deliverDue()));
    const ids = receiver.received.map(({ body }) => (JSON.parse(body.toString()) as { id: string }).id);
    expect(ids).toHaveLength(30);
    expect(new Set(ids).size).toBe(30);
    for (const delivery of instances) await delivery.onModuleDestroy();
  });

  it('exist exactly when the transaction that raised them is committed', async () => {
    const alerts = new Alerts(database.sql, instance());
    const raise = (key: string, fails: boolean) =>
      database.sql.transaction(async (session) => {
        await alerts.raiseIn(session, alert(key));
        if (fails) throw new Error('changed my mind');
      });
    await expect(raise('undone', true)).rejects.toThrow('changed my mind');
    await raise('done', false);
    const rows = await database.sql.query(`select dedupe_key from alert where dedupe_key in ('done', 'undone')`);
    expect(rows).toEqual([{ dedupe_key: 'done' }]);
  });
});
