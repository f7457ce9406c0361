import type { Sql } from '../database/sql.js';
import type { JobState } from './job.js';
import type { LeaseOwner } from './lease-owner.js';

/** What a look at the upstream has brought, and when to look again. */
export interface Look {
  readonly id: string;
  readonly state: Extract<JobState, 'accepted' | 'processing'>;
  readonly progress: number;
  readonly dueMs: number;
}

/** Most rows of one statement. */
const BATCH_MAX = 500;

/**
 * Writes down looks: one statement at a time, and whatever arrives meanwhile is the next one. Thousands of jobs that are asked
 * after every ten seconds cost some statements a second instead of hundreds.
 */
export class JobWrites {
  private waiting: { look: Look; resolve: (isMine: boolean) => void; reject: (error: unknown) => void }[] = [];
  private isRunning = false;

  constructor(
    private readonly sql: Sql,
    private readonly owner: LeaseOwner,
  ) {}

  /** Gives a job back. @returns false when it is not this owner's any more. */
  write(look: Look): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ look, resolve, reject });
      void this.run();
    });
  }

  private async run(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH_MAX);
      try {
        const mine = await this.save(batch.map(({ look }) => look));
        for (const { look, resolve } of batch) resolve(mine.has(look.id));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.isRunning = false;
  }

  private async save(looks: readonly Look[]): Promise<ReadonlySet<string>> {
    const rows = await this.sql.query<{ id: string }>(
      `update job j set state = u.state, progress = greatest(j.progress, u.progress), failures = 0, looks = looks + 1,
              due_at = case when j.is_woken then now() else now() + make_interval(secs => u.due_ms / 1000.0) end,
              version = j.version + case when j.state <> u.state or j.progress < u.progress then 1 else 0 end,
              lease_owner = null, lease_until = null
         from unnest($2::uuid[], $3::text[], $4::integer[], $5::bigint[]) u (id, state, progress, due_ms)
        where j.id = u.id and j.lease_owner = $1 and j.state in ('accepted', 'processing')
       returning replace(j.id::text, '-', '') as id`,
      [
        this.owner.name,
        looks.map((look) => look.id),
        looks.map((look) => look.state),
        looks.map((look) => String(look.progress)),
        looks.map((look) => String(Math.round(look.dueMs))),
      ],
    );
    return new Set(rows.map((row) => row.id));
  }
}
