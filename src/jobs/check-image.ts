import { JsonSource } from '../common/json-source.js';
import { type ImageTaskRequest, refusalOfImageTask } from '../providers/canonical/image-task.js';
import type { ImagesRequest } from '../providers/canonical/images.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { VideoRefusal } from '../providers/canonical/video.js';
import type { ImagesOperation, Target } from '../providers/provider.js';
import type { ImageWay } from '../routing/image-way.js';
import { type JobExtras, PLACEHOLDERS, toMediaInput } from './check-video.js';
import type { JobRequest } from './job.js';

/** Fields of jobs that images bodies spell otherwise. */
const JOB_WORDS: Readonly<Record<string, string>> = { negative_prompt: 'negativePrompt' };

/** The request as a task API takes it. */
export function toImageTask(request: JobRequest, { pictures, ...ids }: JobExtras): ImageTaskRequest {
  const { prompt, count, quality, negativePrompt, seed, options = {} } = request;
  const image = toMediaInput(request.image, pictures);
  const size = request.size === 'auto' ? undefined : request.size;
  const images = image === undefined ? [] : [image];
  return { prompt, count, size, quality, negativePrompt, seed, images, options, ...ids };
}

/** The request as a provider takes it that makes pictures at once. @param model public name. */
export function toWholeImages(
  { prompt, count, size, quality, seed, negativePrompt, options, ...request }: JobRequest,
  model: string,
  { pictures }: Pick<JobExtras, 'pictures'>,
): ImagesRequest {
  const image = toMediaInput(request.image, pictures);
  const body = {
    ...options,
    model,
    prompt,
    n: count,
    size,
    quality,
    seed,
    negative_prompt: negativePrompt,
    image: image?.kind === 'bytes' ? `data:${image.contentType};base64,${image.base64}` : image?.url,
  };
  const source = JsonSource.parse(Buffer.from(JSON.stringify(body)));
  return { source, model, count, responseFormat: undefined, isStream: false };
}

/**
 * Why a candidate cannot make the pictures that are asked for, as far as it can be told before it is asked; `param` names a field of
 * `image/submit`.
 */
export function refusalOfImages(request: JobRequest, target: Target, way: ImageWay): VideoRefusal | undefined {
  const { options = {} } = request;
  const known = (way.kind === 'task' ? way.model.options : way.operation.options) ?? [];
  const unknown = Object.keys(options)
    .find((name) => !known.includes(name))
    ?.slice(0, 64);
  if (unknown !== undefined) {
    return { param: `providerOptions.${unknown}`, message: `There is no option "${unknown}".` };
  }
  const refusal =
    way.kind === 'task'
      ? refusalOfImageTask(toImageTask(request, PLACEHOLDERS), way.model)
      : refusalOfWhole(request, target, way.operation);
  if (refusal === undefined) return undefined;
  const { param, message } = refusal;
  if (known.includes(param)) return { param: `providerOptions.${param}`, message };
  const word = JOB_WORDS[param] ?? param;
  return { param: word, message: message.replaceAll(`"${param}"`, `"${word}"`) };
}

/** What the translation itself finds fault with; it has no other effect. */
function refusalOfWhole(request: JobRequest, target: Target, operation: ImagesOperation): VideoRefusal | undefined {
  try {
    const wanted = toWholeImages(request, target.publicModel, PLACEHOLDERS);
    const [dropped] = operation.toBody(wanted, target).droppedParams;
    return dropped === undefined ? undefined : { param: dropped, message: `This model has no "${dropped}".` };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { param: error.param ?? 'prompt', message: error.message };
  }
}
