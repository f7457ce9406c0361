import { Inject, Injectable } from '@nestjs/common';
import { Sql, type SqlSession } from '../database/sql.js';
import { CredentialCipher } from '../secrets/credential-cipher.js';
import { idempotencyKeyInUse, idempotencyKeyReused } from './idempotency.errors.js';

/** How long an answer is kept for replays. */
export const IDEMPOTENCY_TTL_SECONDS = 24 * 60 * 60;

/** Where a key counts: the same key of another account or on another route is another key. */
export interface IdempotencyScope {
  readonly accountId: string;
  /** Such as `POST /api/user/redemption`. */
  readonly route: string;
  readonly key: string;
}

/** A key together with the request it came with. */
export interface IdempotencyClaim extends IdempotencyScope {
  /** Of `requestHash`. */
  readonly hash: Buffer;
}

/** An answer as it was given, and is given again. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined where only the status was kept. */
  readonly body: string | undefined;
}

/** An answer of a hold's claim, as `ledger_settle` takes it in `p_answers`. */
export interface SealedAnswer {
  readonly hold_id: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Encrypted, in hex. */
  readonly body: string | null;
}

interface Row {
  request_hash: Buffer;
  state: 'running' | 'done';
  status: number | null;
  headers: Record<string, string> | null;
  body: Buffer | null;
}

/**
 * Makes requests that carry an Idempotency-Key happen once: the first claims the key, its answer is stored, and the same
 * request again gets that answer. Only what took effect is stored; a refusal leaves its key free.
 */
@Injectable()
export class Idempotency {
  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(CredentialCipher) private readonly cipher: CredentialCipher,
  ) {}

  /**
   * The stored answer to this very request, or undefined when the key is free. For the claim of a hold: what to answer
   * when the ledger says that the claim is taken; undefined then means that it has become free meanwhile.
   *
   * @param session the transaction this is called in, if any.
   * @throws HubError 409 `idempotency_key_in_use`, 422 `idempotency_key_reused`.
   */
  async find(claim: IdempotencyClaim, session: SqlSession = this.sql): Promise<StoredAnswer | undefined> {
    const [row] = await session.query<Row>(
      `select request_hash, state, status, headers, body from idempotency
        where account_id = $1 and route = $2 and key = $3 and expires_at > now()`,
      [claim.accountId, claim.route, claim.key],
    );
    if (row === undefined) return undefined;
    if (!row.request_hash.equals(claim.hash)) throw idempotencyKeyReused();
    if (row.state === 'running' || row.status === null) throw idempotencyKeyInUse();
    const body = row.body === null ? undefined : await this.cipher.decrypt(row.body, bindingOf(claim), session);
    return { status: row.status, headers: row.headers ?? {}, body };
  }

  /**
   * Claims the key for a request that moves money in this transaction, which must go on to {@link complete} or roll back.
   *
   * @returns the stored answer when the request had been answered before; undefined when it is to be carried out now.
   * @throws HubError as {@link find} does.
   */
  async claim(session: SqlSession, claim: IdempotencyClaim): Promise<StoredAnswer | undefined> {
    const claimed = await session.query(
      `insert into idempotency as i (account_id, route, key, request_hash, expires_at)
       values ($1, $2, $3, $4, now() + make_interval(secs => $5))
       on conflict (account_id, route, key) do update
          set request_hash = excluded.request_hash, hold_id = null, state = 'running', status = null, headers = null,
              body = null, created_at = now(), expires_at = excluded.expires_at
        where i.expires_at <= now()
       returning key`,
      [claim.accountId, claim.route, claim.key, claim.hash, IDEMPOTENCY_TTL_SECONDS],
    );
    if (claimed.length === 1) return undefined;
    const stored = await this.find(claim, session);
    // It expired between the two statements; the next attempt takes it over.
    if (stored === undefined) throw idempotencyKeyInUse();
    return stored;
  }

  /** Stores the answer of a claim, in the transaction that made it. */
  async complete(session: SqlSession, scope: IdempotencyScope, answer: StoredAnswer): Promise<void> {
    const { status, headers, body } = answer;
    const sealed = body === undefined ? null : this.cipher.encrypt(body, bindingOf(scope));
    await session.query(
      `update idempotency set state = 'done', status = $4, headers = $5::jsonb, body = $6
        where account_id = $1 and route = $2 and key = $3`,
      [scope.accountId, scope.route, scope.key, status, JSON.stringify(headers), sealed],
    );
  }

  /** Prepares an answer for the ledger, which stores it together with the settlement of the hold. */
  encryptAnswer(scope: IdempotencyScope, holdId: string, answer: StoredAnswer): SealedAnswer {
    const { status, headers, body } = answer;
    const sealed = body === undefined ? null : this.cipher.encrypt(body, bindingOf(scope)).toString('hex');
    return { hold_id: holdId, status, headers, body: sealed };
  }
}

/** A stored body opens for its own account, route and key only. */
function bindingOf({ accountId, route, key }: IdempotencyScope): string {
  return `idempotency:${JSON.stringify([accountId, route, key])}`;
}
