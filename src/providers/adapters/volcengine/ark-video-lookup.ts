import type { TaskAnswer, TaskCall, TaskRef } from '../../canonical/video.js';
import type { LostSubmission, Target } from '../../provider.js';
import { isObject, isText } from '../openai-compatible/wire.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { arkModelOf } from './ark-models.js';
import { readArkAnswer } from './ark-video-answer.js';
import { TASKS_PATH } from './ark-video-request.js';

/** How many tasks one look at the list shows. */
const TASKS_MAX = 100;
/** How far Ark's clock may be behind ours. */
const SKEW_MS = 120_000;
const MS_PER_SECOND = 1_000;

/** The newest tasks of the account: whether Ark would filter by a model's name or by its endpoint's is not known for sure. */
export function toArkLookup(): TaskCall {
  return { method: 'GET', path: `${TASKS_PATH}?page_num=1&page_size=${TASKS_MAX}` };
}

/**
 * Ark keeps no id of ours with a task, so one can never be told to be the lost one; but where the list has no task of
 * the model since the submission that is not another job's, there is none.
 */
export function fromArkLookup(
  answer: TaskAnswer,
  { sentAtMs }: LostSubmission,
  isKnown: (ref: TaskRef) => boolean,
  { upstreamModel }: Target,
): 'absent' | 'unsure' {
  const { tasks, isWhole } = readList(answer);
  const since = sentAtMs - SKEW_MS;
  const isOld = (task: ListedTask): boolean => task.createdAtMs < since;
  const mayBeIt = (task: ListedTask): boolean =>
    !isOld(task) && !isOtherModel(task.model, upstreamModel) && (task.id === undefined || !isKnown({ id: task.id }));
  if (tasks.some(mayBeIt)) return 'unsure';
  if (isWhole) return 'absent';
  // Nobody promises an order. Where the list is seen to go back in time, past the submission, the rest of it is older still.
  const last = tasks.at(-1);
  return last !== undefined && isOld(last) && isNewestFirst(tasks) ? 'absent' : 'unsure';
}

/** Only names of models can differ for certain, and one may be the other without its date. Endpoints may be of any model. */
function isOtherModel(listed: string | undefined, wanted: string): boolean {
  if (listed === undefined || arkModelOf(listed) === undefined || arkModelOf(wanted) === undefined) return false;
  const [a, b] = [listed.toLowerCase(), wanted.toLowerCase()];
  return !a.startsWith(b) && !b.startsWith(a);
}

interface ListedTask {
  readonly id: string | undefined;
  readonly model: string | undefined;
  /** Infinite where it cannot be told. */
  readonly createdAtMs: number;
}

function readList(answer: TaskAnswer): { readonly tasks: readonly ListedTask[]; readonly isWhole: boolean } {
  const value = readArkAnswer(answer);
  const total = value['total'];
  const items = value['items'] ?? (total === 0 ? [] : undefined);
  if (!Array.isArray(items)) throw unreadable('The upstream answered with no list of tasks.');
  const tasks = items.map((item: unknown): ListedTask => {
    const task = isObject(item) ? item : {};
    const createdAt = task['created_at'];
    return {
      id: isText(task['id']) ? task['id'] : undefined,
      model: isText(task['model']) ? task['model'] : undefined,
      createdAtMs: typeof createdAt === 'number' ? createdAt * MS_PER_SECOND : Number.POSITIVE_INFINITY,
    };
  });
  return { tasks, isWhole: typeof total === 'number' && tasks.length >= total };
}

function isNewestFirst(tasks: readonly ListedTask[]): boolean {
  const times = tasks.map((task) => task.createdAtMs);
  return (
    times.length > 1 && times[0] !== times.at(-1) && times.every((time, i) => i === 0 || time <= (times[i - 1] ?? 0))
  );
}
