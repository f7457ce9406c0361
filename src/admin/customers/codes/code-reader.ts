import { Inject, Injectable } from '@nestjs/common';
import { invalidRequest } from '../../../common/hub-error.js';
import { ADMIN_SQL, type Sql, type SqlSession } from '../../../database/sql.js';
import { CODE_STATE_SQL } from '../../../redemption/code-store.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { type Page, readPage, toPage } from '../../graphql/connection.js';
import { notFound } from '../../graphql/graphql.errors.js';
import { readId } from '../../graphql/read-id.js';
import { searchPattern } from '../input-checks.js';
import type { RedemptionCodeState } from './code.enum.js';
import type { RedemptionBatchesArgs, RedemptionCodesArgs } from './code.input.js';
import type { RedemptionBatchNode, RedemptionBatchSummary, RedemptionCodeNode } from './code.type.js';

interface BatchRow {
  id: string;
  name: string;
  actor: string;
  created_at: Date;
}

interface CodeRow {
  id: string;
  batch_id: string;
  last4: string;
  state: RedemptionCodeState;
  amount: string;
  used: number;
  max_uses: number;
  expires_at: Date | null;
  created_at: Date;
}

interface SummaryRow {
  batch_id: string;
  codes: number;
  redeemed: number;
  disabled: number;
  amount: string | null;
  redeemed_amount: string;
  max_uses: number | null;
  expires_at: Date | null;
}

const BATCH = `select b.id, b.name, b.actor, b.created_at from redemption_batch b`;
const CURSOR = [/^\d{1,18}$/];
const LAST4 = /^[0-9A-Za-z]{4}$/;

/** For the loaders of batches and of their summaries. */
const BATCH_OF_CODE = {};
const SUMMARY_OF_BATCH = {};

/** Reads redemption codes and their batches. */
@Injectable()
export class CodeReader {
  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  /** One page of batches, the newest first. */
  async batches({ filter, ...args }: RedemptionBatchesArgs): Promise<Page<RedemptionBatchNode>> {
    const page = readPage(args, CURSOR);
    const rows = await this.sql.query<BatchRow>(
      `${BATCH} where ($1::text is null or b.name ilike $1) and ($2::bigint is null or b.id < $2)
        order by b.id desc limit $3`,
      [searchPattern(filter?.search), page.after?.[0] ?? null, page.limit],
    );
    return toPage(page, rows, cursorOf, toBatch);
  }

  /** One batch. @throws HubError 404. */
  batch(id: string): Promise<RedemptionBatchNode> {
    return readBatch(this.sql, readId('batch of redemption codes', id));
  }

  /** The batch of a code that has been found already. */
  batchOf(context: AdminContext, id: string): Promise<RedemptionBatchNode | undefined> {
    return context.loaders.load(BATCH_OF_CODE, id, async (ids) => {
      const rows = await this.sql.query<BatchRow>(`${BATCH} where b.id = any ($1::bigint[])`, [ids]);
      return new Map(rows.map((row) => [row.id, toBatch(row)]));
    });
  }

  /** What became of the codes of a batch that has been found already. Reads all of its codes. */
  async summaryOf(context: AdminContext, id: string): Promise<RedemptionBatchSummary> {
    const summary = await context.loaders.load(SUMMARY_OF_BATCH, id, async (ids) => {
      const rows = await this.sql.query<SummaryRow>(
        `select c.batch_id, count(*)::int as codes, count(*) filter (where c.used > 0)::int as redeemed,
                count(c.disabled_at)::int as disabled,
                case when min(c.amount) = max(c.amount) then max(c.amount) end as amount,
                sum(c.amount::numeric * c.used) as redeemed_amount,
                case when min(c.max_uses) = max(c.max_uses) then max(c.max_uses) end as max_uses,
                case when count(c.expires_at) = count(*) then max(c.expires_at) end as expires_at
           from redemption_code c where c.batch_id = any ($1::bigint[]) group by c.batch_id`,
        [ids],
      );
      return new Map(rows.map((row) => [row.batch_id, toSummary(row)]));
    });
    return summary ?? EMPTY_SUMMARY;
  }

  /** One page of codes, the newest first. @throws HubError 400 naming `filter.last4`. */
  async codes({ filter, ...args }: RedemptionCodesArgs): Promise<Page<RedemptionCodeNode>> {
    const page = readPage(args, CURSOR);
    if (filter?.last4 != null && !LAST4.test(filter.last4)) {
      throw invalidRequest('"filter.last4" must be four letters or digits.', 'filter.last4');
    }
    const rows = await this.sql.query<CodeRow>(
      `select c.id, c.batch_id, c.last4, ${CODE_STATE_SQL} as state, c.amount, c.used, c.max_uses, c.expires_at, c.created_at
         from redemption_code c
        where ($1::bigint is null or c.batch_id = $1) and ($2::text is null or ${CODE_STATE_SQL} = $2)
          and ($3::text is null or c.last4 = $3) and ($4::bigint is null or c.id < $4)
        order by c.id desc limit $5`,
      [
        filter?.batchId == null ? null : readId('batch of redemption codes', filter.batchId, 'filter.batchId'),
        filter?.state ?? null,
        filter?.last4?.toUpperCase() ?? null,
        page.after?.[0] ?? null,
        page.limit,
      ],
    );
    return toPage(page, rows, cursorOf, toCode);
  }
}

/** Reads a batch, also within a mutation. @throws HubError 404 naming `param`. */
export async function readBatch(session: SqlSession, id: string, param = 'id'): Promise<RedemptionBatchNode> {
  const [row] = await session.query<BatchRow>(`${BATCH} where b.id = $1`, [id]);
  if (row === undefined) throw notFound('batch of redemption codes', id, param);
  return toBatch(row);
}

function toBatch({ id, name, actor, created_at: createdAt }: BatchRow): RedemptionBatchNode {
  return { id, name, actor, createdAt };
}

function toCode(row: CodeRow): RedemptionCodeNode {
  return {
    id: row.id,
    batchId: row.batch_id,
    last4: row.last4,
    state: row.state,
    amount: BigInt(row.amount),
    used: row.used,
    maxUses: row.max_uses,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  };
}

const EMPTY_SUMMARY: RedemptionBatchSummary = {
  codes: 0,
  redeemed: 0,
  disabled: 0,
  amount: null,
  redeemedAmount: 0n,
  maxUses: null,
  expiresAt: null,
};

function toSummary(row: SummaryRow): RedemptionBatchSummary {
  return {
    codes: row.codes,
    redeemed: row.redeemed,
    disabled: row.disabled,
    amount: row.amount === null ? null : BigInt(row.amount),
    redeemedAmount: BigInt(row.redeemed_amount),
    maxUses: row.max_uses,
    expiresAt: row.expires_at,
  };
}

function cursorOf({ id }: { readonly id: string }): readonly string[] {
  return [id];
}
