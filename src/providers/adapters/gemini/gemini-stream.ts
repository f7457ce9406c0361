import { createHash } from 'node:crypto';
import type { ChatChunkChoice, ChatStreamItem, ChatStreamReader, SseEvent } from '../../canonical/chat.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { Target } from '../../provider.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { findGeminiError } from './gemini-errors.js';
import { readGeminiFinish } from './gemini-finish.js';
import { readLogprobs } from './gemini-logprobs.js';
import { bareName, otherModel } from './gemini-models.js';
import { indexOf, type ReadParts, readParts } from './gemini-parts.js';
import { type ReadUsage, readUsage, spokenTokens, withPictures } from './gemini-usage.js';
import { promptRefusal } from './prompt-refusal.js';
import { withSignature } from './thought-signature.js';

const NOTHING: readonly ChatStreamItem[] = [];
const MALFORMED: readonly ChatStreamItem[] = [{ type: 'malformed' }];

/** What is remembered of one candidate. */
interface CandidateState {
  callCount: number;
  isRoleSent: boolean;
  /** Text, pictures or calls. */
  hasAnswer: boolean;
  hasThoughts: boolean;
  isFinished: boolean;
}

/**
 * Reads the events of streamGenerateContent. One reader per stream. Nothing tells the end of a stream but the finish reason of its
 * last event, so there is no `done`: the body is read to its end.
 */
export class GeminiChatStream implements ChatStreamReader {
  private readonly model: string;
  private readonly states: CandidateState[] = [];
  /** Tells this answer from others: its id, or what came first. */
  private seed: string | undefined;
  private pictureCount = 0;
  private isOver = false;

  constructor(private readonly target: Target) {
    this.model = bareName(target.upstreamModel);
  }

