import type { Reservation, ReserveResult, SettleResult } from '../../src/quota/core/ledger-store.js';
import { Finding } from './finding.js';
import type { Posting, PostResult } from './model/post.js';
import type { RedeemResult } from './model/redeem.js';
import type { Tables } from './model/tables.js';

/** One settlement that a client has asked for. */
export interface SettleAttempt {
  readonly cost: bigint;
  result?: SettleResult;
}

/** What the client of one hold has asked for and was told. */
export interface HoldHistory {
  readonly reservation: Reservation;
  /** undefined: no answer, or none in time. */
  reserved?: ReserveResult;
  /** The most that was ever metered. */
  metered: bigint;
  readonly settles: SettleAttempt[];
  /** It was made by a call that its own core had given up: nobody takes care of it but the sweeper. */
  isOrphan: boolean;
  /** When its core heard that it was made, in virtual time. */
  answeredAt?: number;
  /** A settlement of it has been sent. */
  isClosing: boolean;
  /** When a heartbeat last passed it by, because it was locked. */
  skippedAt: number;
}

/** What clients have asked for and what they were told: judged against the books at the end. */
export class History {
  readonly holds = new Map<string, HoldHistory>();
  readonly postings: { readonly posting: Posting; result?: PostResult }[] = [];
  readonly redemptions: { readonly accountId: string; readonly codeId: string; result?: RedeemResult }[] = [];

  open(reservation: Reservation): HoldHistory {
    const history = {
      reservation,
      metered: 0n,
      settles: [],
      isOrphan: false,
      isClosing: false,
      skippedAt: Number.NEGATIVE_INFINITY,
    };
    this.holds.set(reservation.holdId, history);
    return history;
  }

  /** @throws Finding when somebody was told something that the books do not say. */
  check(tables: Tables): void {
    const lossOf = new Map<string, bigint>();
    for (const { kind, ref, amount } of tables.entry.rows()) if (kind === 'loss') lossOf.set(ref, amount);
    for (const history of this.holds.values()) {
      checkHold(history, tables, lossOf.get(history.reservation.holdId) ?? 0n);
    }
    for (const row of tables.hold.rows()) {
      if (!this.holds.has(row.id)) throw new Finding(`hold ${row.id} was asked for by nobody`);
    }
    this.checkPostings(tables);
    this.checkRedemptions(tables);
  }

  private checkPostings(tables: Tables): void {
    const posted = new Map<string, number>();
    for (const { kind, ref } of tables.entry.rows()) {
      const name = `${kind}:${ref}`;
      posted.set(name, (posted.get(name) ?? 0) + 1);
    }
    for (const { posting, result } of this.postings) {
      const name = `${posting.kind}:${posting.ref}`;
      const count = posted.get(name) ?? 0;
      if (count > 1) throw new Finding(`${name} was posted ${count} times`);
      const isPosted = result === 'posted' || result === 'posted_before';
      if (isPosted && count === 0) throw new Finding(`${name} was acknowledged and is not in the ledger`);
    }
  }

  private checkRedemptions(tables: Tables): void {
    const redeemed = new Map<string, number>();
    for (const { accountId, codeId, result } of this.redemptions) {
      if (result !== 'redeemed') continue;
      const name = `${codeId}:${accountId}`;
      const count = (redeemed.get(name) ?? 0) + 1;
      redeemed.set(name, count);
      if (count > 1) throw new Finding(`account ${accountId} was told twice that it redeemed code ${codeId}`);
      if (tables.entry.row(`redeem:${name}`) === undefined)
        throw new Finding(`redemption ${name} is not in the ledger`);
    }
  }
}

function checkHold(history: HoldHistory, tables: Tables, loss: bigint): void {
  const { reservation, reserved, settles, metered } = history;
  const { holdId } = reservation;
  const row = tables.hold.row(holdId);
  if (row === undefined) {
    if (reserved?.status === 'held') throw new Finding(`hold ${holdId} was promised and is not there`);
    return;
  }
  const settled = row.settled ?? 0n;
  if (reserved?.status === 'refused' && settled !== 0n)
    throw new Finding(`hold ${holdId} was refused and cost ${settled}`);
  const closed = settles.filter(({ result }) => result?.status === 'closed');
  if (closed.length > 1) throw new Finding(`hold ${holdId} was settled ${closed.length} times`);
  if (settles.some(({ result }) => result?.status === 'unknown')) throw new Finding(`hold ${holdId} was not known`);
  const [only] = closed;
  if (only !== undefined) {
    if (row.state === 'open' || settled + loss !== only.cost) {
      throw new Finding(`hold ${holdId} was settled at ${only.cost}, and the books say ${settled} and ${loss} lost`);
    }
    if (only.result?.lost !== loss) throw new Finding(`hold ${holdId} lost ${loss}, and its client was told otherwise`);
    return;
  }
  if (row.state === 'open') return;
  const isAnswered = settles.some(({ result }) => result !== undefined);
  if (row.state === 'swept') {
    if (isAnswered) throw new Finding(`hold ${holdId} was settled, and is still as the sweeper left it`);
    if (settled > metered) throw new Finding(`hold ${holdId} was swept at ${settled}, above the ${metered} metered`);
  } else if (!settles.some(({ cost }) => cost === settled + loss) && settled !== 0n) {
    throw new Finding(`hold ${holdId} was settled at ${settled}, which nobody asked for`);
  }
}
