import { Inject, Injectable } from '@nestjs/common';
import { relayErrorBody } from '../common/present-error.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { StreamAnswer } from '../http/write-stream.js';
import type { ChatRequest, ChatStreamItem } from '../providers/canonical/chat.js';
import { ChatProgress, isBreak } from '../providers/canonical/chat-progress.js';
import { mergeUsage } from '../providers/canonical/merge-usage.js';
import type { Candidate } from '../routing/candidate.js';
import { answerStream } from './answer-stream.js';
import { Attempts } from './attempts.js';
import { ChatAttempt, noteDropped } from './chat-attempt.js';
import { ChatShaper, DONE_EVENT } from './chat-shaper.js';
import { textOfChoice, textOfCompletion } from './chat-text.js';
import type { JsonAnswer, RelayAnswer } from './relay-answer.js';
import type { RelayContext } from './relay-context.js';
import { RelayRun } from './relay-run.js';
import { RunRegistry } from './run-registry.js';
import { toChatOrder } from './to-order.js';
import { validateChat } from './validate-chat.js';

/** chat/completions, whole and streamed. */
@Injectable()
export class ChatService {
  constructor(
    @Inject(Attempts) private readonly attempts: Attempts,
    @Inject(ChatAttempt) private readonly attempt: ChatAttempt,
    @Inject(RunRegistry) private readonly runs: RunRegistry,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * The life of a request. It comes authenticated; it is validated, routed, *admitted*, attempted on one channel after
   * another, and *finished* before the caller sees the end.
   * @throws HubError before the first byte of the answer; later failures end the stream with an error event.
   */
  async complete(context: RelayContext, body: Uint8Array): Promise<RelayAnswer> {
    context.capture?.takeRequest(body);
    const request = validateChat(body);
    const choice = this.attempts.choose(context.caller, request.model, 'chat');
    const run = await this.runs.admit(context, toChatOrder(request, choice));
    if (!(run instanceof RelayRun)) return run;
    const { candidates } = choice;
    return request.isStream ? this.stream(run, request, candidates) : this.whole(run, request, candidates);
  }

  private async whole(run: RelayRun, request: ChatRequest, candidates: readonly Candidate[]): Promise<JsonAnswer> {
    try {
      const answer = await this.attempts.tryEach(run, candidates, (candidate) =>
        this.attempt.whole(run, request, candidate),
      );
      run.usage = answer.usage;
      await run.finish('done', { text: () => textOfCompletion(answer.completion), body: answer.bytes });
      return { kind: 'json', headers: run.headers, body: answer.bytes };
    } finally {
      await run.finish('failed');
    }
  }

  private stream(run: RelayRun, request: ChatRequest, candidates: readonly Candidate[]): Promise<StreamAnswer> {
    const events = this.events(run, request, candidates);
    return answerStream(run, events, this.settings.relay.streamHoldMs, (error) => `data: ${relayErrorBody(error)}\n\n`);
  }

  /** All events of one stream. Left early, by return or throw, it still finishes the run. */
  private async *events(
    run: RelayRun,
    request: ChatRequest,
    candidates: readonly Candidate[],
  ): AsyncGenerator<string, void> {
    const progress = new ChatProgress(request.choiceCount);
    const id = `chatcmpl-${run.context.requestId.slice(4)}`;
    const shaper = new ChatShaper(request.model, id, request.includeUsage, progress);
    try {
      yield* this.attempts.streamEach(
        run,
        candidates,
        (candidate) => this.eventsOf(run, request, candidate, shaper, progress),
        () => progress.hasContent,
      );
      const tail = shaper.tail();
      await run.finish('done');
      yield* tail;
      yield DONE_EVENT;
    } finally {
      await run.finish('failed');
    }
  }

  /** The events of one attempt, up to the finish of the last choice. */
  private async *eventsOf(
    run: RelayRun,
    request: ChatRequest,
    candidate: Candidate,
    shaper: ChatShaper,
    progress: ChatProgress,
  ): AsyncGenerator<string, void> {
    shaper.restart();
    try {
      for await (const items of this.attempt.stream(run, request, candidate)) {
        for (const item of items) {
          const events = this.take(run, shaper, progress, item);
          if (item.type === 'chunk' && item.hasContent) {
            for (const choice of item.chunk.choices) await run.pay(textOfChoice(choice), choice.index);
          }
          yield* events;
        }
      }
    } catch (error) {
      if (!progress.isFinished || !isBreak(error)) throw error;
    }
    progress.requireAnswer(run.usage);
  }

  private take(run: RelayRun, shaper: ChatShaper, progress: ChatProgress, item: ChatStreamItem): readonly string[] {
    switch (item.type) {
      case 'chunk':
        if (item.hasContent) run.noteContent();
        return shaper.chunk(item);
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
