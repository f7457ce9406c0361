import type { MetricObjectWithValues, MetricValue } from 'prom-client';

/** All metrics of one process, as prom-client gives and takes them. */
export type MetricsSnapshot = readonly MetricObjectWithValues<MetricValue<string>>[];

/** What a worker says to the process that started it. */
export type WorkerMessage =
  /** It can be asked from now on. */
  | { readonly hubMetrics: 'here' }
  /** It has been asked by a scraper and wants the metrics of all. */
  | { readonly hubMetrics: 'want'; readonly id: number }
  /** Its own, as it was asked for. */
  | { readonly hubMetrics: 'own'; readonly id: number; readonly snapshot: MetricsSnapshot };

/** What the process that started the workers says to one of them. */
export type PrimaryMessage =
  | { readonly hubMetrics: 'ask'; readonly id: number }
  /** The metrics of all, as text. */
  | { readonly hubMetrics: 'all'; readonly id: number; readonly text: string };

/** Tells our messages from others that go the same way. */
export function isMetricsMessage<Message extends WorkerMessage | PrimaryMessage>(message: unknown): message is Message {
  return typeof message === 'object' && message !== null && 'hubMetrics' in message;
}
