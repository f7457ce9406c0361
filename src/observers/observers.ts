import { Injectable } from '@nestjs/common';
import type { RequestLog } from '../common/request-log.js';
import type { RelayReport } from './relay-report.js';

/** The two ways by which the ledger is written in batches. */
export type BatchKind = 'reserve' | 'settle';

/**
 * Listens to what happens in the hub: metrics do. Called on the request path, so that each method only counts; it must not throw,
 * wait, or keep what it is given.
 */
export interface Observer {
  /** A request has ended, whatever it was; its log line is complete. */
  requestEnded?(log: RequestLog): void;
  /** A relay request was admitted. */
  relayBegins?(): void;
  /** A relay request that was admitted has ended. */
  relayEnded?(report: RelayReport): void;
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

  requestEnded(log: RequestLog): void {
    for (const observer of this.observers) observer.requestEnded?.(log);
  }

  relayBegins(): void {
    for (const observer of this.observers) observer.relayBegins?.();
  }

  relayEnded(report: RelayReport): void {
    for (const observer of this.observers) observer.relayEnded?.(report);
  }

  batchBegins(kind: BatchKind, size: number): void {
    for (const observer of this.observers) observer.batchBegins?.(kind, size);
  }
}
