import { Inject, Injectable } from '@nestjs/common';
import { listCaptured, openCaptured } from '../../capture/captured-store.js';
import { setCapture } from '../../capture/set-capture.js';
import { HubError } from '../../common/hub-error.js';
import { ADMIN_SQL, type Sql } from '../../database/sql.js';
import { RedisService } from '../../redis/redis.service.js';
import { TOPIC_KEYS } from '../../redis/topics.js';
import { CredentialCipher } from '../../secrets/credential-cipher.js';
import { SealError } from '../../secrets/seal.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { type Page, type PageArgs, readPage, toPage } from '../graphql/connection.js';
import { notFound } from '../graphql/graphql.errors.js';
import { isId } from '../graphql/ids.js';
import { Mutations } from '../graphql/mutations.js';
import { readOptionalReason } from '../graphql/read-reason.js';
import {
  CaptureChanged,
  CapturedExchange,
  type CapturedExchangesFilter,
  CaptureSetting,
  OpenedExchange,
  type SetCaptureInput,
  UnreadableExchange,
} from './capture.type.js';

const EXCHANGE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const KEY_ID = /^\d{1,18}$/;

/** What administrators do with captured requests and answers. */
@Injectable()
export class CaptureDesk {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(CredentialCipher) private readonly cipher: CredentialCipher,
    @Inject(RedisService) private readonly redis: RedisService,
  ) {}

  /** One page of exchanges, the newest first, without their contents. An id that is none has no exchanges. */
  async list(args: PageArgs, filter: CapturedExchangesFilter): Promise<Page<CapturedExchange>> {
    const page = readPage(args, [EXCHANGE_ID]);
    const keyId = filter.keyId ?? undefined;
    const accountId = filter.accountId ?? undefined;
    const isPossible = [keyId, accountId].every((id) => id === undefined || isId(id));
    const wanted = { keyId, accountId, first: page.limit, after: page.after?.[0] };
    const rows = isPossible ? await listCaptured(this.sql, wanted) : [];
    return toPage(
      page,
      rows,
      ({ id }) => [id],
      (row) => Object.assign(new CapturedExchange(), row),
    );
  }

  /** One page of the keys whose capture is on, by their ids. */
  async settings(args: PageArgs): Promise<Page<CaptureSetting>> {
    const page = readPage(args, [KEY_ID]);
    const rows = await this.sql.query<CaptureSetting>(
      `select id as "keyId", account_id as "accountId", capture_until as until from api_key
        where capture_until > now() and revoked_at is null and ($1::bigint is null or id > $1) order by id limit $2`,
      [page.after?.[0] ?? null, page.limit],
    );
    return toPage(
      page,
      rows,
      ({ keyId }) => [keyId],
      (row) => Object.assign(new CaptureSetting(), row),
    );
  }

  /** Decrypts one exchange, which the audit log tells; it never has the contents. */
  async open(context: AdminContext, id: string): Promise<OpenedExchange | UnreadableExchange> {
    if (!EXCHANGE_ID.test(id)) throw notFound('captured exchange', id.slice(0, 64));
    return this.mutations.run(context, async (session, trail) => {
      const opened = await openCaptured(session, this.cipher, id).catch((error: unknown) => {
        if (error instanceof SealError) return error;
        throw error;
      });
      if (opened === undefined) throw notFound('captured exchange', id);
      if (opened instanceof SealError) {
        const message =
          'This exchange was changed in the database, or its encryption key is gone: it cannot be read. Other exchanges are not affected.';
        return trail.refuse(Object.assign(new UnreadableExchange(), { message }));
      }
      const { request, response, ...summary } = opened;
      const { requestId, keyId, accountId } = summary;
      trail.changed({ action: 'capture.open', kind: 'capturedExchange', id, accountId, after: { requestId, keyId } });
      const exchange = Object.assign(new CapturedExchange(), summary);
      return Object.assign(new OpenedExchange(), { exchange, request, response });
    });
  }

  /** Switches the capture of a key on or off; all instances know it at once. */
  set(context: AdminContext, input: SetCaptureInput): Promise<CaptureChanged> {
    const { keyId } = input;
    const until = input.until ?? null;
    const reason = readOptionalReason(input.reason, 'input.reason');
    if (!isId(keyId)) throw noKey(keyId);
    return this.mutations.run(context, async (session, trail) => {
      const { accountId, before, after } = await setCapture(session, keyId, until).catch((error: unknown) => {
        throw error instanceof HubError && error.status === 404 ? noKey(keyId) : error;
      });
      trail.changed({
        action: 'apiKey.setCapture',
        kind: 'apiKey',
        id: keyId,
        accountId,
        reason,
        before: { captureUntil: before },
        after: { captureUntil: after },
      });
      trail.after(() => this.redis.publish(TOPIC_KEYS, ''));
      return Object.assign(new CaptureChanged(), { keyId, until });
    });
  }
}

function noKey(id: string): HubError {
  return notFound('API key', id.slice(0, 64), 'input.keyId');
}
