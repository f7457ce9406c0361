import { Gauge, type Registry } from 'prom-client';
import type { Database } from '../database/database.js';
import type { RateLimiter } from '../limits/rate-limiter.js';
import type { UpstreamClient } from '../providers/transport/upstream-client.js';
import type { Ledger } from '../quota/ledger.js';

/** What the gauges are read from. */
export interface StateSources {
  readonly database: Database;
  readonly ledger: Ledger;
  readonly limiter: RateLimiter;
  readonly upstream: UpstreamClient;
}

/** Gauges that are read when somebody asks for them, and cost nothing in between. */
export function addStateMetrics(registry: Registry, { database, ledger, limiter, upstream }: StateSources): void {
  addGauge(
    registry,
    'hub_ledger_queue',
    'What waits for the database, and holds of requests in flight.',
    'state',
    () => {
      const { reserving, settling, open } = ledger.queue;
      return [
        ['reserving', reserving],
        ['settling', settling],
        ['open_holds', open],
      ];
    },
  );
  addGauge(registry, 'hub_limiter_subjects', 'Keys, accounts and models whose use is counted.', undefined, () => [
    ['', limiter.subjectCount],
  ]);
  addGauge(registry, 'hub_upstream_connections', 'Connections to upstreams.', 'state', () => {
    const { open, busy, waiting } = upstream.connections;
    return [
      ['open', open],
      ['busy', busy],
      ['waiting', waiting],
    ];
  });
  new Gauge({
    name: 'hub_database_pool_connections',
    help: 'Connections to PostgreSQL, and statements that wait for one.',
    labelNames: ['pool', 'state'],
    registers: [registry],
    collect() {
      for (const { name, inUse, idle, waiting } of database.poolUses) {
        this.set({ pool: name, state: 'in_use' }, inUse);
        this.set({ pool: name, state: 'idle' }, idle);
        this.set({ pool: name, state: 'waiting' }, waiting);
      }
    },
  });
}

function addGauge(
  registry: Registry,
  name: string,
  help: string,
  label: string | undefined,
  read: () => readonly (readonly [value: string, count: number])[],
): void {
  new Gauge({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [registry],
    collect() {
      for (const [value, count] of read()) {
        if (label === undefined) this.set(count);
        else this.set({ [label]: value }, count);
      }
    },
  });
}
