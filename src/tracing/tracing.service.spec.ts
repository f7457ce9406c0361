import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { freePort } from '../../test/support/free-port.js';
import { OtlpReceiver, type ReceivedSpan } from '../../test/support/otlp-receiver.js';
import { quietNow } from '../../test/support/quiet-clock.js';
import { until } from '../../test/support/until.js';
import { RequestLog } from '../common/request-log.js';
import { Observers } from '../observers/observers.js';
import type { RelayReport } from '../observers/relay-report.js';
import { AttemptObservers, type BegunAttempt, type ObservedAttempt } from '../routing/attempt-observers.js';
import type { AttemptRecord } from '../routing/attempt-record.js';
import type { Candidate } from '../routing/candidate.js';
import { openTracer } from './open-tracer.js';
import { TracingService } from './tracing.service.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER_SPAN = 'b7ad6b7169203331';
/** What a stop may take at most, with room for a machine that is busy; the bound itself is a second. */
const STOP_MS_MAX = 4_000;

const RECORD: AttemptRecord = {
  number: 1,
  channelId: '7',
  channelName: 'first',
  provider: 'mistral',
  model: 'm',
  upstreamModel: 'm-large',
  outcome: 'done',
  fault: undefined,
  status: 200,
  startedAtMs: 0,
  durationMs: 10,
  firstTokenMs: 250,
  isResume: false,
};
const REPORT: RelayReport = {
  operation: 'chat',
  isStream: true,
  model: 'm',
  outcome: 'done',
  fault: undefined,
  durationMs: 1000,
  firstTokenMs: 300,
  inputTokens: 10,
  outputTokens: 20,
  attempts: [RECORD],
};
const CANDIDATE = {
  channel: { id: '7', name: 'first', credential: 'credential-of-the-channel' },
  provider: { id: 'mistral' },
  target: { publicModel: 'm', upstreamModel: 'm-large' },
} as unknown as Candidate;

