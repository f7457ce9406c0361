import { ProviderError } from '../../canonical/provider-error.js';
import type { TaskCall, VideoRequest } from '../../canonical/video.js';
import { toVideoSize } from '../../canonical/video-size.js';
import type { Target } from '../../provider.js';
import { toForm } from '../tasks/multipart-form.js';

/** OpenAI's sizes that do not follow from the lines and the ratio. */
const SPECIAL_SIZES: Readonly<Record<string, string>> = { '1024p 16:9': '1792x1024', '1024p 9:16': '1024x1792' };
/** The vendor's own default is 9:16; ours is what every other vendor takes. */
const ASPECT_RATIO_DEFAULT = '16:9';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The body of `POST /videos`: JSON, or a form when a picture comes as bytes.
 * @param isAudioUsual whether the model makes sound when nobody says.
 */
export function toVideoBody(
  request: VideoRequest,
  target: Target,
  isAudioUsual: boolean,
): Pick<TaskCall, 'headers' | 'body'> {
  const fields = toFields(request, target, isAudioUsual);
  const { image } = request;
  if (image?.kind !== 'bytes') {
    const reference = image === undefined ? {} : { input_reference: { image_url: image.url } };
    return { body: JSON.stringify({ ...fields, ...reference }) };
  }
  const texts = Object.entries(fields).map(
    ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
  );
  return toForm([...texts, ['input_reference', image]]);
}

function toFields(request: VideoRequest, target: Target, isAudioUsual: boolean): Fields {
  const own: Record<string, unknown> = {
    model: target.upstreamModel,
    prompt: request.prompt,
    // A string at OpenAI: https://platform.openai.com/docs/api-reference/videos/create
    seconds: String(request.durationSeconds),
    size: toSize(request),
  };
  // OpenAI has none of these; they are sent where the operator says that the server takes them.
  if (request.negativePrompt !== undefined) own['negative_prompt'] = request.negativePrompt;
  if (request.seed !== undefined) own['seed'] = request.seed;
  if (request.hasAudio !== isAudioUsual) own['audio'] = request.hasAudio;
  for (const [name, value] of Object.entries(request.options)) {
    if (Object.hasOwn(own, name) || name === 'input_reference') throw ruledByHub(name);
    own[name] = value;
  }
  return own;
}

function toSize({ resolution, aspectRatio = ASPECT_RATIO_DEFAULT }: VideoRequest): string {
  const special = SPECIAL_SIZES[`${resolution} ${aspectRatio}`];
  if (special !== undefined) return special;
  const size = toVideoSize(resolution, aspectRatio);
  if (size === undefined) {
    const message = `This server takes sizes in pixels, and "${resolution}" at ${aspectRatio} names none.`;
    throw new ProviderError({
      kind: 'unsupported_option',
      message,
      param: 'resolution',
      code: 'unsupported_parameter',
    });
  }
  return `${size.width}x${size.height}`;
}

function ruledByHub(name: string): ProviderError {
  const message = `"${name}" cannot be set among the provider's options: it follows from the other fields.`;
  return new ProviderError({
    kind: 'unsupported_option',
    message,
    param: `providerOptions.${name}`,
    code: 'unsupported_parameter',
  });
}
