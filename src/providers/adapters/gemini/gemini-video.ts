import type { TaskAnswer, TaskCall, TaskRef, TaskState, VideoModel, VideoRequest } from '../../canonical/video.js';
import type { Target, VideoOperation } from '../../provider.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { allOf, type VideoRule } from '../tasks/video-rules.js';
import { toGeminiError } from './gemini-errors.js';
import { stateOfFile, toFileCall } from './gemini-file.js';
import { bareName, pathTo } from './gemini-models.js';
import { GEMINI_VIDEO_ERRORS } from './google-video-errors.js';
import { fromOmniStatus, fromOmniSubmit, OMNI_MODELS, omniPathOf, toOmniSubmit } from './omni-video.js';
import { fromOperation, readOperationName } from './veo-operation.js';
import { toVeoBody, VEO, veoRule } from './veo-request.js';

/** https://ai.google.dev/gemini-api/docs/video */
const isLongWhenLarge: VideoRule = ({ resolution, lastFrame, durationSeconds }) =>
  (resolution !== '720p' || lastFrame !== undefined) && durationSeconds !== 8
    ? { param: 'duration', message: 'Above 720p, and with a last frame, a video is 8 seconds long.' }
    : undefined;
const PREVIEW: VideoModel = { ...VEO, refusal: allOf(veoRule, isLongWhenLarge) };
const VEO_MODELS: Readonly<Record<string, VideoModel>> = {
  'veo-3.1-generate-preview': PREVIEW,
  'veo-3.1-fast-generate-preview': PREVIEW,
};

/**
 * Videos of the Gemini API: Omni by the Interactions API, and Veo by long-running operations. Nothing of ours is kept with a task, so
 * that a lost one cannot be looked up.
 */
export const geminiVideo: VideoOperation = {
  note: 'Veo is retired here since October 2026 and answers that there is no such model; on Vertex AI it lives on.',
  defaultModel: 'gemini-omni-1.1-flash',
  modelOf: (name) => omniOf(bareName(name)) ?? own(VEO_MODELS, bareName(name)),
  errors: GEMINI_VIDEO_ERRORS,
  toSubmit,
  fromSubmit: (answer, _request, target) =>
    isOmni(target) ? fromOmniSubmit(answer) : { dialect: 'veo', name: readOperationName(answer) },
  toStatus: (ref) => ({ method: 'GET', path: isOmniTask(ref) ? omniPathOf(ref) : veoPathOf(ref) }),
  fromStatus: (answer, ref) => (isOmniTask(ref) ? fromOmniStatus(answer, ref) : fromVeoStatus(answer, ref)),
  cancel: {
    states: ['queued', 'processing'],
    toCall: (ref) => (isOmniTask(ref) ? { method: 'POST', path: `${omniPathOf(ref)}/cancel` } : undefined),
    fromAnswer: (answer) => {
      if (answer.status < 200 || answer.status > 299) throw toGeminiError(answer);
    },
  },
  toContent: (ref) => toFileCall(ref),
};

function omniOf(name: string): VideoModel | undefined {
  return own(OMNI_MODELS, name);
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function isOmni({ upstreamModel }: Target): boolean {
  return omniOf(bareName(upstreamModel)) !== undefined;
}

function isOmniTask({ dialect }: TaskRef): boolean {
  return dialect === 'omni';
}

function toSubmit(request: VideoRequest, target: Target): TaskCall {
  if (isOmni(target)) return toOmniSubmit(request, { ...target, upstreamModel: bareName(target.upstreamModel) });
  const path = pathTo(target.upstreamModel, 'predictLongRunning');
  // Sound is always there, and no parameter.
  return { method: 'POST', path, body: toVeoBody(request, { resolution: request.resolution }) };
}

function veoPathOf({ name }: TaskRef): string {
  return `/${String(name).split('/').map(encodeURIComponent).join('/')}`;
}

function fromVeoStatus(answer: TaskAnswer, ref: TaskRef): TaskState {
  return fromOperation(answer, (response) => {
    const uri = uriIn(response);
    return uri === undefined ? undefined : stateOfFile(uri, ref);
  });
}

function uriIn({ generateVideoResponse: inner }: WireObject): string | undefined {
  const samples: unknown = isObject(inner) ? inner['generatedSamples'] : undefined;
  const first: unknown = Array.isArray(samples) ? samples[0] : undefined;
  const video = isObject(first) ? first['video'] : undefined;
  return isObject(video) && isText(video['uri']) ? video['uri'] : undefined;
}
