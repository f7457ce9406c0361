import type { TaskAnswer, VideoModel, VideoRequest } from '../../../src/providers/canonical/video.js';
import type { Provider, Target, VideoOperation } from '../../../src/providers/provider.js';
import { deepFreeze } from '../deep-freeze.js';
import type { RecordedAnswer } from './video-contract.js';

/** The hub's own id of every request of the suite. */
export const EXTERNAL_ID = 'job_00112233445566778899aabbccddeeff';

/** @throws Error when the provider makes no videos. */
export function videoOf(provider: Provider): VideoOperation {
  if (provider.video === undefined) throw new Error(`${provider.id} has no videos.`);
  return provider.video;
}

/** @throws Error when the provider does not know the model. */
export function modelOf(video: VideoOperation, model: string): VideoModel {
  const found = video.modelOf(model);
  if (found === undefined) throw new Error(`There is no model ${model}.`);
  return found;
}

export function targetOf(model: string): Target {
  return deepFreeze({ upstreamModel: model, publicModel: 'public-1' });
}

/** A request for a model: what is not said is its default. Frozen all the way down. */
export function requestFor(video: VideoOperation, model: string, wanted: Partial<VideoRequest> = {}): VideoRequest {
  const { durationDefault, resolutionDefault, audioDefault, image, imageForms } = modelOf(video, model);
  const picture = imageForms.includes('url')
    ? ({ kind: 'url', url: 'https://pictures.example/first.png' } as const)
    : ({ kind: 'bytes', contentType: 'image/png', base64: 'iVBORw0KGgo=' } as const);
  return deepFreeze({
    prompt: 'A cat plays the piano.',
    ...(image === 'required' ? { image: picture } : {}),
    durationSeconds: durationDefault,
    resolution: resolutionDefault,
    hasAudio: audioDefault,
    count: 1,
    options: {},
    externalId: EXTERNAL_ID,
    ...wanted,
  });
}

/** The answer as the transport would hand it over, frozen. */
export function answerOf({ status, headers = {}, body }: RecordedAnswer): TaskAnswer {
  return deepFreeze({
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  });
}

/** What a function returned or threw, so that two calls can be compared. */
export function outcomeOf<T>(action: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: action() };
  } catch (error) {
    return { error };
  }
}
