import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { StreamAnswer } from '../http/write-stream.js';
import { servedTier } from '../pricing/service-tier.js';
import { toWireUsage } from '../providers/adapters/openai-compatible/usage.js';
import type { ChatAnswer, ChatRequest, ChatStreamItem } from '../providers/canonical/chat.js';
import { ChatProgress, isBreak } from '../providers/canonical/chat-progress.js';
import { mergeUsage } from '../providers/canonical/merge-usage.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { Candidate } from '../routing/candidate.js';
import { PromptCounter } from '../tokens/prompt-counter.js';
import { answerStream } from './answer-stream.js';
import type { Attempt } from './attempt.js';
import { Attempts } from './attempts.js';
import { ChatAttempt, noteDropped } from './chat-attempt.js';
import { ChatShaper } from './chat-shaper.js';
import { textOfChoice, textOfCompletion } from './chat-text.js';
import { streamFacts, wholeFacts } from './formats/answer-facts.js';
import { CHAT_COMPLETIONS } from './formats/chat-completions/chat-completions.format.js';
import type { ChatFormat, ChatStreamWriter, ReadChat } from './formats/chat-format.js';
import { errorInOwnWords, inOwnWords } from './formats/own-words.js';
import type { JsonAnswer, RelayAnswer } from './relay-answer.js';
import type { RelayContext } from './relay-context.js';
import { RelayRun } from './relay-run.js';
import { ChatRescue } from './rescue/chat-rescue.js';
import type { Choice } from './route-choice.js';
import { RouteChooser } from './route-chooser.js';
import { RunRegistry } from './run-registry.js';
import { toChatOrder } from './to-order.js';
import { toChatFacts } from './to-request-facts.js';

type ChunkItem = Extract<ChatStreamItem, { type: 'chunk' }>;

/** What the attempts at one stream have in common. */
interface StreamParts {
  readonly run: RelayRun;
  readonly request: ChatRequest;
  readonly shaper: ChatShaper;
  readonly progress: ChatProgress;
  readonly rescue: ChatRescue | undefined;
}

