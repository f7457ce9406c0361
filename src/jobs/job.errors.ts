import { HubError } from '../common/hub-error.js';
import type { VideoRefusal } from '../providers/canonical/video.js';
import type { JobKind } from './job.js';

/** 404: the same words whether there is no such job or it is somebody else's. */
export function jobNotFound(): HubError {
  return new HubError({
    status: 404,
    code: 'job_not_found',
    message: 'There is no such job.',
    param: 'jobId',
    shouldRetry: false,
  });
}

/** 409: it is over already. */
export function jobFinished(status: string): HubError {
  return new HubError({
    status: 409,
    code: 'job_finished',
    message: `The job has ${status} already and cannot be cancelled.`,
    shouldRetry: false,
  });
}

/** 409: its provider works on it and lets nobody stop it. */
export function jobNotCancellable(): HubError {
  return new HubError({
    status: 409,
    code: 'job_not_cancellable',
    message: 'The provider of this job does not let it be cancelled any more. It goes on.',
    shouldRetry: false,
  });
}

/** 409: it must be over first. */
export function jobNotFinished(): HubError {
  return new HubError({
    status: 409,
    code: 'job_not_finished',
    message: 'The job is still being worked on. Cancel it, or wait for its end.',
    shouldRetry: false,
  });
}

/** 400: nothing that the caller may use can do what is asked for. */
export function optionUnsupported({ param, message }: VideoRefusal): HubError {
  return new HubError({ status: 400, code: 'unsupported_option', message, param, shouldRetry: false });
}

/** 400: no such provider, or none with such an operation. */
export function providerUnknown(provider: string, known: readonly string[]): HubError {
  const list = known.length === 0 ? 'None is set up.' : `Available: ${known.join(', ')}.`;
  return new HubError({
    status: 400,
    code: 'provider_not_found',
    message: `"provider" names "${provider.slice(0, 64)}", which is not available. ${list}`,
    param: 'provider',
    shouldRetry: false,
  });
}

/** 400: the model is for something else. */
export function modelMakesNone(model: string, kind: JobKind): HubError {
  return new HubError({
    status: 400,
    code: 'unsupported_operation',
    message: `The model "${model}" makes no ${kind === 'video' ? 'videos' : 'pictures'}.`,
    param: 'model',
    shouldRetry: false,
  });
}

/** 503: no channel for such jobs is set up. */
export function noChannel(kind: JobKind): HubError {
  return new HubError({
    status: 503,
    code: 'model_unavailable',
    message: `No channel that makes ${kind === 'video' ? 'videos' : 'pictures'} is set up for this key.`,
    shouldRetry: false,
  });
}
