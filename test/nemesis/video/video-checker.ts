import type { PaidTasks } from '../../simulators/simulator.js';
import type { Finding } from '../checker.js';
import type { SeenJob } from './video-clients.js';
import { costOf } from './video-plan.js';
import type { VideoRig } from './video-rig.js';

/** A job as the books have it. */
export interface BookedJob {
  readonly id: string;
  readonly state: string;
  readonly mark: string;
  readonly cost: string | null;
  readonly error_code: string | null;
  readonly error_detail: string | null;
  readonly hold_state: string | null;
  readonly settled: string | null;
  readonly paid_entries: number;
  readonly attempts: readonly string[];
}

const OVER: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled']);
/** A task with one of these has no result to deliver. */
const HOPELESS: ReadonlySet<string> = new Set(['content_refused_late', 'failed_late', 'vanished', 'forbidden_link']);
/** Refusals that end a job. */
const FINAL_REFUSALS: ReadonlySet<string> = new Set(['content_refused', 'bad_parameter']);

/** Every job with its hold, its entries and its attempts. */
export async function readJobs({ sql }: VideoRig): Promise<readonly BookedJob[]> {
  return await sql.query<BookedJob>(
    `select replace(j.id::text, '-', '') as id, j.state, substring(j.request->>'prompt' from '^op-\\d+-') as mark, j.cost, j.error_code,
            j.error_detail, h.state as hold_state, h.settled,
            (select count(*)::integer from entry e where e.kind in ('settle', 'late') and e.ref = j.id::text) as paid_entries,
            array(select a.outcome from job_attempt a where a.job_id = j.id order by a.number) as attempts
       from job j left join hold h on h.id = j.id`,
  );
}

/** Compares what clients saw and vendors were paid for with the books. Call it when everything is healed and over. */
export async function checkVideos(
  rig: VideoRig,
  seen: readonly SeenJob[],
  paid: readonly PaidTasks[],
): Promise<Finding[]> {
  const jobs = await readJobs(rig);
  const byMark = Map.groupBy(jobs, ({ mark }) => mark);
  const jobOf = (one: SeenJob): BookedJob | undefined => byMark.get(one.planned.mark)?.[0];
  const paidFor = countPaid(paid);
  return [
    answered(seen),
    oneJobEach(seen, byMark),
    over(jobs),
    seenAsBooked(seen, jobOf),
    paidOnce(seen, paidFor, jobOf),
    costs(seen, jobOf, paidFor),
    acceptedOnce(jobs),
    savedWhereItCanBe(seen, jobOf),
    await moneyIsConserved(rig, jobs),
  ];
}

function answered(seen: readonly SeenJob[]): Finding {
  const violations = seen.flatMap(({ planned, ids, refusal, tries }) =>
    ids.size > 0 ? [] : [`${planned.mark} has no job after ${tries} tries: ${refusal}`],
  );
  return { title: 'every submission was taken on', checked: seen.length, violations };
}

function oneJobEach(seen: readonly SeenJob[], byMark: ReadonlyMap<string, readonly BookedJob[]>): Finding {
  const violations = seen.flatMap(({ planned: { mark }, ids }) => {
    const ofMark = byMark.get(mark) ?? [];
    const isOne = ofMark.length === 1 && ids.size === 1 && ids.has(`job_${ofMark[0]?.id}`);
    return isOne ? [] : [`${mark}: told ${[...ids]}, stored ${ofMark.map(({ id }) => id)}`];
  });
  const repeated = seen.filter(({ tries }) => tries > 1).length;
  return { title: `a submission has one job (${repeated} repeated)`, checked: seen.length, violations };
}

function over(jobs: readonly BookedJob[]): Finding {
  const violations = jobs.flatMap(({ id, state, hold_state: hold }) =>
    OVER.has(state) && hold !== 'open' && hold !== null ? [] : [`${id} is ${state}, its hold ${hold}`],
  );
  return { title: 'every job is over, and no hold open', checked: jobs.length, violations };
}

function seenAsBooked(seen: readonly SeenJob[], jobOf: (one: SeenJob) => BookedJob | undefined): Finding {
  const violations = seen.flatMap((one) => {
    const state = jobOf(one)?.state;
    const differs = one.status === state ? [] : [`seen ${one.status}, stored ${state}`];
    return [...one.wrong, ...differs].map((what) => `${one.planned.mark}: ${what}`);
  });
  return { title: 'callers saw it go forward, end once and stay so', checked: seen.length, violations };
}

