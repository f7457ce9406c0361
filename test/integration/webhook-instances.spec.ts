import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { parseSettings } from '../../src/config/parse-settings.js';
import { Database } from '../../src/database/database.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { DeliveryStore } from '../../src/webhooks/delivery-store.js';
import { WebhookDelivery } from '../../src/webhooks/webhook-delivery.js';
import { WebhookMessages } from '../../src/webhooks/webhook-messages.js';
import { WebhookSecrets } from '../../src/webhooks/webhook-secrets.js';
import { endJob, jobViews, makeJob } from '../support/jobs.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';
import { insertAccount } from '../support/usage-events.js';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

const MESSAGES = 30;

describeWithPostgres('webhooks of several instances', () => {
  let server: PostgresServer;
  let database: Database;
  let receiver: WebhookReceiver;
  let keyring: Keyring;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    receiver = await startWebhookReceiver();
    server = await startPostgres();
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 10, ledgerPoolMax: 4 });
    keyring = await Keyring.open(database.sql, randomBytes(32));
  });
  afterAll(async () => {
    await database?.close();
    await server?.stop();
    await receiver.close();
  });

  function instance(): WebhookDelivery {
    const { sql } = database;
    const settings = parseSettings({ HUB_WEBHOOK_ALLOW_PRIVATE: 'true' });
    const messages = new WebhookMessages(jobViews(sql), { linkOf: () => '' });
    const secrets = new WebhookSecrets(sql, new CredentialCipher(keyring));
    return new WebhookDelivery(new DeliveryStore(sql), messages, secrets, settings);
  }

  it('are sent once each, by whichever instance is first', async () => {
    const { sql } = database;
    for (let i = 0; i < MESSAGES; i++) {
      // Of as many accounts, so that no share of one instance keeps the others waiting.
      const job = await makeJob(sql, await insertAccount(sql), { webhookUrl: receiver.url });
      await endJob(sql, job);
    }
    const instances = [instance(), instance(), instance()];
    await until(async () => {
      await Promise.all(instances.map((delivery) => delivery.startDue()));
      const [row] = await sql.query<{ count: string }>(
        'select count(*) as count from webhook_delivery where delivered_at is not null',
      );
      return Number(row?.count) === MESSAGES;
    });
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(MESSAGES);
    expect(new Set(ids).size).toBe(MESSAGES);
    for (const delivery of instances) await delivery.onModuleDestroy();
  });

  it('make the secret of an account once', async () => {
    const accountId = await insertAccount(database.sql);
    const of = () => new WebhookSecrets(database.sql, new CredentialCipher(keyring)).of(accountId);
    const made = await Promise.all([of(), of(), of(), of()]);
    expect(new Set(made.map(({ secret }) => secret)).size).toBe(1);
  });
});
