import { randomUUID } from 'node:crypto';
import { member, type Route, type SimulatedRequest, textMember, type World } from '../simulated-vendor.js';
import type { SimulatedTask } from '../task-table.js';
import { klingError, klingSuccess } from './kling-errors.js';
import { failureText, taskId, UNKNOWN_WORD } from './kling-tasks.js';

const FAMILIES = ['text2video', 'image2video', 'omni-video'] as const;
type Family = (typeof FAMILIES)[number];

const RATIOS = ['16:9', '9:16', '1:1'];
const PROMPT_CHARS_MAX = 2_500;
const MODELS: Readonly<Record<Family, RegExp>> = {
  text2video: /^kling-(?:v1|v1-6|v2-master|v2-1-master|v2-5-turbo|v2-6|v3)$/,
  image2video: /^kling-(?:v1|v1-5|v1-6|v2-master|v2-1|v2-1-master|v2-5-turbo|v2-6|v3)$/,
  'omni-video': /^kling-(?:v3-omni|video-o1)$/,
};

/** `/v1/videos/<family>`: a family knows only its own tasks. */
export function classicRoutes(): readonly Route[] {
  return FAMILIES.flatMap((family): Route[] => [
    {
      method: 'POST',
      path: `/v1/videos/${family}`,
      call: 'create',
      handle: (request, world) => create(family, request, world),
    },
    {
      method: 'GET',
      path: `/v1/videos/${family}`,
      call: 'list',
      handle: ({ query }, world) => {
        const page = Number(query.get('pageNum') ?? 1);
        const size = Number(query.get('pageSize') ?? 30);
        const mine = world.tasks.list().filter((task) => task.family === family);
        const newestFirst = mine.toReversed().slice((page - 1) * size, page * size);
        return klingSuccess(newestFirst.map((task) => classicTask(task, world)));
      },
    },
    {
      method: 'GET',
      path: `/v1/videos/${family}/:id`,
      call: 'status',
      handle: ({ params }, world) => {
        const id = params['id'] ?? '';
        const task = world.tasks.look(world.tasks.findExternal(id)?.id ?? id);
        if (task?.family !== family) return klingError(404, 1203, 'The requested resource does not exist');
        return klingSuccess(classicTask(task, world));
      },
    },
  ]);
}

function create(family: Family, { json: body, raw }: SimulatedRequest, world: World) {
  const fault = faultOf(family, body);
  if (fault !== undefined) return klingError(400, 1201, fault);
  const model = textMember(body, 'model_name') || 'kling-v1';
  if (!MODELS[family].test(model)) return klingError(404, 1203, `model ${model} not found`);
  const externalId = textMember(body, 'external_task_id') || undefined;
  if (externalId !== undefined && world.tasks.findExternal(externalId) !== undefined)
    return klingError(400, 1201, 'external_task_id is duplicated');
  const draft = {
    id: taskId(world),
    externalId,
    family,
    model,
    prompt: textMember(body, 'prompt'),
    callbackUrl: textMember(body, 'callback_url') || undefined,
    duration: Number(textMember(body, 'duration') || '5'),
  };
  const { id, createdAtMs } = world.tasks.create(draft, raw.toString('utf8'));
  return klingSuccess({
    task_id: id,
    task_status: 'submitted',
    task_info: externalId === undefined ? {} : { external_task_id: externalId },
    created_at: createdAtMs,
    updated_at: createdAtMs,
  });
}

/** What is wrong with a body, in the words of a vendor who has few. */
function faultOf(family: Family, body: unknown): string | undefined {
  const prompt = member(body, 'prompt');
  const duration = member(body, 'duration');
  const isV3 = /v3/.test(textMember(body, 'model_name'));
  const durations = isV3 ? Array.from({ length: 13 }, (_, i) => String(i + 3)) : ['5', '10'];
  if (typeof body !== 'object' || body === null) return 'body is not JSON';
  if (prompt !== undefined && (typeof prompt !== 'string' || prompt.length > PROMPT_CHARS_MAX)) return 'prompt';
  if (duration !== undefined && !durations.includes(duration as string)) return 'duration must be a string';
  const modes: unknown[] = [undefined, 'std', 'pro', ...(isV3 ? ['4k'] : [])];
  if (!modes.includes(member(body, 'mode'))) return 'mode';
  if (![undefined, 'on', 'off'].includes(member(body, 'sound') as string)) return 'sound';
  const ratio = member(body, 'aspect_ratio');
  if (ratio !== undefined && !RATIOS.includes(ratio as string)) return 'aspect_ratio';
  if (/data:/.test(textMember(body, 'image'))) return 'image must be a URL or raw base64';
  switch (family) {
    case 'text2video':
      return prompt === undefined || prompt === '' ? 'prompt is required' : undefined;
    case 'image2video':
      if (ratio !== undefined) return 'aspect_ratio is not supported';
      return textMember(body, 'image') === '' && textMember(body, 'image_tail') === ''
        ? 'image is required'
        : undefined;
    case 'omni-video': {
      if (prompt === undefined || prompt === '') return 'prompt is required';
      const images = member(body, 'image_list');
      const hasFirst = Array.isArray(images) && images.some((image) => member(image, 'type') === 'first_frame');
      return hasFirst || ratio !== undefined ? undefined : 'aspect_ratio is required';
    }
  }
}

/** A task of this dialect, as queries and callbacks have it. */
export function classicTask(task: SimulatedTask, world: World): Readonly<Record<string, unknown>> {
  const common = {
    task_id: task.id,
    task_status: classicWord(task),
    task_status_msg: failureText(task),
    task_info: task.externalId === undefined ? {} : { external_task_id: task.externalId },
    watermark_info: { enabled: false },
    created_at: task.createdAtMs,
    updated_at: task.updatedAtMs,
  };
  if (task.phase !== 'succeeded') return common;
  const videos = world
    .linksOf(task)
    .map((url) => ({ id: randomUUID(), url, watermark_url: '', duration: `${task.duration}.1` }));
  return { ...common, final_unit_deduction: '3.5', task_result: { videos } };
}

/** A phase in the words of this dialect. */
export function classicWord({ phase }: SimulatedTask): string {
  switch (phase) {
    case 'queued':
      return 'submitted';
    case 'succeeded':
      return 'succeed';
    case 'unknown':
      return UNKNOWN_WORD;
    case 'cancelled':
      return 'failed';
    default:
      return phase;
  }
}
