import type { TaskState } from './video.js';

/**
 * What a word for the state of a task means that its vendor has never used before. Vendors add words: only one that can mean
 * nothing but an end is taken for one, with any other the hub goes on asking until the job's deadline.
 * @param message the vendor's reason, if it gave one.
 */
export function stateOfUnknownWord(word: string, message = ''): TaskState {
  const text = message === '' ? `The upstream reports the state "${word.slice(0, 64)}".` : message;
  if (/cancel/i.test(word)) return { state: 'cancelled' };
  if (/expire/i.test(word)) return { state: 'failed', kind: 'expired', code: word.slice(0, 64), message: text };
  if (/fail|error|reject/i.test(word))
    return { state: 'failed', kind: 'failed', code: word.slice(0, 64), message: text };
  return { state: 'processing' };
}
