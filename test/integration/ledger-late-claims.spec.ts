import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuid7Hex } from '../../src/common/ids.js';
import type { Database } from '../../src/database/database.js';
import type { Claim, Settlement } from '../../src/quota/core/ledger-store.js';
import { SqlLedgerStore } from '../../src/quota/sql-ledger-store.js';
import { balanceOf, grant, UNIT } from '../support/books.js';
import { openMemoryDatabase } from '../support/database.js';
import { makeAccount } from '../support/ledger-calls.js';

// A hub that is cut off for longer than its lease loses its holds to the sweeper, and with them the Idempotency-Keys of their
// requests; the clients repeat these elsewhere. However the two meet, the caller pays once.

const COST = 30n * UNIT;
const ANSWER = { status: 200, headers: {}, body: 'ff' };

let database: Database;
let store: SqlLedgerStore;
let account: string;
let claim: Claim;

beforeAll(async () => {
  database = await openMemoryDatabase();
  store = new SqlLedgerStore(database.sql, { name: 'here', epoch: 1n, leaseMs: 60_000 });
}, 60_000);
afterAll(() => database.close());
beforeEach(async () => {
  account = await makeAccount(database.sql);
  await grant(database.sql, account, 1000n * UNIT);
  claim = { route: 'POST /chat', key: uuid7Hex(Date.now()), hash: '00ff', ttlSeconds: 3600 };
});

async function reserve(): Promise<string> {
  const holdId = uuid7Hex(Date.now());
  const hold = { holdId, accountId: account, keyId: null, kind: 'sync' as const, amount: COST, minimum: COST };
  const [result] = await store.reserve(
    [{ ...hold, priceVersionId: null, model: 'm', userIdentifier: '', claim }],
    false,
  );
  expect(result).toEqual({ status: 'held', amount: COST });
  return holdId;
}

function settlement(holdId: string): Settlement {
  const event = {
    attempt: 1,
    isFinal: true,
    keyId: null,
    model: 'm',
    endpoint: 'chat',
    userIdentifier: '',
    cost: COST,
  };
  return { holdId, accountId: account, cost: COST, events: [{ ...event, outcome: 'done' }], claim, answer: ANSWER };
}

async function sweep(holdId: string): Promise<void> {
  await database.sql.query(`update hold set lease_until = now() - interval '1 s' where id = $1`, [holdId]);
  expect(await store.sweep(10)).toHaveLength(1);
}

const used = async (): Promise<bigint> => (await balanceOf(database.sql, account)).used;
const claims = () =>
  database.sql.query<{ state: string; hold: string }>(
    `select state, replace(hold_id::text, '-', '') as hold from idempotency where key = $1`,
    [claim.key],
  );

describe('a request that is settled after its sweep', () => {
  it('is a loss when its repetition has been carried out meanwhile', async () => {
    const first = await reserve();
    await sweep(first);
    const second = await reserve();
    expect(await store.settle([settlement(second)])).toEqual(['closed']);
    expect(await store.settleSlow(settlement(first))).toEqual({ status: 'closed', charged: 0n, lost: COST });
    expect(await used()).toBe(COST);
    expect(await claims()).toEqual([{ state: 'done', hold: second }]);
  });

  it('is a loss as well while its repetition is still being worked on', async () => {
    const first = await reserve();
    await sweep(first);
    const second = await reserve();
    expect(await store.settleSlow(settlement(first))).toMatchObject({ charged: 0n, lost: COST });
    expect(await store.settle([settlement(second)])).toEqual(['closed']);
    expect(await used()).toBe(COST);
  });

  it('is charged when nobody has repeated it, and answers the repetition that comes', async () => {
    const first = await reserve();
    await sweep(first);
    expect(await store.settleSlow(settlement(first))).toEqual({ status: 'closed', charged: COST, lost: 0n });
    expect(await used()).toBe(COST);
    expect(await claims()).toEqual([{ state: 'done', hold: first }]);
    const repeated = uuid7Hex(Date.now());
    const hold = { holdId: repeated, accountId: account, keyId: null, kind: 'sync' as const, amount: 1n, minimum: 1n };
    const again = { ...hold, priceVersionId: null, model: 'm', userIdentifier: '', claim };
    expect(await store.reserve([again], false)).toEqual([{ status: 'refused', reason: 'claim_taken' }]);
  });
});
