import type { Extension, MeteredHold, Reservation, Settlement } from '../../src/quota/core/ledger-store.js';
import type { Posting } from './model/post.js';
import type { Owner } from './model/reserve.js';
import type { AccountRow } from './model/rows.js';

/** A call of the store with all that it takes to make it again on a real database. */
export type ReplayCall =
  | ({ readonly kind: 'reserve'; readonly batch: readonly Reservation[]; readonly isRetry: boolean } & Owner)
  | { readonly kind: 'extend'; readonly extension: Extension }
  | { readonly kind: 'settle'; readonly batch: readonly Settlement[] }
  | { readonly kind: 'settleSlow'; readonly settlement: Settlement }
  | ({ readonly kind: 'heartbeat'; readonly holds: readonly MeteredHold[] } & Owner)
  | { readonly kind: 'sweep'; readonly limit: number }
  | { readonly kind: 'post'; readonly posting: Posting }
  | { readonly kind: 'redeem'; readonly accountId: string; readonly codeId: string }
  | { readonly kind: 'setStatus'; readonly accountId: string; readonly status: AccountRow['status'] };

/** A call that was committed: when, by the database's clock, and what it answered. */
export interface CommittedCall {
  readonly call: ReplayCall;
  readonly at: number;
  readonly result: unknown;
}
