import type { ChatChunkChoice, ChatStreamItem, ChatStreamReader, SseEvent } from '../../canonical/chat.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { ErrorRules } from './error-rules.js';
import { toInBandError } from './errors.js';
import { readFinishReason } from './finish-reason.js';
import { findInBandError, readErrorBody } from './read-error-body.js';
import { findReasoning, splitParts } from './reasoning.js';
import { ToolCallDeltas } from './tool-call-deltas.js';
import { toUsage, toWireUsage } from './usage.js';
import type { ChatDialect } from './vendor.js';
import { isObject, isText, type WireObject } from './wire.js';

const NOTHING: readonly ChatStreamItem[] = [];
const DONE: readonly ChatStreamItem[] = [{ type: 'done' }];
// Members are emptied by setting them undefined, which JSON.stringify leaves out: `delete` would turn the object into a slow
// dictionary, three times the cost of a whole token.
const MALFORMED: readonly ChatStreamItem[] = [{ type: 'malformed' }];

/** What is remembered of one choice. */
interface ChoiceState {
  readonly toolCalls: ToolCallDeltas;
  isRoleSent: boolean;
  hasContent: boolean;
  isFinished: boolean;
}

/** Reads the chat stream of any OpenAI-compatible vendor. One reader per stream. */
export class CompatibleChatStream implements ChatStreamReader {
  private readonly choices: ChoiceState[] = [];
  private isOver = false;

  constructor(
    private readonly dialect: ChatDialect,
    private readonly rules: ErrorRules | undefined,
  ) {}

  push(event: SseEvent): readonly ChatStreamItem[] {
    const { data } = event;
    if (this.isOver || data === '') return NOTHING;
    if (data.startsWith('[DONE]') || data.trimStart().startsWith('[DONE]')) {
      this.isOver = true;
      return DONE;
    }
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      return event.name === 'error' ? this.fail(toInBandError(readErrorBody(data), this.rules)) : MALFORMED;
    }
    if (Array.isArray(value) && isObject(value[0])) value = value[0];
    if (!isObject(value)) return MALFORMED;
    const error = event.name === 'error' ? readErrorBody(value) : findInBandError(value);
    if (error !== undefined) return this.fail(toInBandError(error, this.rules));
    return this.read(value);
  }

  private fail(error: ProviderError): readonly ChatStreamItem[] {
    this.isOver = true;
    return [{ type: 'error', error }];
  }

  private read(value: WireObject): readonly ChatStreamItem[] {
    const usage = this.takeUsage(value);
    const chunk = this.readChunk(value);
    if (chunk === undefined) return usage === undefined ? NOTHING : [usage];
    if (chunk instanceof ProviderError) {
      const failure = this.fail(chunk);
      // What was consumed until then is known, and has to be paid.
      return usage === undefined ? failure : [usage, ...failure];
    }
    return usage === undefined ? [chunk] : [chunk, usage];
  }

  /** Takes usage out of wherever the vendor has put it. */
  private takeUsage(value: WireObject): ChatStreamItem | undefined {
    let wire = value['usage'];
    if (wire !== undefined) value['usage'] = undefined;
    const groq = value['x_groq'];
    if (isObject(groq) && 'usage' in groq) {
      wire ??= groq['usage'];
      groq['usage'] = undefined;
    }
    const choices = value['choices'];
    const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
    if (isObject(first) && 'usage' in first) {
      wire ??= first['usage'];
      first['usage'] = undefined;
    }
    if (!isObject(wire)) return undefined;
    const usage = toUsage(wire, this.dialect.isReasoningOutsideOutput);
    if (usage === undefined) return undefined;
    const { service_tier: tier } = value;
    return { type: 'usage', usage, wire: toWireUsage(usage, wire), ...(isText(tier) && { servedTier: tier }) };
  }

  private readChunk(value: WireObject): ChatStreamItem | ProviderError | undefined {
    const wireChoices = value['choices'];
    if (!Array.isArray(wireChoices) || wireChoices.length === 0) return undefined;
    const choices: ChatChunkChoice[] = [];
    let hasContent = false;
    let isFinish = false;
    for (let position = 0; position < wireChoices.length; position++) {
      const wire: unknown = wireChoices[position];
      if (!isObject(wire)) continue;
      const index = isCount(wire['index']) ? wire['index'] : position;
      const state = this.stateOf(index);
      const wasFinished = state.isFinished;
      const choice = readChoice(wire, index, state);
      if (choice instanceof ProviderError) return choice;
      if (choice === undefined) continue;
      choices.push(choice);
      if (hasDeltaContent(choice.delta)) {
        hasContent = true;
        state.hasContent = true;
      }
      if (!wasFinished && state.isFinished) isFinish = true;
    }
    if (choices.length === 0) return undefined;
    if (value['obfuscation'] !== undefined) value['obfuscation'] = undefined;
    value['object'] = 'chat.completion.chunk';
    return { type: 'chunk', chunk: Object.assign(value, { choices }), hasContent, isFinish };
  }

  private stateOf(index: number): ChoiceState {
    const known = this.choices[index];
    if (known !== undefined) return known;
    const state = { toolCalls: new ToolCallDeltas(), isRoleSent: false, hasContent: false, isFinished: false };
    this.choices[index] = state;
    return state;
  }
}

