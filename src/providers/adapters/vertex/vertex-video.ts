import type { TaskAnswer, TaskCall, TaskRef, VideoModel } from '../../canonical/video.js';
import type { VideoOperation } from '../../provider.js';
import { GOOGLE_ERRORS } from '../gemini/google-video-errors.js';
import { fromOperation, readOperationName } from '../gemini/veo-operation.js';
import { toVeoBody, VEO } from '../gemini/veo-request.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { readTaskAnswer, unreadable } from '../tasks/read-task-answer.js';
import { vertexPath } from './vertex-paths.js';

/** A video of 8 seconds in 4k, in base64, and room to spare. */
const ANSWER_BYTES_MAX = 128 * 1024 * 1024;

const VEO_3_1: VideoModel = { ...VEO, audio: 'optional' };
const VEO_3: VideoModel = { ...VEO_3_1, resolutions: ['720p', '1080p'], hasLastFrame: false };
const VEO_2: VideoModel = {
  ...VEO,
  durations: { min: 5, max: 8 },
  resolutions: ['720p'],
  audio: 'never',
  audioDefault: false,
};
/** https://cloud.google.com/vertex-ai/generative-ai/docs/models#veo-models */
const MODELS: ReadonlyMap<string, VideoModel> = new Map([
  ['veo-3.1-generate-001', VEO_3_1],
  ['veo-3.1-fast-generate-001', VEO_3_1],
  ['veo-3.0-generate-001', VEO_3],
  ['veo-2.0-generate-001', VEO_2],
]);

/**
 * Veo on Vertex AI. Both calls are methods of the model; the finished video is in the answer itself, as base64, since no bucket is named
 * for it. Operations cannot be called off, and nothing of ours is kept with them.
 */
export const vertexVideo: VideoOperation = {
  note: 'Videos come within the answer, of at most 128 MiB; buckets of Cloud Storage are not used.',
  defaultModel: 'veo-3.1-generate-001',
  modelOf: (name) => MODELS.get(name),
  errors: GOOGLE_ERRORS,
  answerBytesMax: ANSWER_BYTES_MAX,
  toSubmit: (request, { upstreamModel }) => {
    const { hasAudio, resolution } = request;
    const model = MODELS.get(upstreamModel);
    const more = model?.audio === 'never' ? {} : { resolution, generateAudio: hasAudio };
    return { method: 'POST', path: vertexPath(upstreamModel, 'predictLongRunning'), body: toVeoBody(request, more) };
  },
  fromSubmit: (answer, _request, { upstreamModel }) => ({ model: upstreamModel, name: readOperationName(answer) }),
  toStatus: toFetch,
  fromStatus: (answer) =>
    fromOperation(answer, (response) =>
      videosIn(response).length === 0 ? undefined : { state: 'succeeded', outputs: [{}], usage: {} },
    ),
  toContent: toFetch,
  fromContent,
};

function toFetch({ model, name }: TaskRef): TaskCall {
  const path = vertexPath(String(model), 'fetchPredictOperation');
  return { method: 'POST', path, body: JSON.stringify({ operationName: name }) };
}

function fromContent(answer: TaskAnswer, index: number): Uint8Array {
  const { response } = readTaskAnswer(answer);
  const bytes = isObject(response) ? videosIn(response)[index] : undefined;
  if (bytes === undefined) throw unreadable('Google gives no video with the operation any more.');
  return Buffer.from(bytes, 'base64');
}

function videosIn({ videos }: WireObject): readonly string[] {
  if (!Array.isArray(videos)) return [];
  return videos.map((video: unknown) => (isObject(video) ? video['bytesBase64Encoded'] : undefined)).filter(isText);
}
