import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { ChatAggregate } from '../providers/adapters/openai-compatible/aggregate-chat.js';
import { completionToItems } from '../providers/adapters/openai-compatible/completion-to-items.js';
import type { ChatAnswer, ChatExtensions, ChatRequest, ChatStreamItem } from '../providers/canonical/chat.js';
import { isBreak } from '../providers/canonical/chat-progress.js';
import type { ChatOperation, UpstreamBody } from '../providers/provider.js';
import { FRAMINGS, type Framing } from '../providers/transport/stream-framings.js';
import type { UpstreamResponse } from '../providers/transport/upstream-client.js';
import type { Candidate } from '../routing/candidate.js';
import type { Attempt } from './attempt.js';
import { datedAnswer } from './dated-answer.js';
import { InlineMedia } from './inline-media.js';
import { readChatItems } from './read-chat-items.js';
import type { RelayRun } from './relay-run.js';
import { UpstreamSender } from './upstream-sender.js';
import { withOutputCap } from './with-output-cap.js';
import { SERVICE_TIER, withDropped, withPricedTier } from './with-priced-tier.js';

/** One attempt at chat/completions on one channel. */
@Injectable()
export class ChatAttempt {
  constructor(
    @Inject(UpstreamSender) private readonly sender: UpstreamSender,
    @Inject(InlineMedia) private readonly media: InlineMedia,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Fetches what a candidate wants the bytes of, before it is asked: a slow host is none of its channel's faults, and takes none of
   * its places. Once for all candidates of a request.
   * @throws ProviderError that names the part of the message, see {@link InlineMedia.inline}.
   */
  prepare(run: RelayRun, request: ChatRequest, candidate: Candidate): Promise<ChatRequest> | undefined {
    return chatOf(candidate).needsInlineMedia === true ? this.media.inline(run, request, run.signal) : undefined;
  }

  /**
   * Asks for a whole answer; an upstream that streams all the same is read to its end.
   * @throws ProviderError.
   */
  async whole(run: RelayRun, request: ChatRequest, attempt: Attempt): Promise<ChatAnswer> {
    const { candidate } = attempt;
    const chat = chatOf(candidate);
    const response = await this.post(run, request, attempt, chat);
    const { bodyBytesMax } = this.settings.upstream;
    if (!framingOf(chat).isStream(contentType(response))) {
      return datedAnswer(chat.fromBody(await response.body.collect(bodyBytesMax), candidate.target, request));
    }
    const aggregate = new ChatAggregate(candidate.target.publicModel, request.choiceCount);
    try {
      for await (const items of this.read(response, chat, request, candidate, bodyBytesMax)) {
        for (const item of items) {
          if (item.type === 'malformed') noteDropped(run);
          aggregate.push(item);
        }
      }
    } catch (error) {
      if (!aggregate.isFinished || !isBreak(error)) throw error;
    }
    return datedAnswer(aggregate.end());
  }

  /**
   * Asks for a stream and gives what arrives; an upstream that answers whole is cut into chunks.
   * @throws ProviderError.
   */
  async *stream(
    run: RelayRun,
    request: ChatRequest,
    attempt: Attempt,
  ): AsyncGenerator<readonly ChatStreamItem[], void> {
    const { candidate } = attempt;
    const chat = chatOf(candidate);
    const response = await this.post(run, request, attempt, chat);
    const type = contentType(response);
    if (!framingOf(chat).isStream(type) && /json|html/.test(type)) {
      // It comes in one piece, so that its beginning says nothing of how far it is.
      attempt.noteContent();
      const bytes = await response.body.collect(this.settings.upstream.bodyBytesMax);
      yield completionToItems(chat.fromBody(bytes, candidate.target, request));
    } else {
      yield* this.read(response, chat, request, candidate);
    }
  }

  private async post(
    run: RelayRun,
    request: ChatRequest,
    attempt: Attempt,
    chat: ChatOperation,
  ): Promise<UpstreamResponse> {
    const { resume, candidate } = attempt;
    const prefill = resume?.mode === 'prefill' ? resume.prefill : undefined;
    const options = { outputTokensCap: run.bill.outputTokensCap, prefill };
    const fit = withinModel(request, candidate, chat);
    const tiered = withPricedTier(fit, (tier) => run.bill.sellsTier(tier));
    const { request: priced } = tiered;
    const told = chat.needsInlineMedia === true ? await this.media.inline(run, priced, run.signal) : priced;
    const body = withUnhonoured(chat.toBody(told, candidate.target, options), request.extensions);
    // Until the answer says better it is served as it was asked for, unless the adapter has no words for that.
    run.bill.noteTier(body.droppedParams.includes(SERVICE_TIER) ? undefined : tiered.serviceTier);
    const dropped = [...(fit === request ? [] : ['max_tokens']), ...(tiered.isDropped ? [SERVICE_TIER] : [])];
    return this.sender.postJson(run, attempt, chat.path, withDropped(body, dropped));
  }

  private read(
    response: UpstreamResponse,
    chat: ChatOperation,
    request: ChatRequest,
    candidate: Candidate,
    bytesMax?: number,
  ): AsyncGenerator<readonly ChatStreamItem[], void> {
    const framed = framingOf(chat).open(this.settings.upstream.lineBytesMax);
    return readChatItems(response.body, chat.openStream(candidate.target, request), framed, bytesMax);
  }
}

/** A body that also reports the wishes of the caller which its adapter does not know. */
function withUnhonoured(body: UpstreamBody, extensions: ChatExtensions | undefined): UpstreamBody {
  if (extensions === undefined) return body;
  const honoured: readonly string[] = body.honoured ?? [];
  const left = Object.keys(extensions).filter((name) => !honoured.includes(name));
  return left.length === 0 ? body : { ...body, droppedParams: [...body.droppedParams, ...left] };
}

/**
 * A request of a format that has to have a cap, which its caller chose for that format's own models: another model may write less, and
 * refuse to be asked for more than it can.
 */
function withinModel(request: ChatRequest, { capabilities, target }: Candidate, chat: ChatOperation): ChatRequest {
  const { original, outputTokensCap: cap } = request;
  const max = capabilities.outputTokensMax;
  if (original === undefined || original.format === chat.speaks?.(target.upstreamModel)) return request;
  return cap === undefined || max === undefined || cap <= max ? request : withOutputCap(request, max);
}

/** Counts an upstream event that could not be read. */
export function noteDropped(run: RelayRun): void {
  const { log } = run.context;
  log.droppedEvents = (log.droppedEvents ?? 0) + 1;
}

function chatOf({ provider }: Candidate): ChatOperation {
  if (provider.chat === undefined) throw new Error(`The provider "${provider.id}" has no chat operation.`);
  return provider.chat;
}

function framingOf({ framing = 'sse' }: ChatOperation): Framing {
  return FRAMINGS[framing];
}

function contentType(response: UpstreamResponse): string {
  return (response.headers['content-type'] ?? '').toLowerCase();
}
