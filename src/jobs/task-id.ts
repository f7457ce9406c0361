import type { TaskRef } from '../providers/canonical/video.js';
import type { TaskApi } from '../providers/provider.js';

/** What a task is found again by: the id that its upstream's callbacks name, or the whole of its reference. */
export function taskIdOf(operation: Pick<TaskApi, 'callback'>, ref: TaskRef): string {
  return operation.callback?.idOf(ref) ?? JSON.stringify(Object.entries(ref).sort(([a], [b]) => (a < b ? -1 : 1)));
}
