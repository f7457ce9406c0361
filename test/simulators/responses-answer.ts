import { createHash } from 'node:crypto';
import type { StreamEvent } from '../../src/sandbox/reply.js';
import type { SeenRequest } from './responses-request.js';

/** One thing a model does, in order. */
export type PlayedItem =
  | { readonly type: 'reasoning'; readonly summary?: string; readonly text?: string }
  | { readonly type: 'text'; readonly text: string; readonly phase?: 'commentary' | 'final_answer' }
  | { readonly type: 'refusal'; readonly text: string }
  | { readonly type: 'call'; readonly name: string; readonly arguments: string; readonly callId?: string }
  | { readonly type: 'custom_call'; readonly name: string; readonly input: string; readonly callId?: string };

/** What the model does, and how it ends. */
export interface ResponsesPlay {
  readonly output?: readonly PlayedItem[];
  /**
   * How it ends; default `completed`. `failed` is a status inside a 200; `error` an event, in the shape of the specification (`flat`) or
   * as it was seen on the wire (`nested`); on an answer that is no stream both are a status.
   */
  readonly end?:
    | 'completed'
    | 'max_output_tokens'
    | 'content_filter'
    | { readonly failed: string; readonly message?: string }
    | { readonly error: string; readonly message?: string; readonly shape: 'flat' | 'nested' };
  readonly usage?: 'none' | Readonly<Record<string, unknown>>;
  readonly serviceTier?: string;
}

type Item = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** An answer before it is written. */
export interface ResponsesAnswer {
  readonly items: readonly Item[];
  readonly response: Readonly<Record<string, unknown>>;
  readonly play: ResponsesPlay;
}

/** Puts an answer together. */
export function toResponsesAnswer(seen: SeenRequest, play: ResponsesPlay): ResponsesAnswer {
  const items = (play.output ?? []).map((item, index) => toItem(item, index, seen));
  const end = play.end ?? 'completed';
  const failure =
    typeof end === 'object' ? { code: 'failed' in end ? end.failed : end.error, message: end.message ?? 'No.' } : null;
  const isIncomplete = end === 'max_output_tokens' || end === 'content_filter';
  const response = {
    id: `resp_${hash(JSON.stringify(seen.body)).slice(0, 24)}`,
    object: 'response',
    created_at: 1_767_000_000,
    status: failure !== null ? 'failed' : isIncomplete ? 'incomplete' : 'completed',
    background: false,
    error: failure,
    incomplete_details: isIncomplete ? { reason: end } : null,
    instructions: null,
    max_output_tokens: seen.body['max_output_tokens'] ?? null,
    model: `${seen.model}-2026-09-01`,
    output: failure === null ? items : [],
    parallel_tool_calls: seen.body['parallel_tool_calls'] ?? true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: play.serviceTier ?? 'default',
    store: seen.body['store'] ?? true,
    text: seen.body['text'] ?? { format: { type: 'text' } },
    tool_choice: seen.body['tool_choice'] ?? 'auto',
    tools: seen.tools,
    truncation: 'disabled',
    usage: failure === null ? usageOf(seen, play) : null,
    metadata: {},
  };
  return { items, response, play };
}

function usageOf(seen: SeenRequest, { usage, output = [] }: ResponsesPlay): unknown {
  if (usage === 'none') return null;
  if (usage !== undefined) return usage;
  const input_tokens = seen.parts.length * 4 + 3;
  const reasoning_tokens = output.filter(({ type }) => type === 'reasoning').length * 5;
  const output_tokens = output.length * 3 + reasoning_tokens;
  return {
    input_tokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens,
    output_tokens_details: { reasoning_tokens },
    total_tokens: input_tokens + output_tokens,
  };
}

function toItem(item: PlayedItem, index: number, seen: SeenRequest): Item {
  const mark = hash(`${JSON.stringify(seen.body)} ${index}`).slice(0, 24);
  switch (item.type) {
    case 'reasoning':
      return {
        id: `rs_${mark}`,
        type: 'reasoning',
        summary: item.summary === undefined ? [] : [{ type: 'summary_text', text: item.summary }],
        ...(item.text !== undefined && { content: [{ type: 'reasoning_text', text: item.text }] }),
        ...(seen.wantsEncrypted && { encrypted_content: encryptedFor(seen.model, mark) }),
      };
    case 'text':
    case 'refusal': {
      const part =
        item.type === 'refusal'
          ? { type: 'refusal', refusal: item.text }
          : { type: 'output_text', annotations: [], logprobs: [], text: item.text };
      const phase = item.type === 'text' && item.phase !== undefined ? { phase: item.phase } : {};
      return { id: `msg_${mark}`, type: 'message', status: 'completed', role: 'assistant', content: [part], ...phase };
    }
    case 'call': {
      const call_id = item.callId ?? `call_${mark}`;
      const { name } = item;
      return { id: `fc_${mark}`, type: 'function_call', status: 'completed', arguments: item.arguments, call_id, name };
    }
    case 'custom_call':
      return {
        id: `ctc_${mark}`,
        type: 'custom_tool_call',
        status: 'completed',
        call_id: item.callId ?? `call_${mark}`,
        input: item.input,
        name: item.name,
      };
  }
}

