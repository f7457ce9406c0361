import { HubError } from '../common/hub-error.js';

/** 409: the file of a job that has none yet, or never will. */
export function resultNotReady(status: string): HubError {
  return new HubError({
    status: 409,
    code: 'job_not_succeeded',
    message: `The job is ${status}; only a job that has succeeded has a file.`,
    shouldRetry: false,
  });
}

/** 404: the job has no result of this number. */
export function resultNotFound(index: number, count: number): HubError {
  return new HubError({
    status: 404,
    code: 'result_not_found',
    message: `The job has no result ${index}; it has ${count}, counted from 0.`,
    param: 'index',
    shouldRetry: false,
  });
}

/** 410: the file was kept for as long as the hub keeps files. */
export function resultExpired(): HubError {
  return new HubError({
    status: 410,
    code: 'result_expired',
    message: 'The files of this job have been deleted: the time for which they are kept is over.',
    shouldRetry: false,
  });
}

/** 429: this key follows as many jobs as it may. */
export function tooManyStreams(max: number): HubError {
  return new HubError({
    status: 429,
    code: 'too_many_streams',
    message: `This API key has ${max} event streams open, which is the most. Close one, or ask for the status instead.`,
    retryAfterSeconds: 5,
  });
}

/** 400: something that OpenAI's API has and this hub does not. */
export function operationNotOffered(message: string): HubError {
  return new HubError({ status: 400, code: 'unsupported_operation', message, shouldRetry: false });
}
