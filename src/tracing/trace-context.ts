import { isSpanContextValid, type Span, type SpanContext, TraceFlags } from '@opentelemetry/api';

/** `traceparent` of W3C Trace Context, version 00; of later versions the part that they have in common. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const VERSION_FORBIDDEN = 'ff';

/**
 * The trace that a caller's request is a part of; undefined when its header names none, or is nothing that could be passed on.
 * `tracestate` and `baggage` are not read: they may hold anything, and upstreams are not to see it.
 */
export function readTraceparent(header: string | string[] | undefined): SpanContext | undefined {
  const [, version, traceId = '', spanId = '', flags = '', rest] =
    TRACEPARENT.exec(typeof header === 'string' ? header : '') ?? [];
  if (version === undefined || version === VERSION_FORBIDDEN || (version === '00' && rest !== undefined)) {
    return undefined;
  }
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  const context: SpanContext = { traceId, spanId, traceFlags, isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

/** `traceparent` for a request that belongs to a span. */
export function toTraceparent(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
