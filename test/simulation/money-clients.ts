import { LedgerStoreError } from '../../src/quota/core/ledger-store.js';
import { reason } from './clients.js';
import type { Context } from './context.js';
import type { History } from './history.js';
import type { Posting } from './model/post.js';
import type { VirtualInstance } from './virtual-instance.js';

const TRIES_MAX = 6;
const RETRY_MS_MAX = 400;

/** Grants or takes money, and asks again with the same reference until there is an answer. */
export async function postUntilAnswered(
  context: Context,
  instance: VirtualInstance,
  posting: Posting,
  history: History,
): Promise<void> {
  const record: History['postings'][number] = { posting };
  history.postings.push(record);
  record.result = await untilAnswered(context, instance, `post ${posting.ref}`, () => instance.store.post(posting));
}

/** Redeems a code, and tries again as long as there is no answer. */
export async function redeemUntilAnswered(
  context: Context,
  instance: VirtualInstance,
  accountId: string,
  codeId: string,
  history: History,
): Promise<void> {
  const record: History['redemptions'][number] = { accountId, codeId };
  history.redemptions.push(record);
  record.result = await untilAnswered(context, instance, `redeem ${codeId} for ${accountId}`, () =>
    instance.store.redeem(accountId, codeId),
  );
}

async function untilAnswered<Result>(
  context: Context,
  instance: VirtualInstance,
  title: string,
  ask: () => Promise<Result>,
): Promise<Result | undefined> {
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof LedgerStoreError)) context.fail(`${title}: ${reason(error)}`);
    }
    await instance.sleep(context.random.below(RETRY_MS_MAX));
  }
  return undefined;
}
