import { randomBytes, randomUUID } from 'node:crypto';
import { AMOUNT_MAX } from '../../src/common/credits.js';
import { Database } from '../../src/database/database.js';
import type { Sql } from '../../src/database/sql.js';
import { Idempotency } from '../../src/idempotency/idempotency.service.js';
import { requestHash } from '../../src/idempotency/idempotency-key.js';
import { AttemptThrottles } from '../../src/limits/attempt-throttle.js';
import { HitStore } from '../../src/limits/hit-store.js';
import { CodeHasher } from '../../src/redemption/code-hasher.js';
import { createCodes, disableCodes, type NewCodes } from '../../src/redemption/code-store.js';
import { generateSymbols, writeCode } from '../../src/redemption/code-text.js';
import {
  REDEMPTION_ATTEMPTS,
  type RedemptionAnswer,
  RedemptionService,
} from '../../src/redemption/redemption.service.js';
import { reconcileSandboxCode } from '../../src/redemption/sandbox-code.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { openMemoryDatabase } from '../support/database.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { quietNow } from '../support/quiet-clock.js';

const UNIT = 1_000_000n;

describe('redemption on the embedded database', () => describeRedemption(openMemoryDatabase));

describeWithPostgres('redemption on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  describeRedemption(() => Database.open({ url: server.url, dataDir: '', poolMax: 10, ledgerPoolMax: 4 }));
});

