import { randomBytes } from 'node:crypto';
import type { Database } from '../../src/database/database.js';
import { Idempotency, type IdempotencyClaim, type StoredAnswer } from '../../src/idempotency/idempotency.service.js';
import { requestHash } from '../../src/idempotency/idempotency-key.js';
import { IdempotencySweeper } from '../../src/idempotency/idempotency-sweeper.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { openMemoryDatabase } from '../support/database.js';

const ROUTE = 'POST /api/user/redemption';
const ANSWER: StoredAnswer = {
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: '{"secret":"你好"}',
};

let database: Database;
let idempotency: Idempotency;
beforeAll(async () => {
  database = await openMemoryDatabase();
  idempotency = new Idempotency(database.sql, new CredentialCipher(await Keyring.open(database.sql, randomBytes(32))));
});
afterAll(() => database.close());
beforeEach(() => database.sql.query('delete from idempotency'));

const claimOf = (more: Partial<IdempotencyClaim> = {}, body = '{"code":"a"}'): IdempotencyClaim => ({
  accountId: '1000',
  route: ROUTE,
  key: 'k',
  hash: requestHash(more.route ?? ROUTE, Buffer.from(body)),
  ...more,
});

/** Carries a request out the way a money route does: claim, work, answer. */
function carryOut(claim: IdempotencyClaim, answer = ANSWER): Promise<StoredAnswer & { isReplay: boolean }> {
  return database.sql.transaction(async (session) => {
    const stored = await idempotency.claim(session, claim);
    if (stored !== undefined) return { ...stored, isReplay: true };
    await idempotency.complete(session, claim, answer);
    return { ...answer, isReplay: false };
  });
}

/** Makes everything stored look this much older. */
const age = (hours: number) =>
  database.sql.query(`update idempotency set expires_at = expires_at - make_interval(hours => $1)`, [hours]);

describe('a claim', () => {
  it('is given once; the same request again gets the stored answer', async () => {
    expect(await carryOut(claimOf())).toMatchObject({ isReplay: false });
    expect(await carryOut(claimOf(), { ...ANSWER, body: 'another' })).toEqual({ ...ANSWER, isReplay: true });
    expect(await idempotency.find(claimOf())).toEqual(ANSWER);
  });

  it('of another body is refused', async () => {
    await carryOut(claimOf());
    const refusal = { status: 422, code: 'idempotency_key_reused' };
    await expect(carryOut(claimOf({}, '{"code":"b"}'))).rejects.toMatchObject(refusal);
    await expect(idempotency.find(claimOf({}, '{"code":"b"}'))).rejects.toMatchObject(refusal);
  });

  it.each([{ accountId: '1001' }, { route: 'POST /other' }, { key: 'other' }])(
    'of %j is another claim',
    async (more) => {
      await carryOut(claimOf());
      expect(await idempotency.find(claimOf(more))).toBeUndefined();
      expect(await carryOut(claimOf(more))).toMatchObject({ isReplay: false });
    },
  );

  it('whose first request is still running is refused for a second', async () => {
    await database.sql.transaction((session) => idempotency.claim(session, claimOf()));
    const refusal = { status: 409, code: 'idempotency_key_in_use', retryAfterSeconds: 1 };
    await expect(carryOut(claimOf())).rejects.toMatchObject(refusal);
    await expect(idempotency.find(claimOf())).rejects.toMatchObject(refusal);
  });

  it('of a request that failed is free again', async () => {
    const failed = database.sql.transaction(async (session) => {
      await idempotency.claim(session, claimOf());
      throw new Error('refused');
    });
    await expect(failed).rejects.toThrow('refused');
    expect(await carryOut(claimOf({}, '{"code":"b"}'))).toMatchObject({ isReplay: false });
  });

  it('lasts for a day, and no longer', async () => {
    await carryOut(claimOf());
    await age(23);
    expect(await carryOut(claimOf())).toMatchObject({ isReplay: true });
    await age(1);
    expect(await idempotency.find(claimOf())).toBeUndefined();
    expect(await carryOut(claimOf({}, '{"code":"b"}'))).toMatchObject({ isReplay: false });
  });
});

describe('a stored answer', () => {
  it('is encrypted, and opens in its own place only', async () => {
    await carryOut(claimOf());
    const [row] = await database.sql.query<{ body: Buffer }>('select body from idempotency');
    expect(row!.body.includes('secret')).toBe(false);
    await database.sql.query(`update idempotency set account_id = 1001`);
    await expect(idempotency.find(claimOf({ accountId: '1001' }))).rejects.toThrow('do not open');
  });

  it.each([ANSWER, { ...ANSWER, status: 409, body: undefined }])(
    'of a hold is stored by its settlement, and found by its claim (%j)',
    async (answer) => {
      const { sql } = database;
      const [account] = await sql.query<{ id: string }>(
        `insert into account (name, credits_posted) values ('holder', 100) returning id`,
      );
      const claim = claimOf({ accountId: account!.id, route: 'POST /chat' });
      const holdId = crypto.randomUUID();
      const claims = [{ ord: 1, route: claim.route, key: claim.key, hash: claim.hash.toString('hex'), ttl_s: 60 }];
      await sql.query(
        `select * from ledger_reserve(array[$1]::uuid[], array[$2]::bigint[], array[null]::bigint[], array[10]::bigint[],
           array[10]::bigint[], array[null]::bigint[], array['sync'], array['m'], array[''], 'test', 1, 60000, false, $3::jsonb)`,
        [holdId, claim.accountId, JSON.stringify(claims)],
      );
      await expect(idempotency.find(claim)).rejects.toMatchObject({ code: 'idempotency_key_in_use' });
      const sealed = idempotency.encryptAnswer(claim, holdId, answer);
      await sql.query(
        `select ledger_settle(array[$1]::uuid[], array[$2]::bigint[], array[5]::bigint[], '[]'::jsonb, $3::jsonb, '{}')`,
        [holdId, claim.accountId, JSON.stringify([sealed])],
      );
      expect(await idempotency.find(claim)).toEqual(answer);
    },
  );
});

describe('the sweep', () => {
  it('deletes what has expired, in batches, and nothing else', async () => {
    await database.sql.query(
      `insert into idempotency (account_id, route, key, request_hash, expires_at)
       select 1, 'r', n::text, '\\x00', now() + case when n <= 1203 then interval '-1 second' else interval '1 hour' end
         from generate_series(1, 1210) n`,
    );
    const sweeper = new IdempotencySweeper(database.sql);
    expect(await sweeper.sweep()).toBe(1203);
    expect(await sweeper.sweep()).toBe(0);
    expect(await database.sql.query('select key from idempotency')).toHaveLength(7);
  });
});
