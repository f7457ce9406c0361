import { hostname } from 'node:os';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { insertAlert } from '../alerts/insert-alert.js';
import type { NanoCredits } from '../common/money.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { LEDGER_SQL, type Sql } from '../database/sql.js';
import { Observers } from '../observers/observers.js';
import { SYSTEM_CLOCK } from './core/ledger-clock.js';
import { LedgerCore } from './core/ledger-core.js';
import type {
  ExtendResult,
  Extension,
  LedgerStore,
  Reservation,
  ReserveResult,
  Settlement,
  SettleResult,
} from './core/ledger-store.js';
import { SqlLedgerStore } from './sql-ledger-store.js';
import { toReleaseEvents } from './to-release-events.js';

const HEARTBEAT_MS = 5_000;
const SWEEP_MS = 10_000;
const RESERVE_PATIENCE_MS = 2_500;
const WAITING_MAX = 20_000;
const SETTLE_ON_STOP_MS = 4_000;
const POLL_MS = 20;

/** The ledger's load in this process. */
export interface LedgerQueue {
  /** Reservations that wait. */
  readonly reserving: number;
  /** Settlements that are not durable yet. */
  readonly settling: number;
  /** Holds of requests in flight. */
  readonly open: number;
}

/**
 * Reserves, extends and settles quota for this process, keeps its holds alive and sweeps those of processes that died. The
 * only way by which the rest of the hub touches balances on behalf of requests.
 */
@Injectable()
export class Ledger implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Ledger.name);
  private readonly name = `${hostname()}:${process.pid}`;
  private core: LedgerCore | undefined;
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly running = new Set<Promise<void>>();

  constructor(
    @Inject(LEDGER_SQL) private readonly sql: Sql,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(Observers) private readonly observers: Observers,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const leaseMs = this.settings.billing.holdLeaseMs;
    const [row] = await this.sql.query<{ epoch: string }>(
      `insert into instance (name, epoch, lease_until) values ($1, 1, now() + make_interval(secs => $2))
       on conflict (name) do update set epoch = instance.epoch + 1, lease_until = excluded.lease_until, started_at = now()
       returning epoch`,
      [this.name, leaseMs / 1000],
    );
    const store = new SqlLedgerStore(this.sql, {
      name: this.name,
      epoch: BigInt(row?.epoch ?? 1),
      leaseMs,
    });
    this.core = this.createCore(store);
    await this.sql.query(`delete from instance where lease_until < now() - interval '7 days'`);
    // The embedded database belongs to one process at a time: who held these is gone.
    if (this.settings.database.url === undefined) {
      await this.sql.query(`update hold set lease_until = '-infinity' where state = 'open' and kind <> 'video'`);
      await this.sweep();
    }
    this.repeat('heartbeat', HEARTBEAT_MS, () => this.beat());
    this.repeat('sweep', SWEEP_MS, () => this.sweep());
  }

  /** Waits for settlements under way; what does not land in time is swept by another instance or the next start. */
  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    const endsAt = performance.now() + SETTLE_ON_STOP_MS;
    while (this.settlingCount > 0 && performance.now() < endsAt) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    await Promise.all(this.running);
  }

  /** Number of settlements that are not durable yet. */
  get settlingCount(): number {
    return this.core?.settlingCount ?? 0;
  }

  /** What waits for the database, and how many requests have a hold here. */
  get queue(): LedgerQueue {
    const { core } = this;
    return {
      reserving: core?.reservingCount ?? 0,
      settling: core?.settlingCount ?? 0,
      open: core?.openCount ?? 0,
    };
  }

  /**
   * Sets money aside for one request; durable when it resolves.
   * @throws LedgerUnavailableError when the database does not answer within 2.5 s, or too much waits for it.
   */
  reserve(reservation: Reservation): Promise<ReserveResult> {
    return this.started.reserve(reservation);
  }

  /**
   * Adds to an open hold, as much of `extra` as the account and the key's budget have.
   * @throws LedgerStoreError when the database does not answer.
   */
  extend(extension: Extension): Promise<ExtendResult> {
    return this.started.extend(extension);
  }

  /** Notes how much of an open hold is used up: what is charged if this process dies. Costs nothing; written every 5 s. */
  meter(holdId: string, metered: NanoCredits): void {
    this.started.meter(holdId, metered);
  }

  /**
   * Closes a hold at its cost, with its usage events, in one transaction; durable when it resolves. Goes on until the database
   * has answered: a caller that cannot wait so long stops waiting, and the settlement lands all the same.
   */
  settle(settlement: Settlement): Promise<SettleResult> {
    return this.started.settle(settlement);
  }

  /** Writes down at once what is metered. */
  async beat(): Promise<void> {
    await this.started.beat();
  }

  /** Closes holds whose owners went silent. Returns how many. */
  async sweep(): Promise<number> {
    const swept = await this.started.sweep();
    if (swept.length === 0) return 0;
    this.logger.warn(`Swept ${swept.length} holds of requests whose process is gone.`);
    await insertAlert(this.sql, {
      kind: 'swept_holds',
      severity: 'warning',
      subject: this.name,
      message: `${swept.length} requests were closed by the sweeper: the process that served them is gone or cannot reach the database.`,
      details: { holds: swept.length, settled: String(swept.reduce((sum, hold) => sum + hold.settled, 0n)) },
      dedupeKey: `swept_holds:${new Date().toISOString().slice(0, 13)}`,
    });
    return swept.length;
  }

  private createCore(store: SqlLedgerStore): LedgerCore {
    const asStore: LedgerStore = store;
    return new LedgerCore({
      store: asStore,
      clock: SYSTEM_CLOCK,
      reservePatienceMs: RESERVE_PATIENCE_MS,
      waitingMax: WAITING_MAX,
      findLocked: (accountIds) => store.findLocked(accountIds),
      toReleaseEvents,
      onBatch: (kind, size) => this.observers.batchBegins(kind, size),
      onLoss: ({ accountId }, lost) =>
        this.logger.warn(`Account ${accountId} could not pay ${lost} nano-credits of a request.`),
    });
  }

  private get started(): LedgerCore {
    if (this.core === undefined) throw new Error('The ledger has not been started.');
    return this.core;
  }

  /** One at a time: a run that takes longer than the interval is not joined by another. */
  private repeat(title: string, intervalMs: number, task: () => Promise<unknown>): void {
    let isRunning = false;
    const timer = setInterval(() => {
      if (isRunning) return;
      isRunning = true;
      const run = task()
        .then(
          () => undefined,
          (error: Error) => this.logger.warn(`The ledger's ${title} failed and is repeated: ${error.message}`),
        )
        .finally(() => {
          isRunning = false;
          this.running.delete(run);
        });
      this.running.add(run);
    }, intervalMs);
    this.timers.push(timer.unref());
  }
}
