import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { HubError, invalidRequest } from '../../../common/hub-error.js';
import { postEntry } from '../../../quota/post-entry.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { notFound } from '../../graphql/graphql.errors.js';
import { Mutations } from '../../graphql/mutations.js';
import { readId } from '../../graphql/read-id.js';
import { readReason } from '../../graphql/read-reason.js';
import { readText } from '../../graphql/read-text.js';
import { lockAccount, toAccount } from './account-reader.js';
import { accountClosed } from './accounts.service.js';
import type { AdjustQuotaInput, GrantQuotaInput, QuotaPosted } from './quota.type.js';

const REF_CHARS_MAX = 200;

/** Grants and corrections of quota. */
@Injectable()
export class QuotaPostings {
  constructor(@Inject(Mutations) private readonly mutations: Mutations) {}

  /** @throws HubError 400 naming the field or `amount_overflow`, 404, 409 `account_closed` or `grant_conflict`. */
  async grant(context: AdminContext, input: GrantQuotaInput): Promise<QuotaPosted> {
    if (input.amount <= 0n) throw invalidRequest('"amount" must be more than 0.', 'amount');
    return await this.post(context, 'grant', input);
  }

  /** @throws HubError like {@link grant}, and 409 `insufficient_balance` for more than is available. */
  async adjust(context: AdminContext, input: AdjustQuotaInput): Promise<QuotaPosted> {
    if (input.amount === 0n) throw invalidRequest('"amount" must not be 0.', 'amount');
    return await this.post(context, 'adjust', input);
  }

  private async post(
    context: AdminContext,
    kind: 'grant' | 'adjust',
    input: GrantQuotaInput | AdjustQuotaInput,
  ): Promise<QuotaPosted> {
    const { amount } = input;
    const accountId = readId('account', input.accountId, 'accountId');
    const reason = readReason(input.reason);
    const ref = input.ref == null ? `admin:${randomUUID()}` : readText(input.ref, 'ref', REF_CHARS_MAX);
    const actor = `user:${context.requireActor().userId}`;
    return await this.mutations.run(context, async (session, trail) => {
      const before = await lockAccount(session, accountId);
      if (before === undefined) throw notFound('account', accountId, 'accountId');
      // What is left of a closed account can be taken out, but nothing put in that nobody could use.
      if (before.status === 'closed' && amount > 0n) throw accountClosed(accountId, 'accountId');
      const posting = { kind, accountId, amount, ref, actor, reason } as const;
      const { entryId, isNew } = await postEntry(session, posting).catch(nameField);
      const after = await lockAccount(session, accountId);
      if (after === undefined) throw new Error(`Account ${accountId} is gone`);
      const posted = { entryId, isNew, ref, amount, account: toAccount(after) };
      if (!isNew) return trail.refuse(posted);
      trail.changed({
        action: `quota.${kind}`,
        kind: 'account',
        id: accountId,
        accountId,
        reason,
        before: { remaining: toAccount(before).balance.remaining },
        after: { remaining: posted.account.balance.remaining, amount, entryId, ref },
      });
      return posted;
    });
  }
}

/** The ledger knows no fields: says which one of the input is at fault. */
function nameField(error: unknown): never {
  if (!(error instanceof HubError)) throw error;
  const { status, code, message } = error;
  const param = code === 'grant_conflict' ? 'ref' : 'amount';
  throw new HubError({ status, code, message, param, shouldRetry: false, cause: error });
}
