import type { Refusal } from '../faults.js';
import {
  json,
  member,
  type SimulatedAnswer,
  type SimulatedRequest,
  type SimulatedVendor,
  textMember,
  type World,
} from '../simulated-vendor.js';
import type { Phase, SimulatedTask } from '../task-table.js';

const PROMPT_CHARS_MAX = 512;
const REQUEST_ID = /^[\w-]{6,64}$/;

/** What a model takes; section 12 of the wire facts and https://docs.bigmodel.cn. */
interface ModelRule {
  readonly durations: readonly number[];
  readonly sizes: readonly string[];
  /** How many pictures it may be given; a pair is first and last frame. */
  readonly pictures: readonly number[];
}

const COG_3 = ['1280x720', '720x1280', '1024x1024', '1920x1080', '1080x1920', '2048x1080', '3840x2160'];
const COG_2 = ['720x480', '1024x1024', '1280x960', '960x1280', '1920x1080', '1080x1920', '2048x1080', '3840x2160'];
const MODELS: Readonly<Record<string, ModelRule>> = {
  'cogvideox-3': { durations: [5, 10], sizes: COG_3, pictures: [0, 1, 2] },
  'cogvideox-2': { durations: [5], sizes: COG_2, pictures: [0, 1] },
  'cogvideox-flash': { durations: [5], sizes: COG_2, pictures: [0, 1] },
  'viduq1-text': { durations: [5], sizes: ['1920x1080'], pictures: [0] },
  'viduq1-image': { durations: [5], sizes: ['1920x1080'], pictures: [1] },
  'vidu2-image': { durations: [4], sizes: ['1280x720'], pictures: [1] },
};

/** No state of its own for a task that waits. */
const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'PROCESSING',
  processing: 'PROCESSING',
  unknown: 'RENDERING',
  succeeded: 'SUCCESS',
  failed: 'FAIL',
  cancelled: 'FAIL',
};

const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: failure(401, '1000', '身份验证失败。'),
  expired_token: failure(401, '1003', '令牌已过期，请重新生成。'),
  bad_parameter: failure(400, '1210', 'API 调用参数有误，请检查文档。'),
  content_refused: failure(400, '1301', '系统检测到输入或生成内容可能包含不安全或敏感内容。'),
  out_of_balance: failure(429, '1113', '您的账户已欠费，请充值后重试。'),
  rate_limited: failure(429, '1302', '您当前使用该 API 的并发数过高，请降低并发。'),
  concurrency: failure(429, '1305', '当前 API 请求过多，请稍后重试。'),
  server_error: failure(500, '500', '内部错误。'),
};

/** Videos of Zhipu; base URL `<url>/api/paas/v4`. */
export const SIMULATED: SimulatedVendor = {
  id: 'zhipu',
  credential: 'zhipu-simulator.0123456789',
  routes: [
    { method: 'POST', path: '/api/paas/v4/videos/generations', call: 'create', handle: create },
    { method: 'GET', path: '/api/paas/v4/async-result/:id', call: 'status', handle: get },
  ],
  authorize: ({ headers }, { credential }) =>
    headers['authorization'] === `Bearer ${credential}` ? undefined : REFUSED.auth_failure,
  refuse: (refusal) => REFUSED[refusal],
  notFound: () => failure(404, '1222', '当前调用的 API 不存在。'),
};

function create({ json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const model = textMember(body, 'model');
  const rule = Object.hasOwn(MODELS, model) ? MODELS[model] : undefined;
  if (rule === undefined) return failure(400, '1211', '模型不存在，请检查模型代码。');
  const fault = faultOf(body, rule);
  if (fault !== undefined) return failure(400, '1214', `${fault} 参数非法。请检查文档。`);
  const requestId = textMember(body, 'request_id');
  if (requestId !== '' && world.tasks.findExternal(requestId) !== undefined)
    return failure(400, '1231', `您已有请求:${requestId}`);
  const id = `${world.nextNumber()}`.padStart(5, '0');
  const task = world.tasks.create(
    {
      id: `20260818102501423653${id}`,
      externalId: requestId === '' ? undefined : requestId,
      family: 'video',
      model,
      prompt: textMember(body, 'prompt'),
      duration: Number(member(body, 'duration') ?? rule.durations[0]),
    },
    raw.toString('utf8'),
  );
  return json(200, { model, id: task.id, request_id: requestId || task.id, task_status: 'PROCESSING' });
}

function faultOf(body: unknown, { durations, sizes, pictures }: ModelRule): string | undefined {
  const prompt = textMember(body, 'prompt');
  const image = member(body, 'image_url');
  const list: readonly unknown[] = Array.isArray(image) ? image : image === undefined ? [] : [image];
  const size = member(body, 'size');
  const requestId = member(body, 'request_id');
  if (prompt === '' && list.length === 0) return 'prompt';
  if ([...prompt].length > PROMPT_CHARS_MAX) return 'prompt';
  if (!pictures.includes(list.length) || !list.every(isPicture)) return 'image_url';
  if (!durations.some((one) => one === (member(body, 'duration') ?? durations[0]))) return 'duration';
  if (size !== undefined && !sizes.includes(String(size))) return 'size';
  if (![undefined, 'speed', 'quality'].some((one) => one === member(body, 'quality'))) return 'quality';
  if (![undefined, 30, 60].some((one) => one === member(body, 'fps'))) return 'fps';
  for (const name of ['with_audio', 'watermark_enabled'])
    if (!['undefined', 'boolean'].includes(typeof member(body, name))) return name;
  if (requestId !== undefined && !REQUEST_ID.test(String(requestId))) return 'request_id';
  const userId = member(body, 'user_id');
  return userId === undefined || /^.{6,128}$/.test(String(userId)) ? undefined : 'user_id';
}

function isPicture(value: unknown): boolean {
  return typeof value === 'string' && /^(?:https?:\/\/|data:image\/(?:png|jpeg);base64,[A-Za-z0-9+/]+=*$)/.test(value);
}

function get({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.look(params['id'] ?? '');
  if (task === undefined) return failure(400, '1214', '任务不存在或已过期。');
  const common = { model: task.model, request_id: task.externalId ?? task.id, id: task.id };
  const word = { ...common, task_status: WORDS[task.phase] };
  if (task.phase === 'failed') return json(200, { ...word, ...reasonOf(task) });
  if (task.phase !== 'succeeded') return json(200, word);
  const links = world.linksOf(task).map((url) => ({ url, cover_image_url: `${world.url}/cover.png` }));
  return json(200, { ...word, video_result: links, usage: { total_tokens: 0 } });
}

/** That a failed task says why is in no document; seen are both, with a reason and without. */
function reasonOf({ troubles }: SimulatedTask): object {
  return troubles.has('content_refused_late')
    ? { error: { code: '1301', message: '系统检测到输入或生成内容可能包含不安全或敏感内容。' } }
    : {};
}

function failure(status: number, code: string, message: string): SimulatedAnswer {
  return json(status, { error: { code, message } });
}
