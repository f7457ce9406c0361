import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { RequestLog } from '../common/request-log.js';
import { toOperationName, toProviderName } from '../observers/gen-ai-names.js';
import { type Observer, Observers } from '../observers/observers.js';
import type { RelayReport } from '../observers/relay-report.js';
import {
  type AttemptObserver,
  AttemptObservers,
  type BegunAttempt,
  type ObservedAttempt,
} from '../routing/attempt-observers.js';
import type { AttemptRecord } from '../routing/attempt-record.js';
import type { OpenTracer } from './open-tracer.js';
import { readTraceparent, toTraceparent } from './trace-context.js';

/** Injection token of the {@link OpenTracer}. */
export const OPEN_TRACER = Symbol('OpenTracer');

/** For the last spans of a process that stops; what the collector has not taken by then is lost. */
const LAST_SPANS_MS = 1000;

interface TracedRequest {
  readonly span: Span;
  /** What its attempts are children of. */
  readonly context: Context;
}

/**
 * One span for each relay request, and one below it for each attempt at an upstream. Ids, names, codes and times only: whatever a
 * caller or an upstream has written is in none of them.
 */
@Injectable()
export class TracingService implements Observer, AttemptObserver, OnApplicationShutdown {
  private readonly requests = new WeakMap<RequestLog, TracedRequest>();

  constructor(
    @Inject(OPEN_TRACER) private readonly open: OpenTracer,
    @Inject(Observers) observers: Observers,
    @Inject(AttemptObservers) attempts: AttemptObservers,
  ) {
    observers.add(this);
    attempts.add(this);
  }

  relayArrives(log: RequestLog, headers: IncomingHttpHeaders): void {
    const parent = readTraceparent(headers['traceparent']);
    const from = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    const span = this.open.tracer.startSpan('relay', { kind: SpanKind.SERVER }, from);
    this.requests.set(log, { span, context: trace.setSpan(from, span) });
  }

  attemptBegan({ log, number, candidate, isResume }: BegunAttempt): ObservedAttempt | undefined {
    const request = this.requests.get(log);
    if (request === undefined) return undefined;
    const { upstreamModel } = candidate.target;
    const options = {
      kind: SpanKind.CLIENT,
      attributes: {
        'gen_ai.provider.name': toProviderName(candidate.provider.id),
        'gen_ai.request.model': upstreamModel,
        'hub.channel': candidate.channel.name,
        'hub.attempt.number': number,
        'hub.attempt.is_resume': isResume,
      },
    };
    const span = this.open.tracer.startSpan(`attempt ${upstreamModel}`, options, request.context);
    return { headers: { traceparent: toTraceparent(span) }, ended: (record) => endAttempt(span, record) };
  }

  relayEnded(log: RequestLog, report: RelayReport): void {
    const span = this.requests.get(log)?.span;
    if (span === undefined) return;
    span.updateName(`${toOperationName(report.operation)} ${report.model}`);
    span.setAttributes(attributesOf(report));
    const { fault } = report;
    if (fault === undefined) return;
    span.setAttributes({ 'hub.fault': fault, 'error.type': fault });
    // As the conventions have it: what the caller has done wrong is no error of a server.
    if (fault === 'provider' || fault === 'hub') span.setStatus({ code: SpanStatusCode.ERROR });
  }

  requestEnded(log: RequestLog): void {
    const span = this.requests.get(log)?.span;
    if (span === undefined) return;
    this.requests.delete(log);
    span.setAttributes({
      'hub.request.id': log.id,
      'http.request.method': log.method,
      'http.route': log.path,
      'http.response.status_code': log.status,
      ...(log.outcome !== undefined && { 'hub.outcome': log.outcome }),
      ...(log.addedMs !== undefined && { 'hub.added_ms': log.addedMs }),
    });
    if (log.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }

  async onApplicationShutdown(): Promise<void> {
    // It rejects when the collector is away, which has been logged.
    await Promise.race([this.open.close().catch(() => undefined), sleep(LAST_SPANS_MS)]);
  }
}

function attributesOf(report: RelayReport): Attributes {
  const { inputTokens, outputTokens, firstTokenMs } = report;
  const last = report.attempts.at(-1);
  return {
    'gen_ai.operation.name': toOperationName(report.operation),
    'gen_ai.request.model': report.model,
    'gen_ai.request.stream': report.isStream,
    'hub.attempts': report.attempts.length,
    ...(last && { 'gen_ai.provider.name': toProviderName(last.provider), 'gen_ai.response.model': last.upstreamModel }),
    ...(inputTokens !== undefined && { 'gen_ai.usage.input_tokens': inputTokens }),
    ...(outputTokens !== undefined && { 'gen_ai.usage.output_tokens': outputTokens }),
    ...(firstTokenMs !== undefined && { 'gen_ai.response.time_to_first_chunk': firstTokenMs / 1000 }),
  };
}

function endAttempt(span: Span, { outcome, fault, status, firstTokenMs }: AttemptRecord): void {
  span.setAttribute('hub.attempt.outcome', outcome);
  if (status !== undefined) span.setAttribute('http.response.status_code', status);
  if (firstTokenMs !== undefined) span.setAttribute('gen_ai.response.time_to_first_chunk', firstTokenMs / 1000);
  if (fault !== undefined) {
    span.setAttributes({ 'hub.attempt.fault': fault, 'error.type': outcome });
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
