import { formatCredits } from '../common/credits.js';
import { HubError } from '../common/hub-error.js';
import type { NanoCredits } from '../common/money.js';
import { errorBody } from '../common/present-error.js';
import type { StoredAnswer } from '../idempotency/idempotency.service.js';
import type { Usage } from '../providers/canonical/usage.js';
import type { JsonAnswer } from './relay-answer.js';
import type { RelayContext } from './relay-context.js';
import type { RelayEnd } from './relay-run.js';

/** Larger answers are not kept; their replay says so. */
const BODY_BYTES_MAX = 1024 * 1024;
const CONFLICT = 409;

/** What is kept of an answer for its Idempotency-Key: a whole one as it was, of any other what it cost. */
export function toStoredAnswer(
  { requestId, errorShape }: Pick<RelayContext, 'requestId' | 'errorShape'>,
  end: RelayEnd,
  usage: Usage | undefined,
  cost: NanoCredits,
): StoredAnswer {
  const { body, contentType } = end;
  if (body !== undefined && body.length <= BODY_BYTES_MAX) {
    const headers: Record<string, string> = contentType === undefined ? {} : { 'content-type': contentType };
    return { status: 200, headers, body: Buffer.from(body).toString('utf8') };
  }
  const isStream = body === undefined;
  const error = new HubError({
    status: CONFLICT,
    code: isStream ? 'stream_not_replayable' : 'answer_not_replayable',
    message:
      `The request with this Idempotency-Key was answered ${isStream ? 'as a stream' : 'with more than 1 MiB'}, which is not kept. ` +
      `It was ${requestId} and cost ${formatCredits(cost)} credits; "usage" says what it consumed.`,
  });
  const record = {
    request_id: requestId,
    cost: formatCredits(cost),
    input_tokens: usage?.inputTokens ?? null,
    output_tokens: usage?.outputTokens ?? null,
    images: usage?.images ?? null,
  };
  return {
    status: CONFLICT,
    headers: {},
    body: JSON.stringify({ ...JSON.parse(errorBody(error, errorShape, requestId)), usage: record }),
  };
}

/** A stored answer as it goes out once more. */
export function replayOf({ status, headers, body }: StoredAnswer): JsonAnswer {
  return {
    kind: 'json',
    status,
    headers: { ...headers, 'idempotent-replayed': 'true', ...(status >= 400 && { 'x-should-retry': 'false' }) },
    body: Buffer.from(body ?? ''),
    contentType: headers['content-type'],
  };
}
