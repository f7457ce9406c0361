import { isObject } from '../../common/is-object.js';
import type { ChatChunkChoice, ChatRequest, ChatStreamItem } from '../../providers/canonical/chat.js';
import type { ProviderError, ProviderErrorKind } from '../../providers/canonical/provider-error.js';
import type { Attempt, Resume } from '../attempt.js';
import type { Rescue } from '../attempts.js';
import type { RelayRun } from '../relay-run.js';
import type { Choice, PlannedCandidate } from '../route-choice.js';
import { withOutputCap } from '../with-output-cap.js';
import { isNothing, isReasoning, SentAnswer } from './sent-answer.js';
import { MismatchError, openSplicer, prefillOf, type Splicer } from './splicer.js';

type ChunkItem = Extract<ChatStreamItem, { type: 'chunk' }>;

/** What a rescue needs of its request. */
export interface RescuedRun extends Pick<RelayRun, 'noteMismatch'> {
  readonly bill: Pick<RelayRun['bill'], 'deliveredBefore'>;
}

/**
 * Goes on with a chat stream that has broken off after its first content, so that its client sees one answer: it keeps what was sent,
 * says how the next candidate is asked, and lets through only what continues it.
 */
export class ChatRescue implements Rescue {
  private readonly sent = new SentAnswer();
  /** Who did not take the beginning of the answer. */
  private readonly refusers = new Set<PlannedCandidate>();
  private readonly isAnswerGiven: boolean;
  private splicer: Splicer | undefined;
  /** The attempt under way has added to the answer. */
  private hasAdded = false;
  private isOver = false;

  private constructor(
    private readonly run: RescuedRun,
    private readonly request: ChatRequest,
  ) {
    const messages = request.source.value['messages'];
    const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
    this.isAnswerGiven = isObject(last) && last['role'] === 'assistant';
  }

  /** Undefined where a stream that breaks off is not gone on with: by the operator's word, of several choices, or nobody else is there. */
  static of(run: RescuedRun, request: ChatRequest, { model, plan }: Choice): ChatRescue | undefined {
    if (model.routing?.rescue === 'error' || request.choiceCount !== 1 || plan.length < 2) return undefined;
    return new ChatRescue(run, request);
  }

  get mayGoOn(): boolean {
    return this.sent.isContinuable && !this.isOver;
  }

  /** The attempt under way has told again what it was to go on from. */
  get hasEchoed(): boolean {
    return this.splicer?.isEcho === true;
  }

  prefers(planned: PlannedCandidate): boolean {
    return this.prefillFor(planned) !== undefined;
  }

  resumeAt(planned: PlannedCandidate): Resume {
    const prefill = this.prefillFor(planned);
    return prefill === undefined ? { mode: 'retell' } : { mode: 'prefill', prefill };
  }

  isRefusal({ planned, resume }: Pick<Attempt, 'planned' | 'resume'>, error: ProviderError): boolean {
    if (resume?.mode === 'retell' && error instanceof MismatchError) {
      // Nobody else would tell it better.
      this.isOver = true;
      this.run.noteMismatch(error);
    }
    if (resume?.mode !== 'prefill' || this.hasAdded || !isAboutPrefill(error)) return false;
    this.refusers.add(planned);
    return true;
  }

  /** An attempt begins. Returns the request as it is to be asked there. */
  begin({ resume }: Pick<Attempt, 'resume'>): ChatRequest {
    this.hasAdded = false;
    this.splicer = resume && openSplicer(this.sent.text, resume);
    return resume?.mode === 'prefill' ? withSmallerCap(this.request, this.run.bill.deliveredBefore) : this.request;
  }

  /**
   * Takes a chunk of the attempt under way, and gives it as the client is to see it; undefined when nothing of it is new.
   * @throws MismatchError when it does not go on with what was sent.
   */
  take(item: ChunkItem): ChunkItem | undefined {
    const { splicer } = this;
    const shown = splicer === undefined ? item : this.splice(item, splicer);
    if (shown === undefined) return undefined;
    for (const choice of shown.chunk.choices) this.sent.note(choice);
    if (shown.hasContent) this.hasAdded = true;
    return shown;
  }

  private prefillFor(planned: PlannedCandidate): string | undefined {
    const { provider, target } = planned.candidate;
    if (this.isAnswerGiven || this.refusers.has(planned)) return undefined;
    return provider.chat?.canPrefill?.(target.upstreamModel) === true ? prefillOf(this.sent.text) : undefined;
  }

  private splice(item: ChunkItem, splicer: Splicer): ChunkItem | undefined {
    const choice = item.chunk.choices.find(({ index }) => index === 0);
    if (choice === undefined) return undefined;
    const text = spliceText(choice, splicer);
    const hasContent = text !== '' || hasMore(choice.delta);
    if (!hasContent && !item.isFinish) return undefined;
    item.chunk.choices = [choice];
    return { ...item, hasContent };
  }
}

const REFUSALS: ReadonlySet<ProviderErrorKind> = new Set(['invalid_request', 'unsupported_option', 'model_missing']);

/** True for the ways in which a candidate says that it does not go on from a beginning: with a 400 or 404, or with another text. */
function isAboutPrefill(error: ProviderError): boolean {
  return error instanceof MismatchError || REFUSALS.has(error.kind);
}

/** Leaves of a choice what is new. What was thought is not told twice. */
function spliceText(choice: ChatChunkChoice, splicer: Splicer): string {
  const { delta } = choice;
  for (const name in delta) if (isReasoning(name)) delta[name] = undefined;
  const given = typeof delta['content'] === 'string' ? delta['content'] : '';
  let text = given === '' ? '' : splicer.push(given);
  if (typeof choice.finish_reason === 'string' || hasMore(delta)) text += splicer.end();
  if (text !== given) {
    delta['content'] = text === '' ? undefined : text;
    keepLastLogprobs(choice, text.length);
  }
  return text;
}

/** True when a delta holds more than text: a tool call, a refusal, sound. */
function hasMore(delta: Readonly<Record<string, unknown>>): boolean {
  for (const name in delta) {
    if (name !== 'content' && name !== 'role' && !isNothing(delta[name])) return true;
  }
  return false;
}

/** Of the tokens of a text whose beginning is not shown, those of its last characters. */
function keepLastLogprobs(choice: ChatChunkChoice, length: number): void {
  const { logprobs } = choice;
  const tokens: unknown = isObject(logprobs) ? logprobs['content'] : undefined;
  if (!isObject(logprobs) || !Array.isArray(tokens)) return;
  let left = length;
  let from = tokens.length;
  while (from > 0) {
    const token: unknown = isObject(tokens[from - 1]) ? tokens[from - 1].token : undefined;
    if (typeof token !== 'string' || token.length > left) break;
    left -= token.length;
    from--;
  }
  choice['logprobs'] = { ...logprobs, content: tokens.slice(from) };
}

/** The same request with room for only what is left of its answer. */
function withSmallerCap(request: ChatRequest, deliveredTokens: number): ChatRequest {
  const { outputTokensCap } = request;
  return outputTokensCap === undefined
    ? request
    : withOutputCap(request, Math.max(1, outputTokensCap - deliveredTokens));
}
