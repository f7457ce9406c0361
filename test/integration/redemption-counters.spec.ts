import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import type { SqlSession } from '../../src/database/sql.js';
import { CodeHasher } from '../../src/redemption/code-hasher.js';
import { createCodes, disableCodes } from '../../src/redemption/code-store.js';
import { readCode } from '../../src/redemption/code-text.js';
import { insertImportedCodes } from '../../src/redemption/insert-imported-codes.js';
import { useCode } from '../../src/redemption/use-code.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { openMemoryDatabase } from '../support/database.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';

const COUNTED = `select b.id, b.codes, b.redeemed, b.disabled, b.endless, b.redeemed_amount, b.amount_least, b.amount_most,
  b.max_uses_least, b.max_uses_most, b.expires_most from redemption_batch b order by b.id`;
const RECOUNTED = `select b.id, count(c.id) as codes, count(*) filter (where c.used > 0) as redeemed, count(c.disabled_at) as disabled,
  count(*) filter (where c.id is not null and c.expires_at is null) as endless,
  coalesce(sum(c.amount::numeric * c.used), 0) as redeemed_amount, min(c.amount) as amount_least, max(c.amount) as amount_most,
  min(c.max_uses) as max_uses_least, max(c.max_uses) as max_uses_most, max(c.expires_at) as expires_most
  from redemption_batch b left join redemption_code c on c.batch_id = b.id group by b.id order by b.id`;
const ROUNDS = 25;
const AT_ONCE = 8;

describe('on the embedded database', () => describeCounters(openMemoryDatabase));

describeWithPostgres('on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  describeCounters(() => Database.open({ url: server.url, dataDir: '', poolMax: AT_ONCE, ledgerPoolMax: 2 }));
});

/** Whole numbers below a bound, the same ones with every run. */
function randomNumbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

function describeCounters(open: () => Promise<Database>): void {
  let database: Database;
  let hasher: CodeHasher;
  let accounts: readonly string[];
  const hashes: Buffer[] = [];
  const random = randomNumbers(7);
  const oneOf = <Item>(items: readonly Item[]): Item => items[random(items.length)]!;

  beforeAll(async () => {
    database = await open();
    hasher = new CodeHasher(await Keyring.open(database.sql, randomBytes(32)));
    const made = await database.sql.query<{ id: string }>(
      `insert into account (name) select 'customer ' || n from generate_series(1, 6) n returning id`,
    );
    accounts = made.map(({ id }) => id);
    await create();
  });
  afterAll(() => database.close());

  const transaction = <Result>(work: (session: SqlSession) => Promise<Result>) => database.sql.transaction(work);
  const idsOf = async (table: string): Promise<string[]> =>
    (await database.sql.query<{ id: string }>(`select id from ${table} order by id`)).map(({ id }) => id);

  async function create(): Promise<void> {
    const expiresAt = random(2) === 0 ? undefined : new Date(Date.now() + random(1_000_000_000) + 60_000);
    const wanted = {
      count: 1 + random(5),
      amount: BigInt(1 + random(9)),
      maxUses: 1 + random(3),
      batch: `b${random(3)}`,
    };
    const { codes } = await transaction((session) =>
      createCodes(session, hasher, { ...wanted, actor: 'test', ...(expiresAt && { expiresAt }) }),
    );
    for (const code of codes) hashes.push(hasher.hash(readCode(code)!));
  }
  async function bring(): Promise<void> {
    const codes = Array.from({ length: 1 + random(4) }, () => ({
      symbols: randomBytes(16).toString('hex'),
      amount: BigInt(1 + random(9)),
    }));
    await transaction((session) => insertImportedCodes(session, hasher, { batch: 'brought', actor: 'test', codes }));
    for (const { symbols } of codes) hashes.push(hasher.hash(symbols));
  }
  async function redeem(): Promise<void> {
    const [accountId, hash] = [oneOf(accounts), oneOf(hashes)];
    await transaction(async (session) => {
      await session.query('select id from account where id = $1 for no key update', [accountId]);
      await useCode(session, { accountId, hash, actor: 'test' });
    });
  }
  async function disable(): Promise<void> {
    const at = random(3);
    const [ids, batches] = [await idsOf('redemption_code'), await idsOf('redemption_batch')];
    const selector =
      at === 0 ? { id: oneOf(ids) } : at === 1 ? { batchId: oneOf(batches) } : ({ hash: oneOf(hashes) } as const);
    await transaction((session) => disableCodes(session, selector));
  }
  /** What a person with a database client may do; in the hub nothing does. */
  async function changeByHand(): Promise<void> {
    const batches = await idsOf('redemption_batch');
    await database.sql.query(
      oneOf([
        'update redemption_code set expires_at = null where batch_id = $1',
        'update redemption_code set amount = amount + 1, disabled_at = null where batch_id = $1',
        'delete from redemption_code c where batch_id = $1 and not exists (select from redemption r where r.code_id = c.id)',
        'update redemption_code set max_uses = max_uses + 1 where id = (select max(id) from redemption_code where batch_id = $1)',
      ]),
      [oneOf(batches)],
    );
  }

  it('the counters of batches are what a count would give, whatever happens at once', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const steps = Array.from({ length: AT_ONCE }, () =>
        oneOf([create, bring, redeem, redeem, redeem, redeem, disable]),
      );
      await Promise.all(steps.map((step) => step()));
      if (round % 5 === 4) await changeByHand();
      expect(await database.sql.query(COUNTED)).toEqual(await database.sql.query(RECOUNTED));
    }
    const [sums] = await database.sql.query(
      'select sum(redeemed) > 10 as redeemed, sum(disabled) > 5 as disabled, max(redeemed_amount) > 1 as amount from redemption_batch',
    );
    expect(sums).toEqual({ redeemed: true, disabled: true, amount: true });
    // A transaction that had to begin again would have hidden it.
    expect(
      await database.sql.query('select deadlocks from pg_stat_database where datname = current_database()'),
    ).toEqual([{ deadlocks: '0' }]);
  }, 120_000);

  it('a code that is moved by hand counts in its new batch', async () => {
    const [{ id } = { id: '' }] = await database.sql.query<{ id: string }>(
      `insert into redemption_batch (name, actor) values ('moved', 'test') returning id`,
    );
    await database.sql.query(
      'update redemption_code set batch_id = $1 where id = (select min(id) from redemption_code)',
      [id],
    );
    expect(await database.sql.query('select codes from redemption_batch where id = $1', [id])).toEqual([
      { codes: '1' },
    ]);
    expect(await database.sql.query(COUNTED)).toEqual(await database.sql.query(RECOUNTED));
  });
}
