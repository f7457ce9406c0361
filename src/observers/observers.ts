import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { RequestLog } from '../common/request-log.js';
import type { RelayReport } from './relay-report.js';

/** The two ways by which the ledger is written in batches. */
export type BatchKind = 'reserve' | 'settle';

/**
 * Listens to what happens in the hub: metrics and traces do. Called on the request path, so that each method must be quick; it must
 * not throw or wait. Attempts at upstreams are told by `routing/attempt-observers.ts`.
 *
 * The log line of a request is one and the same object in all calls about it, and so may be what an observer knows a request by.
 */
export interface Observer {
  /** An authenticated request to the relay begins. */
  relayArrives?(log: RequestLog, headers: IncomingHttpHeaders): void;
  /** A relay request was admitted: *relayEnded* will follow. */
  relayBegins?(): void;
  /** A relay request that was admitted has ended. */
  relayEnded?(log: RequestLog, report: RelayReport): void;
  /** A request of any kind has ended; its log line is complete. The last call about it. */
  requestEnded?(log: RequestLog): void;
  /** The ledger carries out a batch of so many items in one statement. */
  batchBegins?(kind: BatchKind, size: number): void;
}

/**
 * Who listens. It stands below everything that has something to tell, so that those who count need not be known to those who do.
 * Without a listener telling costs a look at an empty list.
 */
@Injectable()
export class Observers implements Required<Observer> {
  private readonly observers: Observer[] = [];

  /** Adds a listener for as long as the process lives. */
  add(observer: Observer): void {
    this.observers.push(observer);
  }

  /** True when nobody listens, so that nothing need be put together. */
  get isEmpty(): boolean {
    return this.observers.length === 0;
  }

  relayArrives(log: RequestLog, headers: IncomingHttpHeaders): void {
    for (const observer of this.observers) observer.relayArrives?.(log, headers);
  }

  relayBegins(): void {
    for (const observer of this.observers) observer.relayBegins?.();
  }

  relayEnded(log: RequestLog, report: RelayReport): void {
    for (const observer of this.observers) observer.relayEnded?.(log, report);
  }

  requestEnded(log: RequestLog): void {
    for (const observer of this.observers) observer.requestEnded?.(log);
  }

  batchBegins(kind: BatchKind, size: number): void {
    for (const observer of this.observers) observer.batchBegins?.(kind, size);
  }
}
