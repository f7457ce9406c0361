import { hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import type { Sql, SqlSession } from '../database/sql.js';
import { MasterKeyError } from './master-key-error.js';
import { open, SealError, seal } from './seal.js';

/** What a data key is for: encrypting channel credentials, or hashing API keys. */
type Purpose = 'credential' | 'api_key';

interface Row {
  id: string;
  purpose: Purpose;
  wrapped: Buffer;
  is_active: boolean;
}

/** A data key in the clear. */
export interface DataKey {
  /** A UUID. */
  readonly id: string;
  /** 32 bytes. */
  readonly bytes: Buffer;
}

/**
 * The data keys of this installation, opened with the master key. They live in the database, wrapped, so that every
 * instance has the same ones and a new master key touches these rows only, not what they protect.
 */
export class Keyring {
  private credentialKeys = new Map<string, DataKey>();
  private activeCredentialKey: DataKey | undefined;
  private pepper: Buffer | undefined;

  private constructor(
    private readonly sql: Sql,
    private masterKey: Buffer,
  ) {}

  /**
   * Opens the stored keys, and makes the missing ones on a new installation.
   *
   * @throws MasterKeyError when the master key is not theirs.
   */
  static async open(sql: Sql, masterKey: Buffer): Promise<Keyring> {
    const keyring = new Keyring(sql, masterKey);
    await sql.transaction(async (session) => {
      // Instances that start together on an empty database must agree on one set of keys.
      await lockKeys(session);
      const purposes = new Set((await selectKeys(session)).filter((row) => row.is_active).map((row) => row.purpose));
      for (const purpose of ['credential', 'api_key'] as const) {
        if (!purposes.has(purpose)) await insertKey(session, masterKey, purpose);
      }
      keyring.take(await selectKeys(session));
    });
    return keyring;
  }

  /** The key under which API keys are hashed. Never rotated: stored hashes would match nothing any more. */
  get apiKeyPepper(): Buffer {
    if (this.pepper === undefined) throw new MasterKeyError('There is no key to hash API keys with');
    return this.pepper;
  }

  /**
   * A key of its own for a purpose, the same in every instance and at every time: made of the one that is never rotated, so that
   * nothing has to be stored for it.
   *
   * @param label names the purpose, such as `result link`.
   * @returns 32 bytes that tell nothing of other keys (HKDF-SHA-256, RFC 5869).
   */
  deriveKey(label: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.apiKeyPepper, '', `ug-ai-hub ${label}`, 32));
  }

  /** The key new credentials are encrypted with. */
  get credentialKey(): DataKey {
    if (this.activeCredentialKey === undefined) throw new MasterKeyError('There is no key to encrypt credentials with');
    return this.activeCredentialKey;
  }

  /**
   * A credential key by id, also one that another instance has made since; undefined when there is none.
   *
   * @param session the transaction this is called in; nothing but its session may be awaited there.
   */
  async findCredentialKey(id: string, session: SqlSession = this.sql): Promise<DataKey | undefined> {
    if (!this.credentialKeys.has(id)) this.take(await selectKeys(session));
    return this.credentialKeys.get(id);
  }

  /** Makes a new active credential key. The old ones stay and open what they sealed. */
  async rotateCredentialKey(): Promise<void> {
    const rows = await this.sql.transaction(async (session) => {
      await lockKeys(session);
      await session.query(`update secret_key set is_active = false where purpose = 'credential'`);
      await insertKey(session, this.masterKey, 'credential');
      return selectKeys(session);
    });
    // Not before the commit: what a key seals that was never stored is lost.
    this.take(rows);
  }

  /**
   * Wraps every data key again, under a new master key. Nothing they protect changes.
   *
   * @returns how many rows were wrapped again.
   */
  async rewrap(newMasterKey: Buffer): Promise<number> {
    const count = await this.sql.transaction(async (session) => {
      await lockKeys(session);
      const rows = await selectKeys(session);
      for (const row of rows) {
        const wrapped = seal(newMasterKey, this.unwrap(row).bytes, bindingOf(row.id, row.purpose));
        await session.query(`update secret_key set wrapped = $2 where id = $1`, [row.id, wrapped]);
      }
      return rows.length;
    });
    this.masterKey = newMasterKey;
    return count;
  }

  private take(rows: readonly Row[]): void {
    const keys = new Map<string, DataKey>();
    for (const row of rows) {
      const key = this.unwrap(row);
      if (row.purpose === 'credential') keys.set(row.id, key);
      if (row.is_active && row.purpose === 'credential') this.activeCredentialKey = key;
      if (row.is_active && row.purpose === 'api_key') this.pepper = key.bytes;
    }
    this.credentialKeys = keys;
  }

  private unwrap(row: Row): DataKey {
    try {
      return { id: row.id, bytes: open(this.masterKey, row.wrapped, bindingOf(row.id, row.purpose)) };
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      throw new MasterKeyError(
        'The master key does not open the keys in the database. Start with the HUB_MASTER_KEY (or DATA_DIR/master.key) ' +
          'this database was made with.',
        { cause: error },
      );
    }
  }
}

/** A wrapped key that was moved to another row or purpose does not open. */
function bindingOf(id: string, purpose: Purpose): Buffer {
  return Buffer.from(`secret_key:${id}:${purpose}`);
}

async function lockKeys(session: SqlSession): Promise<void> {
  await session.query(`select id from hub_state where id = 1 for update`);
}

function selectKeys(session: SqlSession): Promise<Row[]> {
  return session.query<Row>(`select id, purpose, wrapped, is_active from secret_key order by created_at, id`);
}

async function insertKey(session: SqlSession, masterKey: Buffer, purpose: Purpose): Promise<void> {
  const id = randomUUID();
  const wrapped = seal(masterKey, randomBytes(32), bindingOf(id, purpose));
  await session.query(`insert into secret_key (id, purpose, wrapped) values ($1, $2, $3)`, [id, purpose, wrapped]);
}
