import type { Database } from '../../src/database/database.js';
import { type Grant, postGrant } from '../../src/quota/post-grant.js';
import { openMemoryDatabase } from '../support/database.js';

let database: Database;
let accountId: string;

beforeAll(async () => {
  database = await openMemoryDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  const [row] = await database.sql.query<{ id: string }>(`insert into account (name) values ('test') returning id`);
  accountId = row!.id;
});

/** Gives the test's account an amount under a reference of its own. */
function grant(amount: bigint, ref: string, more: Partial<Grant> = {}): Promise<boolean> {
  const posted = { accountId, amount, actor: 'test', reason: 'because', ref: `${accountId}:${ref}`, ...more };
  return database.sql.transaction((session) => postGrant(session, posted));
}

/** What the account was ever given. */
async function granted(): Promise<string> {
  const [row] = await database.sql.query<{ credits_posted: string }>(
    `select credits_posted from account where id = $1`,
    [accountId],
  );
  return row!.credits_posted;
}

describe('a grant', () => {
  it('is one entry from the house, and the account has it', async () => {
    expect(await grant(5_000_000n, 'a')).toBe(true);
    expect(await granted()).toBe('5000000');
    const entries = await database.sql.query(
      `select kind, debit_id, amount, actor, reason, ref from entry where credit_id = $1`,
      [accountId],
    );
    expect(entries).toEqual([
      { kind: 'grant', debit_id: '1', amount: '5000000', actor: 'test', reason: 'because', ref: `${accountId}:a` },
    ]);
  });

  it('happens once per reference, also when twenty ask at the same time', async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => grant(7n, 'same')));
    expect(results.filter((isNew) => isNew)).toHaveLength(1);
    expect(await granted()).toBe('7');
  });

  it('refuses a reference that was used for another amount, and gives nothing', async () => {
    await grant(7n, 'used');
    await expect(grant(8n, 'used')).rejects.toMatchObject({ code: 'grant_conflict' });
    expect(await granted()).toBe('7');
  });

  it('is exact far above what a JavaScript number can count', async () => {
    await grant(2n ** 62n, 'big');
    await grant(1n, 'one');
    expect(await granted()).toBe('4611686018427387905');
  });

  it.each([0n, -1n])('of %s is refused', async (amount) => {
    await expect(grant(amount, 'zero')).rejects.toThrow('more than zero');
  });

  it.each(['999999', '1'])('to account %s, which is none of a customer, is refused', async (id) => {
    await expect(grant(1n, 'nobody', { accountId: id })).rejects.toMatchObject({ code: 'account_not_found' });
  });
});
