import type { Route, SimulatedAnswer, SimulatedRequest, World } from '../simulated-vendor.js';
import type { SimulatedTask } from '../task-table.js';
import { googleFailure } from './google-refusals.js';

/** Where Google says that a file lies: on its own host, whoever was asked. */
export function fileUriOf({ id }: SimulatedTask): string {
  return `https://generativelanguage.googleapis.com/v1beta/files/${id}:download?alt=media`;
}

/** Files of finished tasks, behind the key. */
export const FILE_ROUTE: Route = { method: 'GET', path: '/v1beta/files/:file', call: 'file', handle: download };

function download({ params, query }: SimulatedRequest, world: World): SimulatedAnswer {
  const [, id = ''] = /^(.+):download$/.exec(params['file'] ?? '') ?? [];
  const task = world.tasks.get(id);
  if (task?.phase !== 'succeeded' || query.get('alt') !== 'media')
    return googleFailure(404, 'The file does not exist.');
  if (task.troubles.has('forbidden_link')) return googleFailure(403, 'You do not have permission to access the file.');
  return { status: 200, headers: { 'content-type': 'video/mp4' }, body: world.video };
}
