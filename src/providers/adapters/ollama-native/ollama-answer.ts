import type { ChatAnswer, ChatCompletion } from '../../canonical/chat.js';
import { isCurtailed } from '../../canonical/chat-progress.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { normaliseUsage } from '../../canonical/usage-normaliser.js';
import type { Target } from '../../provider.js';
import { invalid, parseAnswer } from '../openai-compatible/parse-answer.js';
import { toWireUsage } from '../openai-compatible/usage.js';
import { isObject, type WireObject } from '../openai-compatible/wire.js';
import { findOllamaError } from './ollama-errors.js';
import { createdOf, digest, readOllamaFinish, readOllamaMessage } from './ollama-message.js';

/**
 * Reads a whole answer of api/chat.
 * @throws ProviderError `invalid_response` when it is no answer, or the error in it.
 */
export function fromOllamaBody(body: Uint8Array, target: Target): ChatAnswer {
  const { value } = parseAnswer(body);
  const error = findOllamaError(value);
  if (error !== undefined) throw error;
  const wire = value['message'];
  if (!isObject(wire)) throw invalid('The upstream answer has no message.');
  if (value['done'] !== true) throw invalid('The upstream answer is not finished.');
  const id = digest(body);
  const { text, thinking, calls } = readOllamaMessage(wire, id, 0);
  const finish = readOllamaFinish(value['done_reason'], calls.length > 0);
  if (finish instanceof ProviderError) throw finish;
  const usage = normaliseUsage(value);
  // Nothing said and nothing counted is no answer; a model that was made to say nothing has answered.
  const isEmpty = text === '' && calls.length === 0 && !isCurtailed(finish);
  if (isEmpty && (usage?.outputTokens ?? 0) === 0) throw invalid('The upstream answer is empty.');
  const message: WireObject = { role: 'assistant', content: text === '' && calls.length > 0 ? null : text };
  if (thinking !== '') message['reasoning_content'] = thinking;
  if (calls.length > 0) message['tool_calls'] = calls;
  const completion: ChatCompletion = {
    id: `chatcmpl-${id}`,
    object: 'chat.completion',
    created: createdOf(value['created_at']),
    model: target.publicModel,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    ...(usage !== undefined && { usage: toWireUsage(usage) }),
  };
  return { bytes: Buffer.from(JSON.stringify(completion)), completion, usage };
}
