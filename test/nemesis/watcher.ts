import type { AuditResult } from '../../src/audit/audit.js';
import { INVARIANTS } from '../../src/audit/invariants.js';
import type { Rig } from './rig.js';

const BALANCE_EVERY_MS = 1_000;
const AUDIT_EVERY_MS = 10_000;
/** What is merely late while things fail: asked only in the end. */
const DURING = INVARIANTS.filter(({ response }) => response !== 'report-if-lasting').map(({ id }) => id);

/** Looks at the books while the run goes on: whether anybody is below zero every second, all of it every ten. */
export class Watcher {
  readonly violations: string[] = [];
  balanceSamples = 0;
  audits = 0;
  /** Looks at a database that was away just then. */
  missed = 0;
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly under = new Set<Promise<void>>();

  constructor(private readonly rig: Rig) {}

  start(): void {
    this.repeat(BALANCE_EVERY_MS, async () => {
      this.take(await this.rig.audit.run({ only: ['I4'] }));
      this.balanceSamples++;
    });
    this.repeat(AUDIT_EVERY_MS, async () => {
      this.take(await this.rig.audit.run({ only: DURING }));
      this.audits++;
    });
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(this.under);
  }

  private take(results: readonly AuditResult[]): void {
    for (const { id, badRows, samples } of results) {
      if (badRows > 0)
        this.violations.push(`during the run ${id}: ${badRows} rows, ${JSON.stringify(samples.slice(0, 3))}`);
    }
  }

  private repeat(everyMs: number, look: () => Promise<void>): void {
    let isLooking = false;
    const timer = setInterval(() => {
      if (isLooking) return;
      isLooking = true;
      const looking = look()
        .catch(() => {
          this.missed++;
        })
        .finally(() => {
          isLooking = false;
          this.under.delete(looking);
        });
      this.under.add(looking);
    }, everyMs);
    this.timers.push(timer);
  }
}
