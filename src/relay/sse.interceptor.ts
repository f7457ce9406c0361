import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { from, type Observable, switchMap } from 'rxjs';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { RelayAnswer } from './relay-answer.js';
import { sendJson } from './send-json.js';
import { writeStream } from './write-stream.js';

/**
 * Sends what a relay service returns: a whole answer as it is, a stream event by event. Bound to streaming routes only;
 * their handlers take `@Res()`, so that Nest itself sends nothing.
 */
@Injectable()
export class SseInterceptor implements NestInterceptor<RelayAnswer, void> {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  intercept(context: ExecutionContext, next: CallHandler<RelayAnswer>): Observable<void> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(switchMap((answer) => from(this.send(reply, answer))));
  }

  private async send(reply: FastifyReply, answer: RelayAnswer): Promise<void> {
    if (answer.kind === 'stream') {
      await writeStream(reply, answer, this.settings.relay.streamPingMs);
      return;
    }
    sendJson(reply, answer);
  }
}
