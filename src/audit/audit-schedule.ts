import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Alerts } from '../alerts/alerts.service.js';
import { Periodic } from '../common/periodic.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { Sql } from '../database/sql.js';
import { RedisService } from '../redis/redis.service.js';
import { TOPIC_KEYS } from '../redis/topics.js';
import { Audit, type AuditResult } from './audit.js';
import type { Invariant } from './invariant.js';
import { INVARIANTS } from './invariants.js';
import { reportViolations } from './report-violations.js';

const ROUND_MS = 60_000;
/**
 * How far back a round looks at holds where no index leads to the bad ones. Longer than a request can take; the night looks
 * at all of them.
 */
const RECENT_MS = 30 * 60_000;

/** Audits the books in the service: the cheap invariants every minute, all of them once a night. */
@Injectable()
export class AuditSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(AuditSchedule.name);
  private readonly periodic = new Periodic(
    () => this.round(new Date()),
    ROUND_MS,
    (error) => this.logger.warn(`The books were not audited: ${(error as Error).message}`),
  );
  /** Invariants that wait for a second look, with the subjects of the first one. */
  private suspects = new Map<string, ReadonlySet<string>>();

  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Sql) private readonly sql: Sql,
    @Inject(RedisService) private readonly redis: RedisService,
    @Inject(Alerts) private readonly alerts: Alerts,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    this.periodic.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.periodic.stop();
  }

  /** What is due at a moment. Where another instance is at it, it is done. */
  async round(at: Date): Promise<void> {
    const only = idsOf(({ schedule }) => schedule === 'minute');
    const results = await this.audit.runAlone('minute', { only, since: new Date(at.getTime() - RECENT_MS) });
    await this.follow(this.lastingOnly(results ?? []));
    if (await this.isNightDue(at)) await this.night(at);
  }

  private async isNightDue(at: Date): Promise<boolean> {
    if (at.getUTCHours() < this.settings.audit.hourUtc) return false;
    const done = await this.sql.query('select id from alert where dedupe_key = $1', [nightKey(at)]);
    return done.length === 0;
  }

  private async night(at: Date): Promise<void> {
    const startedAt = performance.now();
    let results: AuditResult[] | undefined;
    try {
      results = await this.audit.runAlone('night', { only: idsOf(({ response }) => response !== 'report-if-lasting') });
    } catch (error) {
      // Not tried again before the next night: what took too long once would do so every minute.
      await this.raiseNight(at, 'warning', `The nightly audit failed: ${(error as Error).message}`);
      return;
    }
    if (results === undefined) return;
    await this.follow(results);
    const violated = results.filter(({ badRows }) => badRows > 0).map(({ id }) => id);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    if (violated.length === 0) {
      await this.raiseNight(
        at,
        'info',
        `The books are in order: ${results.length} invariants hold, seen in ${seconds} s.`,
      );
    } else {
      await this.raiseNight(
        at,
        'critical',
        `The books are not in order: ${violated.join(', ')} do not hold.`,
        violated,
      );
    }
  }

  /** The alert of a night is also what tells every instance that the night's audit is done. */
  private async raiseNight(
    at: Date,
    severity: 'info' | 'warning' | 'critical',
    message: string,
    violated: readonly string[] = [],
  ): Promise<void> {
    await this.alerts.raise({
      kind: 'books_audit',
      severity,
      subject: 'books',
      message,
      details: { violated },
      dedupeKey: nightKey(at),
    });
  }

  private async follow(results: readonly AuditResult[]): Promise<void> {
    const frozen = await reportViolations(this.sql, results);
    // Keys remember the state of their account; all instances forget them.
    if (frozen.length > 0) await this.redis.publish(TOPIC_KEYS, '');
    if (results.some(({ badRows }) => badRows > 0)) this.alerts.wake();
  }

  /** What is merely late is left out until two rounds in a row have seen the same. */
  private lastingOnly(results: readonly AuditResult[]): AuditResult[] {
    const before = this.suspects;
    this.suspects = new Map();
    return results.filter(({ id, samples }) => {
      if (!isPatient(id)) return true;
      this.suspects.set(id, new Set(samples.map(({ subject }) => subject)));
      return samples.some(({ subject }) => before.get(id)?.has(subject));
    });
  }
}

function idsOf(isWanted: (invariant: Invariant) => boolean): string[] {
  return INVARIANTS.filter(isWanted).map(({ id }) => id);
}

function isPatient(id: string): boolean {
  return INVARIANTS.find((invariant) => invariant.id === id)?.response === 'report-if-lasting';
}

function nightKey(at: Date): string {
  return `books_audit:${at.toISOString().slice(0, 10)}`;
}
