import type { Reply, StreamEvent } from '../../../src/sandbox/reply.js';
import { splitTokens } from '../../../src/sandbox/tokens.js';
import type { ComposedAnswer, GeminiAnswer } from './compose-answer.js';
import { GoogleError } from './google-error.js';
import { type Json, textAt } from './json-fields.js';

/** A whole answer. */
export function toWhole(answer: ComposedAnswer): Reply {
  if (answer.blockReason !== undefined) return { type: 'json', body: blocked(answer) };
  const candidates = answer.candidates.map(({ parts, finishReason }, index) => ({
    // A candidate without a word has no parts at all.
    content: parts.length === 0 ? { role: 'model' } : { parts, role: 'model' },
    finishReason,
    index,
  }));
  const body = { candidates, ...usageOf(answer, answer.candidatesTokens), ...tail(answer) };
  return { type: 'json', body };
}

/** The same as a stream; without `alt=sse` as one JSON array. */
export function toStream(answer: ComposedAnswer, { bareErrorAfter, isArray }: GeminiAnswer): Reply {
  const events = [...eventsOf(answer)];
  if (isArray === true) return { type: 'json', body: events.map(({ data }) => JSON.parse(data)) };
  if (bareErrorAfter === undefined) return { type: 'stream', events };
  const pieces = events.filter(({ kind }) => kind === 'token').slice(0, bareErrorAfter);
  const told = events.filter((event) => event.kind === 'role' || pieces.includes(event));
  const error = JSON.stringify(new GoogleError(503).toBody(), null, 2);
  const bytes = Buffer.from(`${told.map(({ data }) => `data: ${data}\r\n\r\n`).join('')}${error}\n`);
  return { type: 'bytes', contentType: 'text/event-stream', bytes };
}

/**
 * Thoughts first, text in pieces, each function call whole, and at the end an empty text with the finish reason. Usage
 * is in every event, and counts up.
 */
function* eventsOf(answer: ComposedAnswer): Generator<StreamEvent> {
  if (answer.blockReason !== undefined) {
    yield { kind: 'finish', data: JSON.stringify(blocked(answer)) };
    return;
  }
  const [candidate] = answer.candidates;
  if (candidate === undefined) return;
  let tokens = 0;
  let signature: unknown;
  const event = (kind: StreamEvent['kind'], part: Json, finishReason?: string): StreamEvent => ({
    kind,
    data: JSON.stringify({
      candidates: [
        {
          content: { parts: [part], role: 'model' },
          ...(finishReason !== undefined && { finishReason }),
          index: 0,
        },
      ],
      ...usageOf(answer, finishReason === undefined ? tokens : answer.candidatesTokens),
      ...tail(answer),
    }),
  });
  for (const part of candidate.parts) {
    const text = textAt(part, 'text');
    if (part['thought'] === true) yield event('role', part);
    else if (text === '') yield event('token', part);
    else {
      signature = part['thoughtSignature'];
      for (const piece of splitTokens(text)) {
        tokens++;
        yield event('token', { text: piece });
      }
    }
  }
  const last = signature === undefined ? { text: '' } : { text: '', thoughtSignature: signature };
  yield event('finish', last, candidate.finishReason);
}

function blocked(answer: ComposedAnswer): Json {
  return { promptFeedback: { blockReason: answer.blockReason }, ...usageOf(answer, 0), ...tail(answer) };
}

function tail({ modelVersion, responseId }: ComposedAnswer): Json {
  return { modelVersion, responseId };
}

/** A count of zero is left out, as protocol buffers do. */
function usageOf(answer: ComposedAnswer, candidatesTokens: number): Json {
  const { usage, promptTokens, thoughtsTokens } = answer;
  if (usage === 'none') return {};
  if (usage !== undefined) return { usageMetadata: usage };
  return {
    usageMetadata: {
      promptTokenCount: promptTokens,
      ...(candidatesTokens > 0 && { candidatesTokenCount: candidatesTokens }),
      totalTokenCount: promptTokens + candidatesTokens + thoughtsTokens,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokens }],
      ...(thoughtsTokens > 0 && { thoughtsTokenCount: thoughtsTokens }),
    },
  };
}
