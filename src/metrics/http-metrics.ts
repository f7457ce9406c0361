import { Counter, Histogram, type Registry } from 'prom-client';
import type { RequestLog } from '../common/request-log.js';
import { BoundedNames } from './bounded-names.js';
import { routeClassOf, statusClassOf } from './route-class.js';

/** The hub has some dozens of error codes; those of upstreams, which it passes on, could be anything. */
const CODES_MAX = 100;
const SECONDS_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const ADDED_BUCKETS = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Counts requests of any kind as they end. */
export class HttpMetrics {
  private readonly codes = new BoundedNames(CODES_MAX);
  private readonly requests: Counter<'route' | 'status'>;
  private readonly durations: Histogram<'route'>;
  private readonly errors: Counter<'route' | 'code'>;
  private readonly added: Histogram<'route'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.requests = new Counter({
      name: 'hub_requests_total',
      help: 'Requests that have ended, by class of route and class of status.',
      labelNames: ['route', 'status'],
      registers,
    });
    this.durations = new Histogram({
      name: 'hub_request_duration_seconds',
      help: 'From the arrival of a request to the end of its answer.',
      labelNames: ['route'],
      buckets: SECONDS_BUCKETS,
      registers,
    });
    this.errors = new Counter({
      name: 'hub_errors_total',
      help: 'Requests that were answered with an error, by its code.',
      labelNames: ['route', 'code'],
      registers,
    });
    this.added = new Histogram({
      name: 'hub_added_seconds',
      help: "The hub's own part of the time of relayed requests: before and between attempts, of streams up to the first event.",
      labelNames: ['route'],
      buckets: ADDED_BUCKETS,
      registers,
    });
  }

  /** Counts a request that has ended. */
  count(log: RequestLog): void {
    const route = routeClassOf(log.path);
    this.requests.inc({ route, status: statusClassOf(log.status) }, 1);
    this.durations.observe({ route }, log.ms / 1000);
    // Of requests that reached an upstream: a refusal is quick and would hide what the others wait.
    if (log.addedMs !== undefined && log.attempts !== undefined) this.added.observe({ route }, log.addedMs / 1000);
    if (log.code !== undefined) this.errors.inc({ route, code: this.codes.of(log.code) }, 1);
  }
}
