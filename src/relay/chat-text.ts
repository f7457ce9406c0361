import { isObject } from '../common/is-object.js';
import type { ChatChunkChoice, ChatCompletion } from '../providers/canonical/chat.js';

const TEXT_FIELDS = ['content', 'reasoning_content', 'reasoning', 'refusal'];

/** Everything a model has written for a choice of a chunk: what counts as output when the upstream does not count. */
export function textOfChoice(choice: ChatChunkChoice): string {
  return textOfMessage(choice.delta);
}

/** The same of a whole answer. */
export function textOfCompletion(completion: ChatCompletion): string {
  return completion.choices.map((choice) => textOfMessage(choice.message)).join('\n');
}

function textOfMessage(message: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const field of TEXT_FIELDS) {
    const value = message[field];
    if (typeof value === 'string') text += value;
  }
  const calls = message['tool_calls'];
  if (Array.isArray(calls)) for (const call of calls) text += textOfCall(isObject(call) ? call['function'] : undefined);
  // The form before tool calls, which vendors still answer to requests that use it.
  text += textOfCall(message['function_call']);
  const audio = message['audio'];
  if (isObject(audio) && typeof audio['transcript'] === 'string') text += audio['transcript'];
  return text;
}

function textOfCall(call: unknown): string {
  if (!isObject(call)) return '';
  const { name, arguments: args } = call;
  return `${typeof name === 'string' ? name : ''}${typeof args === 'string' ? args : ''}`;
}
