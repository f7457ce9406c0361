import {
  member,
  type Route,
  type SimulatedAnswer,
  type SimulatedRequest,
  textMember,
  type World,
} from '../simulated-vendor.js';
import type { SimulatedTask } from '../task-table.js';
import { klingError, klingSuccess } from './kling-errors.js';
import { failureText, taskId, UNKNOWN_WORD } from './kling-tasks.js';

/** What `data` of `GET /tasks` is. */
export type TasksShape = 'list' | 'object';

/** Marks the tasks of this dialect. */
export const THREE = '3.x';

const PATHS = ['text-to-video', 'image-to-video', 'omni-video'] as const;
type Path = (typeof PATHS)[number];

const MODELS: Readonly<Record<Path, readonly string[]>> = {
  'text-to-video': ['kling-3.0', 'kling-3.0-turbo'],
  'image-to-video': ['kling-3.0', 'kling-3.0-turbo'],
  'omni-video': ['kling-3.0-omni'],
};
const RESOLUTIONS = ['720p', '1080p', '4k'];
const RATIOS = ['16:9', '9:16', '1:1'];
const AUDIO = ['native', 'original', 'off'];
const PROMPT_CHARS_MAX = 3_072;
const DURATION_MIN = 3;
const DURATION_MAX = 15;

/** The model in the path of a submission, one `/tasks` for the questions. */
export function threeRoutes(shape: TasksShape): readonly Route[] {
  const creations = PATHS.map(
    (path): Route => ({
      method: 'POST',
      path: `/${path}/:model`,
      call: 'create',
      handle: (request, world) => create(path, request, world),
    }),
  );
  return [
    ...creations,
    {
      method: 'GET',
      path: '/tasks',
      call: 'status',
      handle: ({ query }, world) => {
        const ids = query.get('task_ids')?.split(',') ?? [];
        const externalIds = query.get('external_task_ids')?.split(',') ?? [];
        if (ids.length + externalIds.length === 0) return klingError(400, 1201, 'task_ids is required');
        const found = externalIds.flatMap((id) => world.tasks.findExternal(id)?.id ?? []);
        return answer([...ids, ...found], shape, world);
      },
    },
    {
      method: 'POST',
      path: '/tasks',
      call: 'list',
      handle: (_request, world) =>
        klingSuccess({
          tasks: world.tasks
            .list()
            .filter(({ family }) => family === THREE)
            .map((task) => threeTask(task, world)),
          cursor: '',
        }),
    },
  ];
}

function answer(ids: readonly string[], shape: TasksShape, world: World): SimulatedAnswer {
  const tasks = ids.flatMap((id) => {
    const task = world.tasks.look(id);
    return task?.family === THREE ? [threeTask(task, world)] : [];
  });
  if (shape === 'list') return klingSuccess(tasks);
  return tasks[0] === undefined ? klingError(404, 1203, 'task not found') : klingSuccess(tasks[0]);
}

function create(path: Path, { params, json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const model = params['model'] ?? '';
  if (!MODELS[path].includes(model)) return klingError(404, 1203, `model ${model} not found`);
  const fault = faultOf(path, model, body);
  if (fault !== undefined) return klingError(400, 1201, fault);
  const options = member(body, 'options');
  const externalId = textMember(options, 'external_task_id') || undefined;
  if (externalId !== undefined && world.tasks.findExternal(externalId) !== undefined)
    return klingError(400, 1201, 'external_task_id is duplicated');
  const draft = {
    id: taskId(world),
    externalId,
    family: THREE,
    model,
    prompt: promptOf(body),
    callbackUrl: textMember(options, 'callback_url') || undefined,
    duration: Number(member(member(body, 'settings'), 'duration') ?? 5),
  };
  const { id, createdAtMs } = world.tasks.create(draft, raw.toString('utf8'));
  return klingSuccess({ id, status: 'submitted', message: '', create_time: createdAtMs, update_time: createdAtMs });
}

function contentsOf(body: unknown): readonly unknown[] {
  const contents = member(body, 'contents');
  return Array.isArray(contents) ? contents : [];
}

function promptOf(body: unknown): string {
  const prompt = contentsOf(body).find((part) => member(part, 'type') === 'prompt');
  return textMember(body, 'prompt') || textMember(prompt, 'text');
}

function faultOf(path: Path, model: string, body: unknown): string | undefined {
  const settings = member(body, 'settings');
  const setting = (name: string, allowed: readonly unknown[]): boolean =>
    [undefined, ...allowed].includes(member(settings, name));
  const duration = member(settings, 'duration') ?? 5;
  const isTurbo = model.endsWith('turbo');
  const prompt = promptOf(body);
  const frames = contentsOf(body).filter((part) => /_frame$/.test(textMember(part, 'type')));
  const hasFirst = frames.some((part) => member(part, 'type') === 'first_frame');
  if (prompt.length > PROMPT_CHARS_MAX) return 'prompt';
  if (!Number.isInteger(duration) || Number(duration) < DURATION_MIN || Number(duration) > DURATION_MAX)
    return 'duration must be an integer';
  if (!setting('resolution', isTurbo ? RESOLUTIONS.slice(0, 2) : RESOLUTIONS)) return 'resolution';
  if (!setting('audio', isTurbo ? ['native'] : AUDIO)) return 'audio';
  if (!setting('aspect_ratio', RATIOS)) return 'aspect_ratio';
  if (frames.some((part) => !/^https?:\/\//.test(textMember(part, 'url')))) return 'url';
  if (path === 'image-to-video') return hasFirst ? undefined : 'first_frame is required';
  if (prompt === '') return 'prompt is required';
  if (path === 'omni-video' && !hasFirst && member(settings, 'aspect_ratio') === undefined) return 'aspect_ratio';
  return undefined;
}

/** A task of this dialect, as queries and callbacks have it. */
export function threeTask(task: SimulatedTask, world: World): Readonly<Record<string, unknown>> {
  const common = {
    id: task.id,
    status: threeWord(task),
    message: failureText(task),
    create_time: task.createdAtMs,
    update_time: task.updatedAtMs,
    ...(task.externalId === undefined ? {} : { external_id: task.externalId }),
  };
  if (task.phase !== 'succeeded') return common;
  const outputs = world.linksOf(task).map((url) => ({ type: 'video', url, duration: String(task.duration) }));
  return { ...common, outputs, billing: [{ charge_type: 'unit', amount: '3.0' }] };
}

function threeWord({ phase }: SimulatedTask): string {
  switch (phase) {
    case 'queued':
      return 'submitted';
    case 'unknown':
      return UNKNOWN_WORD;
    case 'cancelled':
      return 'failed';
    default:
      return phase;
  }
}
