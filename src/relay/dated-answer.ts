import type { ChatAnswer } from '../providers/canonical/chat.js';
import type { ImagesAnswer } from '../providers/canonical/images.js';

/**
 * A chat answer with the present as its time of creation, where its vendor names none: formats other than OpenAI's have no such
 * member, and adapters have no clock.
 */
export function datedAnswer(answer: ChatAnswer, nowMs = Date.now()): ChatAnswer {
  if (answer.completion.created !== 0) return answer;
  const completion = { ...answer.completion, created: toSeconds(nowMs) };
  return { ...answer, completion, bytes: Buffer.from(JSON.stringify(completion)) };
}

/** The same of pictures. */
export function datedPictures(answer: ImagesAnswer, nowMs = Date.now()): ImagesAnswer {
  return answer.body.created === 0 ? { ...answer, body: { ...answer.body, created: toSeconds(nowMs) } } : answer;
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}
