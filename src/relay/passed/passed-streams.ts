import { Inject, Injectable } from '@nestjs/common';
import { relayErrorBody } from '../../common/present-error.js';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import type { StreamAnswer } from '../../http/write-stream.js';
import type { AnswerEvent, AnswerEventReader } from '../../providers/canonical/answer-events.js';
import { ChatProgress, isBreak } from '../../providers/canonical/chat-progress.js';
import { mergeUsage } from '../../providers/canonical/merge-usage.js';
import { SseReader } from '../../providers/transport/sse-reader.js';
import type { UpstreamResponse } from '../../providers/transport/upstream-client.js';
import { answerStream } from '../answer-stream.js';
import type { Attempt } from '../attempt.js';
import { Attempts } from '../attempts.js';
import { noteDropped } from '../chat-attempt.js';
import { readChatItems } from '../read-chat-items.js';
import type { AnswerShaper } from './answer-shaper.js';
import type { AdmittedRequest } from './passed-requests.js';

const DONE_EVENT = 'data: [DONE]\n\n';

/** What is special about a stream. */
export interface StreamedWork {
  /** How many answers it holds. */
  readonly choiceCount: number;
  /** Makes the shaper of the stream that the caller sees. */
  readonly toShaper: (progress: ChatProgress) => AnswerShaper;
  /** Sends an attempt. */
  readonly post: (attempt: Attempt) => Promise<UpstreamResponse>;
  /** Opens a reader for the answer of an attempt. */
  readonly open: (attempt: Attempt) => AnswerEventReader;
  /** The events of an answer that came whole, although a stream was asked for. */
  readonly fromWhole: (body: Uint8Array, contentType: string, attempt: Attempt) => readonly AnswerEvent[];
}

interface StreamParts extends AdmittedRequest {
  readonly work: StreamedWork;
  readonly progress: ChatProgress;
  readonly shaper: AnswerShaper;
}

/** Streams of events that pass through. Nothing but a complete answer ends in `[DONE]`. */
@Injectable()
export class PassedStreams {
  constructor(
    @Inject(Attempts) private readonly attempts: Attempts,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Answers with a stream.
   * @throws HubError before the first event; a later failure ends the stream with an error event.
   */
  answer(admitted: AdmittedRequest, work: StreamedWork): Promise<StreamAnswer> {
    const { streamHoldMs } = this.settings.relay;
    const events = this.events(admitted, work);
    return answerStream(admitted.run, events, streamHoldMs, {
      toErrorEvent: (error) => `data: ${relayErrorBody(error)}\n\n`,
    });
  }

  /** All events of one stream. Left early, by return or throw, it still finishes the run. */
  private async *events({ run, choice }: AdmittedRequest, work: StreamedWork): AsyncGenerator<string, void> {
    const progress = new ChatProgress(work.choiceCount);
    const shaper = work.toShaper(progress);
    const parts = { run, choice, work, progress, shaper };
    try {
      yield* this.attempts.streamEach(run, choice, (attempt) => this.eventsOf(parts, attempt));
      const tail = shaper.tail();
      await run.finish('done');
      yield* tail;
      yield DONE_EVENT;
    } finally {
      await run.finish('failed');
    }
  }

  /** The events of one attempt, up to the finish of the last choice. */
  private async *eventsOf(parts: StreamParts, attempt: Attempt): AsyncGenerator<string, void> {
    const { run, work, progress, shaper } = parts;
    shaper.restart();
    const response = await work.post(attempt);
    try {
      for await (const items of this.read(work, response, attempt)) {
        for (const item of items) yield* await this.take(parts, attempt, item);
      }
    } catch (error) {
      if (!progress.isFinished || !isBreak(error)) throw error;
    }
    progress.requireAnswer(run.usage);
    attempt.noteUsage(run.usage);
  }

  private async *read(
    work: StreamedWork,
    response: UpstreamResponse,
    attempt: Attempt,
  ): AsyncGenerator<readonly AnswerEvent[], void> {
    const contentType = (response.headers['content-type'] ?? '').toLowerCase();
    if (contentType.includes('text/event-stream') || contentType === '') {
      yield* readChatItems(response.body, work.open(attempt), new SseReader(this.settings.upstream.lineBytesMax));
      return;
    }
    // It comes in one piece, so that its beginning says nothing of how far it is.
    attempt.noteContent();
    const body = await response.body.collect(this.settings.upstream.bodyBytesMax);
    yield work.fromWhole(body, contentType, attempt);
  }

  /** What the caller is to see of an item now. */
  private async take(
    { run, progress, shaper }: StreamParts,
    attempt: Attempt,
    item: AnswerEvent,
  ): Promise<readonly string[]> {
    switch (item.type) {
      case 'event':
        for (const choice of item.begun) progress.note(choice, undefined);
        for (const { choice, reason } of item.finished) progress.note(choice, reason);
        if (item.hasContent) {
          attempt.noteContent();
          run.noteContent();
          for (const { text, choice } of item.texts) await run.pay(text, choice);
        }
        return shaper.push(item);
      case 'usage':
        run.usage = mergeUsage(run.usage, item.usage);
        shaper.takeUsage(item.wire);
        return [];
      case 'error':
        throw item.error;
      case 'malformed':
        noteDropped(run);
        return [];
      case 'done':
        progress.noteDone();
        return [];
    }
  }
}
