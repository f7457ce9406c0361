import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { AlertKind, NewAlert } from '../../alerts/alert.js';
import { Alerts } from '../../alerts/alerts.service.js';
import { Periodic } from '../../common/periodic.js';
import { Sql } from '../../database/sql.js';
import type { ProviderError } from '../../providers/canonical/provider-error.js';
import type { Candidate } from '../candidate.js';
import type { RestWatcher } from './channel-health.js';
import { toldRestOf } from './told-rests.js';

const ROUND_MS = 60_000;
const KINDS = ['channel_credential', 'channel_out_of_money'] as const satisfies readonly AlertKind[];

/**
 * Tells the operator of refused credentials and empty accounts: one alert for each credential and outage, which is over with the next
 * success. Nothing of it happens in the way of a request.
 */
@Injectable()
export class RestAlerts implements RestWatcher, OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Routing');
  private readonly toRaise = new Map<string, NewAlert>();
  private readonly toEnd = new Set<string>();
  /** Outages that have been alerted and are not over yet, by this instance or another. */
  private open: ReadonlySet<string> = new Set();
  private readonly periodic = new Periodic(
    () => this.flush(),
    ROUND_MS,
    (error) => this.logger.warn(`Alerts of channels are late: ${(error as Error).message}`),
  );

  constructor(
    @Inject(Alerts) private readonly alerts: Alerts,
    @Inject(Sql) private readonly sql: Sql,
  ) {}

  onApplicationBootstrap(): void {
    this.periodic.start();
    this.periodic.runSoon();
  }

  async onModuleDestroy(): Promise<void> {
    await this.periodic.stop();
  }

  noteRest(candidate: Candidate, error: ProviderError): void {
    const alert = toAlert(candidate, error);
    this.toEnd.delete(alert.dedupeKey);
    if (this.open.has(alert.dedupeKey) || this.toRaise.has(alert.dedupeKey)) return;
    this.toRaise.set(alert.dedupeKey, alert);
    const restSeconds = Math.round((toldRestOf(candidate, error)?.restMs ?? 0) / 1000);
    this.logger.warn(
      `Channel "${candidate.channel.name}" rests for ${restSeconds} s: ${whatOf(candidate, error)}. Please check it.`,
    );
    this.periodic.runSoon();
  }

  noteSuccess(candidate: Candidate): void {
    if (this.open.size === 0) return;
    for (const kind of KINDS) {
      const key = keyOf(kind, candidate);
      if (!this.open.has(key) || this.toEnd.has(key)) continue;
      this.toEnd.add(key);
      this.periodic.runSoon();
    }
  }

  /** Writes what has gathered; what fails is tried again with the next round. */
  private async flush(): Promise<void> {
    for (const [key, alert] of this.toRaise) {
      await this.alerts.raise(alert);
      this.toRaise.delete(key);
    }
    for (const key of this.toEnd) {
      await this.alerts.end(key);
      this.toEnd.delete(key);
    }
    const rows = await this.sql.query<{ dedupe_key: string }>(
      `select dedupe_key from alert where kind = any($1) and dedupe_key not like '%:over:%'`,
      [KINDS],
    );
    this.open = new Set(rows.map(({ dedupe_key: key }) => key));
  }
}

function keyOf(kind: (typeof KINDS)[number], { credentialKey }: Candidate): string {
  return `${kind}:${credentialKey}`;
}

function toAlert(candidate: Candidate, error: ProviderError): NewAlert {
  const { channel, credentialIndex, credentialCount } = candidate;
  const kind = error.kind === 'credential' ? 'channel_credential' : 'channel_out_of_money';
  return {
    kind,
    severity: 'warning',
    subject: `channel:${channel.id}`,
    message: `Channel "${channel.name}" rests: ${whatOf(candidate, error)}.`,
    details: { channelId: channel.id, channel: channel.name, credential: credentialIndex + 1, credentialCount },
    dedupeKey: keyOf(kind, candidate),
  };
}

function whatOf({ credentialIndex, credentialCount }: Candidate, { kind }: ProviderError): string {
  const which = credentialCount === 1 ? 'its credential' : `credential ${credentialIndex + 1} of ${credentialCount}`;
  return kind === 'credential' ? `the upstream refuses ${which}` : `the account of ${which} is out of credit`;
}
