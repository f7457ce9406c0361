import type { ErrorRow } from '../../canonical/error-row.js';
import type { ProviderError } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import type { ErrorRules } from '../openai-compatible/error-rules.js';
import { toTaskError } from '../tasks/to-task-error.js';

/** It has no codes: the status decides. A 422 is in no row, since its text tells a wrong field from a refused prompt. https://docs.bfl.ai/api_integration/errors */
export const BFL_ERRORS: readonly ErrorRow[] = [
  row(400, 'invalid_request', 'The request is wrong.'),
  row(401, 'credential', 'The key is refused.'),
  row(402, 'out_of_money', 'The credits are used up.'),
  row(403, 'credential', 'There is no key, or a wrong one.'),
  { ...row(404, 'model_missing', 'There is no such model. Of a question after a task: it is gone.'), call: 'submit' },
  row(429, 'rate_limited', 'Too many requests, or tasks at a time.'),
  row(500, 'overloaded', 'A fault of the service.'),
  row(502, 'overloaded', 'A gateway got no answer.'),
  row(503, 'overloaded', 'The service is not available.'),
];

const RULES: ErrorRules = { texts: [[/moderat/i, 'content_refused']], statuses: { 403: 'credential' } };

/** Reads an error answer. Never throws. */
export function toBflError(failure: UpstreamFailure): ProviderError {
  return toTaskError(failure, BFL_ERRORS, RULES);
}

function row(http: number, kind: ErrorRow['kind'], note: string): ErrorRow {
  return { http, code: '', kind, note, isRetryable: kind === 'rate_limited' || kind === 'overloaded' };
}
