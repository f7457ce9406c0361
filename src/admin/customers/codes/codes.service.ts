import { Inject, Injectable } from '@nestjs/common';
import { invalidRequest } from '../../../common/hub-error.js';
import { SETTINGS } from '../../../config/config.module.js';
import type { Settings } from '../../../config/settings.js';
import type { SqlSession } from '../../../database/sql.js';
import { CodeHasher } from '../../../redemption/code-hasher.js';
import { CODES_CREATED_MAX, type CodeSelector, createCodes, disableCodes } from '../../../redemption/code-store.js';
import { RedemptionService } from '../../../redemption/redemption.service.js';
import { type CodeOutcome, type CodeRefusal, useCode, whyInvalid } from '../../../redemption/use-code.js';
import { Keyring } from '../../../secrets/keyring.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { notFound } from '../../graphql/graphql.errors.js';
import { Mutations, type Trail } from '../../graphql/mutations.js';
import { readId } from '../../graphql/read-id.js';
import { readText } from '../../graphql/read-text.js';
import { lockAccount, toAccount } from '../accounts/account-reader.js';
import { accountClosed } from '../accounts/accounts.service.js';
import { accountOf, readCount, readFuture } from '../input-checks.js';
import type { CreateRedemptionBatchInput, DisableCodesInput, RedeemCodeInput } from './code.input.js';
import { CodeRedeemed, CodeRefused, type CodesDisabled, type RedemptionBatchCreated } from './code.type.js';
import { CodeDownloads } from './code-downloads.js';
import { readBatch } from './code-reader.js';

const NAME_CHARS_MAX = 128;
const MESSAGES: Readonly<Record<CodeRefusal, string>> = {
  unknown: 'There is no such code. Check it for typing mistakes.',
  already_redeemed: 'This account has redeemed this code before. Its quota was added then.',
  disabled: 'This code was disabled. Ask whoever gave it to you.',
  expired: 'The time of this code is over. Ask whoever gave it to you.',
  used_up: 'This code has been redeemed as often as it may be.',
};

/** Redemption codes: made in batches, disabled, redeemed. */
@Injectable()
export class CodesService {
  private readonly hasher: CodeHasher;

  constructor(
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(RedemptionService) private readonly redemptions: RedemptionService,
    @Inject(CodeDownloads) private readonly downloads: CodeDownloads,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(Keyring) keyring: Keyring,
  ) {
    this.hasher = new CodeHasher(keyring);
  }

  /** Makes codes, all of them or none. @throws HubError 400 naming the field. */
  async create(context: AdminContext, input: CreateRedemptionBatchInput): Promise<RedemptionBatchCreated> {
    const { amount } = input;
    if (amount <= 0n) throw invalidRequest('"amount" must be more than 0.', 'amount');
    const wanted = {
      batch: readText(input.name, 'name', NAME_CHARS_MAX),
      count: readCount(input.count, 'count', CODES_CREATED_MAX) ?? 1,
      amount,
      maxUses: readCount(input.maxUses, 'maxUses') ?? 1,
      expiresAt: readFuture(input.expiresAt, 'expiresAt') ?? undefined,
      actor: `user:${context.requireActor().userId}`,
    };
    return await this.mutations.run(context, async (session, trail) => {
      const { batchId, codes } = await createCodes(session, this.hasher, wanted);
      const { token, until } = await this.downloads.keep(session, batchId, codes);
      const { batch: name, actor: _actor, ...made } = wanted;
      const after = { name, ...made };
      trail.changed({ action: 'redemptionBatch.create', kind: 'redemptionBatch', id: batchId, after });
      return {
        batch: await readBatch(session, batchId),
        downloadUrl: `${this.settings.server.publicUrl}/api/admin/codes/${token}`,
        downloadUntil: until,
      };
    });
  }

  /** Ends codes for good; what was redeemed stays. @throws HubError 400 unless one thing is named, 404. */
  async disable(context: AdminContext, { batchId, codeId }: DisableCodesInput): Promise<CodesDisabled> {
    if ((batchId == null) === (codeId == null)) {
      throw invalidRequest('Give either "batchId" or "codeId".', batchId == null ? 'batchId' : 'codeId');
    }
    const [kind, id, selector]: [string, string, CodeSelector] =
      batchId == null
        ? ['redemptionCode', ...selectorOf('id', readId('redemption code', codeId ?? '', 'codeId'))]
        : ['redemptionBatch', ...selectorOf('batchId', readId('batch of redemption codes', batchId, 'batchId'))];
    return await this.mutations.run(context, async (session, trail) => {
      const counts = await disableCodes(session, selector);
      if (counts.found === 0) throw notFound('redemption code', id, batchId == null ? 'codeId' : 'batchId');
      if (counts.disabled === 0) return trail.refuse(counts);
      trail.changed({ action: `${kind}.disable`, kind, id, after: { disabled: counts.disabled } });
      return counts;
    });
  }

  /**
   * Redeems a code for the own account or, for staff, for the one that is named; slowed as the public route is.
   * @throws HubError 400 naming `accountId` or `amount_overflow`, 404, 409 `account_closed`, 429 `too_many_attempts`.
   */
  async redeem(
    context: AdminContext,
    { code, accountId: given }: RedeemCodeInput,
  ): Promise<CodeRedeemed | CodeRefused> {
    const accountId = accountOf(context.scope('codes:redeem'), given);
    const actor = `user:${context.requireActor().userId}`;
    const { answer } = await this.redemptions.attempt({ accountId, code, address: context.req.ip }, (hash) =>
      this.mutations.run(context, async (session, trail) => {
        const account = await lockAccount(session, accountId);
        if (account === undefined) throw notFound('account', accountId, 'accountId');
        if (account.status === 'closed') throw accountClosed(accountId, 'accountId');
        const outcome = await useCode(session, { accountId, hash, actor });
        if (outcome.kind === 'refused') {
          const isHad = outcome.reason === 'already_redeemed';
          return trail.refuse(refused(isHad ? 'already_redeemed' : await whyInvalid(session, hash)));
        }
        return { answer: await this.redeemed(session, trail, accountId, outcome), refusal: undefined };
      }),
    );
    return answer;
  }

  private async redeemed(
    session: SqlSession,
    trail: Trail,
    accountId: string,
    { codeId, last4, amount }: Extract<CodeOutcome, { kind: 'redeemed' }>,
  ): Promise<CodeRedeemed> {
    const after = await lockAccount(session, accountId);
    if (after === undefined) throw new Error(`Account ${accountId} is gone`);
    const { balance } = toAccount(after);
    trail.changed({
      action: 'redemptionCode.redeem',
      kind: 'redemptionCode',
      id: codeId,
      accountId,
      after: { last4, amount, remaining: balance.remaining },
    });
    return Object.assign(new CodeRedeemed(), { added: amount, balance });
  }
}

function selectorOf(kind: 'id' | 'batchId', id: string): [string, CodeSelector] {
  return [id, kind === 'id' ? { id } : { batchId: id }];
}

function refused(refusal: CodeRefusal): { readonly answer: CodeRefused; readonly refusal: CodeRefusal } {
  const answer = Object.assign(new CodeRefused(), { reason: refusal, message: MESSAGES[refusal] });
  return { answer, refusal };
}