/** A vendor that lost the record of a task says that it never had it: no hub can know better. */
function paidOnce(
  seen: readonly SeenJob[],
  paidFor: ReadonlyMap<string, number>,
  jobOf: (one: SeenJob) => BookedJob | undefined,
): Finding {
  const violations = seen.flatMap((one) => {
    const { mark, trouble } = one.planned;
    const count = paidFor.get(mark) ?? 0;
    if (count <= 1 || (trouble === 'vanished' && jobOf(one)?.attempts.includes('absent') === true)) return [];
    return [`${mark}: paid ${count} times, ${describe(one, jobOf)}`];
  });
  const total = [...paidFor.values()].reduce((sum, count) => sum + count, 0);
  return { title: `a job has one paid task at most (${total} paid)`, checked: seen.length, violations };
}

function costs(
  seen: readonly SeenJob[],
  jobOf: (one: SeenJob) => BookedJob | undefined,
  paidFor: ReadonlyMap<string, number>,
): Finding {
  const violations = seen.flatMap((one) => {
    const job = jobOf(one);
    if (job === undefined) return [];
    const isGood = job.state === 'succeeded';
    const expected = isGood ? costOf(one.planned) : 0n;
    const isExact = job.settled !== null && BigInt(job.settled) === expected && BigInt(job.cost ?? -1) === expected;
    const isMade = !isGood || (paidFor.get(one.planned.mark) ?? 0) > 0;
    return isExact && isMade && job.paid_entries === (isGood ? 1 : 0) ? [] : [describe(one, jobOf)];
  });
  return { title: 'a success costs its price, once; all else nothing', checked: seen.length, violations };
}

function acceptedOnce(jobs: readonly BookedJob[]): Finding {
  const violations = jobs.flatMap(({ id, attempts }) =>
    attempts.filter((outcome) => outcome === 'accepted').length <= 1 ? [] : [`${id}: ${attempts}`],
  );
  return { title: 'one attempt of a job at most was accepted', checked: jobs.length, violations };
}

/** Where the vendor can be asked and neither it nor the caller is at fault, no crash of ours costs a video. */
function savedWhereItCanBe(seen: readonly SeenJob[], jobOf: (one: SeenJob) => BookedJob | undefined): Finding {
  const savable = seen.filter(
    ({ planned: { model, trouble, submission } }) =>
      !model.vendors.includes('minimax') && !HOPELESS.has(trouble) && !FINAL_REFUSALS.has(submission),
  );
  const violations = savable.flatMap((one) => (jobOf(one)?.state === 'succeeded' ? [] : [describe(one, jobOf)]));
  return { title: 'what can be found at its vendor succeeds', checked: savable.length, violations };
}

async function moneyIsConserved({ sql, accountId, initial }: VideoRig, jobs: readonly BookedJob[]): Promise<Finding> {
  const [account] = await sql.query<{ balance: string; pending: string }>(
    `select (credits_posted - debits_posted)::text as balance, debits_pending::text as pending from account where id = $1`,
    [accountId],
  );
  const expected = jobs.reduce((rest, { cost }) => rest - BigInt(cost ?? 0), initial);
  const isExact = account?.balance === expected.toString() && account.pending === '0';
  const violations = isExact ? [] : [`${account?.balance} (pending ${account?.pending}), not ${expected}`];
  return { title: 'the account has what it got less what succeeded', checked: 1, violations };
}

function countPaid(paid: readonly PaidTasks[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [prompt, count] of paid.flatMap(({ byPrompt }) => Object.entries(byPrompt))) {
    const mark = /^op-\d+-/.exec(prompt)?.[0] ?? prompt;
    counts.set(mark, (counts.get(mark) ?? 0) + count);
  }
  return counts;
}

function describe(one: SeenJob, jobOf: (one: SeenJob) => BookedJob | undefined): string {
  const { planned } = one;
  return `${planned.mark} ${planned.model.id}, ${planned.submission}, ${planned.trouble}: ${JSON.stringify(jobOf(one))}`;
}
