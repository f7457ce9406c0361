import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import type { AuditRow } from '../../audit-log/audit-row.js';
import { type AuditQuery, listAuditLog } from '../../audit-log/list-audit-log.js';
import { invalidRequest } from '../../common/hub-error.js';
import { ADMIN_SQL, type Sql } from '../../database/sql.js';
import { Allow } from '../graphql/allow.decorator.js';
import { readPage, toPage } from '../graphql/connection.js';
import { isId } from '../graphql/ids.js';
import { AuditEntry, AuditEntryConnection, type AuditFilter, AuditPageArgs } from './audit-log.type.js';

const ID_TEXT = /^\d{1,18}$/;
const TEXT_CHARS_MAX = 200;
/** Both databases can compare with any moment up to here. */
const TIME_MAX = Date.parse('9999-12-31T23:59:59Z');

/** Reading the audit log. */
@Resolver(() => AuditEntry)
export class AuditLogResolver {
  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  @Query(() => AuditEntryConnection, { description: 'What was changed, by whom and from where, newest first.' })
  @Allow('audit:read')
  async auditLog(@Args() args: AuditPageArgs): Promise<AuditEntryConnection> {
    const page = readPage(args, [ID_TEXT]);
    const query = readFilter(args.filter ?? {});
    const before = page.after?.[0] ?? null;
    const rows = query === undefined ? [] : await listAuditLog(this.sql, query, { before, limit: page.limit });
    return toPage(page, rows, ({ seq }) => [seq], toEntry);
  }
}

/**
 * @returns undefined when no row can fit.
 * @throws HubError 400 naming the field.
 */
function readFilter(filter: AuditFilter): AuditQuery | undefined {
  if (filter.subjectId != null && filter.subjectKind == null) {
    throw invalidRequest('Say with "subjectKind" what "subjectId" is the id of.', 'filter.subjectKind');
  }
  for (const name of ['action', 'subjectKind', 'subjectId'] as const) {
    const text = filter[name] ?? '';
    if (text.length > TEXT_CHARS_MAX || text.includes('\0') || !text.isWellFormed()) {
      throw invalidRequest(`"${name}" has at most ${TEXT_CHARS_MAX} characters.`, `filter.${name}`);
    }
  }
  for (const name of ['from', 'to'] as const) {
    const ms = filter[name]?.getTime() ?? 0;
    if (!(ms >= 0 && ms <= TIME_MAX)) throw invalidRequest(`"${name}" is not a moment.`, `filter.${name}`);
  }
  if (filter.from != null && filter.to != null && filter.from >= filter.to) {
    throw invalidRequest('"from" must be before "to".', 'filter.from');
  }
  const ids = [filter.actorUserId, filter.accountId];
  return ids.some((id) => id != null && !isId(id)) ? undefined : filter;
}

function toEntry({ before, after, ...row }: AuditRow): AuditEntry {
  return { ...row, before: parse(before), after: parse(after) };
}

function parse(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}
