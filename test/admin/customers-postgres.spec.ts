import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { type AdminClient, adminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { balanceOf } from '../support/books.js';
import { countStatements } from '../support/count-statements.js';
import { type TestHub } from '../support/hub.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { within } from '../support/quiet-clock.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { findUnsound } from '../support/sound-books.js';

const CREATE_KEY = `mutation ($id: ID!) { createApiKey(input: { accountId: $id, name: "k" }) { secret apiKey { id } } }`;

describeWithPostgres('the customers of a hub on PostgreSQL', () => {
  describeWithRedis('with two instances', () => {
    let postgres: PostgresServer;
    let redis: RedisServer;
    let a: TestHub;
    let b: TestHub;
    let admin: AdminClient;
    let onB: AdminClient;
    beforeAll(async () => {
      [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
      const env = { HUB_MASTER_KEY: randomBytes(32).toString('base64'), REDIS_URL: redis.url };
      const open = () => Database.open({ url: postgres.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
      a = await startHub({ database: await open(), env });
      b = await startHub({ database: await open(), env });
      admin = await signInAs(a, 'admin');
      onB = adminClient(b, admin);
    });
    afterAll(async () => {
      await Promise.all([a?.close(), b?.close()]);
      await Promise.all([redis?.stop(), postgres?.stop()]);
    });

    const ask = async (hub: TestHub, key: string): Promise<number> =>
      (await hub.fetch('/api/user/quota', { key })).status;

    // T119.
    it('a key that is revoked on one is refused there at once and on the other within a second', async () => {
      const { createApiKey } = await admin.data(CREATE_KEY, { id: a.accountId });
      const { secret, apiKey } = createApiKey;
      expect([await ask(a, secret), await ask(b, secret)]).toEqual([200, 200]);
      await admin.data(`mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { state } }`, { id: apiKey.id });
      expect(await ask(a, secret)).toBe(403);
      await within(1000, async () => (await ask(b, secret)) === 403);
    });

    it('an account that is frozen on one is refused on the other within a second', async () => {
      const { key } = await a.createKey();
      expect([await ask(a, key), await ask(b, key)]).toEqual([200, 200]);
      const change = (name: string) => `mutation ($id: ID!) { ${name}(input: { id: $id, reason: "x" }) { status } }`;
      await admin.data(change('freezeAccount'), { id: a.accountId });
      expect(await ask(a, key)).toBe(403);
      await within(1000, async () => (await ask(b, key)) === 403);
      await admin.data(change('unfreezeAccount'), { id: a.accountId });
      await within(1000, async () => (await ask(b, key)) === 200);
    });

    it('of grants under one name on both, one counts', async () => {
      const input = { accountId: a.accountId, amount: '1', ref: 'both', reason: 'x' };
      const grant = `mutation ($input: GrantQuotaInput!) { grantQuota(input: $input) { isNew } }`;
      const before = await balanceOf(a.sql, a.accountId);
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? admin : onB).data(grant, { input })),
      );
      expect(answers.filter(({ grantQuota }) => grantQuota.isNew)).toHaveLength(1);
      expect((await balanceOf(a.sql, a.accountId)).available - before.available).toBe(1_000_000_000n);
    });

    it('of accounts that want one name on both, one gets it, and of edits of one version one is kept', async () => {
      const create = `mutation { createAccount(input: { name: "one name" }) { id } }`;
      const made = await Promise.all([admin, onB, admin, onB].map((client) => client.send(create)));
      const ids = made.flatMap(({ data }) => (data?.createAccount?.id === undefined ? [] : [data.createAccount.id]));
      expect(ids).toHaveLength(1);
      const update = `mutation ($id: ID!, $name: String!) {
        updateAccount(input: { id: $id, version: 1, name: $name }) { __typename } }`;
      const saved = await Promise.all(
        [admin, onB, admin, onB].map((client, at) => client.data(update, { id: ids[0], name: `name ${at}` })),
      );
      expect(saved.filter(({ updateAccount }) => updateAccount.__typename === 'Account')).toHaveLength(1);
    });

    it('a batch of 100,000 codes is made in one transaction, and had as one file', async () => {
      const start = performance.now();
      const { createRedemptionBatch } = await admin.data(
        `mutation { createRedemptionBatch(input: { name: "largest", count: 100000, amount: "1" }) {
           downloadUrl batch { summary { codes } } } }`,
      );
      const madeMs = performance.now() - start;
      expect(createRedemptionBatch.batch.summary.codes).toBe(100_000);
      const answer = await fetch(b.url + new URL(createRedemptionBatch.downloadUrl).pathname);
      const codes = (await answer.text()).trim().split('\r\n').slice(1);
      expect(new Set(codes).size).toBe(100_000);
      const allMs = performance.now() - start;
      process.stdout.write(
        `100,000 codes on PostgreSQL: made in ${Math.round(madeMs)} ms, had after ${Math.round(allMs)} ms\n`,
      );
    });

    it('a list takes few statements, as on the embedded database', async () => {
      const query = `{ accounts(first: 100) { nodes { name group { name } apiKeys(first: 2) { nodes { name budgets { limit } } } } } }`;
      expect(await countStatements(a, () => admin.data(query))).toBeLessThanOrEqual(10);
    });

    it('the books are sound in the end', async () => {
      expect(await findUnsound(a.sql)).toEqual([]);
    });
  });
});
