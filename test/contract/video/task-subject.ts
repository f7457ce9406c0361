import type { VideoRequest } from '../../../src/providers/canonical/video.js';
import type { Provider, TaskOperation } from '../../../src/providers/provider.js';
import { requestFor, videoOf } from './video-request.js';

/** What of a provider a suite of tasks is about: its videos, or its pictures. */
export interface TaskSubject<Request> {
  readonly provider: Provider;
  readonly operation: TaskOperation<Request>;
  /** A request for a model: what is not said is its default. Frozen all the way down. */
  requestFor(model: string, wanted?: Partial<Request>): Request;
  /** Whether a file is what the simulators hand out. */
  isResult(file: Buffer): boolean;
}

/** The videos of a provider. @throws Error when it makes none. */
export function videosOf(provider: Provider): TaskSubject<VideoRequest> {
  const operation = videoOf(provider);
  return {
    provider,
    operation,
    requestFor: (model, wanted) => requestFor(operation, model, wanted),
    isResult: (file) => file.toString('latin1', 4, 8) === 'ftyp',
  };
}
