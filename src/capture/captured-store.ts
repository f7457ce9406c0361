import type { SqlSession } from '../database/sql.js';
import type { CredentialCipher } from '../secrets/credential-cipher.js';
import { openSide } from './captured-binding.js';

/** A captured exchange without what was said in it. */
export interface CapturedSummary {
  /** A UUID, newer ones above older ones. */
  readonly id: string;
  /** `req_…`, as in the answer's x-request-id; its digits are the id of the hold. */
  readonly requestId: string;
  readonly accountId: string;
  readonly keyId: string;
  /** Method and path. */
  readonly endpoint: string;
  /** As asked for; null when the request did not get so far. */
  readonly model: string | null;
  /** HTTP status of the answer. */
  readonly status: number;
  /** One of the sides was cut off at 256 KiB. */
  readonly isTruncated: boolean;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** A captured exchange with both sides in the clear. */
export interface CapturedExchange extends CapturedSummary {
  /** The body of the request; of an upload its fields as JSON. Null when the request broke off before it was read. */
  readonly request: string | null;
  /** The answer as it was sent, of a stream all its events. */
  readonly response: string | null;
}

/** Which exchanges are listed, the newest first. */
export interface CapturedFilter {
  readonly keyId?: string;
  readonly accountId?: string;
  /** Most rows. */
  readonly first: number;
  /** Only those older than the one with this id. */
  readonly after?: string;
}

interface Row {
  id: string;
  request_id: string;
  account_id: string;
  key_id: string;
  endpoint: string;
  model: string | null;
  status: number;
  is_truncated: boolean;
  created_at: Date;
  expires_at: Date;
}

const COLUMNS = 'id, request_id, account_id, key_id, endpoint, model, status, is_truncated, created_at, expires_at';

/** Lists exchanges whose time is not over. Who may see them is the caller's business. */
export async function listCaptured(session: SqlSession, filter: CapturedFilter): Promise<CapturedSummary[]> {
  const rows = await session.query<Row>(
    `select ${COLUMNS} from captured_exchange
      where ($1::bigint is null or key_id = $1) and ($2::bigint is null or account_id = $2)
        and ($3::uuid is null or id < $3) and expires_at > now()
      order by id desc limit $4::integer`,
    [filter.keyId ?? null, filter.accountId ?? null, filter.after ?? null, filter.first],
  );
  return rows.map(toSummary);
}

/**
 * Opens one exchange. Reading it is an act of its own: the caller checks the role and writes the audit log, in this transaction.
 *
 * @returns undefined when there is none, or its time is over.
 * @throws SealError when a side was changed, or is that of another row.
 */
export async function openCaptured(
  session: SqlSession,
  cipher: CredentialCipher,
  id: string,
): Promise<CapturedExchange | undefined> {
  const [row] = await session.query<Row & { request: Buffer | null; response: Buffer | null }>(
    `select ${COLUMNS}, request, response from captured_exchange where id = $1::uuid and expires_at > now()`,
    [id],
  );
  if (row === undefined) return undefined;
  const summary = toSummary(row);
  return {
    ...summary,
    request: await openSide(cipher, summary, 'request', row.request, session),
    response: await openSide(cipher, summary, 'response', row.response, session),
  };
}

function toSummary(row: Row): CapturedSummary {
  return {
    id: row.id,
    requestId: `req_${row.request_id.replaceAll('-', '')}`,
    accountId: row.account_id,
    keyId: row.key_id,
    endpoint: row.endpoint,
    model: row.model,
    status: row.status,
    isTruncated: row.is_truncated,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
