import { isObject } from '../../../common/is-object.js';
import type { ImageTaskModel, ImageTaskRequest } from '../../canonical/image-task.js';
import type { TaskCall, TaskState, VideoRefusal } from '../../canonical/video.js';
import type { ImageTaskOperation } from '../../provider.js';
import { readPictureSize } from '../tasks/picture-size.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { type SizeRule, sizeRefusal, toStarSize } from './picture-rules.js';
import { WAN_ERRORS } from './wan-errors.js';
import { readWanFailure, readWanState } from './wan-status.js';
import { dashscopeBasePath, readWanRef, toWanStatus, WAN_CANCEL } from './wan-tasks.js';

const PATH = '/services/aigc/text2image/image-synthesis';
const NAME = /^wanx?2\.([0-5])-t2i(?:-(?:turbo|plus|flash|preview))?(?:-\d{4}-\d{2}-\d{2})?$/;
const NEGATIVE_PROMPT_CHARS_MAX = 500;
const SEED_MAX = 2 ** 31 - 1;

/** Up to 2.2 each side has bounds of its own; 2.5 looks at pixels and shape. */
const SIDES: SizeRule = { sideMin: 512, sideMax: 1_440 };
const PIXELS: SizeRule = { pixelsMin: 768 ** 2, pixelsMax: 1_440 ** 2, ratioMax: 4 };

const BASE = {
  countMax: 4,
  qualities: [],
  imagesMax: 0,
  imageForms: [],
  hasNegativePrompt: true,
  hasSeed: true,
  options: ['prompt_extend', 'watermark'],
} as const satisfies Partial<ImageTaskModel>;
const OLD: ImageTaskModel = { ...BASE, promptCharsMax: 800, refusal: (request) => refusalOf(request, SIDES) };
const NEW: ImageTaskModel = { ...BASE, promptCharsMax: 2_000, refusal: (request) => refusalOf(request, PIXELS) };

/**
 * Pictures by Wan up to 2.5: https://help.aliyun.com/en/model-studio/text-to-image-v2-api-reference. Newer models answer at once.
 */
export const wanImages: ImageTaskOperation = {
  modelOf,
  errors: WAN_ERRORS,
  linksLastHours: 24,
  basePath: dashscopeBasePath,
  toSubmit: (request, { upstreamModel }) => toSubmit(request, upstreamModel),
  fromSubmit: readWanRef,
  toStatus: toWanStatus,
  fromStatus: (answer) => readWanState(answer, readPictures),
  cancel: WAN_CANCEL,
  statusEveryMs: { first: 2_000, max: 5_000 },
};

function modelOf(name: string): ImageTaskModel | undefined {
  const [, minor] = NAME.exec(name) ?? [];
  if (minor === undefined) return undefined;
  return minor === '5' ? NEW : OLD;
}

function toSubmit(request: ImageTaskRequest, model: string): TaskCall {
  const { prompt, negativePrompt, count, size, seed, options } = request;
  const body = {
    model,
    input: { prompt, negative_prompt: negativePrompt },
    // Without a number the vendor makes four.
    parameters: { ...options, size: size === undefined ? undefined : toStarSize(size), n: count, seed },
  };
  return { method: 'POST', path: PATH, headers: { 'x-dashscope-async': 'enable' }, body: JSON.stringify(body) };
}

function refusalOf(
  { negativePrompt = '', size, seed = 0 }: ImageTaskRequest,
  rule: SizeRule,
): VideoRefusal | undefined {
  if (negativePrompt.length > NEGATIVE_PROMPT_CHARS_MAX) {
    const message = `"negative_prompt" may have at most ${NEGATIVE_PROMPT_CHARS_MAX} characters.`;
    return { param: 'negative_prompt', message };
  }
  if (seed < 0 || seed > SEED_MAX) return { param: 'seed', message: `"seed" must be from 0 to ${SEED_MAX}.` };
  return size === undefined ? undefined : sizeRefusal(size, readPictureSize(size), rule);
}

/** Single pictures may have failed although their task succeeded. */
function readPictures(output: Readonly<Record<string, unknown>>): TaskState {
  const results = Array.isArray(output['results']) ? output['results'].filter(isObject) : [];
  const outputs = results.flatMap(({ url }) => (typeof url === 'string' && URL.canParse(url) ? [{ url }] : []));
  if (outputs.length > 0) return { state: 'succeeded', outputs, usage: {} };
  const failed = results.find(({ code }) => typeof code === 'string' && code !== '');
  if (failed !== undefined) return readWanFailure(failed);
  throw unreadable('The upstream reports a success without a picture.');
}
