import cluster from 'node:cluster';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { HubError } from '../common/hub-error.js';
import { MetricsService } from './metrics.service.js';
import { isMetricsMessage, type PrimaryMessage, type WorkerMessage } from './worker-messages.js';

const ANSWER_MS_MAX = 5000;

interface Waiting {
  readonly resolve: (text: string) => void;
}

/**
 * The metrics of all workers together, whichever of them a scraper has reached: counts of one alone would jump up and down from
 * one scrape to the next. A worker asks the process that started it, which asks all.
 */
@Injectable()
export class WorkersMetrics implements OnApplicationShutdown {
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private readonly onMessage = (message: unknown): void => this.hear(message);

  constructor(@Inject(MetricsService) private readonly metrics: MetricsService) {
    if (!isWorkerProcess()) return;
    process.on('message', this.onMessage);
    tell({ hubMetrics: 'here' });
  }

  /**
   * The metrics as text.
   * @throws HubError 503 when those of all workers cannot be had: fewer would look like counters that were set back.
   */
  async text(): Promise<string> {
    if (!isWorkerProcess()) return this.metrics.registry.metrics();
    const id = ++this.lastId;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<string>((resolve, reject) => {
        timer = setTimeout(() => reject(notNow()), ANSWER_MS_MAX);
        this.waiting.set(id, { resolve });
        tell({ hubMetrics: 'want', id });
      });
    } finally {
      clearTimeout(timer);
      this.waiting.delete(id);
    }
  }

  onApplicationShutdown(): void {
    process.off('message', this.onMessage);
  }

  private hear(message: unknown): void {
    if (!isMetricsMessage<PrimaryMessage>(message)) return;
    if (message.hubMetrics === 'all') this.waiting.get(message.id)?.resolve(message.text);
    else void this.answer(message.id);
  }

  private async answer(id: number): Promise<void> {
    tell({ hubMetrics: 'own', id, snapshot: await this.metrics.registry.getMetricsAsJSON() });
  }
}

function isWorkerProcess(): boolean {
  return cluster.isWorker && process.send !== undefined;
}

/** The channel may close at any time; then this process is about to end as well. */
function tell(message: WorkerMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function notNow(): HubError {
  return new HubError({
    status: 503,
    code: 'metrics_unavailable',
    message: 'The metrics of all workers cannot be had at the moment.',
  });
}
