import type { VideoModel, VideoRefusal } from '../../canonical/video.js';

/** A rule between options, as `VideoModel.refusal` takes it. */
export type VideoRule = NonNullable<VideoModel['refusal']>;

/** A value that an option of a vendor may have, and how that is said in a sentence. */
export interface OptionKind {
  is(value: unknown): boolean;
  /** After "as", such as `true or false`. */
  readonly what: string;
}

/** An option that is on or off. */
export const SWITCH: OptionKind = { is: (value) => typeof value === 'boolean', what: 'true or false' };

/** An option that is any number. */
export const NUMBER: OptionKind = {
  is: (value) => typeof value === 'number' && Number.isFinite(value),
  what: 'a number',
};

/** An option that is one of some words, or of some numbers. */
export function wordOf(...words: readonly (string | number)[]): OptionKind {
  return { is: (value) => words.some((word) => word === value), what: `one of ${words.join(', ')}` };
}

/** All of the rules: the first that refuses speaks. */
export function allOf(...rules: readonly VideoRule[]): VideoRule {
  return (request) => {
    for (const rule of rules) {
      const refusal = rule(request);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
}

/** A video of text alone needs a text. */
export const needsTextOrImage: VideoRule = ({ prompt, image, lastFrame }) =>
  prompt === '' && image === undefined && lastFrame === undefined
    ? { param: 'prompt', message: 'A video without a picture needs a prompt.' }
    : undefined;

/** Text is needed, also beside a picture. */
export const needsText: VideoRule = ({ prompt }) =>
  prompt === '' ? { param: 'prompt', message: 'This model needs a prompt, also beside a picture.' } : undefined;

/** A last frame needs a first one. */
export const needsFirstFrame: VideoRule = ({ image, lastFrame }) =>
  lastFrame !== undefined && image === undefined
    ? { param: 'lastFrame', message: 'A last frame needs a first one: send "image" as well.' }
    : undefined;

/** A video from a picture has the shape of the picture. */
export const followsImage: VideoRule = ({ image, aspectRatio }) =>
  image !== undefined && aspectRatio !== undefined
    ? {
        param: 'aspectRatio',
        message: 'A video from a picture has the shape of the picture; leave the aspect ratio out.',
      }
    : undefined;

/** Seeds from `min` to `max`, both included. */
export function seedFrom(min: number, max: number): VideoRule {
  return ({ seed }) =>
    seed !== undefined && (seed < min || seed > max)
      ? { param: 'seed', message: `The seed must be from ${min} to ${max}.` }
      : undefined;
}

/** The vendor's own options of a video, by their kinds; names that are not listed are refused before any rule is asked. */
export function optionsAre(kinds: Readonly<Record<string, OptionKind>>): VideoRule {
  return ({ options }) => {
    const fault = faultOfOptions(options, kinds);
    return fault && { param: `providerOptions.${fault.param}`, message: fault.message };
  };
}

/** The first option with a value that is not of its kind; `param` is its name. */
export function faultOfOptions(
  options: Readonly<Record<string, unknown>>,
  kinds: Readonly<Record<string, OptionKind>>,
): VideoRefusal | undefined {
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind !== undefined && !kind.is(value))
      return { param: name, message: `The option "${name}" is taken as ${kind.what}.` };
  }
  return undefined;
}
