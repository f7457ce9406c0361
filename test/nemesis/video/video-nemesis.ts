import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { toTable } from '../../../src/common/to-table.js';
import type { Finding } from '../checker.js';
import { Nemesis } from '../faults.js';
import { faultsOf, livesOf, say, showFindings, wait } from '../findings.js';
import { Random } from '../random.js';
import { type BookedJob, checkVideos, readJobs } from './video-checker.js';
import { type SeenJob, VideoClients } from './video-clients.js';
import type { VideoNemesisOptions } from './video-options.js';
import { planJobs } from './video-plan.js';
import { startVideoRig, type VideoRig } from './video-rig.js';

const PAUSE_MS = { min: 1_000, max: 5_000 };
const PROGRESS_MS = 20_000;
const OVER_EVERY_MS = 1_000;

/** Has videos made under faults and compares what became of them. Returns whether all of it held. */
export async function videoNemesis(options: VideoNemesisOptions, signal: AbortSignal): Promise<boolean> {
  Logger.overrideLogger(false);
  const { seed, jobs: count, hubs, rate } = options;
  say(`seed ${seed}: ${count} videos, ${hubs} hubs, ${rate} submissions a second`);
  const jobs = planJobs(count, new Random(seed + 1));
  const rig = await startVideoRig(options, jobs);
  try {
    const clients = new VideoClients(rig, new Random(seed + 2), jobs, rate);
    return await run(rig, clients, options, signal);
  } finally {
    await rig.stop();
  }
}

async function run(
  rig: VideoRig,
  clients: VideoClients,
  options: VideoNemesisOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const faults = new Nemesis(rig, new Random(options.seed), PAUSE_MS, options.faults);
  const startedAt = Date.now();
  const progress = setInterval(() => void show(rig, faults, clients), PROGRESS_MS);
  try {
    const striking = faults.run();
    const looking = clients.lookAll();
    await clients.submitAll();
    say('all submitted');
    await allOver(rig, options.endSeconds * 1000, signal);
    say('healing');
    await faults.stop();
    await Promise.all(rig.hubs.map((hub) => hub.ready()));
    clients.stopLooking();
    await Promise.all([striking, looking]);
    await clients.lookOnceMore();
  } finally {
    clearInterval(progress);
  }
  const paid = await Promise.all(rig.vendors.map((vendor) => vendor.paid()));
  const findings = [...(await checkVideos(rig, clients.seen, paid)), ...(await audit(rig))];
  await Promise.all(rig.hubs.map((hub) => hub.stop()));
  findings.push(...livesOf(rig.hubs, rig.canaries), ...faultsOf(faults));
  report(clients, faults, await readJobs(rig));
  showFindings(findings);
  if (options.keep !== undefined) keep(options.keep, rig);
  const isGood = findings.every(({ violations }) => violations.length === 0);
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  say(`${isGood ? 'all of it held' : 'VIOLATED'} (seed ${options.seed}, ${seconds} s)`);
  return isGood;
}

/** Waits until no job is open; those that are by then are violations. */
async function allOver(rig: VideoRig, msMax: number, signal: AbortSignal): Promise<void> {
  const endsAt = Date.now() + msMax;
  for (;;) {
    const [row] = await rig.sql.query<{ open: number }>(
      'select count(*)::integer as open from job where finished_at is null',
    );
    if (row?.open === 0 || Date.now() > endsAt) return;
    await wait(OVER_EVERY_MS, signal);
  }
}

async function audit(rig: VideoRig): Promise<Finding[]> {
  const results = await rig.audit.run();
  const bad = results.filter(({ badRows }) => badRows > 0);
  const violations = bad.map(
    ({ id, badRows, samples }) => `${id}: ${badRows} rows, ${JSON.stringify(samples.slice(0, 3))}`,
  );
  const frozen = await rig.sql.query<{ id: string }>(`select id from account where status <> 'active'`);
  return [
    { title: `audit ${results[0]?.id} to ${results.at(-1)?.id}`, checked: results.length, violations },
    { title: 'no account was frozen', checked: 1, violations: frozen.map(({ id }) => `account ${id} is frozen`) },
  ];
}

async function show(rig: VideoRig, faults: Nemesis, clients: VideoClients): Promise<void> {
  const rows = await rig.sql.query<{ state: string; count: number }>(
    'select state, count(*)::integer as count from job group by state order by state',
  );
  const states = rows.map(({ state, count }) => `${count} ${state}`).join(', ');
  say(`${states}; ${faults.records.length} faults, ${clients.looks} looks`);
}

function report({ seen, looks }: VideoClients, faults: Nemesis, jobs: readonly BookedJob[]): void {
  const names = Map.groupBy(faults.records, ({ name }) => name);
  console.log(`\n${toTable([['FAULT', 'TIMES'], ...[...names].map(([name, { length }]) => [name, String(length)])])}`);
  const byMark = new Map(jobs.map((job) => [job.mark, job]));
  const rows = [
    ...rowsOf('model', seen, byMark, ({ planned }) => planned.model.id),
    ...rowsOf('submission', seen, byMark, ({ planned }) => planned.submission),
    ...rowsOf('task', seen, byMark, ({ planned }) => planned.trouble),
  ];
  console.log(toTable([['', '', 'JOBS', 'SUCCEEDED', 'FAILED'], ...rows]));
  const failed = Map.groupBy(
    jobs.filter(({ state }) => state === 'failed'),
    ({ error_code: code }) => code ?? '',
  );
  console.log(toTable([['FAILED WITH', 'JOBS'], ...[...failed].map(([code, { length }]) => [code, String(length)])]));
  const attempts = jobs.flatMap((job) => job.attempts);
  const unknown = attempts.filter((outcome) => outcome === 'absent').length;
  const tries = seen.reduce((sum, one) => sum + one.tries, 0);
  console.log(`${tries} submissions of callers, ${attempts.length} to vendors (${unknown} of them certainly lost)`);
  console.log(`${looks} looks of callers\n`);
}

function rowsOf(
  title: string,
  seen: readonly SeenJob[],
  byMark: ReadonlyMap<string, BookedJob>,
  nameOf: (one: SeenJob) => string,
): string[][] {
  return [...Map.groupBy(seen, nameOf)].sort().map(([name, ones]) => {
    const count = (state: string): string =>
      String(ones.filter(({ planned }) => byMark.get(planned.mark)?.state === state).length);
    return [title, name, String(ones.length), count('succeeded'), count('failed')];
  });
}

function keep(folder: string, { hubs, postgres }: VideoRig): void {
  mkdirSync(folder, { recursive: true });
  for (const [index, { output }] of hubs.flatMap(({ lives }) => lives).entries()) {
    writeFileSync(join(folder, `hub-life-${index}.log`), output());
  }
  writeFileSync(join(folder, 'postgres.log'), postgres.log());
}