/** Chats, whole and streamed, in every format. */
@Injectable()
export class ChatService {
  constructor(
    @Inject(RouteChooser) private readonly routes: RouteChooser,
    @Inject(PromptCounter) private readonly counter: PromptCounter,
    @Inject(Attempts) private readonly attempts: Attempts,
    @Inject(ChatAttempt) private readonly attempt: ChatAttempt,
    @Inject(RunRegistry) private readonly runs: RunRegistry,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * The life of a request. It comes authenticated; it is validated, routed, *admitted*, attempted on one channel after
   * another, and *finished* before the caller sees the end.
   * @param format how the body is to be read and the answer to be written.
   * @throws HubError before the first byte of the answer; later failures end the stream with an error event.
   */
  async complete(context: RelayContext, body: Uint8Array, format = CHAT_COMPLETIONS): Promise<RelayAnswer> {
    context.capture?.takeRequest(body);
    const read = format.read(body);
    const { wording } = read;
    if (wording === undefined) return this.answer(context, body, format, read);
    context.wording = wording;
    try {
      return await this.answer(context, body, format, read);
    } catch (error) {
      throw errorInOwnWords(error, wording);
    }
  }

  private async answer(
    context: RelayContext,
    body: Uint8Array,
    { endpoint }: ChatFormat,
    read: ReadChat,
  ): Promise<RelayAnswer> {
    const { request } = read;
    this.routes.modelOf(context.caller, request.model);
    const counted = this.counter.count('chat', request.source.value, body.length, request.model);
    const promptTokens = typeof counted === 'number' ? counted : await counted;
    const choice = this.routes.choose(context.caller, request.model, toChatFacts(request, context, promptTokens));
    const order = toChatOrder(request, choice, promptTokens, { endpoint, bytes: body });
    const run = await this.runs.admit(context, order);
    if (!(run instanceof RelayRun)) return run;
    return request.isStream ? this.stream(run, read, choice) : this.whole(run, read, choice);
  }

  private async whole(run: RelayRun, read: ReadChat, choice: Choice): Promise<JsonAnswer> {
    const { request } = read;
    try {
      const work = async (attempt: Attempt): Promise<ChatAnswer> => {
        const whole = await this.attempt.whole(run, request, attempt);
        attempt.noteUsage(whole.usage);
        noteTier(run, whole.servedTier);
        return whole;
      };
      const prepare = (candidate: Candidate) => this.attempt.prepare(run, request, candidate);
      const answer = await this.attempts.tryEach(run, choice, work, { prepare });
      run.usage = answer.usage;
      run.context.log.servedModel = answer.servedModel;
      const body = read.toWhole(answer, wholeFacts(run, answer));
      await run.finish('done', { text: () => textOfCompletion(answer.completion), body });
      return { kind: 'json', headers: run.headers, body };
    } finally {
      await run.finish('failed');
    }
  }

  private stream(run: RelayRun, read: ReadChat, choice: Choice): Promise<StreamAnswer> {
    const writer = read.openStream(streamFacts(run));
    const events = this.events(run, read.request, writer, choice);
    const { wording } = read;
    return answerStream(run, events, this.settings.relay.streamHoldMs, {
      toErrorEvent: (error) => writer.error(wording === undefined ? error : inOwnWords(error, wording)),
      ping: writer.ping,
    });
  }

  /** All events of one stream. Left early, by return or throw, it still finishes the run. */
  private async *events(
    run: RelayRun,
    request: ChatRequest,
    writer: ChatStreamWriter,
    choice: Choice,
  ): AsyncGenerator<string, void> {
    const progress = new ChatProgress(request.choiceCount);
    const shaper = new ChatShaper(writer, `chatcmpl-${run.context.requestId.slice(4)}`, progress);
    const rescue = ChatRescue.of(run, request, choice);
    const parts = { run, request, shaper, progress, rescue };
    try {
      const prepare = (candidate: Candidate) => this.attempt.prepare(run, request, candidate);
      yield* this.attempts.streamEach(run, choice, (attempt) => this.eventsOf(parts, attempt), { rescue, prepare });
      const joined = run.joinUsage(rescue?.hasEchoed === true);
      if (joined !== undefined) shaper.takeUsage(joined, toWireUsage(joined));
      const tail = shaper.tail(run.usage);
      await run.finish('done');
      yield* tail;
      yield writer.end();
    } finally {
      await run.finish('failed');
    }
  }

  /** The events of one attempt, up to the finish of the last choice. */
  private async *eventsOf(parts: StreamParts, attempt: Attempt): AsyncGenerator<string, void> {
    const { run, request, shaper, progress, rescue } = parts;
    shaper.restart();
    const asked = rescue?.begin(attempt) ?? request;
    try {
      for await (const items of this.attempt.stream(run, asked, attempt)) {
        for (const item of items) {
          if (item.type !== 'chunk') {
            this.note(parts, attempt, item);
            continue;
          }
          noteTier(run, item.chunk['service_tier']);
          const shown = this.take(parts, attempt, item);
          if (shown === undefined) continue;
          const ready = shaper.shape(shown);
          if (shown.hasContent) {
            for (const choice of shown.chunk.choices) await run.pay(textOfChoice(choice), choice.index);
          }
          yield* shaper.write(ready);
        }
      }
    } catch (error) {
      if (!progress.isFinished || !isBreak(error)) throw error;
    }
    progress.requireAnswer(run.usage);
    attempt.noteUsage(run.usage);
  }

  /** What the client is to see of a chunk; undefined when it has seen it before. */
  private take({ run, progress, rescue }: StreamParts, attempt: Attempt, item: ChunkItem): ChunkItem | undefined {
    if (item.hasContent) {
      attempt.noteContent();
      // Also what is only compared is an answer.
      progress.hasContent = true;
    }
    const shown = rescue === undefined ? item : rescue.take(item);
    if (shown?.hasContent !== true) return shown;
    run.noteContent();
    if (rescue?.mayGoOn !== true) attempt.bePatient();
    return shown;
  }

  private note(
    { run, shaper, progress }: StreamParts,
    attempt: Attempt,
    item: Exclude<ChatStreamItem, ChunkItem>,
  ): void {
    switch (item.type) {
      case 'usage':
        run.usage = mergeUsage(run.usage, item.usage);
        run.context.log.servedModel = item.servedModel;
        noteTier(run, item.servedTier);
        shaper.takeUsage(run.usage ?? item.usage, item.wire);
        return;
      case 'begun':
        attempt.noteBegun();
        return;
      case 'error':
        throw item.error;
      case 'malformed':
        noteDropped(run);
        // The answer may lack its beginning now, and somebody else can give all of it. Later on hardly anybody could: what is dropped
        // then is counted, and the rest is worth more than an error.
        if (item.isTorn === true && attempt.hasSuccessor && !run.hasContent && !progress.isFinished) throw tornEvent();
        return;
      case 'done':
        progress.noteDone();
    }
  }
}

/** Takes an upstream's word on the service tier; one that says nothing has served as it was asked to. */
function noteTier(run: RelayRun, word: unknown): void {
  const tier = servedTier(word);
  if (tier !== undefined) run.bill.noteTier(tier);
}

function tornEvent(): ProviderError {
  return new ProviderError({
    kind: 'invalid_response',
    message: 'The upstream began its answer with an event that cannot be read.',
  });
}
