// @ts-check

import 'reflect-metadata';

/** @param {string} path of a compiled module */
const built = (path) => import(new URL(`../../dist/src/${path}`, import.meta.url).href);

/** What the bench takes from the product; it must be built. */
export async function parts() {
  const [{ LedgerCore }, { SYSTEM_CLOCK }, { SqlLedgerStore }, { Audit }, { uuid7Hex }] = await Promise.all([
    built('quota/core/ledger-core.js'),
    built('quota/core/ledger-clock.js'),
    built('quota/sql-ledger-store.js'),
    built('audit/audit.js'),
    built('common/ids.js'),
  ]);
  return { LedgerCore, SYSTEM_CLOCK, SqlLedgerStore, Audit, uuid7Hex };
}

/**
 * Opens a database as the hub does, with its pools and their limits.
 *
 * @param {string | undefined} url undefined for the embedded database
 * @param {string} [dataDir] of the embedded database
 */
export async function openDatabase(url, dataDir = '') {
  const { Database } = await built('database/database.js');
  return Database.open({ url, dataDir, poolMax: 2, ledgerPoolMax: 4 });
}
