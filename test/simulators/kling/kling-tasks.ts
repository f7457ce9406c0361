import type { World } from '../simulated-vendor.js';
import type { SimulatedTask } from '../task-table.js';

const FIRST_ID = 867_283_741_759_111_202n;

/** A state that no document of Kling names. */
export const UNKNOWN_WORD = 'reticulating';

/** 18 decimal digits, more than a JSON number can hold. */
export function taskId(world: World): string {
  return String(FIRST_ID + BigInt(world.nextNumber()));
}

/** Why a task failed, in Kling's words; '' when it did not. */
export function failureText(task: SimulatedTask): string {
  if (task.phase !== 'failed') return '';
  return task.troubles.has('content_refused_late')
    ? 'Failure to pass the risk control system'
    : 'The service is busy, please try again';
}
