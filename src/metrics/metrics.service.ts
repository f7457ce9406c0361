import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { RequestLog } from '../common/request-log.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { Database } from '../database/database.js';
import { RateLimiter } from '../limits/rate-limiter.js';
import { type BatchKind, type Observer, Observers } from '../observers/observers.js';
import type { RelayReport } from '../observers/relay-report.js';
import { UpstreamClient } from '../providers/transport/upstream-client.js';
import { Ledger } from '../quota/ledger.js';
import { ChannelHealth } from '../routing/health/channel-health.js';
import { BoundedNames } from './bounded-names.js';
import { addChannelMetrics } from './channel-metrics.js';
import { HttpMetrics } from './http-metrics.js';
import { LedgerMetrics } from './ledger-metrics.js';
import { RelayMetrics } from './relay-metrics.js';
import { addStateMetrics } from './state-metrics.js';

const CHANNELS_MAX = 200;

/** Collects the metrics of this process, from its start to its end. */
@Injectable()
export class MetricsService implements Observer {
  readonly registry = new Registry();
  private readonly tokenHash: Buffer | undefined;
  private readonly http = new HttpMetrics(this.registry);
  private readonly channels = new BoundedNames(CHANNELS_MAX);
  private readonly relay = new RelayMetrics(this.registry, this.channels);
  private readonly batches = new LedgerMetrics(this.registry);

  constructor(
    @Inject(SETTINGS) settings: Settings,
    @Inject(Observers) observers: Observers,
    @Inject(Database) database: Database,
    @Inject(Ledger) ledger: Ledger,
    @Inject(RateLimiter) limiter: RateLimiter,
    @Inject(UpstreamClient) upstream: UpstreamClient,
    @Inject(ChannelHealth) health: ChannelHealth,
  ) {
    const { metricsToken } = settings.observability;
    this.tokenHash = metricsToken === undefined ? undefined : hashOf(metricsToken);
    collectDefaultMetrics({ register: this.registry });
    addStateMetrics(this.registry, { database, ledger, limiter, upstream });
    addChannelMetrics(this.registry, health, this.channels);
    observers.add(this);
  }

  /** Whether an Authorization header carries the token. It takes as long for one that is nearly right as for any other. */
  mayRead(authorization: string | undefined): boolean {
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    return token !== undefined && this.tokenHash !== undefined && timingSafeEqual(hashOf(token), this.tokenHash);
  }

  requestEnded(log: RequestLog): void {
    this.http.count(log);
  }

  relayBegins(): void {
    this.relay.begin();
  }

  relayEnded(_log: RequestLog, report: RelayReport): void {
    this.relay.count(report);
  }

  batchBegins(kind: BatchKind, size: number): void {
    this.batches.count(kind, size);
  }
}

/** Both sides of the comparison get the same length. */
function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
