import { Inject, Injectable } from '@nestjs/common';
import { invalidRequest } from '../../../common/hub-error.js';
import { ADMIN_SQL, type Sql, type SqlParameter, type SqlSession } from '../../../database/sql.js';
import { CODE_STATE_SQL } from '../../../redemption/code-store.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { type Page, readPage, toPage } from '../../graphql/connection.js';
import { notFound } from '../../graphql/graphql.errors.js';
import { readId } from '../../graphql/read-id.js';
import { searchPattern } from '../input-checks.js';
import { RedemptionCodeState } from './code.enum.js';
import type { RedemptionBatchesArgs, RedemptionCodeFilter, RedemptionCodesArgs } from './code.input.js';
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
  id: string;
  codes: string;
  redeemed: string;
  disabled: string;
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

  /** What became of the codes of a batch that has been found already, as the database keeps count. */
  async summaryOf(context: AdminContext, id: string): Promise<RedemptionBatchSummary> {
    const summary = await context.loaders.load(SUMMARY_OF_BATCH, id, async (ids) => {
      const rows = await this.sql.query<SummaryRow>(
        `select id, codes, redeemed, disabled, redeemed_amount, case when amount_least = amount_most then amount_most end as amount,
                case when max_uses_least = max_uses_most then max_uses_most end as max_uses,
                case when endless = 0 then expires_most end as expires_at
           from redemption_batch where id = any ($1::bigint[])`,
        [ids],
      );
      return new Map(rows.map((row) => [row.id, toSummary(row)]));
    });
    if (summary === undefined) throw new Error(`Batch ${id} is gone`);
    return summary;
  }

  /** One page of codes, the newest first. @throws HubError 400 naming the field of the filter, such as `filter_required`. */
  async codes({ filter, ...args }: RedemptionCodesArgs): Promise<Page<RedemptionCodeNode>> {
    const page = readPage(args, CURSOR);
    const { conditions, parameters } = readFilter(filter ?? {});
    if (page.after?.[0] !== undefined) conditions.push(`c.id < $${parameters.push(page.after[0])}::bigint`);
    const rows = await this.sql.query<CodeRow>(
      `select c.id, c.batch_id, c.last4, ${CODE_STATE_SQL} as state, c.amount, c.used, c.max_uses, c.expires_at, c.created_at
         from redemption_code c where ${['true', ...conditions].join(' and ')}
        order by c.id desc limit $${parameters.push(page.limit)}`,
      parameters,
    );
    return toPage(page, rows, cursorOf, toCode);
  }
}

/**
 * Only what is asked for becomes a condition, so that each has its index. The state of a code follows from the time and its uses,
 * which no index knows: it is looked for among the codes of one batch or of one ending, but for `disabled`.
 */
function readFilter({ batchId, last4, state }: RedemptionCodeFilter): {
  readonly conditions: string[];
  readonly parameters: SqlParameter[];
} {
  const conditions: string[] = [];
  const parameters: SqlParameter[] = [];
  if (last4 != null && !LAST4.test(last4)) {
    throw invalidRequest('"filter.last4" must be four letters or digits.', 'filter.last4');
  }
  if (batchId != null) {
    const id = readId('batch of redemption codes', batchId, 'filter.batchId');
    conditions.push(`c.batch_id = $${parameters.push(id)}::bigint`);
  }
  if (last4 != null) conditions.push(`c.last4 = $${parameters.push(last4.toUpperCase())}::text`);
  if (state === RedemptionCodeState.DISABLED) conditions.push('c.disabled_at is not null');
  else if (state != null) {
    if (batchId == null && last4 == null) {
      const message =
        'Say with "batchId" in which batch, or with "last4" how they end: only disabled codes are found without.';
      throw invalidRequest(message, 'filter.batchId', 'filter_required');
    }
    conditions.push(`${CODE_STATE_SQL} = $${parameters.push(state)}::text`);
  }
  return { conditions, parameters };
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

function toSummary(row: SummaryRow): RedemptionBatchSummary {
  return {
    codes: Number(row.codes),
    redeemed: Number(row.redeemed),
    disabled: Number(row.disabled),
    amount: row.amount === null ? null : BigInt(row.amount),
    redeemedAmount: BigInt(row.redeemed_amount),
    maxUses: row.max_uses,
    expiresAt: row.expires_at,
  };
}

function cursorOf({ id }: { readonly id: string }): readonly string[] {
  return [id];
}
