import { isObject } from '../../../common/is-object.js';
import type { TaskApi } from '../../provider.js';
import { isStandardWebhook } from '../tasks/standard-webhook.js';
import { readKlingId } from './kling-task.js';

/** Callbacks of every dialect: the body is the task without an envelope. */
export const klingCallback: NonNullable<TaskApi['callback']> = {
  isGenuine: isStandardWebhook,
  read: readCallback,
  idOf: ({ id }) => String(id),
};

function readCallback(body: Uint8Array): { externalId?: string; upstreamId?: string } | undefined {
  let task: unknown;
  try {
    task = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isObject(task)) return undefined;
  const info = isObject(task['task_info']) ? task['task_info'] : {};
  const upstreamId = textOf(task['task_id']) ?? textOf(task['id']);
  const externalId =
    textOf(info['external_task_id']) ?? textOf(task['external_id']) ?? textOf(task['external_task_id']);
  return upstreamId === undefined && externalId === undefined ? undefined : { externalId, upstreamId };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? readKlingId(value) : undefined;
}