/** Reasoning as only the model that made it can read it. */
export function encryptedFor(model: string, mark: string): string {
  return `gAAAAA${Buffer.from(`${model} ${mark}`).toString('base64url')}`;
}

/** Which model made encrypted reasoning; undefined for what was made by none. */
export function modelOfEncrypted(encrypted: string): string | undefined {
  if (!encrypted.startsWith('gAAAAA')) return undefined;
  return Buffer.from(encrypted.slice(6), 'base64url').toString('utf8').split(' ')[0];
}

/** The events of an answer in the order in which the API sends them, each with its number. */
export function* responsesEvents({ items, response, play }: ResponsesAnswer): Generator<StreamEvent> {
  let sequence = 0;
  const event = (kind: StreamEvent['kind'], type: string, rest: object): StreamEvent => ({
    kind,
    name: type,
    data: JSON.stringify({ type, sequence_number: sequence++, ...rest }),
  });
  const begun = { ...response, status: 'in_progress', output: [], usage: null, error: null, incomplete_details: null };
  yield event('usage', 'response.created', { response: begun });
  yield event('role', 'response.in_progress', { response: begun });
  for (const [output_index, item] of items.entries()) yield* itemEvents(item, output_index, event);
  const end = play.end ?? 'completed';
  if (typeof end === 'object' && 'error' in end) {
    const detail = { code: end.error, message: end.message ?? 'No.', param: null };
    yield event('finish', 'error', end.shape === 'flat' ? detail : { error: { type: 'server_error', ...detail } });
    return;
  }
  const name = typeof end === 'object' ? 'failed' : end === 'completed' ? 'completed' : 'incomplete';
  yield event('finish', `response.${name}`, { response });
}

type MakeEvent = (kind: StreamEvent['kind'], type: string, rest: object) => StreamEvent;

function* itemEvents(item: Item, output_index: number, event: MakeEvent): Generator<StreamEvent> {
  const at = { item_id: item.id, output_index };
  const { status: _status, ...bare } = item;
  switch (item.type) {
    case 'reasoning': {
      yield event('usage', 'response.output_item.added', {
        output_index,
        item: { ...item, summary: [], content: undefined },
      });
      for (const [summary_index, part] of (item['summary'] as { text: string }[]).entries()) {
        const place = { ...at, summary_index };
        yield event('usage', 'response.reasoning_summary_part.added', {
          ...place,
          part: { type: 'summary_text', text: '' },
        });
        for (const delta of pieces(part.text))
          yield event('token', 'response.reasoning_summary_text.delta', { ...place, delta });
        yield event('usage', 'response.reasoning_summary_text.done', { ...place, text: part.text });
        yield event('usage', 'response.reasoning_summary_part.done', { ...place, part });
      }
      for (const [content_index, part] of ((item['content'] ?? []) as { text: string }[]).entries()) {
        for (const delta of pieces(part.text)) {
          yield event('token', 'response.reasoning_text.delta', { ...at, content_index, delta });
        }
        yield event('usage', 'response.reasoning_text.done', { ...at, content_index, text: part.text });
      }
      break;
    }
    case 'message': {
      yield event('usage', 'response.output_item.added', {
        output_index,
        item: { ...bare, status: 'in_progress', content: [] },
      });
      const [part] = item['content'] as [{ type: string; text?: string; refusal?: string }];
      const key = part.type === 'refusal' ? 'refusal' : 'text';
      const family = part.type === 'refusal' ? 'response.refusal' : 'response.output_text';
      const place = { ...at, content_index: 0 };
      yield event('usage', 'response.content_part.added', { ...place, part: { ...part, [key]: '' } });
      for (const delta of pieces(part[key] ?? '')) {
        yield event('token', `${family}.delta`, { ...place, delta, logprobs: [], obfuscation: 'x7' });
      }
      yield event('usage', `${family}.done`, { ...place, [key]: part[key], logprobs: [] });
      yield event('usage', 'response.content_part.done', { ...place, part });
      break;
    }
    default: {
      const isCustom = item.type === 'custom_tool_call';
      const key = isCustom ? 'input' : 'arguments';
      const family = isCustom ? 'response.custom_tool_call_input' : 'response.function_call_arguments';
      yield event('token', 'response.output_item.added', {
        output_index,
        item: { ...bare, status: 'in_progress', [key]: '' },
      });
      for (const delta of pieces(String(item[key]))) yield event('token', `${family}.delta`, { ...at, delta });
      yield event('usage', `${family}.done`, { ...at, [key]: item[key] });
    }
  }
  yield event('usage', 'response.output_item.done', { output_index, item });
}

/** A text in pieces as a model gives them: a word with the space before it. */
function pieces(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
