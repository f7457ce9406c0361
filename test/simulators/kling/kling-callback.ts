import { createHmac, randomUUID } from 'node:crypto';
import type { SimulatedCallback, World } from '../simulated-vendor.js';
import type { SimulatedTask } from '../task-table.js';
import { classicTask } from './kling-classic.js';
import { IMAGES, imageTask } from './kling-images.js';
import { THREE, threeTask } from './kling-three.js';

/** The task itself without an envelope, signed as Standard Webhooks are. */
export function klingCallback(task: SimulatedTask, world: World, secret: string): SimulatedCallback {
  const body = JSON.stringify(toTask(task, world));
  const id = `msg_${randomUUID()}`;
  const timestamp = Math.floor(world.nowMs() / 1000);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${signature}`,
    },
  };
}

function toTask(task: SimulatedTask, world: World): object {
  if (task.family === IMAGES) return imageTask(task, world);
  return task.family === THREE ? threeTask(task, world) : classicTask(task, world);
}
