import { randomUUID } from 'node:crypto';
import { Audit } from '../../src/audit/audit.js';
import { uuid7Hex } from '../../src/common/ids.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import { Database } from '../../src/database/database.js';
import type { Sql } from '../../src/database/sql.js';
import { Observers } from '../../src/observers/observers.js';
import type { Reservation, Settlement } from '../../src/quota/core/ledger-store.js';
import { Ledger } from '../../src/quota/ledger.js';

/** A ledger as a hub has it, with a database pool of its own. */
export interface RunningLedger {
  readonly ledger: Ledger;
  readonly database: Database;
  stop(): Promise<void>;
}

/** Starts a ledger on a migrated database. */
export async function startLedger(url: string, settings = parseSettings({})): Promise<RunningLedger> {
  const database = await Database.open({ url, dataDir: '', poolMax: 4, ledgerPoolMax: 4 });
  const ledger = new Ledger(database.ledgerSql, settings, new Observers());
  await ledger.onApplicationBootstrap();
  return {
    ledger,
    database,
    stop: async () => {
      await ledger.onApplicationShutdown();
      await database.close();
    },
  };
}

/** A reservation with an id of its own. */
export function toReservation(accountId: string, amount: bigint, more: Partial<Reservation> = {}): Reservation {
  return {
    holdId: uuid7Hex(Date.now()),
    accountId,
    keyId: null,
    kind: 'sync',
    amount,
    minimum: amount,
    priceVersionId: null,
    model: 'gpt-4',
    userIdentifier: '',
    ...more,
  };
}

/** The settlement of a request that was answered in its first attempt. */
export function toSettlement({ holdId, accountId }: Reservation, cost: bigint): Settlement {
  const event = { attempt: 1, isFinal: true, keyId: null, model: 'gpt-4', endpoint: 'chat', userIdentifier: '' };
  return { holdId, accountId, cost, events: [{ ...event, outcome: 'done', durationMs: 1, cost }] };
}

/** A new account that has so much. */
export async function makeFundedAccount(sql: Sql, amount: bigint): Promise<string> {
  const [row] = await sql.query<{ id: string }>(`insert into account (name) values ('funded') returning id`);
  const id = row?.id ?? '';
  await sql.query(`select ledger_post('grant', $1, $2, $3, 'test', null)`, [id, amount, randomUUID()]);
  return id;
}

/** The invariants that do not hold, with samples; all of them must. */
export async function brokenInvariants(sql: Sql): Promise<string[]> {
  const results = await new Audit(sql).run();
  return results
    .filter(({ badRows }) => badRows > 0)
    .map(({ id, badRows, samples }) => `${id}: ${badRows}, ${JSON.stringify(samples[0])}`);
}
