import { Inject, Injectable } from '@nestjs/common';
import type { NewAlert } from '../../alerts/alert.js';
import { insertAlert } from '../../alerts/insert-alert.js';
import { bookLateSuccess } from '../../billing/book-late-success.js';
import type { NanoCredits } from '../../common/money.js';
import { LEDGER_SQL, Sql, type SqlSession } from '../../database/sql.js';
import type { TaskRef } from '../../providers/canonical/video.js';
import { untilAnswered } from '../job-lease-store.js';
import { toHex } from '../job-row.js';
import type { LeaseOwner } from '../lease-owner.js';
import type { LateTask, LateTaskKey, NewLateTask } from './late-task.js';

/** For how long a request that hands its pictures out keeps them from being taken for lost, should its hold be swept meanwhile. */
const HAND_OVER_MS_MAX = 10 * 60_000;
/** So long a caller waits for it while the database is away, as for a settlement. */
const HAND_OVER_TRIES_MAX = 10;

interface LateTaskRow {
  hold_id: string;
  attempt: number;
  channel_id: string;
  channel: string;
  credential: number;
  model: string;
  upstream_model: string;
  purchase_version_id: string | null;
  image_size: string | null;
  image_quality: string | null;
  task_ref: TaskRef | null;
  sent_at: Date;
  looks: number;
  failures: number;
}

/** What a loss is booked by. */
export interface LateLoss {
  /** What the vendor bills for the task altogether. */
  readonly purchaseCost: NanoCredits;
  readonly reason: string;
  /** @param loss what of it no usage event of the request has. */
  toAlert(loss: NanoCredits): NewAlert;
}

/**
 * Tasks of pictures, from before their submission to the end of their request, or to their own. A request has its task as long as its
 * hold is open; afterwards it is whoever's that claims it. Methods that name an owner change nothing when the task is not that owner's
 * any more.
 */
@Injectable()
export class LateTaskStore {
  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(LEDGER_SQL) private readonly ledgerSql: Sql,
  ) {}

  /** Notes that a task is about to be submitted, durably, before it is. */
  async begin(task: NewLateTask): Promise<void> {
    await this.sql.query(`${INSERT} on conflict (hold_id, attempt) do nothing`, parametersOf(task));
  }

  /** The upstream has taken the task on. One that was given up meanwhile is followed again: its reference is too dear to be lost. */
  async accept(task: NewLateTask, ref: TaskRef, taskId: string): Promise<void> {
    await untilAnswered(() =>
      this.sql.query(
        `${INSERT} on conflict (hold_id, attempt) do update set task_ref = excluded.task_ref, task_id = excluded.task_id`,
        parametersOf(task, ref, taskId),
      ),
    );
  }

  /** Keeps a new reference of the task. */
  async keepRef({ holdId, attempt }: LateTaskKey, ref: TaskRef): Promise<void> {
    await this.sql.query('update late_task set task_ref = $3::jsonb where hold_id = $1 and attempt = $2', [
      holdId,
      attempt,
      JSON.stringify(ref),
    ]);
  }

  /** There is no such task, or it is over and costs nothing. */
  async forget({ holdId, attempt }: LateTaskKey): Promise<void> {
    await this.sql.query('delete from late_task where hold_id = $1 and attempt = $2', [holdId, attempt]);
  }

  /**
   * A request asks to hand its pictures out.
   * @returns false when it was taken for dead, and whoever follows the task books it as a loss: then nobody may be given it.
   */
  async handOver({ holdId, attempt }: LateTaskKey): Promise<boolean> {
    const rows = await untilAnswered(
      () =>
        this.sql.query(
          `update late_task set due_at = now() + make_interval(secs => $3 / 1000.0)
            where hold_id = $1 and attempt = $2 and followed_at is null returning attempt`,
          [holdId, attempt, HAND_OVER_MS_MAX],
        ),
      HAND_OVER_TRIES_MAX,
    );
    return rows.length === 1;
  }

  /**
   * Takes up to `limit` tasks that are due and whose requests are over, oldest first.
   * @param busyChannels whose tasks stay where they are.
   * @param inHand those that the owner still works on: their leases may have run out while its process stood still.
   */
  async claim(
    owner: LeaseOwner,
    limit: number,
    busyChannels: readonly string[],
    inHand: readonly LateTaskKey[] = [],
  ): Promise<LateTask[]> {
    // A select in place of a join: a handful of tasks must never be a reason to read all holds.
    const rows = await this.sql.query<LateTaskRow>(
      `with due as (
         select t.hold_id, t.attempt from late_task t
          where t.due_at <= now() and (t.lease_until is null or t.lease_until < now())
            and coalesce((select h.state from hold h where h.id = t.hold_id), 'gone') <> 'open'
            and t.channel_id <> all ($4::bigint[])
            and not (t.lease_owner is not distinct from $1 and exists (select from unnest($5::uuid[], $6::integer[]) k (hold_id, attempt)
                             where k.hold_id = t.hold_id and k.attempt = t.attempt))
          order by t.due_at limit $3 for update skip locked)
       update late_task t set lease_owner = $1, lease_until = now() + make_interval(secs => $2 / 1000.0),
              followed_at = coalesce(t.followed_at, now())
         from due where t.hold_id = due.hold_id and t.attempt = due.attempt
       returning ${COLUMNS}`,
      [owner.name, owner.leaseMs, limit, [...busyChannels], ...columnsOf(inHand)],
    );
    return rows.map(toLateTask);
  }

  /** Forgets tasks whose pictures were handed out and are on the bill of their request. */
  async forgetDone(): Promise<void> {
    await this.sql.query(
      `delete from late_task t where t.lease_owner is null and (select e.outcome from usage_event e
        where e.hold_id = t.hold_id and e.attempt = t.attempt) in ('done', 'overrun')`,
    );
  }

  /** Keeps tasks that are still being worked on. Rows that something else writes at the moment have their turn with the next renewal. */
  async renew(owner: LeaseOwner, keys: readonly LateTaskKey[]): Promise<void> {
    await this.sql.query(
      `with mine as (
         select t.hold_id, t.attempt from late_task t
           join unnest($3::uuid[], $4::integer[]) k (hold_id, attempt) on k.hold_id = t.hold_id and k.attempt = t.attempt
          where t.lease_owner = $1 for no key update of t skip locked)
       update late_task t set lease_until = now() + make_interval(secs => $2 / 1000.0)
         from mine where t.hold_id = mine.hold_id and t.attempt = mine.attempt`,
      [owner.name, owner.leaseMs, ...columnsOf(keys)],
    );
  }

  /** Gives a task back and says when it is due. @param isFault counts a fault of the hub's own. */
  async putOff({ holdId, attempt }: LateTaskKey, owner: LeaseOwner, dueMs: number, isFault = false): Promise<void> {
    await this.sql.query(
      `update late_task set looks = looks + 1, failures = ${isFault ? 'failures + 1' : '0'},
              due_at = now() + make_interval(secs => $4 / 1000.0), lease_owner = null, lease_until = null
        where hold_id = $1 and attempt = $2 and lease_owner = $3`,
      [holdId, attempt, owner.name, Math.round(dueMs)],
    );
  }

  /** Gives a task back as it was, at once due for somebody else: the hub stops. */
  async handBack({ holdId, attempt }: LateTaskKey, owner: LeaseOwner): Promise<void> {
    await this.sql.query(
      `update late_task set due_at = now(), lease_owner = null, lease_until = null
        where hold_id = $1 and attempt = $2 and lease_owner = $3`,
      [holdId, attempt, owner.name],
    );
  }

  /**
   * Ends the following of a task, once.
   * @param alert raised with it.
   * @param loss booked with it: what no usage event of the attempt has of its cost.
   */
  async end(
    task: LateTaskKey,
    owner: LeaseOwner,
    { alert, loss }: { alert?: NewAlert; loss?: LateLoss },
  ): Promise<void> {
    await this.ledgerSql.transaction(async (session) => {
      const ended = await session.query(
        'delete from late_task where hold_id = $1 and attempt = $2 and lease_owner = $3 returning attempt',
        [task.holdId, task.attempt, owner.name],
      );
      if (ended.length === 0) return;
      if (alert !== undefined) await insertAlert(session, alert);
      if (loss !== undefined) await bookLoss(session, task, loss);
    });
  }
}

