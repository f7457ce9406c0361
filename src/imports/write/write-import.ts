import { appendAuditRow } from '../../audit-log/append-audit-row.js';
import type { AuditActor } from '../../audit-log/audit-row.js';
import { bumpCatalogVersion, lockCatalog } from '../../database/catalog-version.js';
import type { Sql, SqlSession } from '../../database/sql.js';
import type { CredentialCipher } from '../../secrets/credential-cipher.js';
import type { Keyring } from '../../secrets/keyring.js';
import type { ImportPlan, ImportWarning } from '../plan/import-plan.js';
import { Notes } from '../plan/notes.js';
import { Origins } from './origins.js';
import { type WrittenAccounts, writeAccounts } from './write-accounts.js';
import { writeChannels, writeModels, writePrices } from './write-channels.js';
import { writeCodes } from './write-codes.js';
import type { WriteContext, WriteCount } from './write-context.js';
import { writeGroups } from './write-groups.js';
import { writeKeys } from './write-keys.js';

/** What was written, or would be. */
export interface WrittenImport {
  readonly groups: WriteCount;
  readonly accounts: WrittenAccounts;
  readonly keys: WriteCount;
  readonly models: WriteCount;
  readonly channels: WriteCount;
  readonly prices: WriteCount;
  readonly codes: WriteCount;
  /** What only the hub's own rows could tell. */
  readonly warnings: readonly ImportWarning[];
}

/** What writing needs besides the plan. */
export interface WriteOptions {
  /** Tells this database from others that are imported. */
  readonly label: string;
  readonly keyring: Pick<Keyring, 'apiKeyPepper' | 'deriveKey'>;
  readonly cipher: CredentialCipher;
  /** Who does it, for the audit log. */
  readonly actor: AuditActor;
  /** False undoes everything at the end: what would be written is known exactly, and nothing is. */
  readonly isApplied: boolean;
}

/** Ends a transaction whose work is only tried. */
class TrialOver extends Error {
  override readonly name = 'TrialOver';

  constructor(readonly result: WrittenImport) {
    super('The trial is over');
  }
}

/**
 * Writes a plan in one transaction, all of it or nothing. What came from the same database before is found again and left
 * as it is, so that a second import makes nothing twice.
 *
 * @throws ImportError when another database was imported under this label; HubError of the ledger.
 */
export async function writeImport(sql: Sql, plan: ImportPlan, options: WriteOptions): Promise<WrittenImport> {
  try {
    return await sql.transaction(async (session) => {
      const result = await writeAll(session, plan, options);
      if (!options.isApplied) throw new TrialOver(result);
      return result;
    });
  } catch (error) {
    if (error instanceof TrialOver) return error.result;
    throw error;
  }
}

async function writeAll(session: SqlSession, plan: ImportPlan, options: WriteOptions): Promise<WrittenImport> {
  // Imports take turns with each other and with everything that changes channels and prices.
  await lockCatalog(session);
  const notes = new Notes();
  const origins = await Origins.load(session, options.label);
  const context: WriteContext = { session, plan, origins, notes, ...options };
  const groups = await writeGroups(context);
  const accounts = await writeAccounts(context);
  const keys = await writeKeys(context);
  const models = await writeModels(context);
  const channels = await writeChannels(context);
  const prices = await writePrices(context);
  const codes = await writeCodes(context);
  await origins.store(session);
  if ([groups, models, channels, prices].some(({ made }) => made > 0)) await bumpCatalogVersion(session);
  await session.query(`update hub_state set imported_at = now() where id = 1 and imported_at is null`);
  const counts = { groups, accounts, keys, models, channels, prices, codes };
  if (Object.values(counts).some(({ made }) => made > 0)) {
    const change = { action: 'import.apply', kind: 'import', id: options.label, after: counts };
    await appendAuditRow(session, options.keyring, options.actor, change);
  }
  return { ...counts, warnings: notes.warnings };
}
