import type { NewAlert } from '../alerts/alert.js';
import { insertAlert } from '../alerts/insert-alert.js';
import type { NanoCredits } from '../common/money.js';
import type { SqlSession } from '../database/sql.js';

/** Something that an upstream made, and bills, after whoever wanted it had been told that it failed. */
export interface LateSuccess {
  /** Of the job or the request: its hold's. */
  readonly id: string;
  /** What the operator pays for it. */
  readonly purchaseCost: NanoCredits;
  /** Which part of the hub found it, such as `jobs`. */
  readonly actor: string;
  readonly reason: string;
  /** Raised with it. */
  readonly alert: NewAlert;
}

/** Books it as the operator's loss; once, whoever does it. @param session of a transaction. */
export async function bookLateSuccess(session: SqlSession, late: LateSuccess): Promise<void> {
  const booked = await session.query(
    `insert into entry (kind, debit_id, credit_id, amount, ref, actor, reason)
     select 'loss', 2, 1, $2::bigint, $1 || ':late', $3, $4
      where $2::bigint > 0 on conflict (kind, ref) do nothing returning id`,
    [late.id, late.purchaseCost, late.actor, late.reason],
  );
  if (booked.length > 0) await insertAlert(session, late.alert);
}