/** Brings a choice into OpenAI's shape in place; undefined when it only repeats what was said before. */
function readChoice(wire: WireObject, index: number, state: ChoiceState): ChatChunkChoice | ProviderError | undefined {
  const reason = readFinishReason(wire['finish_reason']);
  if (reason instanceof ProviderError) return reason;
  const delta = deltaOf(wire, state);
  readDelta(delta, state);
  let finish_reason: string | null = null;
  if (reason !== undefined && !state.isFinished) {
    state.isFinished = true;
    finish_reason = reason;
    const missing = state.toolCalls.finish();
    if (missing.length > 0) {
      const told = delta['tool_calls'];
      delta['tool_calls'] = Array.isArray(told) ? [...told, ...missing] : missing;
    }
  } else if (reason !== undefined && Object.values(delta).every((value) => value === undefined)) {
    return undefined;
  }
  wire['index'] = index;
  wire['delta'] = delta;
  wire['finish_reason'] = finish_reason;
  return wire as ChatChunkChoice;
}

/**
 * The delta of a choice. A whole `message` beside a delta (Perplexity), or instead of it after the text has gone out in
 * deltas (MiniMax's last event), repeats what is known; alone and first it is the answer.
 */
function deltaOf(wire: WireObject, state: ChoiceState): WireObject {
  const { delta, message } = wire;
  if ('message' in wire) wire['message'] = undefined;
  if (isObject(delta)) return delta;
  return isObject(message) && !state.hasContent ? message : {};
}

function readDelta(delta: WireObject, state: ChoiceState): void {
  if ('role' in delta) {
    if (state.isRoleSent || !isText(delta['role'])) delta['role'] = undefined;
    else state.isRoleSent = true;
  }
  const { content } = delta;
  if (content === null) delta['content'] = undefined;
  else if (Array.isArray(content)) {
    const split = splitParts(content);
    if (split.content === '' && split.reasoning !== '') delta['content'] = undefined;
    else delta['content'] = split.content;
    if (split.reasoning !== '') delta['reasoning_content'] = split.reasoning;
  }
  readReasoning(delta);
  if ('function_call' in delta && delta['function_call'] === null) delta['function_call'] = undefined;
  if ('tool_calls' in delta) {
    const calls = delta['tool_calls'];
    if (Array.isArray(calls) && calls.length > 0) delta['tool_calls'] = state.toolCalls.push(calls);
    else delta['tool_calls'] = undefined;
  }
}

function readReasoning(delta: WireObject): void {
  if ('reasoning_content' in delta && delta['reasoning_content'] === null) delta['reasoning_content'] = undefined;
  if (!('reasoning' in delta) && !('reasoning_details' in delta)) return;
  const reasoning = findReasoning(delta);
  if (reasoning !== undefined) delta['reasoning_content'] = reasoning;
  if ('reasoning' in delta) delta['reasoning'] = undefined;
}

function hasDeltaContent(delta: WireObject): boolean {
  return (
    isText(delta['content']) ||
    isText(delta['reasoning_content']) ||
    delta['tool_calls'] !== undefined ||
    isText(delta['refusal']) ||
    isObject(delta['audio']) ||
    isObject(delta['function_call']) ||
    (Array.isArray(delta['images']) && delta['images'].length > 0)
  );
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 1_024;
}
