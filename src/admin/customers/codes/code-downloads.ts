import { createHmac, randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { appendAuditRow } from '../../../audit-log/append-audit-row.js';
import type { AuditActor } from '../../../audit-log/audit-row.js';
import type { NanoCredits } from '../../../common/money.js';
import { Periodic } from '../../../common/periodic.js';
import { ADMIN_SQL, type Sql, type SqlSession } from '../../../database/sql.js';
import { CredentialCipher } from '../../../secrets/credential-cipher.js';
import { Keyring } from '../../../secrets/keyring.js';

/** How long the codes of a new batch can be had. */
const DOWNLOAD_MINUTES = 15;
const SWEEP_MS = 60_000;
const TOKEN = /^[0-9A-Za-z_-]{43}$/;
const KEY_LABEL = 'code download';

/** Where the codes of a batch can be had, and until when. */
export interface CodeDownload {
  /** 256 random bits; whoever has it has the codes. */
  readonly token: string;
  readonly until: Date;
}

/** The codes of a batch, opened. */
export interface DownloadedCodes {
  readonly batchId: string;
  readonly codes: readonly string[];
  readonly amount: NanoCredits;
  readonly expiresAt: Date | null;
}

interface Row {
  batch_id: string;
  sealed: Buffer;
  amount: string;
  expires_at: Date | null;
  actor: string;
  user_id: string | null;
  email: string | null;
}

/** Keeps the codes of new batches, encrypted, for as long as they can be had; then nobody can read them any more. */
@Injectable()
export class CodeDownloads implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('CodeDownloads');
  private readonly sweeps = new Periodic(
    async () => void (await this.sweep()),
    SWEEP_MS,
    (error) => this.logger.warn(`Codes whose time for download is over could not be deleted: ${error}`),
  );

  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(CredentialCipher) private readonly cipher: CredentialCipher,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeps.start();
    // What was left over while the hub was down.
    this.sweeps.runSoon();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.sweeps.stop();
  }

  /** Keeps the codes of a batch, in the transaction that makes them. */
  async keep(session: SqlSession, batchId: string, codes: readonly string[]): Promise<CodeDownload> {
    const token = randomBytes(32).toString('base64url');
    const [row] = await session.query<{ expires_at: Date }>(
      `insert into code_download (batch_id, token_hash, sealed, expires_at)
       values ($1, $2, $3, now() + make_interval(mins => ${DOWNLOAD_MINUTES})) returning expires_at`,
      [batchId, this.hash(token), this.cipher.encrypt(codes.join('\n'), bindingOf(batchId))],
    );
    if (row === undefined) throw new Error('The codes were not kept');
    return { token, until: row.expires_at };
  }

  /**
   * Opens what was kept and writes into the audit log that it was: whoever reads it has codes that are worth money.
   *
   * @param client where the request comes from, for the audit log.
   * @returns undefined for a token that is not valid, or whose time is over.
   * @throws SealError when the stored bytes were changed.
   */
  async open(token: string, client: Pick<AuditActor, 'address' | 'requestId'>): Promise<DownloadedCodes | undefined> {
    if (!TOKEN.test(token)) return undefined;
    return await this.sql.transaction(async (session) => {
      const [row] = await session.query<Row>(
        `select d.batch_id, d.sealed, c.amount, c.expires_at, b.actor, u.id as user_id, u.email
           from code_download d join redemption_batch b on b.id = d.batch_id
          cross join lateral (select amount, expires_at from redemption_code where batch_id = b.id order by id limit 1) c
           left join app_user u on u.id = case when b.actor ~ '^user:[1-9][0-9]{0,17}$' then substr(b.actor, 6)::bigint end
          where d.token_hash = $1 and d.expires_at > now()`,
        [this.hash(token)],
      );
      if (row === undefined) return undefined;
      const codes = (await this.cipher.decrypt(row.sealed, bindingOf(row.batch_id), session)).split('\n');
      // The token says who was given the link, and nothing else of who is using it.
      const actor = { kind: 'nobody', userId: row.user_id, name: row.email ?? row.actor, ...client } as const;
      await appendAuditRow(session, this.keyring, actor, {
        action: 'redemptionBatch.download',
        kind: 'redemptionBatch',
        id: row.batch_id,
        after: { count: codes.length },
      });
      return { batchId: row.batch_id, codes, amount: BigInt(row.amount), expiresAt: row.expires_at };
    });
  }

  /** Deletes what can be had no more. @returns how many batches that were. */
  async sweep(): Promise<number> {
    const deleted = await this.sql.query(`delete from code_download where expires_at <= now() returning 1`);
    return deleted.length;
  }

  private hash(token: string): Buffer {
    return createHmac('sha256', this.keyring.deriveKey(KEY_LABEL)).update(token).digest();
  }
}

/** The sealed codes of one batch open for no other. */
function bindingOf(batchId: string): string {
  return `code_download:${batchId}`;
}
