import type { Database } from '../../src/database/database.js';
import { type PostedEntry, type Posting, postEntry } from '../../src/quota/post-entry.js';
import { openMemoryDatabase } from '../support/database.js';

const MAX = 2n ** 63n - 1n;
let database: Database;
let accountId: string;

const newAccount = async (): Promise<string> => {
  const [row] = await database.sql.query<{ id: string }>(`insert into account (name) values ('test') returning id`);
  return row!.id;
};

beforeAll(async () => {
  database = await openMemoryDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  accountId = await newAccount();
});

/** Posts to the test's account under a reference of its own. */
function post(amount: bigint, ref: string, more: Partial<Posting> = {}): Promise<PostedEntry> {
  const posting: Posting = { kind: 'grant', accountId, amount, actor: 'test', ref: `${accountId}:${ref}`, ...more };
  return postEntry(database.sql, posting);
}

/** What was put in, taken out, and used. */
async function counters(id = accountId): Promise<string[]> {
  const [row] = await database.sql.query<Record<string, string>>(
    `select credits_posted, debits_posted, used_posted from account where id = $1`,
    [id],
  );
  return [row!['credits_posted']!, row!['debits_posted']!, row!['used_posted']!];
}

describe('a posting', () => {
  it('is one entry from the house, and the account has it', async () => {
    const { entryId, isNew } = await post(5_000_000n, 'a', { reason: 'because' });
    expect(isNew).toBe(true);
    expect(await counters()).toEqual(['5000000', '0', '0']);
    const entries = await database.sql.query(
      `select id, kind, debit_id, amount, actor, reason, ref from entry where credit_id = $1`,
      [accountId],
    );
    const row = { kind: 'grant', debit_id: '1', amount: '5000000', actor: 'test', reason: 'because' };
    expect(entries).toEqual([{ ...row, id: entryId, ref: `${accountId}:a` }]);
  });

  it('below zero goes to the house, but never takes the account below zero', async () => {
    await post(10n, 'in');
    await post(-4n, 'out', { kind: 'adjust' });
    expect(await counters()).toEqual(['10', '4', '0']);
    await expect(post(-7n, 'more', { kind: 'adjust' })).rejects.toMatchObject({
      status: 409,
      code: 'insufficient_balance',
    });
    await post(-6n, 'rest', { kind: 'expire' });
    expect(await counters()).toEqual(['10', '10', '0']);
  });

  it('leaves alone what open holds have reserved', async () => {
    await post(10n, 'in');
    await database.sql.query(`update account set debits_pending = 4 where id = $1`, [accountId]);
    await expect(post(-7n, 'out', { kind: 'adjust' })).rejects.toMatchObject({ code: 'insufficient_balance' });
  });

  it('as a refund lowers what was used', async () => {
    await post(10n, 'back', { kind: 'refund' });
    expect(await counters()).toEqual(['10', '0', '-10']);
  });

  it('happens once per reference, also when twenty ask at the same time', async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => post(7n, 'same')));
    expect(results.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(results.map(({ entryId }) => entryId)).size).toBe(1);
    expect(await counters()).toEqual(['7', '0', '0']);
  });

  it.each([
    ['another amount', 8n],
    ['the same amount the other way', -7n],
  ])('refuses a reference that was used for %s, and moves nothing', async (_what, amount) => {
    await post(7n, 'used', { kind: 'adjust' });
    await expect(post(amount, 'used', { kind: 'adjust' })).rejects.toMatchObject({
      status: 409,
      code: 'grant_conflict',
    });
    expect(await counters()).toEqual(['7', '0', '0']);
  });

  it('refuses a reference that was used for another account', async () => {
    const other = await newAccount();
    await post(7n, 'used');
    const again = post(7n, 'used', { accountId: other, ref: `${accountId}:used` });
    await expect(again).rejects.toMatchObject({ code: 'grant_conflict' });
    expect(await counters(other)).toEqual(['0', '0', '0']);
  });

  it('is exact far above what a JavaScript number can count', async () => {
    await post(2n ** 62n, 'big');
    await post(1n, 'one');
    expect((await counters())[0]).toBe('4611686018427387905');
  });

  it.each([
    [MAX - 10n, 100n],
    [1n, MAX],
  ])('of more than the account can hold is refused, and changes nothing', async (before, amount) => {
    await post(before, 'almost');
    await expect(post(amount, 'over')).rejects.toMatchObject({ status: 400, code: 'amount_overflow' });
    expect((await counters())[0]).toBe(String(before));
  });

  it.each([MAX + 1n, -MAX - 1n, 10n ** 30n])('of %s, which no column can hold, is refused', async (amount) => {
    await expect(post(amount, 'huge', { kind: 'adjust' })).rejects.toMatchObject({ code: 'amount_overflow' });
  });

  it.each<[Posting['kind'], bigint]>([
    ['grant', 0n],
    ['adjust', 0n],
    ['grant', -1n],
    ['topup', -1n],
    ['redeem', -1n],
    ['refund', -1n],
    ['expire', 1n],
  ])('%s of %s is a mistake of the caller', async (kind, amount) => {
    await expect(post(amount, 'sign', { kind })).rejects.toThrow(RangeError);
  });

  it.each(['999999', '1', '2'])('to account %s, which is none of a customer, is refused', async (id) => {
    await expect(post(1n, 'nobody', { accountId: id })).rejects.toMatchObject({ code: 'account_not_found' });
  });
});
