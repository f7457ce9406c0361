import type { JobRequest } from './job.js';

/** In JSON, as JSON.stringify writes it: the character NUL, and halves of surrogate pairs. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** The texts of a job that callers choose. */
export interface JobTexts {
  readonly request: JobRequest;
  readonly userIdentifier: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly webhookUrl?: string;
}

/**
 * The field, by its public name, with a text that PostgreSQL cannot store; undefined when there is none. Left to the database it
 * would look as if the hub were at fault, and be repeated.
 * https://www.postgresql.org/docs/current/datatype-json.html
 */
export function findUnstorable({ request, userIdentifier, metadata, webhookUrl }: JobTexts): string | undefined {
  const { options, ...fields } = request;
  const texts = { ...fields, providerOptions: options, user_identifier: userIdentifier, metadata, webhookUrl };
  return Object.entries(texts).find(([, value]) => UNSTORABLE.test(JSON.stringify(value) ?? ''))?.[0];
}