/** What the request itself has on its bill, such as the prompt of a caller who left, is booked already. */
async function bookLoss(
  session: SqlSession,
  task: LateTaskKey,
  { purchaseCost, reason, toAlert }: LateLoss,
): Promise<void> {
  const [row] = await session.query<{ booked: string }>(
    'select coalesce(sum(purchase_cost), 0) as booked from usage_event where hold_id = $1 and attempt = $2',
    [task.holdId, task.attempt],
  );
  const lost = purchaseCost - BigInt(row?.booked ?? 0);
  if (lost <= 0n) return;
  await bookLateSuccess(session, {
    id: task.holdId,
    purchaseCost: lost,
    actor: 'late-tasks',
    reason,
    alert: toAlert(lost),
  });
}

const INSERT = `insert into late_task (hold_id, attempt, channel_id, channel, credential, model, upstream_model, purchase_version_id,
    image_size, image_quality, task_ref, task_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12)`;

const COLUMNS = `t.hold_id, t.attempt, t.channel_id, t.channel, t.credential, t.model, t.upstream_model, t.purchase_version_id,
  t.image_size, t.image_quality, t.task_ref, t.sent_at, t.looks, t.failures`;

function parametersOf(task: NewLateTask, ref?: TaskRef, taskId?: string) {
  return [
    task.holdId,
    task.attempt,
    task.channelId,
    task.channel,
    task.credentialIndex,
    task.model,
    task.upstreamModel,
    task.purchaseVersionId,
    task.imageSize,
    task.imageQuality,
    ref === undefined ? null : JSON.stringify(ref),
    taskId ?? null,
  ];
}

function columnsOf(keys: readonly LateTaskKey[]): [holdIds: string[], attempts: string[]] {
  return [keys.map(({ holdId }) => holdId), keys.map(({ attempt }) => String(attempt))];
}

function toLateTask(row: LateTaskRow): LateTask {
  return {
    holdId: toHex(row.hold_id),
    attempt: row.attempt,
    channelId: row.channel_id,
    channel: row.channel,
    credentialIndex: row.credential,
    model: row.model,
    upstreamModel: row.upstream_model,
    purchaseVersionId: row.purchase_version_id,
    imageSize: row.image_size,
    imageQuality: row.image_quality,
    taskRef: row.task_ref,
    sentAt: row.sent_at,
    looks: row.looks,
    failures: row.failures,
  };
}
