import type { MediaInput, VideoModel, VideoRefusal, VideoRequest } from '../providers/canonical/video.js';
import { hasDuration } from './describe-model.js';
import type { JobInput, JobRequest } from './job.js';

/** What a request comes to on a model: everything that costs money is named. */
export interface VideoTerms {
  readonly durationSeconds: number;
  readonly resolution: string;
  readonly hasAudio: boolean;
}

/** The answer of {@link checkVideo}. */
export type VideoCheck =
  | { readonly isAble: true; readonly terms: VideoTerms }
  | { readonly isAble: false; readonly refusal: VideoRefusal };

/**
 * Whether a model can do what a caller asks for, all of it: an option that it does not have is refused by its name, never
 * dropped.
 *
 * @param name of the model, as the caller knows it.
 */
export function checkVideo(request: JobRequest, model: VideoModel, name: string): VideoCheck {
  const refusal =
    checkPrompt(request, model, name) ??
    checkPictures(request, model, name) ??
    checkShape(request, model, name) ??
    checkExtras(request, model, name);
  if (refusal !== undefined) return { isAble: false, refusal };
  const terms = {
    durationSeconds: request.durationSeconds ?? model.durationDefault,
    resolution: request.resolution ?? model.resolutionDefault,
    hasAudio: request.hasAudio ?? model.audioDefault,
  };
  const special = model.refusal?.(toVideoRequest(request, terms, PLACEHOLDERS));
  return special === undefined ? { isAble: true, terms } : { isAble: false, refusal: special };
}

/** What an adapter's request needs besides the caller's words. */
export interface JobExtras {
  readonly externalId: string;
  readonly endUser?: string;
  readonly callbackUrl?: string;
  /** Pictures that were sent along, by field. */
  readonly pictures: ReadonlyMap<string, { readonly contentType: string; readonly base64: string }>;
}

/** In place of a picture that is not at hand. */
const UNSEEN = { contentType: 'image/png', base64: 'AA==' };

/** For rules between options, which look at no picture and no id. */
export const PLACEHOLDERS: JobExtras = { externalId: 'job_0', pictures: new Map() };

/** The request as an adapter takes it. */
export function toVideoRequest(request: JobRequest, terms: VideoTerms, extras: JobExtras): VideoRequest {
  const { pictures, ...ids } = extras;
  return {
    prompt: request.prompt,
    image: toMediaInput(request.image, pictures),
    lastFrame: toMediaInput(request.lastFrame, pictures),
    negativePrompt: request.negativePrompt,
    aspectRatio: request.aspectRatio,
    seed: request.seed,
    count: request.count,
    options: request.options ?? {},
    ...terms,
    ...ids,
  };
}

/** A picture of a request as an adapter takes it; of one that is not at hand only what can be told without it. */
export function toMediaInput(input: JobInput | undefined, pictures: JobExtras['pictures']): MediaInput | undefined {
  if (input === undefined || input.kind === 'url') return input;
  const stored = pictures.get(input.name) ?? UNSEEN;
  return { kind: 'bytes', ...stored };
}

function checkPrompt({ prompt }: JobRequest, model: VideoModel, name: string): VideoRefusal | undefined {
  const length = [...prompt].length;
  if (length > model.promptCharsMax) {
    return refuse('prompt', `"prompt" has ${length} characters; ${name} takes at most ${model.promptCharsMax}.`);
  }
  return undefined;
}

function checkPictures({ image, lastFrame }: JobRequest, model: VideoModel, name: string): VideoRefusal | undefined {
  if (image === undefined && model.image === 'required') return refuse('image', `${name} needs an "image".`);
  if (image !== undefined && model.image === 'none') return refuse('image', `${name} takes no "image".`);
  if (lastFrame !== undefined && !model.hasLastFrame) return refuse('lastFrame', `${name} takes no "lastFrame".`);
  return checkForm('image', image, model, name) ?? checkForm('lastFrame', lastFrame, model, name);
}

function checkForm(
  param: string,
  input: JobInput | undefined,
  { imageForms }: VideoModel,
  name: string,
): VideoRefusal | undefined {
  if (input === undefined) return undefined;
  if (input.kind === 'url') {
    return imageForms.includes('url') ? undefined : refuse(param, `${name} takes "${param}" as a data URI only.`);
  }
  return imageForms.includes('bytes') ? undefined : refuse(param, `${name} takes "${param}" as a URL only.`);
}

function checkShape(request: JobRequest, model: VideoModel, name: string): VideoRefusal | undefined {
  const { durationSeconds, resolution, aspectRatio, hasAudio } = request;
  if (durationSeconds !== undefined && !hasDuration(model, durationSeconds)) {
    return refuse('duration', `"duration" of ${name} must be ${durationsText(model)} seconds.`);
  }
  if (resolution !== undefined && !model.resolutions.includes(resolution)) {
    return refuse('resolution', `"resolution" of ${name} must be ${oneOf(model.resolutions)}.`);
  }
  if (aspectRatio !== undefined && !model.aspectRatios.includes(aspectRatio)) {
    return refuse(
      'aspectRatio',
      model.aspectRatios.length === 0
        ? `"aspectRatio" cannot be chosen with ${name}.`
        : `"aspectRatio" of ${name} must be ${oneOf(model.aspectRatios)}.`,
    );
  }
  if (hasAudio === true && model.audio === 'never') return refuse('audio', `${name} makes no sound.`);
  if (hasAudio === false && model.audio === 'always') return refuse('audio', `${name} always makes sound.`);
  return undefined;
}

function checkExtras(request: JobRequest, model: VideoModel, name: string): VideoRefusal | undefined {
  if (request.negativePrompt !== undefined && !model.hasNegativePrompt) {
    return refuse('negativePrompt', `${name} takes no "negativePrompt".`);
  }
  if (request.seed !== undefined && !model.hasSeed) return refuse('seed', `${name} takes no "seed".`);
  if (request.count > model.countMax) {
    return refuse('n', `"n" of ${name} must be at most ${model.countMax}.`);
  }
  const unknown = Object.keys(request.options ?? {}).find((option) => !model.options.includes(option));
  if (unknown !== undefined) {
    const known = model.options.length === 0 ? 'It has none.' : `It has ${model.options.join(', ')}.`;
    return refuse(
      `providerOptions.${unknown.slice(0, 64)}`,
      `${name} has no option "${unknown.slice(0, 64)}". ${known}`,
    );
  }
  return undefined;
}

function durationsText({ durations }: VideoModel): string {
  return 'min' in durations ? `${durations.min} to ${durations.max}` : oneOf(durations);
}

function oneOf(values: readonly (string | number)[]): string {
  return values.length < 2 ? String(values[0]) : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}

function refuse(param: string, message: string): VideoRefusal {
  return { param, message };
}
