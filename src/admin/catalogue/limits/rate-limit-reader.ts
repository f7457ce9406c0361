import { Inject, Injectable } from '@nestjs/common';
import { invalidRequest } from '../../../common/hub-error.js';
import { SETTINGS } from '../../../config/config.module.js';
import type { Settings } from '../../../config/settings.js';
import { ADMIN_SQL, type Sql } from '../../../database/sql.js';
import type { LimitScope, Limits, StoredLimits } from '../../../limits/limit-subject.js';
import { RateLimiter } from '../../../limits/rate-limiter.js';
import { type Page, readPage, toPage } from '../../graphql/connection.js';
import { readId } from '../../graphql/read-id.js';
import { checkModelId } from '../check-input.js';
import { RateLimitNode, type RateLimitsArgs } from './rate-limit.type.js';

interface Row extends StoredLimits {
  readonly id: string;
  readonly name: string;
}

interface Source {
  readonly id: RegExp;
  readonly type: 'bigint' | 'text';
  readonly from: string;
  readonly name: string;
  /** Whose rows they are; null where that has no meaning. */
  readonly account: string | null;
}

const SOURCES: Readonly<Record<LimitScope, Source>> = {
  account: {
    id: /^\d{1,18}$/,
    type: 'bigint',
    from: `account t where kind = 'customer'`,
    name: 't.name',
    account: 't.id',
  },
  key: {
    id: /^\d{1,18}$/,
    type: 'bigint',
    from: `api_key t where revoked_at is null`,
    name: 't.name',
    account: 't.account_id',
  },
  model: { id: /^[^\0]{1,256}$/, type: 'text', from: `model t where true`, name: 't.id', account: null },
};

/** Reads what limits callers. */
@Injectable()
export class RateLimitReader {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(RateLimiter) private readonly limiter: RateLimiter,
  ) {}

  /** By id. @throws HubError 400 or 404 naming the argument. */
  async list(args: RateLimitsArgs): Promise<Page<RateLimitNode>> {
    const { scope, subjectId, accountId, onlyOwn } = args.filter;
    const { id, type, from, name, account } = SOURCES[scope];
    const request = readPage(args, [id]);
    if (accountId != null && account === null) {
      throw invalidRequest('Models belong to no account: leave "filter.accountId" out.', 'filter.accountId');
    }
    const rows = await this.sql.query<Row>(
      `select t.id, ${name} as name, rpm_limit as rpm, tpm_limit as tpm, concurrency_limit as concurrency from ${from}
          and ($1::${type} is null or t.id > $1) and ($3::${type} is null or t.id = $3)
          and ($4::bigint is null or ${account ?? 'null'} = $4)
          and (not $5 or coalesce(rpm_limit, tpm_limit, concurrency_limit) is not null)
        order by t.id limit $2`,
      [
        request.after?.[0] ?? null,
        request.limit,
        subjectId == null ? null : checkSubject(scope, subjectId),
        accountId == null ? null : readId('account', accountId, 'filter.accountId'),
        onlyOwn,
      ],
    );
    return toPage(
      request,
      rows,
      (row) => [row.id],
      (row) => this.toNode(scope, row),
    );
  }

  private toNode(scope: LimitScope, { id, name, ...own }: Row): RateLimitNode {
    const defaults = this.defaultsOf(scope);
    const used = this.limiter.usedHere(scope, id);
    return Object.assign(new RateLimitNode(), {
      scope,
      subjectId: id,
      name,
      rpm: own.rpm ?? defaults.rpm ?? null,
      tpm: own.tpm ?? defaults.tpm ?? null,
      concurrency: own.concurrency ?? defaults.concurrency ?? null,
      isOwn: own.rpm !== null || own.tpm !== null || own.concurrency !== null,
      requestsUsed: used.requests,
      tokensUsed: used.tokens,
      inFlight: used.inFlight,
    });
  }

  private defaultsOf(scope: LimitScope): Limits {
    const { keyDefaults, accountDefaults } = this.settings.limits;
    if (scope === 'model') return {};
    return scope === 'key' ? keyDefaults : accountDefaults;
  }
}

function checkSubject(scope: LimitScope, id: string): string {
  const param = 'filter.subjectId';
  return scope === 'model' ? checkModelId(id, param) : readId(scope, id, param);
}
