import type { ChatAnswer, ChatCompletion, ChatCompletionChoice, ChatStreamItem } from '../../canonical/chat.js';
import { ChatProgress } from '../../canonical/chat-progress.js';
import { mergeUsage } from '../../canonical/merge-usage.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { Usage } from '../../canonical/usage.js';
import type { Target } from '../../provider.js';
import { isObject, isText, type WireObject } from './wire.js';

/** Delta members whose texts are joined. */
const JOINED = ['content', 'reasoning_content', 'refusal'] as const;

interface OpenChoice {
  readonly message: WireObject;
  readonly toolCalls: WireObject[];
  /** By the upstream's own names, which may be `__proto__`: an object would take that for its prototype. */
  readonly logprobs: Map<string, unknown[]>;
  finishReason: string;
}

/**
 * Puts a whole answer together from all items of a stream.
 * @throws ProviderError as {@link ChatAggregate} does.
 */
export function aggregateChat(items: Iterable<ChatStreamItem>, target: Target): ChatAnswer {
  const aggregate = new ChatAggregate(target.publicModel, 1);
  for (const item of items) aggregate.push(item);
  return aggregate.end();
}

/** Puts a whole answer together while a stream comes in, for a caller that did not ask for one. */
export class ChatAggregate {
  private readonly progress: ChatProgress;
  private readonly choices = new Map<number, OpenChoice>();
  /** Members of the first chunk besides its choices: id, created, system_fingerprint and the like. */
  private head: WireObject | undefined;
  private usage: Usage | undefined;
  private wireUsage: WireObject | undefined;
  private servedTier: string | undefined;

  /** @param choiceCount how many choices the caller asked for. */
  constructor(
    private readonly publicModel: string,
    choiceCount: number,
  ) {
    this.progress = new ChatProgress(choiceCount);
  }

  /** True when every choice has finished, so that only `[DONE]` can be missing. */
  get isFinished(): boolean {
    return this.progress.isFinished;
  }

  /**
   * Takes one item; `malformed` and `begun` mean nothing here.
   * @throws ProviderError of an error item.
   */
  push(item: ChatStreamItem): void {
    switch (item.type) {
      case 'error':
        throw item.error;
      case 'usage':
        this.usage = mergeUsage(this.usage, item.usage);
        this.wireUsage = item.wire;
        this.servedTier = item.servedTier ?? this.servedTier;
        return;
      case 'done':
        this.progress.noteDone();
        return;
      case 'chunk': {
        const { choices, ...head } = item.chunk;
        this.head ??= head;
        if (isText(head['service_tier'])) this.servedTier = head['service_tier'];
        if (item.hasContent) this.progress.hasContent = true;
        for (const { index, delta, finish_reason, logprobs } of choices) {
          if (this.progress.hasFinished(index)) continue;
          this.progress.note(index, finish_reason);
          const choice = this.open(index);
          addDelta(choice, delta);
          addLogprobs(choice.logprobs, logprobs);
          choice.finishReason = finish_reason ?? '';
        }
      }
    }
  }

  /**
   * The whole answer, after the last item.
   * @throws ProviderError `invalid_response` without any choice or content; `incomplete` when a choice never finished.
   */
  end(): ChatAnswer {
    if (this.choices.size === 0) {
      throw new ProviderError({ kind: 'invalid_response', message: 'The upstream stream has no choices.' });
    }
    this.progress.requireAnswer(this.usage);
    const choices = [...this.choices].sort(([a], [b]) => a - b).map(([index, choice]) => close(index, choice));
    const { head } = this;
    const completion: ChatCompletion = {
      ...head,
      id: isText(head?.['id']) ? head['id'] : 'chatcmpl-aggregate',
      object: 'chat.completion',
      created: typeof head?.['created'] === 'number' ? head['created'] : 0,
      model: this.publicModel,
      choices,
      ...(this.wireUsage !== undefined && { usage: this.wireUsage }),
    };
    const bytes = Buffer.from(JSON.stringify(completion));
    const { servedTier, usage } = this;
    return { bytes, completion, usage, ...(servedTier !== undefined && { servedTier }) };
  }

