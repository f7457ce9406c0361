import type { TaskAnswer } from '../../canonical/video.js';
import { isText } from '../openai-compatible/wire.js';
import { readTaskAnswer } from './read-task-answer.js';

/**
 * What a vendor itself says with a 404: the text of a member of its JSON object. Undefined for any other answer: a bare 404, or a web
 * page, may be anybody's on the way, and is no word of the vendor that a task is gone.
 */
export function textOf404(answer: TaskAnswer, member: string): string | undefined {
  if (answer.status !== 404) return undefined;
  try {
    const text = readTaskAnswer(answer)[member];
    return isText(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
