import { invalidRequest } from '../common/hub-error.js';
import { decodeCursor, readPageLimit } from '../common/keyset-cursor.js';
import { readQuery } from '../common/read-query.js';
import { parseTimeRange } from '../common/time-range.js';
import type { JobKind, JobStatus } from '../jobs/job.js';
import type { JobQuery } from '../jobs/jobs.service.js';

const PARAMETERS = ['status', 'model', 'user_identifier', 'from', 'to', 'limit', 'after'] as const;
const PAGE = { standard: 20, max: 100 } as const;
const STATUSES: readonly JobStatus[] = ['queued', 'processing', 'succeeded', 'failed', 'cancelled'];
const JOB_ID = /^[0-9a-f]{32}$/;

/**
 * Reads the query of a list of jobs, newest first.
 * @throws HubError 400 naming the parameter.
 */
export function readJobList(query: unknown, kind: JobKind): JobQuery {
  const { status, model, user_identifier: userIdentifier, limit, after, ...range } = readQuery(query, PARAMETERS);
  const { from, to } = parseTimeRange(range);
  return {
    kind,
    limit: readPageLimit(limit, PAGE),
    before: after === undefined ? undefined : decodeCursor(after, [JOB_ID])[0],
    statuses: status === undefined ? undefined : status.split(',').map(readStatus),
    model,
    userIdentifier,
    since: from,
    until: to,
  };
}

function readStatus(text: string): JobStatus {
  const status = STATUSES.find((candidate) => candidate === text);
  if (status === undefined) {
    throw invalidRequest(`"status" must be one or more of ${STATUSES.join(', ')}, separated by commas.`, 'status');
  }
  return status;
}
