import { formatCredits } from '../../common/credits.js';
import { toTable } from '../../common/to-table.js';
import { fromPublicJobId, toPublicJobId } from '../../jobs/job.js';
import { type ReportedDelivery, type ReportedJob, type ReportedOutput, reportJob } from '../../jobs/job-report.js';
import { toHex } from '../../jobs/job-row.js';
import type { TaskRef } from '../../providers/canonical/video.js';
import { CommandError, type DatabaseCommand, UsageError } from '../command.js';
import { parseArguments } from '../parse-arguments.js';
import { tableTime } from '../table-time.js';

/** Less than what is waited for the answer of a running hub. */
const READ_MS_MAX = 50_000;
/** Of each text of a request: enough to recognise it, and no picture. */
const TEXT_CHARS_MAX = 80;

/** Shows a job with all that an operator needs to find out what became of it. */
export const jobShow: DatabaseCommand = {
  name: 'job:show',
  usage: 'ID',
  summary: 'show a job: request (shortened), offers, attempts, faults, results, money and messages',
  async run({ sql }, { args }) {
    const [wanted] = parseArguments(args, {}, 1).positionals;
    const id = readId(wanted);
    const job = await sql.snapshot((session) => reportJob(session, id), { timeoutMs: READ_MS_MAX });
    if (job === undefined) throw new CommandError(`There is no job ${wanted}.`);
    return { exitCode: 0, stdout: toReport(job) };
  },
};

/** As callers see it, as OpenAI's SDKs see it, or as it is stored. */
function readId(text: string | undefined): string {
  if (text === undefined) throw new UsageError('say which job');
  const id = fromPublicJobId(text.replace(/^video_/, 'job_')) ?? toHex(text.toLowerCase());
  if (!/^[0-9a-f]{32}$/.test(id)) throw new UsageError('a job is named by its id, job_ and 32 hex digits');
  return id;
}

function toReport(job: ReportedJob): string {
  return [
    toTable(factsOf(job)),
    section('request', toTable(pairsOf(job.request))),
    section('offers', offersTable(job)),
    section('attempts', attemptsTable(job)),
    section('results', resultsTable(job)),
    section('messages to the customer', deliveriesTable(job)),
    section('detail for the operator', job.error_detail === null ? '' : `${plain(job.error_detail)}\n`),
  ].join('');
}

function section(title: string, body: string): string {
  return body === '' ? '' : `\n${title}\n${body.replace(/^(?=.)/gm, '  ')}`;
}

function factsOf(job: ReportedJob): string[][] {
  const facts: [string, string | null][] = [
    ['id', toPublicJobId(toHex(job.id))],
    ['kind', `${job.kind} (${job.endpoint})`],
    ['state', `${job.state}, ${job.progress} %`],
    ['account', `${job.account_id} ${job.account}`],
    ['key', job.key_id],
    ['end user', job.user_identifier],
    ['metadata', job.metadata && JSON.stringify(job.metadata)],
    ['model', `${job.model} (${job.provider})`],
    ['channel', job.channel],
    ['upstream task', job.task_ref && toPairs(job.task_ref)],
    ['error', job.error_code && `${job.error_code}: ${job.error_message ?? ''}`],
    ['held', `${formatCredits(BigInt(job.held))} credits, hold ${job.hold_state ?? 'not there any more'}`],
    ['cost', job.cost && `${formatCredits(BigInt(job.cost))} credits`],
    ['late success', job.late_loss && `a loss of ${formatCredits(BigInt(job.late_loss))} credits`],
    ['looks', `${job.looks}, faults of the hub in a row: ${job.failures}`],
    ['webhook', job.webhook_url && withoutQuery(job.webhook_url)],
    ...times(job),
  ];
  return facts.flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, line(value)]]));
}

function times(job: ReportedJob): [string, string | null][] {
  const lease = job.lease_until && `${tableTime(job.lease_until)} by ${job.lease_owner}`;
  const named: [string, Date | null][] = [
    ['created', job.created_at],
    ['sent', job.sent_at],
    ['accepted', job.accepted_at],
    ['deadline', job.deadline_at],
    ['next step', job.due_at],
    ['cancel asked', job.cancel_requested_at],
    ['finished', job.finished_at],
    ['results until', job.results_expire_at],
    ['results deleted', job.results_deleted_at],
    ['removed', job.deleted_at],
  ];
  return [...named.map(([name, at]): [string, string | null] => [name, at && tableTime(at)]), ['leased until', lease]];
}

