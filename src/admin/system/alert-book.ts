import { Inject, Injectable } from '@nestjs/common';
import { ADMIN_SQL, type Sql } from '../../database/sql.js';
import type { AdminContext } from '../graphql/admin-context.js';
import type { PageRequest } from '../graphql/connection.js';
import { checkFilterText } from '../graphql/filter-text.js';
import { notFound } from '../graphql/graphql.errors.js';
import { isId } from '../graphql/ids.js';
import { Mutations } from '../graphql/mutations.js';
import type { Alert, AlertFilter } from './alert.type.js';

const COLUMNS = `id, kind, severity, subject, message, details, created_at as "createdAt", delivered_at as "deliveredAt",
  last_error as "lastError", acknowledged_at as "acknowledgedAt", acknowledged_by as "acknowledgedBy"`;

/** The alerts as operators read and tick them off. */
@Injectable()
export class AlertBook {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(Mutations) private readonly mutations: Mutations,
  ) {}

  /** One page, newest first. */
  list(page: PageRequest, filter: AlertFilter): Promise<Alert[]> {
    return this.sql.query<Alert>(
      `select ${COLUMNS} from alert
        where ($1::bigint is null or id < $1) and ($2::text[] is null or severity = any ($2))
          and ($3::text is null or kind = $3) and ($4::text is null or subject = $4)
          and ($5::boolean is null or (acknowledged_at is not null) = $5)
        order by id desc limit $6`,
      [
        page.after?.[0] ?? null,
        filter.severities ?? null,
        checkFilterText(filter.kind, 'filter.kind'),
        checkFilterText(filter.subject, 'filter.subject'),
        filter.isAcknowledged ?? null,
        page.limit,
      ],
    );
  }

  /** Somebody sees to it. Saying so again changes nothing. @throws HubError 404. */
  acknowledge(context: AdminContext, id: string): Promise<Alert> {
    if (!isId(id)) throw notFound('alert', id.slice(0, 32));
    return this.mutations.run(context, async (session, trail) => {
      const [before] = await session.query<Alert>(`select ${COLUMNS} from alert where id = $1 for update`, [id]);
      if (before === undefined) throw notFound('alert', id);
      if (before.acknowledgedAt !== null) return trail.refuse(before);
      const [after] = await session.query<Alert>(
        `update alert set acknowledged_at = now(), acknowledged_by = $2 where id = $1 returning ${COLUMNS}`,
        [id, context.requireActor().email],
      );
      if (after === undefined) throw notFound('alert', id);
      const snapshot = { kind: after.kind, subject: after.subject };
      trail.changed({ action: 'alert.acknowledge', kind: 'alert', id, after: snapshot });
      return after;
    });
  }
}
