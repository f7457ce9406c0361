import { member, textMember } from '../simulated-vendor.js';

/** What a video is made of: text, a picture, or two. */
export const WAYS = ['text', 'img', 'transition'] as const;
export type Way = (typeof WAYS)[number];

/** No picture has a number below. */
export const FIRST_PICTURE = 5_000_000_000;

interface Fault {
  readonly code: number;
  readonly message: string;
}

const RATIOS = ['16:9', '4:3', '1:1', '3:4', '9:16'];
const WIDE_RATIOS = [...RATIOS, '2:3', '3:2', '21:9'];
const STYLES = ['anime', '3d_animation', 'clay', 'comic', 'cyberpunk'];
const SEED_MAX = 2 ** 31 - 1;

/** What is wrong with a submission; undefined when it is well. */
export function pixverseFault(way: Way, body: unknown): Fault | undefined {
  const model = textMember(body, 'model');
  const isNew = model === 'v6' || model === 'c1';
  const isMiddle = model === 'v5.5' || model === 'v5.6';
  if (!isNew && !isMiddle && !['v3.5', 'v4', 'v4.5', 'v5'].includes(model)) return invalid('model');
  const prompt = textMember(body, 'prompt');
  if (prompt === '') return invalid('prompt');
  if ([...prompt].length > (isNew ? 5_000 : 2_048)) return { code: 400_018, message: 'prompt is too long' };
  if ([...textMember(body, 'negative_prompt')].length > 2_048)
    return { code: 400_019, message: 'negative prompt is too long' };
  const shapes = isNew ? WIDE_RATIOS : RATIOS;
  const fault = way === 'text' ? shapeFault(shapes, body) : pictureFault(way, body);
  if (fault !== undefined) return fault;
  const quality = textMember(body, 'quality');
  if (!['360p', '540p', '720p', '1080p'].includes(quality)) return invalid('quality');
  const duration = member(body, 'duration');
  const isLength = isNew
    ? Number.isInteger(duration) && Number(duration) >= 1 && Number(duration) <= 15
    : (isMiddle ? [5, 8, 10] : [5, 8]).includes(duration as number);
  const longest = isMiddle ? 10 : 8;
  if (!isLength || (!isNew && quality === '1080p' && duration === longest)) return invalid('duration');
  return switchFault(body, model, isNew || isMiddle);
}

function shapeFault(shapes: readonly string[], body: unknown): Fault | undefined {
  return shapes.includes(textMember(body, 'aspect_ratio')) ? undefined : invalid('aspect_ratio');
}

/** A picture is named by the number that its upload gave it; the shape is its own. */
function pictureFault(way: Way, body: unknown): Fault | undefined {
  if (member(body, 'aspect_ratio') !== undefined) return invalid('aspect_ratio');
  const names = way === 'img' ? ['img_id'] : ['first_frame_img', 'last_frame_img'];
  const isKnown = (name: string) => Number.isInteger(member(body, name)) && Number(member(body, name)) >= FIRST_PICTURE;
  return names.every(isKnown) ? undefined : { code: 400_032, message: 'invalid image id' };
}

function switchFault(body: unknown, model: string, hasSound: boolean): Fault | undefined {
  const audio = member(body, 'generate_audio_switch');
  if (audio !== undefined && (!hasSound || typeof audio !== 'boolean')) return invalid('generate_audio_switch');
  const clips = member(body, 'generate_multi_clip_switch');
  const hasClips = model === 'v5.5' || model === 'v6';
  if (clips !== undefined && (!hasClips || typeof clips !== 'boolean')) return invalid('generate_multi_clip_switch');
  const style = member(body, 'style');
  if (style !== undefined && (model !== 'v3.5' || !STYLES.includes(String(style)))) return invalid('style');
  const mark = member(body, 'water_mark');
  if (mark !== undefined && typeof mark !== 'boolean') return invalid('water_mark');
  const seed = member(body, 'seed') ?? 0;
  return Number.isInteger(seed) && Number(seed) >= 0 && Number(seed) <= SEED_MAX ? undefined : invalid('seed');
}

function invalid(field: string): Fault {
  return { code: 400_017, message: `invalid param: ${field}` };
}