/** What an adapter finds a task by, which differs by vendor. */
function toPairs(ref: TaskRef): string {
  return Object.entries(ref)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

function pairsOf(values: object): string[][] {
  return Object.entries(values).map(([name, value]) => [name, line(toShort(value))]);
}

/** JSON in which every text is cut, and every address has lost what may sign it. */
function toShort(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? cut(withoutQuery(part)) : part));
  return text ?? '-';
}

function cut(text: string): string {
  if (text.length <= TEXT_CHARS_MAX) return text;
  return `${text.slice(0, TEXT_CHARS_MAX).toWellFormed()}… (${text.length} characters)`;
}

function withoutQuery(text: string): string {
  if (!/^https?:/i.test(text)) return text;
  const url = URL.parse(text);
  if (url === null) return text;
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

function offersTable({ offers, offer, attempt, refused }: ReportedJob): string {
  const rows = offers.map((each, index) => [
    String(index),
    each.channel,
    each.provider,
    each.model,
    each.upstreamModel,
    each.durationSeconds === 0
      ? '-'
      : `${each.durationSeconds}s ${each.resolution}${each.hasAudio ? ' with sound' : ''}`,
    each.priceVersionId,
    each.purchaseVersionId ?? '-',
    refused.includes(index) ? 'out of the question' : index === offer && attempt > 0 ? 'in use' : '-',
  ]);
  return table(
    ['OFFER', 'CHANNEL', 'PROVIDER', 'MODEL', 'UPSTREAM MODEL', 'MAKES', 'PRICE', 'PURCHASE', 'STATE'],
    rows,
  );
}

function attemptsTable({ attempts }: ReportedJob): string {
  const rows = attempts.map((attempt) => [
    String(attempt.number),
    attempt.channel,
    attempt.upstream_model,
    attempt.outcome,
    tableTime(attempt.started_at),
    tableTime(attempt.finished_at),
    attempt.error_code ?? '-',
    attempt.error_detail ?? '-',
  ]);
  return table(['ATTEMPT', 'CHANNEL', 'UPSTREAM MODEL', 'OUTCOME', 'STARTED', 'FINISHED', 'CODE', 'DETAIL'], rows);
}

function resultsTable({ outputs, outcome }: ReportedJob): string {
  const waiting = outcome?.outputs.length ?? 0;
  if (outputs.length === 0 && waiting > 0) return `${waiting} at the upstream, still to be fetched\n`;
  return table(['RESULT', 'TYPE', 'BYTES', 'WHERE'], outputs.map(toResultRow));
}

function toResultRow({
  place,
  content_type: type,
  bytes,
  storage_key: key,
  upstream_url: url,
}: ReportedOutput): string[] {
  return [String(place), type, bytes ?? '-', key ?? withoutQuery(url ?? '')];
}

function deliveriesTable({ deliveries }: ReportedJob): string {
  return table(['MESSAGE', 'ATTEMPTS', 'CREATED', 'STATE', 'STATUS', 'ERROR'], deliveries.map(toDeliveryRow));
}

function toDeliveryRow(delivery: ReportedDelivery): string[] {
  const { delivered_at: deliveredAt, next_attempt_at: nextAt } = delivery;
  const state =
    deliveredAt !== null
      ? `delivered ${tableTime(deliveredAt)}`
      : nextAt === null
        ? 'given up'
        : `next attempt ${tableTime(nextAt)}`;
  return [
    `msg_${toHex(delivery.id)}`,
    String(delivery.attempts),
    tableTime(delivery.created_at),
    state,
    delivery.last_status === null ? '-' : String(delivery.last_status),
    delivery.last_error ?? '-',
  ];
}

/** '' without rows. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : toTable([header, ...rows.map((row) => row.map(line))]);
}

/** Upstreams and callers wrote parts of this: nothing of it may act on the terminal. */
function plain(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, ' ').trimEnd();
}

function line(text: string): string {
  return plain(text).replaceAll('\n', ' ');
}
