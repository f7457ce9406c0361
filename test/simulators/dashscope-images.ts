import {
  member,
  type Route,
  type SimulatedAnswer,
  type SimulatedRequest,
  textMember,
  type World,
} from './simulated-vendor.js';
import type { SimulatedTask } from './task-table.js';

/** What its tasks are called here. */
export const IMAGES = 'images';

const MODEL = /^wanx?2\.[0-9]-t2i(?:-(?:turbo|plus|flash|preview))?$/;

/** How the vendor says things, which pictures have in common with videos. */
export interface DashscopeWords {
  failure(status: number, code: string, message: string): SimulatedAnswer;
  accepted(id: string, world: World): SimulatedAnswer;
}

/** Wan's pictures, section 4 of the wire facts of pictures. */
export function imageRoute({ failure, accepted }: DashscopeWords): Route {
  return {
    method: 'POST',
    path: '/api/v1/services/aigc/text2image/image-synthesis',
    call: 'create',
    handle: ({ headers, json: body, raw }: SimulatedRequest, world) => {
      if (headers['x-dashscope-async'] !== 'enable')
        return failure(403, 'AccessDenied', 'current user api does not support synchronous calls');
      const model = textMember(body, 'model');
      if (!MODEL.test(model)) return failure(404, 'ModelNotFound', 'Model not exist.');
      const input = member(body, 'input');
      const fault = faultOf(input, member(body, 'parameters'));
      if (fault !== undefined) return failure(400, 'InvalidParameter', fault);
      const task = world.tasks.create(
        {
          id: `13ad74c4-76b0-4b3c-a4b0-${world.nextNumber().toString(16).padStart(12, '0')}`,
          family: IMAGES,
          model,
          prompt: textMember(input, 'prompt'),
          count: Number(member(member(body, 'parameters'), 'n') ?? 4),
          isPicture: true,
          duration: 0,
        },
        raw.toString('utf8'),
      );
      return accepted(task.id, world);
    },
  };
}

function faultOf(input: unknown, parameters: unknown): string | undefined {
  if (textMember(input, 'prompt') === '') return 'Field required: input.prompt';
  const count = member(parameters, 'n') ?? 4;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > 4) return 'n is out of range';
  const size = member(parameters, 'size');
  if (size !== undefined && !/^\d{3,4}\*\d{3,4}$/.test(String(size))) return 'size must be like 1024*1024';
  const seed = member(parameters, 'seed') ?? 0;
  return typeof seed === 'number' && seed >= 0 && seed < 2 ** 31 ? undefined : 'seed is out of range';
}

/** The results of a task, in its output. */
export function imageResults(task: SimulatedTask, world: World): object {
  const results = world.linksOf(task).map((url) => ({ orig_prompt: task.prompt, actual_prompt: task.prompt, url }));
  const count = results.length;
  return { results, task_metrics: { TOTAL: count, SUCCEEDED: count, FAILED: 0 } };
}
