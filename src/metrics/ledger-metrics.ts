import { Histogram, type Registry } from 'prom-client';
import type { BatchKind } from '../observers/observers.js';

/** Counts how the ledger's work comes together in batches. */
export class LedgerMetrics {
  private readonly sizes: Histogram<'kind'>;

  constructor(registry: Registry) {
    this.sizes = new Histogram({
      name: 'hub_ledger_batch_size',
      help: 'Reservations or settlements in one statement.',
      labelNames: ['kind'],
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers: [registry],
    });
  }

  /** Counts one batch. */
  count(kind: BatchKind, size: number): void {
    this.sizes.observe({ kind }, size);
  }
}
