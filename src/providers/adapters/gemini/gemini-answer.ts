import { createHash } from 'node:crypto';
import type { ChatAnswer, ChatCompletion, ChatCompletionChoice, ChatRequest } from '../../canonical/chat.js';
import { isCurtailed } from '../../canonical/chat-progress.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { Target } from '../../provider.js';
import { ChatAggregate } from '../openai-compatible/aggregate-chat.js';
import { invalid } from '../openai-compatible/parse-answer.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { findGeminiError } from './gemini-errors.js';
import { readGeminiFinish } from './gemini-finish.js';
import { readLogprobs } from './gemini-logprobs.js';
import { bareName, otherModel } from './gemini-models.js';
import { indexOf, readParts } from './gemini-parts.js';
import { GeminiChatStream } from './gemini-stream.js';
import { readUsage, spokenTokens, withPictures } from './gemini-usage.js';
import { parseJson } from './parse-json.js';
import { promptRefusal } from './prompt-refusal.js';
import { withSignature } from './thought-signature.js';

/**
 * Reads a whole answer of generateContent.
 * @throws ProviderError `content_refused` for a blocked prompt, `invalid_response` when it is no answer, or the error in it.
 */
export function fromGeminiBody(body: Uint8Array, target: Target, request: ChatRequest): ChatAnswer {
  const value = parseJson(body);
  const error = findGeminiError(value);
  if (error !== undefined) throw error;
  if (Array.isArray(value)) return aggregate(value, target, request);
  if (!isObject(value)) throw invalid('The upstream answer is not a JSON object.');
  const { candidates, usageMetadata, responseId } = value;
  if (!Array.isArray(candidates) || candidates.length === 0) {
    throw promptRefusal(value) ?? invalid('The upstream answer has no candidates.');
  }
  const seed = isText(responseId) ? responseId : digest(body);
  const choices = candidates.map((candidate: unknown, position) => readCandidate(candidate, position, target, seed));
  const reported = readUsage(usageMetadata);
  // Now and then a model thinks and then says nothing. One that is counted to have spoken has answered, whatever came of it.
  if (spokenTokens(reported?.usage) === 0 && choices.every(isEmptyChoice)) {
    throw invalid('The upstream answer is empty.');
  }
  const completion: ChatCompletion = {
    id: `chatcmpl-${seed}`,
    object: 'chat.completion',
    // Nowhere in the answer, and an adapter has no clock.
    created: 0,
    model: target.publicModel,
    choices,
    ...(reported !== undefined && { usage: reported.wire }),
  };
  const servedModel = otherModel(target.upstreamModel, value['modelVersion']);
  return {
    bytes: Buffer.from(JSON.stringify(completion)),
    completion,
    usage: withPictures(reported?.usage, picturesIn(choices)),
    ...(servedModel !== undefined && { servedModel }),
  };
}

/** A stream that came as one list, as without `alt=sse`. */
function aggregate(events: readonly unknown[], target: Target, request: ChatRequest): ChatAnswer {
  const reader = new GeminiChatStream(target);
  const whole = new ChatAggregate(target.publicModel, request.choiceCount);
  for (const event of events) for (const item of reader.take(event)) whole.push(item);
  return whole.end();
}

function readCandidate(candidate: unknown, position: number, target: Target, seed: string): ChatCompletionChoice {
  if (!isObject(candidate)) throw invalid('A candidate of the upstream answer is not an object.');
  const { content } = candidate;
  const model = bareName(target.upstreamModel);
  const parts = isObject(content) ? content['parts'] : undefined;
  const own = indexOf(candidate, position);
  const read = readParts(parts, model, `${seed} ${own}`, 0);
  const { text, thoughts, calls, images, signature } = read;
  const hasAnswer = text !== '' || calls !== undefined || images !== undefined;
  const finish = readGeminiFinish(candidate['finishReason'], { hasAnswer, hasCalls: calls !== undefined });
  if (finish instanceof ProviderError) throw finish;
  const message: WireObject = { role: 'assistant', content: text === '' && calls !== undefined ? null : text };
  if (thoughts !== '') message['reasoning_content'] = thoughts;
  if (calls !== undefined) message['tool_calls'] = calls;
  if (images !== undefined) message['images'] = images;
  const extra = withSignature(signature, model);
  if (extra !== undefined) message['extra_content'] = extra;
  return {
    index: own,
    message,
    logprobs: readLogprobs(candidate['logprobsResult']),
    finish_reason: finish ?? (calls === undefined ? 'stop' : 'tool_calls'),
  };
}

/** Pictures in a conversation are counted, since models may be priced by them. */
function picturesIn(choices: readonly ChatCompletionChoice[]): number {
  return choices.reduce(
    (sum, { message }) => sum + (Array.isArray(message['images']) ? message['images'].length : 0),
    0,
  );
}

function isEmptyChoice({ message, finish_reason }: ChatCompletionChoice): boolean {
  if (isCurtailed(finish_reason)) return false;
  return !isText(message['content']) && message['tool_calls'] === undefined && message['images'] === undefined;
}

function digest(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 24);
}
