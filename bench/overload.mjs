// @ts-check
// What the hub does with four times what it can: see "Overload" in docs/reliability.md.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GeneratorClient } from './generator-client.mjs';
import { memoryBytes, processTree } from './load/proc.mjs';
import { describeMachine } from './machine.mjs';
import { checkTarget } from './measure.mjs';
import { assertAllRunning, helperCore, messageOf, start, startServer, stopAll } from './processes.mjs';
import { jsonBody } from './requests.mjs';
import { startHub } from './targets/hub.mjs';
import { findPostgres, startPostgres } from './targets/postgres.mjs';

/** @typedef {import('./overload/generator.mjs').OverloadResult} OverloadResult */

const FACTOR = 4;
const CALM = 0.5;
const TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 4_000;
const SPARE_MS = 20_000;
const PROBE_MS = 1_000;
const PROBES = 15;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' } } });
const durationMs = Number(values.seconds) * 1e3;
if (!(durationMs >= 1_000 && durationMs <= 600_000)) throw new Error('--seconds: 1 to 600 is wanted');

const directory = mkdtempSync(join(tmpdir(), 'hub-bench-'));
try {
  await bench();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await stopAll();
  rmSync(directory, { recursive: true, force: true });
  process.exit();
}

async function bench() {
  const upstream = await startServer(helperCore, fileURLToPath(import.meta.resolve('./upstream.mjs')));
  const binaries = findPostgres();
  const databaseUrl = binaries === null ? undefined : (await startPostgres(binaries, directory)).urlOf('overload');
  const hub = await startHub(upstream, directory, databaseUrl, { withBooks: true, cpuProfileDirectory: undefined });
  await checkTarget(hub);
  console.log([...describeMachine(), `hub: ${hub.about}`, ''].join('\n'));

  const { port, path, headers } = hub;
  const request = { port, path, headers, body: jsonBody };
  const closed = { mode: /** @type {const} */ ('closed'), connections: 64, warmupMs: 2_000, durationMs: 5_000 };
  const capacity = await new GeneratorClient().run({
    ...request,
    ...closed,
    drainMs: 5_000,
    format: 'chat',
    watchPids: [],
    cores: null,
  });
  const peak = capacity.perSecond;
  console.log(`capacity P: ${peak.toFixed(0)} requests/s, closed loop of ${closed.connections}`);

  const generator = start(
    helperCore,
    [process.execPath, fileURLToPath(import.meta.resolve('./overload/generator.mjs'))],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  /** @param {number} rate @param {number} ms @param {number} retries @returns {Promise<OverloadResult>} */
  const run = async (rate, ms, retries) => {
    const limits = { timeoutMs: TIMEOUT_MS, connectionsMax: CONNECTIONS_MAX };
    generator.send({ ...request, ...limits, rate, durationMs: ms, retries });
    const answer = /** @type {{ result: OverloadResult } | { error: string }} */ (
      await messageOf(generator, ms + SPARE_MS)
    );
    assertAllRunning();
    if ('error' in answer) throw new Error(`generator: ${answer.error}`);
    return answer.result;
  };

  const calm = await run(CALM * peak, 5_000, 0);
  report(`${CALM} P, before`, calm, peak);
  for (const [title, retries] of /** @type {const} */ ([
    [`${FACTOR} P, no retries (T107)`, 0],
    [`${FACTOR} P, three retries at once (T110)`, 3],
  ])) {
    const rssBefore = rssBytes(hub.pid);
    report(title, await run(FACTOR * peak, durationMs, retries), peak);
    console.log(`  memory grew by ${((rssBytes(hub.pid) - rssBefore) / 2 ** 20).toFixed(0)} MB`);
    console.log(`  ${await recovery(calm)}`);
  }

  /** Asks at the calm rate until a second looks as it did before. @param {OverloadResult} before */
  async function recovery(before) {
    for (let probe = 1; probe <= PROBES; probe += 1) {
      const after = await run(CALM * peak, PROBE_MS, 0);
      const isFast = (after.latency.p99 ?? Number.POSITIVE_INFINITY) <= Math.max(50, 3 * (before.latency.p99 ?? 0));
      if (isFast && after.good >= 0.9 * CALM * peak) return `back to normal within ${(probe * PROBE_MS) / 1e3} s`;
    }
    return `not back to normal after ${(PROBES * PROBE_MS) / 1e3} s`;
  }
}

/** @param {string} title @param {OverloadResult} result @param {number} peak */
function report(title, result, peak) {
  const { offered, good, rejected, timedOut, other, notSent, latency, rejectLatency, failure } = result;
  const figures = Object.entries({ offered, good, rejected, timedOut, other, notSent });
  console.log(`${title}: ${figures.map(([name, value]) => `${name} ${value.toFixed(0)}`).join(', ')} /s`);
  console.log(`  goodput ${(good / peak).toFixed(2)} P; good p50 / p99 ${ms(latency.p50)} / ${ms(latency.p99)} ms`);
  console.log(`  rejected p50 / p99 ${ms(rejectLatency.p50)} / ${ms(rejectLatency.p99)} ms`);
  if (failure !== null) console.log(`  first other failure: ${failure.slice(0, 200)}`);
}

/** @param {number | null} value */
function ms(value) {
  return value === null ? '-' : value.toFixed(1);
}

/** @param {number} pid */
function rssBytes(pid) {
  return memoryBytes(processTree(pid), 'VmRSS');
}
