import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseSettings } from '../../src/config/parse-settings.js';
import type { Database } from '../../src/database/database.js';
import { Observers } from '../../src/observers/observers.js';
import { Ledger } from '../../src/quota/ledger.js';
import { balanceOf, grant, openHolds, UNIT } from '../support/books.js';
import { openMemoryDatabase } from '../support/database.js';
import { makeAccount, reserve } from '../support/ledger-calls.js';

let database: Database;

beforeAll(async () => {
  database = await openMemoryDatabase();
}, 60_000);
afterAll(() => database.close());

describe('the ledger of an embedded hub', () => {
  it('gives back at its start what its predecessor left open, and tells the operator', async () => {
    const { sql } = database;
    const account = await makeAccount(sql);
    await grant(sql, account, 100n * UNIT);
    await reserve(sql, account, { amount: 40n * UNIT });
    expect((await balanceOf(sql, account)).available).toBe(60n * UNIT);
    const ledger = new Ledger(sql, parseSettings({ DATA_DIR: 'memory://' }), new Observers());
    await ledger.onApplicationBootstrap();
    await ledger.onApplicationShutdown();
    expect(await openHolds(sql)).toBe(0);
    expect((await balanceOf(sql, account)).available).toBe(100n * UNIT);
    expect(await sql.query(`select kind from alert where kind = 'swept_holds'`)).toHaveLength(1);
  });
});
