import { hostname } from 'node:os';
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { TracingSettings } from '../config/settings.js';
import { WatchedExporter } from './watched-exporter.js';

/** Spans that wait for the collector; more are dropped. */
const QUEUE_MAX = 4096;
const BATCH_MAX = 512;
const EXPORT_MS_MAX = 5000;
const BATCH_MS = 2000;
/** Batches on their way at a time: a collector that is slow must not gather connections. */
const EXPORTS_MAX = 2;
const ATTRIBUTE_CHARS_MAX = 256;

/** What makes spans, and what sends them. */
export interface OpenTracer {
  readonly tracer: Tracer;
  /** Sends what waits, as far as the collector takes it, and ends. */
  close(): Promise<void>;
}

/**
 * Opens a way to the collector. Nothing global is set: no library begins to make spans because of it.
 * @param version of the hub.
 */
export function openTracer({ endpoint, serviceName, sampledPart }: TracingSettings, version: string): OpenTracer {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint}/v1/traces`,
    timeoutMillis: EXPORT_MS_MAX,
    concurrencyLimit: EXPORTS_MAX,
  });
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.name': serviceName,
        'service.version': version,
        'service.instance.id': `${hostname()}:${process.pid}`,
      }),
    ),
    // By the trace id alone: callers decide neither that their requests are traced nor that they are not.
    sampler: new TraceIdRatioBasedSampler(sampledPart),
    spanLimits: { attributeValueLengthLimit: ATTRIBUTE_CHARS_MAX },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new WatchedExporter(exporter),
        maxQueueSize: QUEUE_MAX,
        maxExportBatchSize: BATCH_MAX,
        scheduledDelayMillis: BATCH_MS,
        exportTimeoutMillis: EXPORT_MS_MAX,
      }),
    ],
  });
  return { tracer: provider.getTracer('ug-ai-hub', version), close: () => provider.shutdown() };
}
