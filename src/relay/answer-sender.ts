import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CaptureRecorder } from '../capture/capture-recorder.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { cutStalledAnswer } from '../http/cut-stalled-answer.js';
import { writeSound } from '../http/write-sound.js';
import { writeStream } from '../http/write-stream.js';
import { Observers } from '../observers/observers.js';
import { captureAnswer, captureFailure } from './capture-answer.js';
import type { RelayAnswer } from './relay-answer.js';
import { type RelayContext, toRelayContext } from './relay-context.js';

/**
 * Sends what a relay service returns: a whole answer as it is, a stream event by event.
 *
 * A plain call rather than a Nest interceptor: a route with an interceptor runs every request through a dozen RxJS
 * operators, which cost about a fifth of the CPU of a whole answer, and the two share one route.
 */
@Injectable()
export class AnswerSender {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(CaptureRecorder) private readonly captures: CaptureRecorder,
    @Inject(Observers) private readonly observers: Observers,
  ) {}

  /** Answers a request with what `relay` makes of it, and takes both down where the key's capture is switched on. */
  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    relay: (context: RelayContext) => Promise<RelayAnswer>,
  ): Promise<void> {
    this.observers.relayArrives(request.hubLog, request.headers);
    const context = toRelayContext(request, reply);
    const isCaptured = context.caller.captureUntilMs !== 0;
    let answer: RelayAnswer;
    try {
      answer = await (isCaptured ? this.captured(context, relay) : relay(context));
    } catch (error) {
      // The error handler answers; what the request has been through is said all the same.
      context.setHeaders(routeHeaders(context));
      throw error;
    }
    await this.send(reply, { ...answer, headers: { ...answer.headers, ...routeHeaders(context) } });
  }

  /** Resolves when the answer has been handed over, a stream when its last event has. */
  async send(reply: FastifyReply, answer: RelayAnswer): Promise<void> {
    if (answer.kind === 'stream') {
      await writeStream(reply, answer, this.settings.relay.streamPingMs);
      return;
    }
    if (answer.kind === 'sound') {
      await writeSound(reply, answer);
      return;
    }
    // Past Fastify's sending, which would look for serialisers and hooks that there are none of.
    reply.hijack();
    reply.raw.writeHead(answer.status ?? 200, {
      ...(reply.getHeaders() as Record<string, string>),
      ...answer.headers,
      'content-type': answer.contentType ?? 'application/json',
      'content-length': answer.body.length,
    });
    reply.raw.end(answer.body);
    cutStalledAnswer(reply.raw);
  }

  private async captured(
    context: RelayContext,
    relay: (context: RelayContext) => Promise<RelayAnswer>,
  ): Promise<RelayAnswer> {
    const capture = this.captures.begin(context.caller, context.requestId, context.route);
    if (capture === undefined) return relay(context);
    try {
      context.capture = capture;
      return captureAnswer(capture, context.log, await relay(context));
    } catch (error) {
      captureFailure(capture, context, error);
      throw error;
    }
  }
}

/** What every answer says of the way that its request has taken; a stream's up to its first event. */
function routeHeaders({ run, log, receivedAt }: RelayContext): Record<string, string> {
  const addedMs = Math.max(0, Math.round((run?.addedMs ?? performance.now() - receivedAt) * 10) / 10);
  log.addedMs = addedMs;
  const headers = { 'x-hub-attempts': String(run?.attemptCount ?? 0), 'x-hub-added-ms': String(addedMs) };
  const model = run?.servingModel;
  // A name that no header can carry is left out.
  return model === undefined || !/^[\x21-\x7e]+$/.test(model) ? headers : { ...headers, 'x-hub-model': model };
}
