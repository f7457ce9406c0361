import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunRegistry } from '../../src/relay/run-registry.js';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { balanceOf, openHolds } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type TestHub } from '../support/hub.js';
import { findUnsound } from '../support/sound-books.js';
import { until } from '../support/until.js';

const STREAMS = 20;
const TOKENS = 30;

// T141: what is running when an account is closed or a key revoked ends as it would have, and is paid for.
describe('an account that is closed while it is used', () => {
  let upstream: FakeUpstream;
  let hub: TestHub;
  let admin: AdminClient;
  beforeAll(async () => {
    upstream = await startFakeUpstream();
    hub = await startHub({ channels: [{ name: 'main', baseUrl: upstream.url }] });
    admin = await signInAs(hub, 'admin');
  });
  afterAll(async () => {
    await hub.close();
    await upstream.close();
  });

  async function startStreams(key: string): Promise<Promise<string>[]> {
    upstream.script({ tokens: TOKENS, token_ms: 60, in: 10, out: TOKENS });
    const body = { model: 'gpt-4', stream: true, max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };
    const answers = await Promise.all(
      Array.from({ length: STREAMS }, () => hub.post('/api/relay/v1/chat/completions', body, { key })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: STREAMS }, () => 200));
    return answers.map((answer) => answer.text());
  }

  async function newCustomer(): Promise<{ accountId: string; keyId: string; key: string }> {
    const { createAccount } = await admin.data(
      `mutation ($name: String!) {
      createAccount(input: { name: $name }) { id } }`,
      { name: `busy ${Date.now()} ${Math.random()}` },
    );
    const accountId: string = createAccount.id;
    await admin.data(
      `mutation ($id: ID!) { grantQuota(input: { accountId: $id, amount: "1000", reason: "x" }) { isNew } }`,
      { id: accountId },
    );
    const { createApiKey } = await admin.data(
      `mutation ($id: ID!) { createApiKey(input: { accountId: $id, name: "busy" }) { secret apiKey { id } } }`,
      { id: accountId },
    );
    return { accountId, keyId: createApiKey.apiKey.id, key: createApiKey.secret };
  }

  const isRefused = async (key: string): Promise<unknown> => {
    const answer = await hub.post('/api/relay/v1/chat/completions', { model: 'gpt-4', messages: [] }, { key });
    return [answer.status, ((await answer.json()) as { error: { code: string } }).error.code];
  };

  const allEnded = () => until(async () => hub.app.get(RunRegistry).size === 0 && (await openHolds(hub.sql)) === 0);

  it('refuses new requests at once, lets 20 streams end, and keeps its books, its id and what is left', async () => {
    const { accountId, key } = await newCustomer();
    const streams = await startStreams(key);
    const { closeAccount } = await admin.data(
      `mutation ($id: ID!) { closeAccount(input: { id: $id, reason: "left us" }) { status balance { held } } }`,
      { id: accountId },
    );
    expect(closeAccount.status).toBe('CLOSED');
    expect(closeAccount.balance.held).not.toBe('0');
    expect(await isRefused(key)).toEqual([403, 'account_not_active']);
    for (const text of await Promise.all(streams)) expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    await allEnded();
    // 10 prompt and 30 answer tokens each: 70 units.
    const used = BigInt(STREAMS) * 70_000_000n;
    expect(await balanceOf(hub.sql, accountId)).toEqual({ available: 1_000_000_000_000n - used, used, held: 0n });
    const entries = await hub.sql.query(`select 1 from entry where debit_id = $1 or credit_id = $1`, [accountId]);
    expect(entries.length).toBeGreaterThan(0);
    expect(BigInt((await newCustomer()).accountId)).toBeGreaterThan(BigInt(accountId));
    expect(await findUnsound(hub.sql)).toEqual([]);
  });

  it('the same for a key that is revoked', async () => {
    const { accountId, keyId, key } = await newCustomer();
    const streams = await startStreams(key);
    await admin.data(`mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { state } }`, { id: keyId });
    expect(await isRefused(key)).toEqual([403, 'key_revoked']);
    for (const text of await Promise.all(streams)) expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    await allEnded();
    expect((await balanceOf(hub.sql, accountId)).used).toBe(BigInt(STREAMS) * 70_000_000n);
    expect(await findUnsound(hub.sql)).toEqual([]);
  });
});
