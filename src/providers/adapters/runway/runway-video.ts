import { ProviderError } from '../../canonical/provider-error.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskCall, TaskRef, TaskState, VideoRequest } from '../../canonical/video.js';
import type { Target, VideoOperation } from '../../provider.js';
import { isText, type WireObject } from '../openai-compatible/wire.js';
import { pictureAddress } from '../tasks/picture-address.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { textOf404 } from '../tasks/text-of-404.js';
import { RUNWAY_ERRORS, readRunwayAnswer, runwayFailureKindOf, toRunwayError } from './runway-errors.js';
import { RUNWAY_RATIO_DEFAULT, runwayModelOf } from './runway-models.js';

/** Videos by Runway and by the models of others that it hosts: https://docs.dev.runwayml.com/api. It sends no callbacks. */
export const runwayVideo: VideoOperation = {
  defaultModel: 'gen4.5',
  modelOf: (name) => runwayModelOf(name)?.video,
  errors: RUNWAY_ERRORS,
  note: 'Links work for 24 to 48 hours. A task that is called off is paid for all the same, and forgotten.',
  linksLastHours: 24,
  toSubmit,
  fromSubmit: (answer) => {
    const { id } = readRunwayAnswer(answer);
    if (!isText(id)) throw unreadable('Runway accepted the task and did not name it.');
    return { id };
  },
  toStatus: (ref) => ({ method: 'GET', path: pathOf(ref) }),
  fromStatus,
  cancel: {
    // The same call deletes a task that is over.
    states: ['queued', 'processing'],
    toCall: (ref) => ({ method: 'DELETE', path: pathOf(ref) }),
    fromAnswer: (answer) => {
      if (answer.status < 200 || answer.status > 299) throw toRunwayError(answer);
    },
  },
  // Not to be asked more often than every five seconds.
  statusEveryMs: { first: 6_000, max: 15_000 },
};

function pathOf({ id }: TaskRef): string {
  return `/v1/tasks/${encodeURIComponent(String(id))}`;
}

/** @throws ProviderError `model_missing` for a model that Runway does not have. */
function toSubmit(request: VideoRequest, { upstreamModel }: Target): TaskCall {
  const model = runwayModelOf(upstreamModel);
  if (model === undefined)
    throw new ProviderError({ kind: 'model_missing', message: `Runway has no video model "${upstreamModel}".` });
  const { prompt, image, negativePrompt, aspectRatio, resolution, durationSeconds, hasAudio, seed } = request;
  const body = {
    ...request.options,
    model: upstreamModel,
    promptText: prompt === '' ? undefined : prompt,
    promptImage: toImages(request),
    negativePrompt,
    ratio: model.sizes[resolution]?.[aspectRatio ?? RUNWAY_RATIO_DEFAULT],
    duration: durationSeconds,
    audio: model.video.audio === 'optional' ? hasAudio : undefined,
    seed,
  };
  const path = image === undefined ? '/v1/text_to_video' : '/v1/image_to_video';
  return { method: 'POST', path, body: JSON.stringify(body) };
}

/** One picture is the first frame; only two need to be told apart. */
function toImages({ image, lastFrame }: VideoRequest): unknown {
  if (image === undefined) return undefined;
  if (lastFrame === undefined) return pictureAddress(image);
  return [
    { uri: pictureAddress(image), position: 'first' },
    { uri: pictureAddress(lastFrame), position: 'last' },
  ];
}

function fromStatus(answer: TaskAnswer): TaskState {
  if (textOf404(answer, 'error') !== undefined)
    return { state: 'failed', kind: 'expired', message: 'Runway does not know the task any more.' };
  const task = readRunwayAnswer(answer);
  const word = task['status'];
  if (!isText(word)) throw unreadable('Runway says nothing of the state of the task.');
  switch (word) {
    case 'PENDING':
    // Above what the account may have at a time: it waits.
    case 'THROTTLED':
      return { state: 'queued' };
    case 'RUNNING':
      return { state: 'processing', ...readProgress(task['progress']) };
    case 'SUCCEEDED':
      return { state: 'succeeded', outputs: readOutputs(task['output']), usage: {} };
    case 'FAILED':
      return readFailure(task);
    case 'CANCELLED':
    case 'CANCELED':
      return { state: 'cancelled' };
    default:
      return stateOfUnknownWord(word);
  }
}

/** A fraction, as percent. */
function readProgress(progress: unknown): { readonly progress?: number } {
  const isFraction = typeof progress === 'number' && progress >= 0 && progress <= 1;
  return isFraction ? { progress: Math.round(progress * 100) } : {};
}

function readOutputs(output: unknown): readonly { readonly url: string }[] {
  const links: readonly unknown[] = Array.isArray(output) ? output : [];
  if (links.length === 0 || !links.every(isText))
    throw unreadable('Runway calls the task a success and gives no video.');
  return links.map((url) => ({ url }));
}

function readFailure({ failure, failureCode }: WireObject): TaskState {
  const message = isText(failure) ? failure : 'Runway gives no reason.';
  if (!isText(failureCode)) return { state: 'failed', kind: 'failed', message };
  return { state: 'failed', kind: runwayFailureKindOf(failureCode), code: failureCode, message };
}
