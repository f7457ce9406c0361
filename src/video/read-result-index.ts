import { invalidRequest } from '../common/hub-error.js';

/** Which result of a job is meant, counted from 0; the first one when it is not said. @throws HubError 400. */
export function readResultIndex(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d{1,2}$/.test(text)) throw invalidRequest('"index" must be a whole number from 0 to 99.', 'index');
  return Number(text);
}
