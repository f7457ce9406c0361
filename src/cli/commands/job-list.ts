import { toTable } from '../../common/to-table.js';
import { JOB_STATES, type JobState, toPublicJobId } from '../../jobs/job.js';
import { type ListedJob, listJobs } from '../../jobs/job-report.js';
import { toHex } from '../../jobs/job-row.js';
import { type DatabaseCommand, UsageError } from '../command.js';
import { findAccount } from '../find-account.js';
import { listOption, parseArguments } from '../parse-arguments.js';
import { parseCount } from '../parse-count.js';
import { parseSince } from '../parse-since.js';

const LISTED_BY_DEFAULT = 50;
const LISTED_MAX = 1000;
/** Less than what is waited for the answer of a running hub. */
const READ_MS_MAX = 50_000;

const OPTIONS = {
  account: { type: 'string' },
  state: { type: 'string' },
  failed: { type: 'boolean' },
  since: { type: 'string' },
  limit: { type: 'string' },
} as const;

/** Lists jobs, newest first. */
export const jobList: DatabaseCommand = {
  name: 'job:list',
  usage: '[--account ID|NAME] [--state STATE,…] [--failed] [--since 30m|24h|7d|2026-11-26] [--limit N]',
  summary: `list the newest jobs (videos and pictures; ${LISTED_BY_DEFAULT}, or up to ${LISTED_MAX}) and where they stand`,
  async run({ sql }, { args }) {
    const { values } = parseArguments(args, OPTIONS);
    const states = readStates(values.state, values.failed);
    const since = values.since === undefined ? undefined : parseSince(values.since, Date.now());
    const limit = parseCount(values.limit, 'limit', LISTED_MAX) ?? LISTED_BY_DEFAULT;
    const jobs = await sql.snapshot(
      async (session) => {
        const accountId = values.account === undefined ? undefined : (await findAccount(session, values.account)).id;
        return await listJobs(session, { accountId, states, since, limit });
      },
      { timeoutMs: READ_MS_MAX },
    );
    const nowMs = Date.now();
    const header = ['ID', 'KIND', 'STATE', 'ACCOUNT', 'MODEL', 'CHANNEL', 'AGE', 'LOOKS', 'ERROR'];
    return { exitCode: 0, stdout: toTable([header, ...jobs.map((job) => toRow(job, nowMs))]) };
  },
};

function readStates(text: string | undefined, isFailed: boolean | undefined): JobState[] | undefined {
  if (isFailed) {
    if (text !== undefined) throw new UsageError('--failed is --state failed: give one of them');
    return ['failed'];
  }
  return listOption(text)?.map((item) => {
    const state = JOB_STATES.find((candidate) => candidate === item);
    if (state === undefined) throw new UsageError(`--state takes ${JOB_STATES.join(', ')}`);
    return state;
  });
}

function toRow(job: ListedJob, nowMs: number): string[] {
  return [
    toPublicJobId(toHex(job.id)),
    job.kind,
    job.state,
    `${job.account_id} ${job.account}`,
    job.model,
    job.channel ?? '-',
    toAge(nowMs - job.created_at.getTime()),
    String(job.looks),
    job.error_code ?? '-',
  ];
}

/** In one unit, the largest that fits. */
function toAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
