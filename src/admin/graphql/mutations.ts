import { Inject, Injectable } from '@nestjs/common';
import { appendAuditRow } from '../../audit-log/append-audit-row.js';
import type { AuditActor, AuditChange } from '../../audit-log/audit-row.js';
import { ADMIN_SQL, type Sql, type SqlSession } from '../../database/sql.js';
import { Keyring } from '../../secrets/keyring.js';
import type { AdminContext } from './admin-context.js';

/** What a mutation tells of itself while it runs. */
export class Trail {
  readonly changes: AuditChange[] = [];
  readonly afterCommit: (() => Promise<void> | void)[] = [];
  isRefused = false;

  /** Something was changed; it becomes a row of the audit log. Every mutation says so at least once, or {@link refuse}s. */
  changed(change: AuditChange): void {
    this.changes.push(change);
  }

  /** Nothing was changed, and the outcome says why. Returns its argument. */
  refuse<Outcome>(outcome: Outcome): Outcome {
    this.isRefused = true;
    return outcome;
  }

  /** To be done when the change is there to stay, e.g. telling other instances. Not called when it is rolled back. */
  after(work: () => Promise<void> | void): void {
    this.afterCommit.push(work);
  }
}

/** Runs the mutations of the admin API: the change and its audit rows in one transaction. */
@Injectable()
export class Mutations {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  /**
   * @param work makes the change in the session it is given, with nothing but SQL of it awaited, and reports it to the trail. It
   * may run again after a deadlock. To refuse with an error it throws: then nothing is changed.
   * @returns what `work` returns, after the commit.
   */
  async run<Result>(
    context: AdminContext,
    work: (session: SqlSession, trail: Trail) => Promise<Result>,
  ): Promise<Result> {
    const actor = auditActor(context);
    const { result, trail } = await this.sql.transaction(async (session) => {
      const trail = new Trail();
      const result = await work(session, trail);
      if (trail.changes.length === 0 && !trail.isRefused) throw new Error('A mutation left nothing in the audit log');
      for (const change of trail.changes) await appendAuditRow(session, this.keyring, actor, change);
      return { result, trail };
    });
    for (const work of trail.afterCommit) await work();
    return result;
  }
}

/** The actor of a request as the audit log knows it. */
export function auditActor({ actor, req }: AdminContext): AuditActor {
  return {
    kind: actor?.kind ?? 'nobody',
    userId: actor?.userId ?? null,
    name: actor?.email ?? '',
    address: req.ip,
    requestId: req.id,
  };
}
