import { member, type Route, type SimulatedRequest, textMember, type World } from '../simulated-vendor.js';
import type { SimulatedTask } from '../task-table.js';
import { classicWord } from './kling-classic.js';
import { klingError, klingSuccess } from './kling-errors.js';
import { failureText, taskId } from './kling-tasks.js';

/** What its tasks are called here. */
export const IMAGES = 'images';

const PATH = '/v1/images/generations';
const MODEL = /^kling-(?:v1|v1-5|v2|v2-new|v2-1)$/;
const RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4', '3:2', '2:3', '21:9'];
const PROMPT_CHARS_MAX = 2_500;

/** `/v1/images/generations`, section 4 of the wire facts of pictures. */
export function imageRoutes(): readonly Route[] {
  return [
    { method: 'POST', path: PATH, call: 'create', handle: create },
    {
      method: 'GET',
      path: `${PATH}/:id`,
      call: 'status',
      handle: ({ params }, world) => {
        const id = params['id'] ?? '';
        const task = world.tasks.look(world.tasks.findExternal(id)?.id ?? id);
        if (task?.family !== IMAGES) return klingError(404, 1203, 'The requested resource does not exist');
        return klingSuccess(imageTask(task, world));
      },
    },
  ];
}

function create({ json: body, raw }: SimulatedRequest, world: World) {
  const fault = faultOf(body);
  if (fault !== undefined) return klingError(400, 1201, fault);
  const model = textMember(body, 'model_name') || 'kling-v1';
  if (!MODEL.test(model)) return klingError(404, 1203, `model ${model} not found`);
  const externalId = textMember(body, 'external_task_id') || undefined;
  const draft = {
    id: taskId(world),
    externalId,
    family: IMAGES,
    model,
    prompt: textMember(body, 'prompt'),
    callbackUrl: textMember(body, 'callback_url') || undefined,
    count: Number(member(body, 'n') ?? 1),
    isPicture: true,
    duration: 0,
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

function faultOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return 'body is not JSON';
  const prompt = textMember(body, 'prompt');
  if (prompt === '' || prompt.length > PROMPT_CHARS_MAX) return 'prompt';
  const count = member(body, 'n') ?? 1;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > 9) return 'n';
  const ratio = member(body, 'aspect_ratio');
  if (ratio !== undefined && !RATIOS.includes(String(ratio))) return 'aspect_ratio';
  const resolution = member(body, 'resolution');
  if (resolution !== undefined && resolution !== '1k' && resolution !== '2k') return 'resolution';
  const image = textMember(body, 'image');
  if (image.startsWith('data:')) return 'image must be a URL or raw base64';
  if (image !== '' && member(body, 'negative_prompt') !== undefined)
    return 'negative_prompt is not supported with image';
  return undefined;
}

/** A task of pictures, as queries and callbacks have it. */
export function imageTask(task: SimulatedTask, world: World): Readonly<Record<string, unknown>> {
  const common = {
    task_id: task.id,
    task_status: classicWord(task),
    task_status_msg: failureText(task),
    task_info: task.externalId === undefined ? {} : { external_task_id: task.externalId },
    created_at: task.createdAtMs,
    updated_at: task.updatedAtMs,
  };
  if (task.phase !== 'succeeded') return common;
  const images = world.linksOf(task).map((url, index) => ({ index, url }));
  return { ...common, final_unit_deduction: '1', task_result: { images } };
}
