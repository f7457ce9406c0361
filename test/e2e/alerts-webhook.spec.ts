import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NewAlert } from '../../src/alerts/alert.js';
import { ALERT_KINDS } from '../../src/alerts/alert.js';
import { AlertDelivery } from '../../src/alerts/alert-delivery.js';
import { AlertWebhook } from '../../src/alerts/alert-webhook.js';
import { Alerts } from '../../src/alerts/alerts.service.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import { findProgram } from '../support/find-program.js';
import { startHub, type TestHub } from '../support/hub.js';
import { until } from '../support/until.js';
import { type ReceivedMessage, startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

const SECRET = 'canary-of-the-webhook-secret';
const TOKEN = 'canary-of-the-address';
const GUIDE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'alerts.md'), 'utf8');
const PYTHON = findProgram('python3', []);

let receiver: WebhookReceiver;
let hub: TestHub;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  hub = await startHub({
    env: {
      HUB_ALERT_WEBHOOK_URL: `${receiver.url}/hooks/hub?token=${TOKEN}`,
      HUB_ALERT_WEBHOOK_SECRET: SECRET,
      HUB_ALERT_WEBHOOK_ALLOW_PRIVATE: 'true',
    },
  });
});
afterAll(async () => {
  await hub.close();
  await receiver.close();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answerWith((response) => response.writeHead(204).end());
});

interface StoredAlert {
  id: string;
  attempts: number;
  delivered_at: Date | null;
  last_error: string | null;
  wait_s: number | null;
}

/** Raises a new alert and says which it is. */
async function raise(more: Partial<NewAlert> = {}): Promise<string> {
  const dedupeKey = randomUUID();
  const alert = { kind: 'loss', severity: 'warning', subject: 'account:7', message: 'Something.', dedupeKey } as const;
  await hub.app.get(Alerts).raise({ ...alert, ...more });
  const [row] = await hub.sql.query<{ id: string }>('select id from alert where dedupe_key = $1', [
    more.dedupeKey ?? dedupeKey,
  ]);
  return row!.id;
}

async function stored(id: string): Promise<StoredAlert> {
  const [row] = await hub.sql.query<StoredAlert>(
    `select id, attempts, delivered_at, last_error, case when isfinite(next_attempt_at)
            then extract(epoch from next_attempt_at - now())::integer end as wait_s from alert where id = $1`,
    [id],
  );
  return row!;
}

const delivered = (id: string) => until(async () => (await stored(id)).delivered_at !== null);
const failed = (id: string) => until(async () => (await stored(id)).last_error !== null);

/** Has an alert that waits tried again now, and waits for what becomes of that. */
async function tryAgain(id: string): Promise<void> {
  await hub.sql.query('update alert set next_attempt_at = now(), last_error = null where id = $1', [id]);
  await hub.app.get(AlertDelivery).deliverDue();
  // The hub looks by itself every few seconds: then it is at it, and nothing was left to deliver.
  await until(async () => {
    const { delivered_at, last_error } = await stored(id);
    return delivered_at !== null || last_error !== null;
  });
}

/** What the receiver was sent of one alert; the hub may have others to tell of, such as its nightly audit. */
const messagesOf = (id: string) => receiver.received.filter(({ body }) => JSON.parse(body.toString()).id === id);

/** The example of the guide in one language. */
function example(language: string): string {
  const found = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(GUIDE)?.[1];
  if (found === undefined) throw new Error(`docs/alerts.md has no ${language}`);
  return found;
}

type Check = (secret: string, signature: unknown, body: Buffer) => boolean;

