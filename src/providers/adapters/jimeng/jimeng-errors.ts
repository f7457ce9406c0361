import { isObject } from '../../../common/is-object.js';
import type { ErrorRow } from '../../canonical/error-row.js';
import type { ProviderError } from '../../canonical/provider-error.js';
import type { TaskAnswer, TaskState } from '../../canonical/video.js';
import type { UpstreamFailure } from '../../provider.js';
import type { ErrorRules } from '../openai-compatible/error-rules.js';
import { errorRow } from '../tasks/error-rows.js';
import { readTaskAnswer, unreadable } from '../tasks/read-task-answer.js';
import { toTaskError } from '../tasks/to-task-error.js';

const SUCCESS = 10_000;
/** Says of a submission that the service failed, and of a task that its model did. */
const MODEL_FAILED = '50501';

/**
 * The business codes of the visual API: https://www.volcengine.com/docs/85621. They end a task as well as a call: the result of one that
 * failed is its code.
 */
export const JIMENG_ERRORS: readonly ErrorRow[] = [
  errorRow(400, '50215', 'invalid_request', 'the input is not valid'),
  errorRow(400, '50411', 'content_refused', 'review refused a picture of the input'),
  errorRow(400, '50412', 'content_refused', 'review refused the text'),
  errorRow(400, '50413', 'content_refused', 'the text has words that are not allowed'),
  errorRow(400, '50511', 'content_refused', 'review refused a picture that was made'),
  errorRow(400, '50512', 'content_refused', 'review refused a text that was made'),
  errorRow(400, '50513', 'content_refused', 'review refused a video of the input'),
  errorRow(400, '50514', 'content_refused', 'review refused sound of the input'),
  errorRow(400, '50516', 'content_refused', 'review refused the video that was made'),
  errorRow(400, '50517', 'content_refused', 'review refused the sound that was made'),
  errorRow(400, '50518', 'content_refused', 'a picture of the input has an owner'),
  errorRow(400, '50519', 'content_refused', 'a picture that was made has an owner'),
  errorRow(400, '50520', 'overloaded', 'the review service failed'),
  errorRow(400, '50521', 'overloaded', 'the review of texts failed'),
  errorRow(400, '50522', 'overloaded', 'the review of owners failed'),
  errorRow(429, '50429', 'rate_limited', 'too many requests in a second'),
  errorRow(429, '50430', 'rate_limited', 'as many tasks as the account may have at a time'),
  errorRow(500, '50500', 'overloaded', 'an internal error'),
  errorRow(500, MODEL_FAILED, 'overloaded', 'an internal call failed'),
];

/** What the gateway ahead of the service says, in an envelope and with codes of its own: https://www.volcengine.com/docs/6369/68677 */
const GATEWAY: ErrorRules = {
  codes: {
    accessdenied: 'credential',
    flowlimitexceeded: 'rate_limited',
    'invalidaccesskey*': 'credential',
    'invalidauthorization*': 'credential',
    'invalidcredential*': 'credential',
    'invalidsecuritytoken*': 'credential',
    invalidtimestamp: 'credential',
    'missingauthenticationtoken*': 'credential',
    'missingsignature*': 'credential',
    signaturedoesnotmatch: 'credential',
  },
  // By which code an account in arrears is told is in no document.
  texts: [[/overdue|in arrears|insufficient balance|欠费/i, 'out_of_money']],
};

/** Reads an error answer, of the service or of the gateway. Never throws. */
export function toJimengError(failure: UpstreamFailure): ProviderError {
  const said = gatewayErrorOf(failure);
  return toTaskError(said === undefined ? failure : { ...failure, body: said }, JIMENG_ERRORS, GATEWAY);
}

/**
 * The `data` of an answer.
 * @throws ProviderError for an answer that is a refusal, also one with status 200, or that cannot be read.
 */
export function readJimengData(answer: TaskAnswer): Readonly<Record<string, unknown>> {
  if (answer.status < 200 || answer.status > 299) throw toJimengError(answer);
  const { code, data } = readTaskAnswer(answer);
  if (typeof code !== 'number' || code === 0) throw unreadable('Jimeng does not say whether it is well.');
  if (code !== SUCCESS) throw toJimengError(answer);
  if (!isObject(data)) throw unreadable('Jimeng says nothing of the task.');
  return data;
}

/** The end of a task that an error tells; undefined when it tells only that the task could not be asked after. */
export function endOf({ kind, code, message }: ProviderError): TaskState | undefined {
  const isOfService = JIMENG_ERRORS.some((row) => row.code === code);
  if (!isOfService) return undefined;
  if (kind === 'content_refused' || kind === 'invalid_request') return { state: 'failed', kind, code, message };
  return code === MODEL_FAILED ? { state: 'failed', kind: 'failed', code, message } : undefined;
}

function gatewayErrorOf(failure: UpstreamFailure): Uint8Array | undefined {
  try {
    const { ResponseMetadata: metadata } = readTaskAnswer(failure);
    const error = isObject(metadata) ? metadata['Error'] : undefined;
    if (!isObject(error)) return undefined;
    return Buffer.from(JSON.stringify({ code: error['Code'], message: error['Message'] }));
  } catch {
    // No JSON object: neither of them speaks.
    return undefined;
  }
}
