import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Sql, type SqlSession } from '../database/sql.js';
import { CredentialCipher } from '../secrets/credential-cipher.js';

/** 192 bits, and base64 without padding. */
const SECRET_BYTES = 24;

/** What signs an account's messages. */
export interface WebhookSecret {
  /** `whsec_` and base64. */
  readonly secret: string;
  readonly createdAt: Date;
  /** Until when the one before signs as well; null when there is none, or not any more. */
  readonly previousUntil: Date | null;
}

interface SecretRow {
  readonly account_id: string;
  readonly secret: Buffer;
  readonly created_at: Date;
  readonly previous_secret: Buffer | null;
  readonly previous_until: Date | null;
}

type Slot = 'secret' | 'previous_secret';

/** The secrets that sign the messages to customers, one an account, encrypted. */
@Injectable()
export class WebhookSecrets {
  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(CredentialCipher) private readonly cipher: CredentialCipher,
  ) {}

  /** The secret of an account; made now if it has none. */
  async of(accountId: string): Promise<WebhookSecret> {
    const row = await this.read(accountId);
    return {
      secret: await this.open(row, 'secret'),
      createdAt: row.created_at,
      previousUntil: row.previous_until,
    };
  }

  /** Everything that an account's messages are signed with now, the newest first. */
  async signing(accountId: string): Promise<string[]> {
    const row = await this.read(accountId);
    const secrets = [await this.open(row, 'secret')];
    if (row.previous_secret !== null) secrets.push(await this.open(row, 'previous_secret'));
    return secrets;
  }

  /** Makes a new secret. The one before signs as well for another 24 hours; one that was before that no longer does. */
  async rotate(accountId: string): Promise<WebhookSecret> {
    await this.read(accountId);
    await this.sql.transaction(async (session) => {
      const [row] = await session.query<SecretRow>(`select * from webhook_secret where account_id = $1 for update`, [
        accountId,
      ]);
      if (row === undefined) throw new Error(`The webhook secret of account ${accountId} is gone`);
      const previous = this.seal(await this.open(row, 'secret', session), accountId, 'previous_secret');
      await session.query(
        `update webhook_secret set secret = $2, created_at = now(), previous_secret = $3,
                previous_until = now() + interval '24 hours' where account_id = $1`,
        [accountId, this.seal(newSecret(), accountId, 'secret'), previous],
      );
    });
    return this.of(accountId);
  }

  /** Encrypts again, with the active key, every secret that an older key protects. @returns how many. */
  async reseal(): Promise<number> {
    return this.sql.transaction(async (session) => {
      const rows = await session.query<SecretRow>(`select * from webhook_secret order by account_id for update`);
      let count = 0;
      for (const row of rows) {
        for (const slot of ['secret', 'previous_secret'] as const) {
          const sealed = row[slot];
          if (sealed === null || !this.cipher.isOutdated(sealed)) continue;
          const fresh = this.seal(await this.open(row, slot, session), row.account_id, slot);
          await session.query(`update webhook_secret set ${slot} = $2 where account_id = $1`, [row.account_id, fresh]);
          count++;
        }
      }
      return count;
    });
  }

  /** The row of an account, made when there is none; without a secret whose time is over. */
  private async read(accountId: string): Promise<SecretRow> {
    const find = async (): Promise<SecretRow | undefined> => {
      const [row] = await this.sql.query<SecretRow>(
        `select account_id, secret, created_at, case when previous_until > now() then previous_secret end as previous_secret,
                case when previous_until > now() then previous_until end as previous_until
           from webhook_secret where account_id = $1`,
        [accountId],
      );
      return row;
    };
    const found = await find();
    if (found !== undefined) return found;
    // Of two that make the first one at the same time, the second takes what the first has stored.
    await this.sql.query(
      `insert into webhook_secret (account_id, secret) values ($1, $2) on conflict (account_id) do nothing`,
      [accountId, this.seal(newSecret(), accountId, 'secret')],
    );
    const made = await find();
    if (made === undefined) throw new Error(`The webhook secret of account ${accountId} was not stored`);
    return made;
  }

  private seal(secret: string, accountId: string, slot: Slot): Buffer {
    return this.cipher.encrypt(secret, bindingOf(accountId, slot));
  }

  /** @throws SealError when it was changed, or its key is gone. */
  private async open(row: SecretRow, slot: Slot, session?: SqlSession): Promise<string> {
    const sealed = row[slot];
    if (sealed === null) throw new Error(`Account ${row.account_id} has no ${slot}`);
    return this.cipher.decrypt(sealed, bindingOf(row.account_id, slot), session);
  }
}

function newSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** Bytes that were moved to another account or column do not open. */
function bindingOf(accountId: string, slot: Slot): string {
  return `webhook_secret:${accountId}:${slot}`;
}