async function checkInNode(): Promise<Check> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-alerts-'));
  try {
    writeFileSync(join(folder, 'check.mjs'), example('js'));
    const { isFromHub } = await import(pathToFileURL(join(folder, 'check.mjs')).href);
    return isFromHub;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const checkInPython: Check = (secret, signature, body) => {
  const call = `import sys\nprint(is_from_hub(sys.argv[1], sys.argv[2], sys.stdin.buffer.read()))`;
  const args = ['-c', `${example('python')}\n${call}`, secret, String(signature)];
  return execFileSync(PYTHON!, args, { input: body, encoding: 'utf8' }).trim() === 'True';
};

async function receivedOne(): Promise<ReceivedMessage> {
  const id = await raise();
  await delivered(id);
  const messages = messagesOf(id);
  expect(messages).toHaveLength(1);
  return messages[0]!;
}

function expectOnlyGenuine(isFromHub: Check, { headers, body }: ReceivedMessage): void {
  const signature = headers['x-hub-signature'] as string;
  expect(isFromHub(SECRET, signature, body)).toBe(true);
  expect(isFromHub('another secret of enough length', signature, body)).toBe(false);
  expect(isFromHub(SECRET, signature, Buffer.concat([body, Buffer.from(' ')]))).toBe(false);
  expect(isFromHub(SECRET, signature.replace(/t=\d+/, 't=1700000000'), body)).toBe(false);
  expect(isFromHub(SECRET, '', body)).toBe(false);
}

describe('an alert', () => {
  it('is posted at once, with everything a receiver needs', async () => {
    const details = { accountId: '7', lossNanoCredits: '9223372036854775807' };
    const id = await raise({ message: 'Größe “30” ¤', details });
    await delivered(id);
    const [{ method, path, headers, body }] = messagesOf(id) as [ReceivedMessage];
    expect({ method, path }).toEqual({ method: 'POST', path: `/hooks/hub?token=${TOKEN}` });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'ug-ai-hub' });
    expect(JSON.parse(body.toString())).toEqual({
      id,
      type: 'alert',
      kind: 'loss',
      severity: 'warning',
      subject: 'account:7',
      message: 'Größe “30” ¤',
      details,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      attempt: 1,
    });
  });

  it('carries a signature that the Node example of the guide accepts, and no other', async () => {
    expectOnlyGenuine(await checkInNode(), await receivedOne());
  });

  (PYTHON === undefined ? it.skip : it)('carries one that the Python example accepts, and no other', async () => {
    expectOnlyGenuine(checkInPython, await receivedOne());
  });

  it('is one alert however often it is raised', async () => {
    const id = await raise({ dedupeKey: 'the same' });
    expect(await raise({ dedupeKey: 'the same' })).toBe(id);
    await delivered(id);
    await hub.app.get(AlertDelivery).deliverDue();
    expect(messagesOf(id)).toHaveLength(1);
    expect(hub.logs.filter(({ msg }) => String(msg).includes(`[alert ${id}]`))).toHaveLength(1);
  });

  it.each([
    ['info', 30],
    ['warning', 40],
    ['critical', 50],
  ] as const)('of severity %s is a log line of level %i', async (severity, level) => {
    const id = await raise({ severity });
    await delivered(id);
    const line = hub.logs.find(({ msg }) => String(msg).includes(`[alert ${id}]`));
    expect(line).toMatchObject({ level, msg: `loss (${severity}) account:7: Something. [alert ${id}]` });
  });

  it('is tried again after a 500, with the same id and longer and longer pauses', async () => {
    receiver.answerWith((response) => response.writeHead(500).end('{"private":"answer"}'));
    const id = await raise();
    await failed(id);
    expect(await stored(id)).toMatchObject({
      attempts: 1,
      delivered_at: null,
      last_error: 'the receiver answered 500',
    });
    expect((await stored(id)).wait_s).toBeGreaterThan(5);
    expect((await stored(id)).wait_s).toBeLessThanOrEqual(10);
    await tryAgain(id);
    // Longer than the first can have been.
    expect((await stored(id)).wait_s).toBeGreaterThan(10);
    receiver.answerWith((response) => response.writeHead(200).end());
    await tryAgain(id);
    expect(await stored(id)).toMatchObject({ attempts: 3, delivered_at: expect.any(Date), last_error: null });
    const messages = messagesOf(id).map(({ body }) => JSON.parse(body.toString()));
    expect(messages.map((message) => [message.id, message.attempt])).toEqual([
      [id, 1],
      [id, 2],
      [id, 3],
    ]);
  });

  it('is given up after a day of attempts, and says so', async () => {
    receiver.answerWith((response) => response.writeHead(503).end());
    const id = await raise();
    await failed(id);
    await hub.sql.query('update alert set attempts = 31 where id = $1', [id]);
    await tryAgain(id);
    expect(await stored(id)).toMatchObject({ attempts: 32, delivered_at: null, wait_s: null });
    expect(hub.logText()).toContain(`Alert ${id} did not reach the webhook (attempt 32, the last)`);
  });

  it('does not follow a redirect', async () => {
    receiver.answerWith((response) => response.writeHead(307, { location: '/elsewhere' }).end());
    const id = await raise();
    await failed(id);
    expect((await stored(id)).last_error).toBe('the receiver answered 307');
    expect(messagesOf(id)).toHaveLength(1);
  });

  it('is delivered by an answer that never ends, of which little is read', async () => {
    let sent = 0;
    let isClosed = false;
    receiver.answerWith((response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384))) sent += 16_384;
      };
      response.on('drain', more).on('close', () => {
        isClosed = true;
      });
      response.writeHead(200);
      more();
    });
    await delivered(await raise());
    await until(() => isClosed);
    expect(sent).toBeLessThan(8 * 1024 * 1024);
  });

  it('is kept for 90 days', async () => {
    const old = await raise();
    const young = await raise();
    await Promise.all([delivered(old), delivered(young)]);
    await hub.sql.query(`update alert set created_at = now() - interval '91 days' where id = $1`, [old]);
    await hub.sql.query(`update alert set created_at = now() - interval '89 days' where id = $1`, [young]);
    // Another instance, which has not cleaned up yet.
    await new AlertDelivery(hub.sql, hub.app.get(AlertWebhook)).deliverDue();
    const rows = await hub.sql.query('select id from alert where id in ($1, $2)', [old, young]);
    expect(rows).toEqual([{ id: young }]);
  });

  it('leaves neither the secret nor the address in the log or the table', async () => {
    receiver.answerWith((response) => response.destroy());
    const id = await raise();
    await failed(id);
    expect((await stored(id)).last_error).toMatch(/^unreachable|^invalid_response|^incomplete/);
    const table = JSON.stringify(await hub.sql.query('select * from alert'));
    for (const secret of [SECRET, TOKEN]) {
      expect(hub.logText()).not.toContain(secret);
      expect(table).not.toContain(secret);
    }
  });
});

describe('the webhook', () => {
  const message = { id: '1', type: 'alert', kind: 'loss', severity: 'info', subject: '', message: '' } as const;

  it('is not sent to a private address unless that is allowed', async () => {
    const webhook = new AlertWebhook(
      parseSettings({ HUB_ALERT_WEBHOOK_URL: receiver.url, HUB_ALERT_WEBHOOK_SECRET: SECRET }),
    );
    const failure = await webhook.post({ ...message, details: {}, createdAt: '', attempt: 1 });
    await webhook.close();
    expect(failure).toContain('HUB_ALERT_WEBHOOK_ALLOW_PRIVATE');
    expect(receiver.received).toEqual([]);
  });
});

describe('the guide', () => {
  it.each(ALERT_KINDS)('explains %s', (kind) => {
    expect(GUIDE).toContain(`\n| \`${kind}\` |`);
  });
});
