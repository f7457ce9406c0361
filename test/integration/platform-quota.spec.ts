import type { Database } from '../../src/database/database.js';
import { QuotaService } from '../../src/quota/quota.service.js';
import { openMemoryDatabase } from '../support/database.js';

let database: Database;
let quota: QuotaService;
let accountId: string;

beforeAll(async () => {
  database = await openMemoryDatabase();
  quota = new QuotaService(database.sql);
});
afterAll(() => database.close());
beforeEach(async () => {
  const [row] = await database.sql.query<{ id: string }>(`insert into account (name) values ('test') returning id`);
  accountId = row!.id;
});

const by = (ref: string) => ({ actor: 'test', reason: 'because', ref: `${accountId}:${ref}` });

describe('a grant', () => {
  it('is one entry from the house, and the account has it', async () => {
    expect(await quota.grant(accountId, 5_000_000n, by('a'))).toBe(true);
    expect(await quota.balance(accountId)).toEqual({ remaining: 5_000_000n, held: 0n, available: 5_000_000n });
    const entries = await database.sql.query(
      `select kind, debit_id, amount, actor, reason, ref from entry where credit_id = $1`,
      [accountId],
    );
    expect(entries).toEqual([
      { kind: 'grant', debit_id: '1', amount: '5000000', actor: 'test', reason: 'because', ref: `${accountId}:a` },
    ]);
  });

  it('happens once per reference, also when twenty ask at the same time', async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => quota.grant(accountId, 7n, by('same'))));
    expect(results.filter((isNew) => isNew)).toHaveLength(1);
    expect((await quota.balance(accountId)).remaining).toBe(7n);
  });

  it('refuses a reference that was used for another amount, and gives nothing', async () => {
    await quota.grant(accountId, 7n, by('used'));
    await expect(quota.grant(accountId, 8n, by('used'))).rejects.toMatchObject({ code: 'grant_conflict' });
    expect((await quota.balance(accountId)).remaining).toBe(7n);
  });

  it('is exact far above what a JavaScript number can count', async () => {
    await quota.grant(accountId, 2n ** 62n, by('big'));
    await quota.grant(accountId, 1n, by('one'));
    expect((await quota.balance(accountId)).remaining).toBe(2n ** 62n + 1n);
  });

  it.each([0n, -1n])('of %s is refused', async (amount) => {
    await expect(quota.grant(accountId, amount, by('zero'))).rejects.toThrow('more than zero');
  });

  it.each(['999999', '1'])('to account %s, which is none of a customer, is refused', async (id) => {
    await expect(quota.grant(id, 1n, by('nobody'))).rejects.toMatchObject({ code: 'account_not_found' });
  });
});

it('a balance keeps what is held apart', async () => {
  await quota.grant(accountId, 10n, by('start'));
  await database.sql.query(`update account set debits_pending = 4, debits_posted = 1 where id = $1`, [accountId]);
  expect(await quota.balance(accountId)).toEqual({ remaining: 9n, held: 4n, available: 5n });
});
