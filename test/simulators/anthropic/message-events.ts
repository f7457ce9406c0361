import type { StreamEvent } from '../../../src/sandbox/reply.js';
import type { AnthropicDirective } from './anthropic-directive.js';
import { errorBodyOf } from './anthropic-error.js';
import type { Wire } from './check-fields.js';
import type { Message } from './make-message.js';

// Odd, so that escapes and surrogate pairs are cut as well.
const JSON_PIECE_LENGTH = 5;
const OVERLOADED = { type: 'overloaded_error', message: 'Overloaded' };

/**
 * The events of an answer in the order the vendor sends them. Texts and pieces of arguments count as tokens, what surrounds them does
 * not; errors of the directive come in this vendor's own event.
 */
export function* messageEvents(message: Message, directive: AnthropicDirective): Generator<StreamEvent> {
  if (directive.error_first === true) return yield errorEvent(directive);
  const start = event('role', { type: 'message_start', message: startOf(message, directive) });
  yield start;
  if (directive.duplicate_start === true) yield start;
  if (directive.role_only_then_error === true) return yield errorEvent(directive);
  let tokens = 0;
  for (const [index, block] of message.content.entries()) {
    for (const told of blockEvents(index, block, directive)) {
      if (told.kind === 'token' && directive.error_after === tokens) return yield errorEvent(directive);
      if (told.kind === 'token') tokens++;
      yield told;
    }
    if (index === 0) yield event('usage', { type: 'ping' });
  }
  if (directive.error_after !== undefined) return yield errorEvent(directive);
  yield event('finish', {
    type: 'message_delta',
    delta: {
      stop_reason: message.stop_reason,
      stop_sequence: null,
      ...(message.stop_details !== undefined && { stop_details: message.stop_details }),
    },
    ...(directive.usage !== 'none' && { usage: endUsage(message, directive) }),
  });
  yield event('done', { type: 'message_stop' });
}

function startOf(message: Message, directive: AnthropicDirective): Wire {
  const { content: _, stop_details: __, usage, ...head } = message;
  const begun = { ...usage, output_tokens: 1, input_tokens: directive.in_at_start ?? usage['input_tokens'] };
  return {
    ...head,
    content: [],
    stop_reason: null,
    ...(directive.usage !== 'none' && { usage: begun }),
  };
}

/** Mostly the output alone; the prompt too where it turned out to be another. */
function endUsage({ usage }: Message, directive: AnthropicDirective): Wire {
  const { output_tokens, output_tokens_details, input_tokens } = usage;
  return {
    ...(directive.in_at_start !== undefined && { input_tokens }),
    output_tokens,
    ...(output_tokens_details !== undefined && { output_tokens_details }),
  };
}

function* blockEvents(index: number, block: Wire, directive: AnthropicDirective): Generator<StreamEvent> {
  const start = (content_block: Wire): StreamEvent =>
    event('usage', { type: 'content_block_start', index, content_block });
  const delta = (kind: StreamEvent['kind'], value: Wire): StreamEvent =>
    event(kind, { type: 'content_block_delta', index, delta: value });
  switch (block['type']) {
    case 'text':
      yield start({ type: 'text', text: '' });
      for (const text of words(String(block['text']))) yield delta('token', { type: 'text_delta', text });
      break;
    case 'thinking':
      yield start({ type: 'thinking', thinking: '', signature: '' });
      for (const thinking of words(String(block['thinking'])))
        yield delta('token', { type: 'thinking_delta', thinking });
      yield delta('usage', { type: 'signature_delta', signature: block['signature'] });
      break;
    case 'tool_use':
      yield start({ ...block, input: {} });
      yield delta('usage', { type: 'input_json_delta', partial_json: '' });
      for (const partial_json of jsonPieces(block['input']))
        yield delta('token', { type: 'input_json_delta', partial_json });
      break;
    default:
      yield start(block);
  }
  if (directive.unknown_events === true) {
    yield delta('usage', { type: 'delta_of_tomorrow', text: 'not for today' });
    yield event('usage', { type: 'event_of_tomorrow', index });
  }
  yield event('usage', { type: 'content_block_stop', index });
}

/** No arguments at all are told by the empty piece alone. */
function jsonPieces(input: unknown): readonly string[] {
  const json = JSON.stringify(input);
  if (json === '{}') return [];
  return json.match(new RegExp(`[^]{1,${JSON_PIECE_LENGTH}}`, 'g')) ?? [];
}

function words(text: string): readonly string[] {
  return text.match(/\s*\S+\s*$|\s*\S+|\s+/g) ?? [];
}

function errorEvent(directive: AnthropicDirective): StreamEvent {
  const { error = OVERLOADED } = directive;
  const body = typeof error === 'string' ? errorBodyOf(529, error, undefined) : { type: 'error', error };
  return { kind: 'usage', name: 'error', data: JSON.stringify(body) };
}

function event(kind: StreamEvent['kind'], value: Wire): StreamEvent {
  return { kind, name: String(value['type']), data: JSON.stringify(value) };
}