  private open(index: number): OpenChoice {
    const known = this.choices.get(index);
    if (known !== undefined) return known;
    const choice: OpenChoice = {
      message: { role: 'assistant', content: null },
      toolCalls: [],
      logprobs: new Map(),
      finishReason: '',
    };
    this.choices.set(index, choice);
    return choice;
  }
}

function addDelta({ message, toolCalls }: OpenChoice, delta: WireObject): void {
  for (const [name, value] of Object.entries(delta)) {
    if ((JOINED as readonly string[]).includes(name)) {
      if (isText(value)) message[name] = (isText(message[name]) ? message[name] : '') + value;
      else if (value === '' && message[name] === null) message[name] = '';
    } else if (name === 'tool_calls') {
      if (Array.isArray(value)) for (const call of value) if (isObject(call)) addToolCall(toolCalls, call);
    } else if (name === 'audio' && isObject(value)) {
      message['audio'] = joinAudio(message['audio'], value);
    } else if (name === 'function_call' && isObject(value)) {
      message['function_call'] = joinTexts(message['function_call'], value, ['arguments']);
    } else if (Array.isArray(value)) {
      const before = message[name];
      message[name] = Array.isArray(before) ? [...before, ...value] : value;
    } else if (name !== 'role' && value !== null && value !== undefined) {
      message[name] = value;
    }
  }
}

function addToolCall(toolCalls: WireObject[], delta: WireObject): void {
  const { index, id, type } = delta;
  if (typeof index !== 'number') return;
  const call = toolCalls[index] ?? {};
  toolCalls[index] = call;
  if (isText(id)) call['id'] = id;
  if (isText(type)) call['type'] = type;
  // Google's thought signature, which has to come back with the call.
  if (isObject(delta['extra_content'])) call['extra_content'] = delta['extra_content'];
  for (const kind of ['function', 'custom']) {
    const body = delta[kind];
    if (isObject(body)) call[kind] = joinTexts(call[kind], body, ['arguments', 'input']);
  }
}

/** Joins some members as texts; the others are replaced. */
function joinTexts(before: unknown, delta: WireObject, joined: readonly string[]): WireObject {
  const result: WireObject = isObject(before) ? before : {};
  for (const [name, value] of Object.entries(delta)) {
    if (value === undefined) continue;
    const old = result[name];
    result[name] = joined.includes(name) && isText(old) && typeof value === 'string' ? old + value : value;
  }
  return result;
}

/** Audio comes in base64 pieces, each complete in itself, so they are joined as bytes. */
function joinAudio(before: unknown, delta: WireObject): WireObject {
  const old = isObject(before) ? before : {};
  const result = joinTexts({ ...old }, delta, ['transcript']);
  if (isText(old['data']) && isText(delta['data'])) {
    const bytes = [old['data'], delta['data']].map((data) => Buffer.from(data, 'base64'));
    result['data'] = Buffer.concat(bytes).toString('base64');
  }
  return result;
}

function addLogprobs(into: Map<string, unknown[]>, logprobs: unknown): void {
  if (!isObject(logprobs)) return;
  for (const [name, entries] of Object.entries(logprobs)) {
    if (!Array.isArray(entries)) continue;
    const all = into.get(name) ?? [];
    into.set(name, all);
    for (const entry of entries) all.push(entry);
  }
}

function close(index: number, { message, toolCalls, logprobs, finishReason }: OpenChoice): ChatCompletionChoice {
  const calls = toolCalls.filter(isObject);
  return {
    index,
    message: calls.length === 0 ? message : { ...message, tool_calls: calls },
    logprobs: logprobs.size === 0 ? null : { content: null, refusal: null, ...Object.fromEntries(logprobs) },
    finish_reason: finishReason,
  };
}