function describeRedemption(open: () => Promise<Database>): void {
  let database: Database;
  let keyring: Keyring;
  let hasher: CodeHasher;
  let redemptions: RedemptionService;
  let nowMs = 0;

  beforeAll(async () => {
    database = await open();
    keyring = await Keyring.open(database.sql, randomBytes(32));
    hasher = new CodeHasher(keyring);
  });
  afterAll(() => database.close());
  beforeEach(() => {
    redemptions = newService();
  });

  const newService = (sql: Sql = database.sql) =>
    new RedemptionService(
      sql,
      keyring,
      new Idempotency(database.sql, new CredentialCipher(keyring)),
      new AttemptThrottles(new HitStore(undefined, () => nowMs)),
    );
  const newAccounts = async (count: number): Promise<string[]> => {
    const rows = await database.sql.query<{ id: string }>(
      `insert into account (name) select 'test' from generate_series(1, $1) returning id`,
      [count],
    );
    return rows.map(({ id }) => id);
  };
  const newAccount = async () => (await newAccounts(1))[0]!;
  const newCode = async (wanted: Partial<NewCodes> = {}): Promise<string> => {
    const standard = { amount: 5000n * UNIT, count: 1, maxUses: 1, batch: randomUUID(), actor: 'test' };
    const { codes } = await createCodes(database.sql, hasher, { ...standard, ...wanted });
    return codes[0]!;
  };
  const redeem = (accountId: string, code: string, address = `ip-${accountId}`, key?: string, service = redemptions) =>
    service.redeem({
      accountId,
      code,
      address,
      claim: key === undefined ? undefined : { accountId, route: 'r', key, hash: requestHash('r', Buffer.from(code)) },
    });
  const uses = async (code: string): Promise<number> => {
    const hash = hasher.hash(code.replace('REDEEM', '').replaceAll('-', ''));
    const [row] = await database.sql.query<{ used: number }>('select used from redemption_code where code_hmac = $1', [
      hash,
    ]);
    return row!.used;
  };
  const balance = async (accountId: string): Promise<string> => {
    const [row] = await database.sql.query<{ credits_posted: string }>(
      'select credits_posted from account where id = $1',
      [accountId],
    );
    return row!.credits_posted;
  };
  /** How often each outcome came: `ok`, or the code of the refusal. */
  const tally = async (attempts: readonly Promise<RedemptionAnswer>[]): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const outcome of await Promise.allSettled(attempts)) {
      const name = outcome.status === 'fulfilled' ? 'ok' : String((outcome.reason as { code?: string }).code);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  };
  /** Codes whose uses, redemptions and entries are not the same number (I9), and accounts whose entries do not sum up (I1). */
  const violations = async (): Promise<unknown[]> =>
    database.sql.query(
      `select c.id from redemption_code c
        where used <> (select count(*) from redemption r where r.code_id = c.id) or used > max_uses
           or used <> (select count(*) from entry where kind = 'redeem' and split_part(ref, ':', 1) = c.id::text)
       union all
       select a.id from account a
        where kind = 'customer' and credits_posted <> (select coalesce(sum(amount), 0) from entry where credit_id = a.id)`,
    );
  afterEach(async () => {
    expect(await violations()).toEqual([]);
  });

  it('adds what the code is worth, and says what the account has now', async () => {
    const account = await newAccount();
    const first = await redeem(account, await newCode());
    expect([first.status, first.body]).toEqual([200, '{"success":true,"data":{"addedQuota":5000,"totalQuota":5000}}']);
    const second = await redeem(account, (await newCode({ amount: 250n * UNIT })).toLowerCase().replaceAll('-', ' '));
    expect(second.body).toBe('{"success":true,"data":{"addedQuota":250,"totalQuota":5250}}');
    expect(await balance(account)).toBe('5250000000');
  });

  it('gives a code that a hundred may use to one account once, however often it asks at once', async () => {
    const [account, code] = [await newAccount(), await newCode({ maxUses: 100 })];
    const attempts = Array.from({ length: 100 }, () => redeem(account, code));
    expect(await tally(attempts)).toEqual({ ok: 1, code_already_redeemed: 99 });
    expect(await uses(code)).toBe(1);
    expect(await balance(account)).toBe('5000000000');
  });

  it('does so also when the attempts reach different instances', async () => {
    const [account, code] = [await newAccount(), await newCode({ maxUses: 100 })];
    const services = Array.from({ length: 20 }, () => newService());
    const attempts = services.map((service) => redeem(account, code, 'ip', undefined, service));
    expect(await tally(attempts)).toEqual({ ok: 1, code_already_redeemed: 19 });
    expect(await uses(code)).toBe(1);
  });

  it('gives a code that five may use to five of three hundred accounts', async () => {
    const [accounts, code] = [await newAccounts(300), await newCode({ maxUses: 5 })];
    expect(await tally(accounts.map((account) => redeem(account, code)))).toEqual({ ok: 5, code_invalid: 295 });
    expect(await uses(code)).toBe(5);
  });

  it('says the same of every code that cannot be redeemed', async () => {
    const usedUp = await newCode();
    await redeem(await newAccount(), usedUp);
    const expired = await newCode({ expiresAt: new Date(Date.now() - 1000) });
    const disabled = await newCode({ batch: 'to disable' });
    expect(await disableCodes(database.sql, { batch: 'to disable' })).toEqual({ found: 1, disabled: 1 });
    const codes = [usedUp, expired, disabled, writeCode(generateSymbols()), 'REDEEM-0000-0000', 'nonsense', '', '\0'];
    const account = await newAccount();
    const refusals = await Promise.all(codes.map((code) => redeem(account, code).catch((error: unknown) => error)));
    for (const refusal of refusals) {
      expect(refusal).toEqual(refusals[0]);
      expect(refusal).toMatchObject({ status: 400, code: 'code_invalid', shouldRetry: false });
    }
    expect(await balance(account)).toBe('0');
  });

  // A guess that is answered sooner than another would say which of them is a code.
  it('does the same work for every code that cannot be redeemed', async () => {
    const statements: string[] = [];
    const recorded: Sql = {
      query: (text, parameters) => database.sql.query(text, parameters),
      snapshot: (work, options) => database.sql.snapshot(work, options),
      longTransaction: (work, options) => database.sql.longTransaction(work, options),
      transaction: (work) =>
        database.sql.transaction((session) =>
          work({
            query: (text, parameters) => {
              statements.push(text);
              return session.query(text, parameters);
            },
          }),
        ),
    };
    const usedUp = await newCode();
    await redeem(await newAccount(), usedUp);
    const expired = await newCode({ expiresAt: new Date(Date.now() - 1000) });
    const account = await newAccount();
    const workFor = async (code: string): Promise<string[]> => {
      statements.length = 0;
      await redeem(account, code, 'ip', undefined, newService(recorded)).catch(() => undefined);
      return [...statements];
    };
    const work = await workFor(writeCode(generateSymbols()));
    expect(work).toHaveLength(3);
    for (const code of [usedUp, expired, 'REDEEM-0000-0000', 'nonsense', '']) expect(await workFor(code)).toEqual(work);
  });

  it('tells an account that it has had a code, also when that code is used up, expired or disabled since', async () => {
    const [account, code] = [await newAccount(), await newCode({ batch: 'had' })];
    await redeem(account, code);
    await disableCodes(database.sql, { batch: 'had' });
    await database.sql.query(`update redemption_code set expires_at = now() where code_hmac = $1`, [
      hasher.hash(code.replace('REDEEM', '').replaceAll('-', '')),
    ]);
    for (let i = 0; i <= REDEMPTION_ATTEMPTS.limit; i++) {
      await expect(redeem(account, code)).rejects.toMatchObject({ status: 409, code: 'code_already_redeemed' });
    }
  });

  it('stops guessing after ten wrong codes, of an account and of an address, also when all are sent at once', async () => {
    const [account, other, third] = await newAccounts(3);
    const guesses = Array.from({ length: 1000 }, () => redeem(account!, writeCode(generateSymbols()), 'one'));
    expect(await tally(guesses)).toEqual({ code_invalid: 10, too_many_attempts: 990 });
    const code = await newCode({ maxUses: 3 });
    // The window slides in sixty steps, so the wait is up to one of them longer than the window.
    const refusal = { status: 429, code: 'too_many_attempts', retryAfterSeconds: 610 };
    await expect(redeem(account!, code, 'another')).rejects.toMatchObject(refusal);
    await expect(redeem(other!, code, 'one')).rejects.toMatchObject(refusal);
    expect(await redeem(third!, code, 'another')).toMatchObject({ status: 200 });
    nowMs += REDEMPTION_ATTEMPTS.windowMs + REDEMPTION_ATTEMPTS.windowMs / 60;
    expect(await redeem(account!, code, 'one')).toMatchObject({ status: 200 });
  });

  it('answers a request with a key again as before, though its code would now be refused', async () => {
    const [account, code] = [await newAccount(), await newCode({ batch: 'replayed' })];
    const first = await redeem(account, code, 'a', 'key-1');
    await disableCodes(database.sql, { batch: 'replayed' });
    for (let i = 0; i < 10; i++) await redeem(account, 'wrong', 'a').catch(() => undefined);
    expect(await redeem(account, code, 'a', 'key-1')).toEqual({ ...first, isReplay: true });
    await expect(redeem(account, await newCode(), 'a', 'key-1')).rejects.toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
    expect(await balance(account)).toBe('5000000000');
  });

  it('carries out one of many equal requests with a key, and answers all of them alike', async () => {
    const [account, code] = [await newAccount(), await newCode()];
    const services = Array.from({ length: 10 }, () => newService());
    const answers = await Promise.all(services.map((service) => redeem(account, code, 'a', 'key-2', service)));
    expect(answers.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  });

  it('leaves the key of a refused request free', async () => {
    const account = await newAccount();
    await expect(redeem(account, 'wrong', 'a', 'key-3')).rejects.toMatchObject({ code: 'code_invalid' });
    expect(await redeem(account, await newCode(), 'a', 'key-3')).toMatchObject({ status: 200, isReplay: false });
  });

  it('takes no use of a code whose worth the account cannot hold', async () => {
    const account = await newAccount();
    await redeem(account, await newCode({ amount: AMOUNT_MAX }));
    const code = await newCode();
    await expect(redeem(account, code)).rejects.toMatchObject({ status: 400, code: 'amount_overflow' });
    expect(await uses(code)).toBe(0);
  });

  it('makes ten thousand codes in seconds, all different, and stores none of them readable', async () => {
    const startedAt = quietNow();
    const wanted = { amount: UNIT, count: 10_000, maxUses: 1, batch: 'many', actor: 'test' };
    const { codes, batchId } = await createCodes(database.sql, hasher, wanted);
    expect(quietNow() - startedAt).toBeLessThan(10_000);
    expect(new Set(codes).size).toBe(10_000);
    const rows = await database.sql.query<Record<string, unknown>>(
      'select * from redemption_code where batch_id = $1 order by id',
      [batchId],
    );
    expect(rows).toHaveLength(10_000);
    expect(Object.keys(rows[0]!).toSorted()).toEqual([
      'amount',
      'batch_id',
      'code_hmac',
      'created_at',
      'disabled_at',
      'expires_at',
      'id',
      'last4',
      'max_uses',
      'used',
    ]);
  });

  it('keeps the code of the document alive while the sandbox is on, and only then', async () => {
    const [first, second] = await newAccounts(2);
    await Promise.all([1, 2, 3].map(() => reconcileSandboxCode(database.sql, hasher, true)));
    const added = '"addedQuota":5000';
    expect((await redeem(first!, 'REDEEM-XXXX-XXXX')).body).toContain(added);
    await expect(redeem(first!, 'REDEEM-XXXX-XXXX')).rejects.toMatchObject({ code: 'code_already_redeemed' });
    await reconcileSandboxCode(database.sql, hasher, false);
    await expect(redeem(second!, 'REDEEM-XXXX-XXXX')).rejects.toMatchObject({ code: 'code_invalid' });
    await reconcileSandboxCode(database.sql, hasher, true);
    expect((await redeem(second!, 'REDEEM-XXXX-XXXX')).body).toContain(added);
    expect(await database.sql.query(`select id from redemption_batch where name = 'sandbox'`)).toHaveLength(1);
  });
}
