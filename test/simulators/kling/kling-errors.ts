import { randomUUID } from 'node:crypto';
import type { Refusal } from '../faults.js';
import { json, type SimulatedAnswer } from '../simulated-vendor.js';

/** Kling's envelope of a refusal. */
export function klingError(status: number, code: number, message: string): SimulatedAnswer {
  return json(status, { code, message, request_id: randomUUID() });
}

/** Kling's envelope of a success. */
export function klingSuccess(data: unknown): SimulatedAnswer {
  return json(200, { code: 0, message: 'SUCCEED', request_id: randomUUID(), data });
}

export function klingRefusal(refusal: Refusal): SimulatedAnswer {
  switch (refusal) {
    case 'auth_failure':
      return klingError(401, 1000, 'Authentication failed');
    case 'expired_token':
      return klingError(401, 1004, 'token expired');
    case 'bad_parameter':
      return klingError(400, 1201, 'Invalid parameters');
    case 'content_refused':
      return klingError(400, 1301, 'Trigger the content security policy of the platform');
    case 'out_of_balance':
      return klingError(429, 1102, 'Resource pack is depleted or expired');
    case 'rate_limited':
      return klingError(429, 1302, 'Request too fast');
    case 'concurrency':
      return klingError(429, 1303, 'parallel task over resource pack limit');
    case 'server_error':
      return klingError(500, 5000, 'Server internal error');
  }
}

export function klingNotFound(): SimulatedAnswer {
  return klingError(404, 1202, 'The requested method is invalid');
}
