import { readdirSync } from 'node:fs';
import { residentBytes } from '../support/processes.js';
import type { Finding } from './checker.js';
import { lineOf } from './line.js';
import type { Rig } from './rig.js';

const EVERY_MS = 5_000;
/** Caches fill and the engine compiles for a while; that is no leak. */
const WARM_UP_PART = 0.3;
const MIB = 1024 * 1024;
const TEN_MINUTES_S = 600;
/** Garbage comes and goes by tens of MiB: a shorter time shows that and nothing else. */
const JUDGED_S_MIN = 600;

interface Sample {
  readonly second: number;
  readonly rssMib: number;
  readonly fds: number;
}

/** Samples what a process holds on to, from outside of it. */
export class Sampler {
  private readonly samples = new Map<number, Sample[]>();
  private readonly connections: { second: number; count: number }[] = [];
  private readonly startedAt = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private delaysMs: number[] = [];

  constructor(
    private readonly rig: Rig,
    private readonly slopeMax: number,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.sample(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Memory that does not grow, and file handles and connections that do not either. */
  findings(): Finding[] {
    const findings: Finding[] = [];
    for (const [hub, samples] of this.samples) {
      const settled = samples.slice(Math.floor(samples.length * WARM_UP_PART));
      const memory = lineOf(settled.map(({ second, rssMib }) => [second, rssMib]));
      const [slope, error] = [memory.slope * TEN_MINUTES_S, memory.standardError * TEN_MINUTES_S];
      const fdSlope = lineOf(settled.map(({ second, fds }) => [second, fds])).slope * TEN_MINUTES_S;
      const seconds = (settled.at(-1)?.second ?? 0) - (settled[0]?.second ?? 0);
      const last = settled.at(-1);
      const what = `hub ${hub}: RSS ${last?.rssMib.toFixed(0)} MiB, ${slope.toFixed(2)} ± ${error.toFixed(2)} MiB in 10 min; ${last?.fds} handles, ${fdSlope.toFixed(1)} in 10 min`;
      console.log(what);
      findings.push({
        title:
          seconds < JUDGED_S_MIN
            ? `memory of hub ${hub}: too short a run to judge`
            : `memory of hub ${hub} grows by less than ${this.slopeMax} MiB in 10 min`,
        checked: settled.length,
        violations: seconds < JUDGED_S_MIN || slope < this.slopeMax || slope < 2 * error ? [] : [what],
      });
    }
    const counts = this.connections.map(({ second, count }): [number, number] => [second, count]);
    const slope = lineOf(counts.slice(Math.floor(counts.length * WARM_UP_PART))).slope * TEN_MINUTES_S;
    console.log(`PostgreSQL connections: ${counts.at(-1)?.[1]}, ${slope.toFixed(1)} in 10 min`);
    const sorted = [...this.delaysMs].sort((a, b) => a - b);
    console.log(`answer of /api/health/live: p50 ${at(sorted, 0.5)} ms, p99 ${at(sorted, 0.99)} ms`);
    return findings;
  }

  private async sample(): Promise<void> {
    const second = (performance.now() - this.startedAt) / 1000;
    for (const { index, pid, isUp, url } of this.rig.hubs) {
      if (pid === undefined || !isUp) continue;
      try {
        const sample = {
          second,
          rssMib: residentBytes(pid) / MIB,
          fds: readdirSync(`/proc/${pid}/fd`).length,
        };
        this.samples.set(index, [...(this.samples.get(index) ?? []), sample]);
      } catch {
        continue;
      }
      // An event loop that is held up answers late; this is asked from outside, so the machine's own load is in it.
      const askedAt = performance.now();
      await fetch(`${url}/api/health/live`, { signal: AbortSignal.timeout(EVERY_MS) }).then(
        async (answer) => {
          await answer.arrayBuffer();
          this.delaysMs.push(Math.round(performance.now() - askedAt));
        },
        () => undefined,
      );
    }
    const rows = await this.rig.sql
      .query<{ count: string }>(`select count(*) from pg_stat_activity where application_name like 'ug-ai-hub%'`)
      .catch(() => []);
    if (rows[0] !== undefined) this.connections.push({ second, count: Number(rows[0].count) });
  }
}

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