  push(event: SseEvent): readonly ChatStreamItem[] {
    const { data } = event;
    if (this.isOver || data === '') return NOTHING;
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      return MALFORMED;
    }
    return this.take(value);
  }

  /** Takes one event that has been parsed. */
  take(value: unknown): readonly ChatStreamItem[] {
    if (this.isOver) return NOTHING;
    const error = findGeminiError(value);
    if (error !== undefined) return this.fail(error);
    if (!isObject(value)) return MALFORMED;
    const items: ChatStreamItem[] = [];
    const reported = readUsage(value['usageMetadata']);
    const { candidates } = value;
    if (Array.isArray(candidates) && candidates.length > 0) this.readCandidates(value, candidates, reported, items);
    else this.readPromptFeedback(value, items);
    const usage = reported === undefined ? undefined : this.toUsageItem(reported, value['modelVersion']);
    if (usage === undefined) return items;
    // What was consumed before a failure is known, and has to be paid.
    if (items.at(-1)?.type === 'error') items.splice(-1, 0, usage);
    else items.push(usage);
    return items;
  }

  private fail(error: ProviderError): readonly ChatStreamItem[] {
    this.isOver = true;
    return [{ type: 'error', error }];
  }

  private readPromptFeedback(value: WireObject, items: ChatStreamItem[]): void {
    const refusal = promptRefusal(value);
    if (refusal !== undefined) items.push(...this.fail(refusal));
  }

  private toUsageItem({ usage, wire }: ReadUsage, modelVersion: unknown): ChatStreamItem {
    const servedModel = otherModel(this.target.upstreamModel, modelVersion);
    const item = { type: 'usage', usage: withPictures(usage, this.pictureCount) ?? usage, wire } as const;
    return servedModel === undefined ? item : { ...item, servedModel };
  }

  private readCandidates(
    value: WireObject,
    candidates: readonly unknown[],
    reported: ReadUsage | undefined,
    items: ChatStreamItem[],
  ): void {
    const id = this.idOf(value);
    for (let position = 0; position < candidates.length; position++) {
      const candidate = candidates[position];
      if (!isObject(candidate)) continue;
      const index = indexOf(candidate, position);
      const error = this.readCandidate(candidate, index, id, reported, items);
      if (error === undefined) continue;
      items.push(...this.fail(error));
      return;
    }
  }

  /** Adds what the candidate says to the items. @returns the failure that ends the stream. */
  private readCandidate(
    candidate: WireObject,
    index: number,
    id: string,
    reported: ReadUsage | undefined,
    items: ChatStreamItem[],
  ): ProviderError | undefined {
    const { content, finishReason } = candidate;
    const state = this.stateOf(index);
    const parts = isObject(content) ? content['parts'] : undefined;
    const read = readParts(parts, this.model, `${this.seed} ${index}`, state.callCount);
    const isSaying = hasContent(read);
    if (state.isFinished) {
      // A client that has seen the finish takes what it has for the whole.
      return isSaying ? invalidStream('The upstream went on after the finish of its answer.') : undefined;
    }
    if (isSaying || read.signature !== undefined) {
      const delta = this.deltaOf(read, state);
      const choice: ChatChunkChoice = { index, delta, finish_reason: null };
      const logprobs = readLogprobs(candidate['logprobsResult']);
      if (logprobs !== null) choice['logprobs'] = logprobs;
      items.push({ type: 'chunk', chunk: toChunk(id, choice), hasContent: isSaying, isFinish: false });
    }
    const finish = readGeminiFinish(finishReason, { hasAnswer: state.hasAnswer, hasCalls: state.callCount > 0 });
    if (finish === undefined || finish instanceof ProviderError) return finish;
    if (finish === 'stop' && !state.hasAnswer && spokenTokens(reported?.usage) === 0) {
      // Translating proxies give a STOP with the empty event that opens a stream, too. After thoughts it is an answer without a word.
      return state.hasThoughts ? invalidStream('The upstream answer is empty.') : undefined;
    }
    state.isFinished = true;
    const choice = { index, delta: roleOnce(state), finish_reason: finish };
    items.push({ type: 'chunk', chunk: toChunk(id, choice), hasContent: false, isFinish: true });
    return undefined;
  }

  private deltaOf(read: ReadParts, state: CandidateState): WireObject {
    const delta = roleOnce(state);
    if (read.thoughts !== '') {
      delta['reasoning_content'] = read.thoughts;
      state.hasThoughts = true;
    }
    if (read.text !== '') delta['content'] = read.text;
    if (read.images !== undefined) {
      delta['images'] = read.images;
      this.pictureCount += read.images.length;
    }
    if (read.calls !== undefined) {
      delta['tool_calls'] = read.calls.map((call, i) => ({ index: state.callCount + i, ...call }));
      state.callCount += read.calls.length;
    }
    const extra = withSignature(read.signature, this.model);
    if (extra !== undefined) delta['extra_content'] = extra;
    if (read.text !== '' || read.images !== undefined || read.calls !== undefined) state.hasAnswer = true;
    return delta;
  }

  private idOf({ responseId, ...rest }: WireObject): string {
    this.seed ??= isText(responseId)
      ? responseId
      : createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 24);
    return `chatcmpl-${this.seed}`;
  }

  private stateOf(index: number): CandidateState {
    const known = this.states[index];
    if (known !== undefined) return known;
    const state = { callCount: 0, isRoleSent: false, hasAnswer: false, hasThoughts: false, isFinished: false };
    this.states[index] = state;
    return state;
  }
}

function roleOnce(state: CandidateState): WireObject {
  if (state.isRoleSent) return {};
  state.isRoleSent = true;
  return { role: 'assistant' };
}

function hasContent({ text, thoughts, calls, images }: ReadParts): boolean {
  return text !== '' || thoughts !== '' || calls !== undefined || images !== undefined;
}

function toChunk(id: string, choice: ChatChunkChoice): { choices: ChatChunkChoice[]; [key: string]: unknown } {
  return { id, object: 'chat.completion.chunk', choices: [choice] };
}

function invalidStream(message: string): ProviderError {
  return new ProviderError({ kind: 'invalid_response', message });
}
