import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Periodic } from '../common/periodic.js';
import { Sql } from '../database/sql.js';
import type { AlertDetails, AlertSeverity } from './alert.js';
import { AlertWebhook } from './alert-webhook.js';

const POLL_MS = 5_000;
/** Longer than one attempt can take: only a process that died leaves an alert to the next one. */
const LEASE_S = 60;
const BACKOFF_FIRST_S = 10;
const BACKOFF_MAX_S = 3_600;
/** With the pauses above the last attempt is about a day after the first. */
const ATTEMPTS_MAX = 32;
const KEPT_DAYS = 90;
const CLEAN_EVERY_MS = 3_600_000;

interface ClaimedAlert {
  readonly id: string;
  readonly kind: string;
  readonly severity: AlertSeverity;
  readonly subject: string;
  readonly message: string;
  readonly details: AlertDetails;
  readonly created_at: Date;
  readonly attempts: number;
}

/**
 * Takes alerts to the operator: a line in the log and, with HUB_ALERT_WEBHOOK_URL, a signed message. Every instance runs
 * it; an alert is claimed before it is sent, so that one instance at a time works on it. Delivery is at least once: a
 * process that dies after sending has not noted it.
 */
@Injectable()
export class AlertDelivery implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Alert');
  private readonly periodic = new Periodic(
    () => this.deliverDue(),
    POLL_MS,
    (error) => this.logger.warn(`Alerts could not be delivered: ${(error as Error).message}`),
  );
  private isStopping = false;
  private cleanedAt = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(AlertWebhook) private readonly webhook: AlertWebhook,
  ) {}

  onApplicationBootstrap(): void {
    this.periodic.start();
    this.periodic.runSoon();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    await Promise.all([this.periodic.stop(), this.webhook.close()]);
  }

  /** An alert has been written: looks now rather than with the next poll. */
  wake(): void {
    this.periodic.runSoon();
  }

  /** Sends what is due, one after the other. */
  async deliverDue(): Promise<void> {
    while (!this.isStopping) {
      const alert = await this.claim();
      if (alert === undefined) break;
      await this.deliver(alert);
    }
    if (this.isStopping || performance.now() - this.cleanedAt < CLEAN_EVERY_MS) return;
    this.cleanedAt = performance.now();
    await this.clean();
  }

  private async claim(): Promise<ClaimedAlert | undefined> {
    const [alert] = await this.sql.query<ClaimedAlert>(
      `update alert set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $1::integer)
        where id = (select id from alert where delivered_at is null and next_attempt_at <= now()
                     order by next_attempt_at limit 1 for update skip locked)
       returning id, kind, severity, subject, message, details, created_at, attempts`,
      [LEASE_S],
    );
    return alert;
  }

  private async deliver(alert: ClaimedAlert): Promise<void> {
    if (alert.attempts === 1) this.log(alert);
    const failure = await this.webhook.post({
      id: alert.id,
      type: 'alert',
      kind: alert.kind,
      severity: alert.severity,
      subject: alert.subject,
      message: alert.message,
      details: alert.details,
      createdAt: alert.created_at.toISOString(),
      attempt: alert.attempts,
    });
    if (failure === undefined) {
      await this.sql.query('update alert set delivered_at = now(), last_error = null where id = $1', [alert.id]);
      return;
    }
    // A stop broke it off, or may have: the next instance tries again when the lease is over.
    if (this.isStopping) return;
    const isLast = alert.attempts >= ATTEMPTS_MAX;
    this.logger.warn(
      `Alert ${alert.id} did not reach the webhook (attempt ${alert.attempts}${isLast ? ', the last' : ''}): ${failure}`,
    );
    await this.sql.query(
      `update alert set last_error = $2,
              next_attempt_at = case when $3 then 'infinity' else now() + make_interval(secs => $4::integer) end
        where id = $1`,
      [alert.id, failure, isLast, backoffSeconds(alert.attempts)],
    );
  }

  private log({ id, kind, severity, subject, message }: ClaimedAlert): void {
    const line = `${kind} (${severity}) ${subject}: ${message} [alert ${id}]`;
    if (severity === 'critical') this.logger.error(line);
    else if (severity === 'warning') this.logger.warn(line);
    else this.logger.log(line);
  }

  private async clean(): Promise<void> {
    await this.sql.query(
      `delete from alert where created_at < now() - make_interval(days => $1::integer)
          and (delivered_at is not null or next_attempt_at = 'infinity')`,
      [KEPT_DAYS],
    );
  }
}

/** The pause after a failed attempt: doubled each time, up to an hour. @param attempt counts from 1. */
export function backoffSeconds(attempt: number): number {
  return Math.min(BACKOFF_FIRST_S * 2 ** (attempt - 1), BACKOFF_MAX_S);
}