describe('traces', () => {
  let receiver: OtlpReceiver;
  let url: string;
  let observers: Observers;
  let attempts: AttemptObservers;
  let service: TracingService;
  let isStopped: boolean;
  let warn: jest.SpiedFunction<Logger['warn']>;

  const open = (endpoint: string, sampledPart = 1, exporter?: SpanExporter): void => {
    observers = new Observers();
    attempts = new AttemptObservers();
    service = new TracingService(
      openTracer({ endpoint, serviceName: 'hub of the test', sampledPart }, '1.2.3', exporter),
      observers,
      attempts,
    );
    isStopped = false;
  };
  const stop = async (): Promise<void> => {
    isStopped = true;
    await service.onApplicationShutdown();
  };
  /** Stops, and waits for so many spans: on a busy machine the last may come when the stop waits for them no longer. */
  const stopWith = async (count: number): Promise<void> => {
    await stop();
    await until(() => receiver.spans.length >= count);
  };
  beforeEach(async () => {
    warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    jest.spyOn(Logger.prototype, 'log').mockReturnValue(undefined);
    receiver = new OtlpReceiver();
    url = await receiver.start();
    open(url);
  });
  afterEach(async () => {
    if (!isStopped) await stop();
    await receiver.close();
    jest.restoreAllMocks();
  });

  const begin = (log: RequestLog, change: Partial<BegunAttempt> = {}): ObservedAttempt | undefined =>
    attempts.began({
      requestId: 'req_1',
      log,
      number: 1,
      candidate: CANDIDATE,
      model: 'm',
      isResume: false,
      ...change,
    });
  const end = (log: RequestLog, report = REPORT, status = 200): void => {
    observers.relayEnded(log, report);
    Object.assign(log, { id: 'req_1', method: 'POST', path: '/api/relay/v1/chat/completions', status, addedMs: 3 });
    observers.requestEnded(log);
  };
  /** A whole request with one attempt. @returns what the attempt sends upstream. */
  const request = (headers: Record<string, string> = {}): ObservedAttempt['headers'] => {
    const log = new RequestLog();
    observers.relayArrives(log, headers);
    const attempt = begin(log);
    attempt?.ended(RECORD);
    end(log);
    return attempt?.headers;
  };
  const named = (name: string): ReceivedSpan => receiver.spans.find((span) => span.name === name)!;

  it('have a span for the request and one below it for each attempt', async () => {
    const log = new RequestLog();
    observers.relayArrives(log, {});
    begin(log)?.ended({ ...RECORD, outcome: 'timeout', fault: 'provider', status: undefined, firstTokenMs: undefined });
    begin(log, { number: 2, isResume: true })?.ended({ ...RECORD, number: 2, isResume: true });
    end(log);
    await stopWith(3);
    expect(receiver.spans.map(({ name, kind }) => [name, kind])).toEqual([
      ['attempt m-large', 3],
      ['attempt m-large', 3],
      ['chat m', 2],
    ]);
    const [failed, resumed, whole] = receiver.spans as [ReceivedSpan, ReceivedSpan, ReceivedSpan];
    expect(whole.parentSpanId).toBeUndefined();
    for (const span of [failed, resumed]) {
      expect([span.traceId, span.parentSpanId]).toEqual([whole.traceId, whole.spanId]);
    }
    expect(failed.status.code).toBe(2);
    expect(failed.attributes).toEqual({
      'gen_ai.provider.name': 'mistral_ai',
      'gen_ai.request.model': 'm-large',
      'hub.channel': 'first',
      'hub.attempt.number': 1,
      'hub.attempt.is_resume': false,
      'hub.attempt.outcome': 'timeout',
      'hub.attempt.fault': 'provider',
      'error.type': 'timeout',
    });
    expect(resumed.status.code ?? 0).toBe(0);
    expect(resumed.attributes).toMatchObject({
      'hub.attempt.number': 2,
      'hub.attempt.is_resume': true,
      'hub.attempt.outcome': 'done',
      'http.response.status_code': 200,
      'gen_ai.response.time_to_first_chunk': 0.25,
    });
    expect(whole.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'mistral_ai',
      'gen_ai.request.model': 'm',
      'gen_ai.response.model': 'm-large',
      'gen_ai.request.stream': true,
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.response.time_to_first_chunk': 0.3,
      'hub.attempts': 1,
      'hub.added_ms': 3,
      'hub.request.id': 'req_1',
      'http.request.method': 'POST',
      'http.route': '/api/relay/v1/chat/completions',
      'http.response.status_code': 200,
    });
    expect(receiver.resource).toMatchObject({ 'service.name': 'hub of the test', 'service.version': '1.2.3' });
    expect(receiver.text).not.toContain('credential-of-the-channel');
  });

  it.each([
    ['caller', 400, 0],
    ['policy', 400, 0],
    ['provider', 502, 2],
    ['hub', 503, 2],
    // A stream that breaks has its 200 already.
    ['provider', 200, 2],
  ] as const)('call a failure by the fault of the %s with status %i what it is', async (fault, status, code) => {
    const log = new RequestLog();
    observers.relayArrives(log, {});
    end(log, { ...REPORT, outcome: 'failed', fault }, status);
    await stopWith(1);
    expect(named('chat m').status.code ?? 0).toBe(code);
    expect(named('chat m').attributes).toMatchObject({ 'hub.fault': fault, 'error.type': fault });
  });

  it('show a request that was refused before it was admitted', async () => {
    const log = new RequestLog();
    observers.relayArrives(log, {});
    Object.assign(log, { method: 'POST', path: '/api/relay/v1/embeddings', status: 400 });
    observers.requestEnded(log);
    await stopWith(1);
    expect(named('relay').attributes).toMatchObject({ 'http.response.status_code': 400 });
  });

  it('take a caller’s trace further, to the upstream as well, and nothing else of what came with it', async () => {
    const sent = request({
      traceparent: `00-${TRACE}-${CALLER_SPAN}-01`,
      tracestate: 'vendor=secret-of-the-caller',
      baggage: 'user=secret-of-the-caller',
    });
    await stopWith(2);
    const attempt = named('attempt m-large');
    expect(sent).toEqual({ traceparent: `00-${TRACE}-${attempt.spanId}-01` });
    expect(named('chat m')).toMatchObject({ traceId: TRACE, parentSpanId: CALLER_SPAN });
    expect(attempt.traceId).toBe(TRACE);
    expect(receiver.text).not.toContain('secret-of-the-caller');
  });

  it('begin anew where the caller’s header is nothing', async () => {
    const sent = request({ traceparent: '00-zz-zz-01' });
    await stopWith(2);
    expect(named('chat m').parentSpanId).toBeUndefined();
    expect(sent?.['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it.each(['00', '01'])(
    'are made of the part that the operator wants, whatever the caller says (%s)',
    async (flags) => {
      await stop();
      open(url, 0);
      expect(request({ traceparent: `00-${TRACE}-${CALLER_SPAN}-${flags}` })?.['traceparent']).toMatch(/-00$/);
      await stop();
      expect(receiver.requestCount).toBe(0);
      open(url, 1);
      expect(request({ traceparent: `00-${TRACE}-${CALLER_SPAN}-${flags}` })?.['traceparent']).toMatch(/-01$/);
      await stopWith(2);
      expect(receiver.spans).toHaveLength(2);
    },
  );

  it('say once that the collector is away, and hold up neither requests nor the stop', async () => {
    await stop();
    open(`http://127.0.0.1:${await freePort()}`);
    for (let i = 0; i < 2000; i++) request();
    await until(() => warn.mock.calls.length > 0 || undefined);
    for (let i = 0; i < 2000; i++) request();
    const from = quietNow();
    await stop();
    expect(quietNow() - from).toBeLessThan(STOP_MS_MAX);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/^The collector does not take traces \(.+\)/));
  });

  it('wait only so long for a collector that does not answer', async () => {
    receiver.mode = 'silent';
    for (let i = 0; i < 2000; i++) request();
    await until(() => receiver.requestCount > 0 || undefined);
    const from = quietNow();
    await stop();
    expect(quietNow() - from).toBeLessThan(STOP_MS_MAX);
  });

  it('reach the collector also when many wait at the stop', async () => {
    for (let i = 0; i < 2000; i++) request();
    const from = performance.now();
    await stop();
    // On a machine that is busy the bound may have cut the wait short; they are on their way all the same. Timers may be early by a bit.
    if (performance.now() - from > 950) await until(() => receiver.spans.length === 4000);
    expect(receiver.spans).toHaveLength(4000);
  });

  it('are kept in small numbers only while the collector is slow', async () => {
    await stop();
    let spansSent = 0;
    const answers: (() => void)[] = [];
    open(url, 1, {
      export: (spans, onResult) => {
        spansSent += spans.length;
        answers.push(() => onResult({ code: 0 }));
      },
      shutdown: () => Promise.resolve(),
    });
    for (let i = 0; i < 20_000; i++) request();
    const stopped = stop();
    await until(() => {
      for (const answer of answers.splice(0)) answer();
      return spansSent > 512 || undefined;
    });
    await stopped;
    // A batch on its way, and what waits behind it.
    expect(spansSent).toBe(512 + 4096);
  });
});
