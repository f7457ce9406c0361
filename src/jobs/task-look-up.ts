import { Inject, Injectable } from '@nestjs/common';
import type { CancelSignal } from '../common/cancellation.js';
import { Sql, type SqlSession } from '../database/sql.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { TaskRef } from '../providers/canonical/video.js';
import type { TaskApi } from '../providers/provider.js';
import type { Candidate } from '../routing/candidate.js';
import type { TaskLookup } from './job-tasks.js';
import { taskIdOf } from './task-id.js';
import { TaskSender } from './task-sender.js';

/** For how long after a submission its task is looked for. */
export const LOOK_UP_MS_MAX = 10 * 60_000;
/** When a lost submission is asked after for the first time: what takes tasks on may need a moment to show them. */
export const FIRST_LOOK_UP_MS = 3_000;
/** After that an upstream that knows nothing of a task has never had it. */
const SETTLE_MS = 60_000;

/** What a lost submission is looked for by. */
export interface LostTask {
  readonly operation: TaskApi;
  readonly lookup: TaskLookup;
  /** Unix time in milliseconds. */
  readonly sentAtMs: number;
}

/** Asks upstreams after tasks whose submissions were not answered. */
@Injectable()
export class TaskLookUp {
  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(TaskSender) private readonly sender: TaskSender,
  ) {}

  /** @returns the task; `absent` when it certainly does not exist; `unsure` otherwise, also when the upstream cannot be asked. */
  async ask(
    candidate: Candidate,
    { operation, lookup, sentAtMs }: LostTask,
    signal: CancelSignal,
  ): Promise<TaskRef | 'absent' | 'unsure'> {
    try {
      const call = lookup.toCall();
      const answer = await this.sender.send(candidate, operation, call, { signal, isOnce: false });
      const known = await this.knownTasks(candidate, operation, (isKnown) => lookup.fromAnswer(answer, isKnown));
      const found = lookup.fromAnswer(answer, (ref) => known.has(taskIdOf(operation, ref)));
      const isSettled = Date.now() - sentAtMs > (lookup.settleMs ?? SETTLE_MS);
      return found === 'absent' && !isSettled ? 'unsure' : found;
    } catch (error) {
      if (error instanceof ProviderError) return 'unsure';
      throw error;
    }
  }

  /** Reads the answer once only to learn which tasks it is about, so that one query can tell which of them are ours. */
  private async knownTasks(
    { channel }: Candidate,
    operation: TaskApi,
    read: (isKnown: (ref: TaskRef) => boolean) => unknown,
  ): Promise<ReadonlySet<string>> {
    const seen = new Set<string>();
    read((ref) => {
      seen.add(taskIdOf(operation, ref));
      return true;
    });
    return seen.size === 0 ? seen : await knownTasks(this.sql, channel.id, [...seen]);
  }
}

/** Which of these tasks of an upstream this hub has for something else: jobs, and pictures that are waited for. */
export async function knownTasks(
  sql: SqlSession,
  channelId: string,
  taskIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ task_id: string }>(
    `select task_id from job where channel_id = $1 and task_id = any ($2::text[])
     union all select task_id from late_task where channel_id = $1 and task_id = any ($2::text[])`,
    [channelId, [...taskIds]],
  );
  return new Set(rows.map((row) => row.task_id));
}
