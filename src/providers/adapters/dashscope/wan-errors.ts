import type { ErrorRow } from '../../canonical/error-row.js';
import type { ErrorRules } from '../openai-compatible/error-rules.js';
import { errorRow } from '../tasks/error-rows.js';

/** https://help.aliyun.com/en/model-studio/error-code, as far as the task API is concerned. */
export const WAN_ERRORS: readonly ErrorRow[] = [
  errorRow(400, 'InvalidParameter', 'invalid_request', 'a parameter is wrong'),
  errorRow(400, 'InvalidParameter.*', 'invalid_request', 'a parameter is wrong, in a way that the code names'),
  errorRow(400, 'InvalidURL', 'invalid_request', 'a picture cannot be fetched'),
  errorRow(400, 'DataInspectionFailed', 'content_refused', 'the content inspection refused the input'),
  errorRow(400, 'IPInfringementSuspect', 'content_refused', 'the input may infringe the rights of others'),
  errorRow(400, 'Arrearage', 'out_of_money', 'the account is in arrears'),
  errorRow(401, 'InvalidApiKey', 'credential', 'the key is wrong, or of another region'),
  errorRow(403, 'AccessDenied', 'credential', 'the account may not do this'),
  errorRow(403, 'AccessDenied.Unpurchased', 'credential', 'the service is not activated for the account'),
  errorRow(404, 'ModelNotFound', 'model_missing', 'there is no such model in this region'),
  errorRow(404, 'NotFound', 'model_missing', 'there is no such resource in this region'),
  errorRow(429, 'Throttling', 'rate_limited', 'too many requests'),
  errorRow(429, 'Throttling.RateQuota', 'rate_limited', 'too many requests; over within about a minute'),
  errorRow(429, 'Throttling.AllocationQuota', 'rate_limited', 'the allocated quota is used up; over later'),
  errorRow(500, 'InternalError', 'overloaded', 'a fault of the service'),
  errorRow(500, 'InternalError.Timeout', 'overloaded', 'the service took too long', { isDefinite: false }),
  errorRow(500, 'InternalError.Algo', 'overloaded', 'a fault of the model'),
  errorRow(503, '', 'overloaded', 'service unavailable', { isDefinite: false }),
  errorRow(504, '', 'overloaded', 'gateway timeout', { isDefinite: false }),
];

/** The same codes as chat and embeddings meet them, and some of theirs. */
export const DASHSCOPE_ERRORS: ErrorRules = {
  codes: {
    invalidapikey: 'credential',
    accessdenied: 'credential',
    'accessdenied.*': 'credential',
    arrearage: 'out_of_money',
    datainspectionfailed: 'content_refused',
    data_inspection_failed: 'content_refused',
    ipinfringementsuspect: 'content_refused',
    'throttling*': 'rate_limited',
    limit_requests: 'rate_limited',
    modelnotfound: 'model_missing',
    'internalerror*': 'overloaded',
    requesttimeout: 'overloaded',
  },
};
