import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { toTable } from '../../src/common/to-table.js';
import { check, type Finding } from './checker.js';
import { Nemesis } from './faults.js';
import { faultsOf, livesOf, say, showFindings, wait } from './findings.js';
import { History } from './history.js';
import type { NemesisOptions } from './options.js';
import { Random } from './random.js';
import { type Rig, startRig } from './rig.js';
import { Sampler } from './sampler.js';
import { Traffic } from './traffic.js';
import { Watcher } from './watcher.js';

/** How long after its lease an open hold may be found at most. */
const SWEPT_MS_MAX = 30_000;

/** Runs traffic under faults and checks the books. Returns whether all of it held. */
export async function nemesis(options: NemesisOptions, signal: AbortSignal): Promise<boolean> {
  Logger.overrideLogger(false);
  say(`seed ${options.seed}: ${options.seconds} s, ${options.hubs} hubs, ${options.rate} requests a second at most`);
  const rig = await startRig(options);
  try {
    return await run(rig, options, signal);
  } finally {
    await rig.stop();
  }
}

async function run(rig: Rig, options: NemesisOptions, signal: AbortSignal): Promise<boolean> {
  const history = new History();
  const traffic = new Traffic(rig, history, new Random(options.seed + 1), options.rate);
  const faults = new Nemesis(rig, new Random(options.seed), options.pauseMs, options.faults);
  const watcher = new Watcher(rig);
  const sampler = options.rssSlopeMax === undefined ? undefined : new Sampler(rig, options.rssSlopeMax);
  const progress = setInterval(() => {
    say(`${history.operations.size} operations, ${faults.records.length} faults, ${watcher.audits} audits`);
  }, 30_000);
  watcher.start();
  sampler?.start();
  try {
    const running = Promise.all([traffic.run(), faults.run()]);
    await wait(options.seconds * 1000, signal);
    say('healing');
    await faults.stop();
    await Promise.all(rig.hubs.map((hub) => hub.ready()));
    await traffic.stop();
    await running;
    await watcher.stop();
    sampler?.stop();
    await holdsClosed(rig, options.leaseMs + SWEPT_MS_MAX);
  } finally {
    clearInterval(progress);
  }
  const findings = [
    ...(await check(rig.sql, history, await rig.executions(), rig.initial)),
    ...(await audit(rig, watcher)),
  ];
  await Promise.all(rig.hubs.map((hub) => hub.stop()));
  findings.push(...livesOf(rig.hubs, rig.canaries), ...faultsOf(faults), ...(sampler?.findings() ?? []));
  report(history, faults, traffic, watcher, findings);
  const isGood = findings.every(({ violations }) => violations.length === 0);
  if (options.keep !== undefined) keep(options.keep, history, rig);
  say(isGood ? `all of it held (seed ${options.seed})` : `VIOLATED (seed ${options.seed})`);
  return isGood;
}

async function holdsClosed(rig: Rig, ms: number): Promise<void> {
  const endsAt = Date.now() + ms;
  for (;;) {
    const [row] = await rig.sql.query<{ count: string }>(`select count(*) from hold where state = 'open'`);
    if (row?.count === '0' || Date.now() > endsAt) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function audit(rig: Rig, watcher: Watcher): Promise<Finding[]> {
  const results = await rig.audit.run();
  const bad = results.filter(({ badRows }) => badRows > 0);
  const [frozen] = await rig.sql.query<{ count: string }>(`select count(*) from account where status <> 'active'`);
  const { balanceSamples, audits } = watcher;
  return [
    {
      title: `audit ${results[0]?.id} to ${results.at(-1)?.id}`,
      checked: results.length,
      violations: bad.map(
        ({ id, badRows, samples }) => `${id}: ${badRows} rows, ${JSON.stringify(samples.slice(0, 3))}`,
      ),
    },
    { title: 'books while faults ran', checked: balanceSamples + audits, violations: watcher.violations },
    {
      title: 'no account was frozen',
      checked: rig.customers.length,
      violations: frozen?.count === '0' ? [] : [`${frozen?.count} accounts are frozen`],
    },
  ];
}

function report(
  history: History,
  faults: Nemesis,
  traffic: Traffic,
  watcher: Watcher,
  findings: readonly Finding[],
): void {
  const tries = new Map<string, Record<string, number>>();
  const codes = new Map<string, number>();
  for (const { kind, tries: made } of history.operations.values()) {
    for (const { outcome, status, code } of made) {
      const counts = tries.get(kind) ?? {};
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      tries.set(kind, counts);
      if (outcome !== 'ok') {
        const what = `${outcome} ${status ?? ''} ${code ?? ''}`;
        codes.set(what, (codes.get(what) ?? 0) + 1);
      }
    }
  }
  const kinds = [...tries].map(([kind, counts]) => [
    kind,
    ...['ok', 'fail', 'refused', 'info'].map((outcome) => String(counts[outcome] ?? 0)),
  ]);
  console.log(`\n${toTable([['TRIES', 'OK', 'FAIL', 'REFUSED', 'INFO'], ...kinds])}`);
  const byCode = [...codes].sort(([, a], [, b]) => b - a).map(([what, count]) => [what, String(count)]);
  console.log(toTable([['NOT OK', 'TRIES'], ...byCode]));
  const names = Map.groupBy(faults.records, ({ name }) => name);
  console.log(toTable([['FAULT', 'TIMES'], ...[...names].map(([name, records]) => [name, String(records.length)])]));
  const { balanceSamples, audits, missed } = watcher;
  console.log(`${balanceSamples} looks at balances, ${audits} audits, ${missed} looks while the database was away`);
  console.log(`${history.operations.size} operations; ${traffic.skipped} left out because too many were under way\n`);
  showFindings(findings);
}

function keep(folder: string, history: History, rig: Rig): void {
  mkdirSync(folder, { recursive: true });
  const lines = [...history.operations.values()].map((operation) =>
    JSON.stringify({ ...operation, cost: operation.cost.toString() }),
  );
  writeFileSync(join(folder, 'history.jsonl'), `${lines.join('\n')}\n`);
  for (const [index, { output }] of rig.hubs.flatMap(({ lives }) => lives).entries()) {
    writeFileSync(join(folder, `hub-life-${index}.log`), output());
  }
  writeFileSync(join(folder, 'postgres.log'), rig.postgres.log());
}
