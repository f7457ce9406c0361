import { member, textMember } from '../simulated-vendor.js';

type VideoMode = 'text2video' | 'img2video' | 'start-end2video';
/** How a video is made: of text, of a picture, or between two; or a picture, of text and of other pictures. */
export type Mode = VideoMode | 'reference2image';

interface Fault {
  readonly code: string;
  readonly message: string;
}

const IMAGE_MODELS = ['viduq3-pro', 'viduq3-turbo', 'viduq2-pro', 'viduq2-turbo', 'viduq1', 'vidu2.0', 'vidu1.5'];
const MODELS: Readonly<Record<VideoMode, readonly string[]>> = {
  text2video: ['viduq3-pro', 'viduq3-turbo', 'viduq2', 'viduq1', 'vidu1.5'],
  img2video: IMAGE_MODELS,
  'start-end2video': IMAGE_MODELS,
};
const PICTURES: Readonly<Record<VideoMode, number>> = { text2video: 0, img2video: 1, 'start-end2video': 2 };
const RATIOS = ['16:9', '9:16', '4:3', '3:4', '1:1'];
const PROMPT_CHARS_MAX = 2_000;
const PAYLOAD_CHARS_MAX = 1_048_576;
/** Named so, these fields are known; another name is refused. */
const FIELDS = [
  'model',
  'prompt',
  'images',
  'duration',
  'resolution',
  'aspect_ratio',
  'movement_amplitude',
  'seed',
  'bgm',
  'audio',
  'style',
  'off_peak',
  'watermark',
  'payload',
  'callback_url',
];

const PICTURE_FIELDS = ['model', 'prompt', 'images', 'aspect_ratio', 'resolution', 'seed', 'payload', 'callback_url'];

/** What is wrong with a submission; undefined when it is well. */
export function viduFault(mode: Mode, body: unknown): Fault | undefined {
  if (typeof body !== 'object' || body === null) return { code: 'BadRequest', message: 'the body is no object' };
  const unknown = Object.keys(body).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) return { code: 'FieldUnwanted', message: `field ${unknown} is unwanted` };
  const model = textMember(body, 'model');
  if (mode === 'reference2image') return pictureModelFault(model, body);
  if (!MODELS[mode].includes(model)) return { code: 'ModelUnavailable', message: `model ${model} is not available` };
  if (mode === 'text2video' && textMember(body, 'prompt') === '') return lacking('prompt');
  const wrong = pictureFault(mode, body) ?? shapeFault(mode, model, body) ?? switchFault(body);
  return wrong;
}

function pictureFault(mode: VideoMode, body: unknown): Fault | undefined {
  const images = member(body, 'images') ?? [];
  if (!Array.isArray(images)) return invalid('images');
  if (images.length !== PICTURES[mode])
    return { code: 'FieldItemCountOutOfRange', message: `field images must have ${PICTURES[mode]} items` };
  return images.every(isPicture) ? undefined : { code: 'ImageFormatInvalid', message: 'an image is invalid' };
}

function isPicture(url: unknown): boolean {
  return /^(?:https?:\/\/|data:image\/(?:png|jpeg|webp);base64,\S)/.test(String(url));
}

/** What is wrong with a submission for a picture. */
function pictureModelFault(model: string, body: unknown): Fault | undefined {
  if (model !== 'viduq2' && model !== 'viduq1') return { code: 'ModelUnavailable', message: 'no such model' };
  const prompt = textMember(body, 'prompt');
  if (prompt === '') return lacking('prompt');
  if (prompt.length > PROMPT_CHARS_MAX) return invalid('prompt');
  const unwanted = Object.keys(body ?? {}).find((name) => !PICTURE_FIELDS.includes(name));
  if (unwanted !== undefined) return { code: 'FieldUnwanted', message: `field ${unwanted} is unwanted` };
  const images = member(body, 'images') ?? [];
  if (!Array.isArray(images) || images.length > 7 || (model === 'viduq1' && images.length === 0))
    return { code: 'FieldItemCountOutOfRange', message: 'field images has too many or too few items' };
  if (!images.every(isPicture)) return { code: 'ImageFormatInvalid', message: 'an image is invalid' };
  const ratio = member(body, 'aspect_ratio') ?? '16:9';
  const ratios = model === 'viduq2' ? [...RATIOS, '21:9', '2:3', '3:2', 'auto'] : [...RATIOS, 'auto'];
  if (!ratios.includes(String(ratio))) return invalid('aspect_ratio');
  const resolution = member(body, 'resolution') ?? '1080p';
  const resolutions = model === 'viduq2' ? ['1080p', '2K', '4K'] : ['1080p'];
  return resolutions.includes(String(resolution)) ? undefined : invalid('resolution');
}

function shapeFault(mode: VideoMode, model: string, body: unknown): Fault | undefined {
  const duration = member(body, 'duration');
  if (duration !== undefined && !isDuration(model, duration)) return invalid('duration');
  const resolution = member(body, 'resolution');
  if (resolution !== undefined && !/^(?:360|540|720|1080)p$/.test(String(resolution))) return invalid('resolution');
  const ratio = member(body, 'aspect_ratio');
  if (ratio === undefined) return undefined;
  if (mode !== 'text2video') return { code: 'FieldUnwanted', message: 'field aspect_ratio is unwanted' };
  return RATIOS.includes(String(ratio)) ? undefined : invalid('aspect_ratio');
}

function isDuration(model: string, duration: unknown): boolean {
  if (typeof duration !== 'number' || !Number.isInteger(duration)) return false;
  if (model.startsWith('viduq3')) return duration >= 1 && duration <= 16;
  if (model.startsWith('viduq2')) return duration >= 1 && duration <= 10;
  return model === 'viduq1' ? duration === 5 : duration === 4 || duration === 8;
}

function switchFault(body: unknown): Fault | undefined {
  for (const name of ['bgm', 'audio', 'off_peak', 'watermark']) {
    const flag = member(body, name);
    if (flag !== undefined && typeof flag !== 'boolean') return invalid(name);
  }
  if (member(body, 'audio') !== undefined && !textMember(body, 'model').startsWith('viduq3'))
    return { code: 'FieldUnwanted', message: 'field audio is unwanted' };
  const seed = member(body, 'seed');
  if (seed !== undefined && !Number.isInteger(seed)) return invalid('seed');
  const amplitude = member(body, 'movement_amplitude');
  if (amplitude !== undefined && !['auto', 'small', 'medium', 'large'].includes(String(amplitude)))
    return invalid('movement_amplitude');
  if (textMember(body, 'prompt').length > PROMPT_CHARS_MAX) return invalid('prompt');
  return textMember(body, 'payload').length > PAYLOAD_CHARS_MAX ? invalid('payload') : undefined;
}

function lacking(field: string): Fault {
  return { code: 'FieldLacking', message: `field ${field} is lacking` };
}

function invalid(field: string): Fault {
  return { code: 'FieldInvalid', message: `field ${field} is invalid` };
}
