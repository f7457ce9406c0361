import { ProviderError } from '../../canonical/provider-error.js';
import type { VideoModel, VideoRequest } from '../../canonical/video.js';
import { pictureAddress } from './picture-address.js';
import { allOf, type OptionKind, optionsAre, type VideoRule } from './video-rules.js';

/** How a length is written: 5, "5" or "5s". */
export type DurationForm = 'number' | 'text' | 'seconds';

/**
 * Names by which a model that a host lends out takes what a request of the hub says. What has no name here cannot be chosen, and
 * is not sent.
 */
export interface HostedInputs {
  readonly image?: string;
  readonly lastFrame?: string;
  readonly negativePrompt?: string;
  readonly seed?: string;
  readonly aspectRatio?: string;
  readonly audio?: string;
  readonly duration?: { readonly name: string; readonly form: DurationForm };
  /** `words` are the vendor's for resolutions that it names otherwise. */
  readonly resolution?: { readonly name: string; readonly words?: Readonly<Record<string, string>> };
  /** In place of resolution and aspect ratio: sizes by both. */
  readonly size?: { readonly name: string; readonly sizes: Readonly<Record<string, Readonly<Record<string, string>>>> };
}

/** A model that a host lends out: what it can do, and what its inputs are called. */
export interface HostedModel {
  readonly video: VideoModel;
  readonly inputs: HostedInputs;
}

/** A {@link HostedModel} as it is declared; what its inputs tell need not be said again. */
export interface HostedDeclaration {
  readonly inputs: HostedInputs;
  readonly durations: VideoModel['durations'];
  readonly durationDefault: number;
  /** One where it cannot be chosen. */
  readonly resolutions: readonly string[];
  /** Default: the first. */
  readonly resolutionDefault?: string;
  readonly aspectRatios?: readonly string[];
  /** It makes no video of text alone. */
  readonly isImageRequired?: boolean;
  /** What it does when nobody says, where `inputs.audio` has a name. */
  readonly audioDefault?: boolean;
  /** It cannot be silent. */
  readonly hasAlwaysAudio?: boolean;
  readonly promptCharsMax?: number;
  /** Inputs of the model's own that callers may set. */
  readonly options?: Readonly<Record<string, OptionKind>>;
  readonly rules?: readonly VideoRule[];
}

const PROMPT_CHARS_MAX = 2_000;
const RATIO_DEFAULT = '16:9';

/** Describes a model by the names of its inputs. */
export function hostedModel(declaration: HostedDeclaration): HostedModel {
  const { inputs, resolutions, options = {}, rules = [], hasAlwaysAudio = false } = declaration;
  const isAudioChosen = inputs.audio !== undefined;
  const [resolutionDefault = ''] = resolutions;
  return {
    inputs,
    video: {
      durations: declaration.durations,
      durationDefault: declaration.durationDefault,
      resolutions,
      resolutionDefault: declaration.resolutionDefault ?? resolutionDefault,
      aspectRatios: declaration.aspectRatios ?? [],
      image: inputs.image === undefined ? 'none' : declaration.isImageRequired === true ? 'required' : 'optional',
      hasLastFrame: inputs.lastFrame !== undefined,
      imageForms: inputs.image === undefined ? [] : ['url', 'bytes'],
      audio: isAudioChosen ? 'optional' : hasAlwaysAudio ? 'always' : 'never',
      audioDefault: isAudioChosen ? declaration.audioDefault === true : hasAlwaysAudio,
      hasNegativePrompt: inputs.negativePrompt !== undefined,
      hasSeed: inputs.seed !== undefined,
      countMax: 1,
      promptCharsMax: declaration.promptCharsMax ?? PROMPT_CHARS_MAX,
      options: Object.keys(options),
      refusal: allOf(...rules, optionsAre(options)),
    },
  };
}

/**
 * The inputs of a request, under the model's own names.
 * @throws ProviderError `unsupported_option` for what the model has no input for, although its operator has declared that it does.
 */
export function toHostedInputs(request: VideoRequest, inputs: HostedInputs): Readonly<Record<string, unknown>> {
  const { prompt, image, lastFrame, options } = request;
  refuseNameless(request, inputs);
  return {
    // First, so that nothing that is priced can be said twice.
    ...options,
    prompt: prompt === '' ? undefined : prompt,
    ...named(inputs.image, image === undefined ? undefined : pictureAddress(image)),
    ...named(inputs.lastFrame, lastFrame === undefined ? undefined : pictureAddress(lastFrame)),
    ...named(inputs.negativePrompt, request.negativePrompt),
    ...named(inputs.seed, request.seed),
    ...named(inputs.audio, request.hasAudio),
    ...named(inputs.aspectRatio, request.aspectRatio),
    ...priced(request, inputs),
  };
}

function refuseNameless(request: VideoRequest, inputs: HostedInputs): void {
  const param = (['image', 'lastFrame', 'negativePrompt', 'seed'] as const).find(
    (name) => request[name] !== undefined && inputs[name] === undefined,
  );
  const isShapeless = inputs.aspectRatio === undefined && inputs.size === undefined;
  if (param !== undefined) throw unsupported(param);
  if (request.aspectRatio !== undefined && isShapeless) throw unsupported('aspectRatio');
  if (request.count > 1) throw unsupported('n');
  refuseSizeless(request, inputs);
}

function refuseSizeless({ resolution, aspectRatio = RATIO_DEFAULT }: VideoRequest, { size }: HostedInputs): void {
  if (size === undefined || size.sizes[resolution]?.[aspectRatio] !== undefined) return;
  throw unsupported(size.sizes[resolution] === undefined ? 'resolution' : 'aspectRatio');
}

function unsupported(param: string): ProviderError {
  const message = `The hub knows no input of this model by which to ask for "${param}".`;
  return new ProviderError({ kind: 'unsupported_option', param, message });
}

/** What the bill depends on is always named. */
function priced(
  { durationSeconds, resolution, aspectRatio = RATIO_DEFAULT }: VideoRequest,
  { duration, resolution: lines, size }: HostedInputs,
): Readonly<Record<string, unknown>> {
  return {
    ...named(duration?.name, duration === undefined ? undefined : inForm(durationSeconds, duration.form)),
    ...named(lines?.name, lines?.words?.[resolution] ?? resolution),
    ...named(size?.name, size?.sizes[resolution]?.[aspectRatio]),
  };
}

function inForm(seconds: number, form: DurationForm): number | string {
  if (form === 'number') return seconds;
  return form === 'text' ? String(seconds) : `${seconds}s`;
}

function named(name: string | undefined, value: unknown): Readonly<Record<string, unknown>> {
  return name === undefined || value === undefined ? {} : { [name]: value };
}
