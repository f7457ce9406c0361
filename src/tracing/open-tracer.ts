import { hostname } from 'node:os';
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TracingSettings } from '../config/settings.js';
import { WatchedExporter } from './watched-exporter.js';

/** Spans that wait for the collector; more are dropped. */
const QUEUE_MAX = 4096;
const BATCH_MAX = 512;
const EXPORT_MS_MAX = 5000;
const BATCH_MS = 2000;
/** Batches on their way at a time. Usually it is one; at the end all that wait go at once, and one more may be on its way. */
const EXPORTS_MAX = QUEUE_MAX / BATCH_MAX + 1;
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
 * @param exporter what sends; tests put in their own.
 */
export function openTracer(
  settings: TracingSettings,
  version: string,
  exporter: SpanExporter = toExporter(settings),
): OpenTracer {
  const { serviceName, sampledPart } = settings;
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

function toExporter({ endpoint }: TracingSettings): SpanExporter {
  return new OTLPTraceExporter({
    url: `${endpoint}/v1/traces`,
    timeoutMillis: EXPORT_MS_MAX,
    concurrencyLimit: EXPORTS_MAX,
  });
}
