import type { TaskFailureKind, TaskState } from '../../canonical/video.js';
import { isText, type WireObject } from '../openai-compatible/wire.js';
import { NO_REASON } from './google-video-errors.js';

/** Numbers of `google.rpc.Code`: https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const NAMES: Readonly<Record<number, string>> = {
  1: 'CANCELLED',
  2: 'UNKNOWN',
  3: 'INVALID_ARGUMENT',
  4: 'DEADLINE_EXCEEDED',
  5: 'NOT_FOUND',
  6: 'ALREADY_EXISTS',
  7: 'PERMISSION_DENIED',
  8: 'RESOURCE_EXHAUSTED',
  9: 'FAILED_PRECONDITION',
  10: 'ABORTED',
  11: 'OUT_OF_RANGE',
  12: 'UNIMPLEMENTED',
  13: 'INTERNAL',
  14: 'UNAVAILABLE',
  15: 'DATA_LOSS',
  16: 'UNAUTHENTICATED',
};
const POLICY = /responsible ai|polic(?:y|ies)|usage guideline|safety|sensitive|blocked|prohibited/i;

/** What an operation has come to that ended with a `google.rpc.Status`. */
export function rpcFailure({ code, message }: Readonly<WireObject>): TaskState {
  const name = NAMES[Number(code)];
  const text = isText(message) ? message : NO_REASON;
  if (name === 'CANCELLED') return { state: 'cancelled' };
  return { state: 'failed', kind: kindOf(name, text), ...(name !== undefined && { code: name }), message: text };
}

function kindOf(name: string | undefined, message: string): TaskFailureKind {
  if (name === 'DEADLINE_EXCEEDED') return 'expired';
  if (name === 'INVALID_ARGUMENT') return POLICY.test(message) ? 'content_refused' : 'invalid_request';
  return 'failed';
}
