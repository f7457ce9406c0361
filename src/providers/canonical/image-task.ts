import type { MediaInput, VideoRefusal } from './video.js';

/**
 * Pictures to make as a task, checked against the {@link ImageTaskModel} of where they go: whatever a request names is honoured
 * there, or refused by its name.
 */
export interface ImageTaskRequest {
  readonly prompt: string;
  /** How many pictures, at most what the model takes. */
  readonly count: number;
  /** As its caller wrote it, such as `1024x1024`; undefined leaves it to the model, as `auto` does. */
  readonly size?: string;
  /** Such as `hd`; undefined leaves it to the model. */
  readonly quality?: string;
  readonly negativePrompt?: string;
  readonly seed?: number;
  /** Pictures to begin from, in the caller's order; empty for text alone. */
  readonly images: readonly MediaInput[];
  /** Options in the vendor's own words; only names that {@link ImageTaskModel.options} lists. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Who it is for, as a hash that tells nothing; undefined when the caller did not say. */
  readonly endUser?: string;
  /** The hub's own id, letters, digits and `_`, unlike that of every other task, for vendors that can look a task up by it. */
  readonly externalId: string;
  /** Where the vendor shall report progress; undefined where the hub takes no callbacks of it. */
  readonly callbackUrl?: string;
}

/** What a model that makes pictures as tasks can do; a request beyond it is refused by the name of the option. */
export interface ImageTaskModel {
  /** Most pictures of one request. */
  readonly countMax: number;
  readonly promptCharsMax: number;
  /** What `size` may be; undefined where {@link refusal} decides, empty where it cannot be chosen. */
  readonly sizes?: readonly string[];
  /** What `quality` may be; empty where it cannot be chosen. */
  readonly qualities: readonly string[];
  /** Most pictures to begin from; 0 where there is text alone. */
  readonly imagesMax: number;
  /** Fewest of them; default 0. */
  readonly imagesMin?: number;
  /** How pictures may be given. */
  readonly imageForms: readonly MediaInput['kind'][];
  readonly hasNegativePrompt: boolean;
  readonly hasSeed: boolean;
  /** Names that the vendor's own options may have. None of them may change how many pictures are made. */
  readonly options: readonly string[];
  /** How long a task may take before the hub gives it up; default 15 minutes. */
  readonly deadlineMinutes?: number;
  /** A rule beyond those above, such as for sizes; `param` in the words of images/generations: `size`, `n`, or an option's name. */
  readonly refusal?: (request: ImageTaskRequest) => VideoRefusal | undefined;
}

/**
 * Why a model cannot serve a request; undefined when it can.
 * @returns `param` in the words of images/generations (`n`, `size`, `quality`, `image`, `negative_prompt`, `seed`, `prompt`), or the
 * name of an option.
 */
export function refusalOfImageTask(request: ImageTaskRequest, model: ImageTaskModel): VideoRefusal | undefined {
  return refusalOfText(request, model) ?? refusalOfPictures(request, model) ?? refusalOfOptions(request, model);
}

function refusalOfText(
  { prompt, count, size, quality }: ImageTaskRequest,
  model: ImageTaskModel,
): VideoRefusal | undefined {
  const length = [...prompt].length;
  if (length > model.promptCharsMax) {
    return refuse('prompt', `"prompt" has ${length} characters; this model takes at most ${model.promptCharsMax}.`);
  }
  if (count > model.countMax) return refuse('n', `"n" of this model must be at most ${model.countMax}.`);
  return refusalOfWord('size', size, model.sizes) ?? refusalOfWord('quality', quality, model.qualities);
}

function refusalOfWord(
  param: string,
  word: string | undefined,
  words: readonly string[] | undefined,
): VideoRefusal | undefined {
  if (word === undefined || words === undefined || words.includes(word)) return undefined;
  if (words.length === 0) return refuse(param, `"${param}" cannot be chosen with this model.`);
  return refuse(param, `"${param}" of this model must be one of ${words.join(', ')}.`);
}

function refusalOfPictures({ images }: ImageTaskRequest, model: ImageTaskModel): VideoRefusal | undefined {
  const { imagesMax, imagesMin = 0, imageForms } = model;
  if (images.length > imagesMax) {
    const most = imagesMax === 1 ? 'one picture' : `${imagesMax} pictures`;
    return refuse('image', imagesMax === 0 ? 'This model takes no "image".' : `This model takes at most ${most}.`);
  }
  if (images.length < imagesMin) return refuse('image', 'This model needs an "image".');
  const wrong = images.find(({ kind }) => !imageForms.includes(kind));
  if (wrong === undefined) return undefined;
  return refuse('image', `This model takes "image" as a ${wrong.kind === 'url' ? 'data URI' : 'URL'} only.`);
}

function refusalOfOptions(request: ImageTaskRequest, model: ImageTaskModel): VideoRefusal | undefined {
  if (request.negativePrompt !== undefined && !model.hasNegativePrompt) {
    return refuse('negative_prompt', 'This model takes no "negative_prompt".');
  }
  if (request.seed !== undefined && !model.hasSeed) return refuse('seed', 'This model takes no "seed".');
  const unknown = Object.keys(request.options).find((name) => !model.options.includes(name));
  if (unknown !== undefined) {
    const name = unknown.slice(0, 64);
    const known = model.options.length === 0 ? 'It has none.' : `It has ${model.options.join(', ')}.`;
    return refuse(name, `This model has no option "${name}". ${known}`);
  }
  return model.refusal?.(request);
}

function refuse(param: string, message: string): VideoRefusal {
  return { param, message };
}
