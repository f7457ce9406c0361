import { isObject } from '../../../common/is-object.js';
import type { ImageTaskRequest } from '../../canonical/image-task.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { MediaInput, TaskAnswer, TaskCall, TaskRef, TaskState } from '../../canonical/video.js';
import type { ImageTaskOperation } from '../../provider.js';
import { readPictureSize } from '../tasks/picture-size.js';
import { readTaskAnswer, unreadable } from '../tasks/read-task-answer.js';
import { BFL_ERRORS, toBflError } from './bfl-errors.js';
import { type BflModel, bflModelOf, bflRatioOf } from './bfl-models.js';

type Fields = Readonly<Record<string, unknown>>;

const NOT_FOUND = 'Task not found';

/**
 * Pictures by Flux: https://docs.bfl.ai/api_integration/integration_guidelines. A reference is the id and the address where the vendor
 * wants to be asked, which is a region's. Tasks cannot be called off.
 */
export const bflImages: ImageTaskOperation = {
  modelOf: (name) => bflModelOf(name)?.picture,
  errors: BFL_ERRORS,
  note: 'Its links work for about ten minutes: who asks for a link is given one of the hub itself.',
  linksLastHours: 1 / 6,
  isOwnHost: (host) => host === 'bfl.ai' || host.endsWith('.bfl.ai'),
  toSubmit: (request, { upstreamModel }) => toSubmit(request, upstreamModel),
  fromSubmit: (answer): TaskRef => {
    if (answer.status < 200 || answer.status >= 300) throw toBflError(answer);
    const { id, polling_url: url } = readTaskAnswer(answer);
    if (typeof id !== 'string' || id === '') throw unreadable('The upstream took the task on without an id.');
    return isAddress(url) ? { id, url } : { id };
  },
  toStatus,
  fromStatus,
  statusEveryMs: { first: 1_000, max: 3_000 },
};

function toSubmit(request: ImageTaskRequest, name: string): TaskCall {
  const model = bflModelOf(name);
  if (model === undefined) throw new Error(`Black Forest Labs has no model "${name}".`);
  const { prompt, size, seed, options } = request;
  const body = {
    ...options,
    prompt,
    ...(size === undefined ? {} : toShape(size, model)),
    seed,
    ...toPictures(request.images, model),
  };
  return { method: 'POST', path: `/${name}`, body: JSON.stringify(body) };
}

function toShape(size: string, { form }: BflModel): object {
  return form === 'ratio' ? { aspect_ratio: bflRatioOf(size) } : { ...readPictureSize(size) };
}

function toPictures(images: readonly MediaInput[], { imageField }: BflModel): object {
  const fields = images.map((image, index) => {
    const name = index === 0 ? imageField : `${imageField}_${index + 1}`;
    return [name, image.kind === 'url' ? image.url : image.base64];
  });
  return Object.fromEntries(fields);
}

/** Exactly where the vendor said: a task is known in its region only. */
function toStatus({ id, url }: TaskRef): TaskCall {
  if (!isAddress(url)) return { method: 'GET', path: `/get_result?id=${encodeURIComponent(String(id))}` };
  const { origin, pathname, search } = new URL(url);
  return { method: 'GET', origin, path: pathname + search };
}

function fromStatus(answer: TaskAnswer): TaskState {
  const isOk = answer.status >= 200 && answer.status < 300;
  // What it does not know it says with 404, and in its own words; a bare 404 may be anybody's on the way.
  if (!isOk && answer.status !== 404) throw toBflError(answer);
  const task = readTaskAnswer(answer);
  if (!isOk && task['status'] !== NOT_FOUND) throw toBflError(answer);
  return toState(task);
}

function toState({ status, result, progress, details }: Fields): TaskState {
  if (typeof status !== 'string' || status === '')
    throw unreadable('The upstream says nothing of the state of the task.');
  switch (status) {
    // Whether it waits or is at work is not told.
    case 'Pending':
      return { state: 'processing', ...percentOf(progress) };
    case 'Ready': {
      const url = isObject(result) ? result['sample'] : undefined;
      if (!isAddress(url)) throw unreadable('The upstream reports a success without a picture.');
      return { state: 'succeeded', outputs: [{ url }], usage: {} };
    }
    case NOT_FOUND: {
      const message = 'The upstream does not know the task any more.';
      return { state: 'failed', kind: 'expired', code: status, message };
    }
    case 'Request Moderated':
    case 'Content Moderated':
      return { state: 'failed', kind: 'content_refused', code: status, message: reasonOf(details) };
    case 'Error':
    case 'Failed':
      return { state: 'failed', kind: 'failed', code: status, message: reasonOf(details) };
    default:
      return stateOfUnknownWord(status);
  }
}

/** A part of one, as percent. */
function percentOf(progress: unknown): { readonly progress?: number } {
  const isPart = typeof progress === 'number' && progress >= 0 && progress <= 1;
  return isPart ? { progress: Math.round(progress * 100) } : {};
}

function reasonOf(details: unknown): string {
  const reasons: unknown = isObject(details) ? details['Moderation Reasons'] : undefined;
  const texts = Array.isArray(reasons) ? reasons.filter((reason) => typeof reason === 'string') : [];
  return texts.length === 0 ? 'The upstream gives no reason.' : `The moderation names: ${texts.join(', ')}.`;
}

function isAddress(text: unknown): text is string {
  return typeof text === 'string' && /^https?:\/\//.test(text) && URL.canParse(text);
}
