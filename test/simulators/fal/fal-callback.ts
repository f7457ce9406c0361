import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { SimulatedCallback, World } from '../simulated-vendor.js';
import { isOver, type SimulatedTask } from '../task-table.js';
import { falResult } from './fal-result.js';

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8, RFC 8410. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** fal's webhook: once, at the end, signed with Ed25519 over four lines. */
export function falCallback(task: SimulatedTask, world: World, secret: string): SimulatedCallback | undefined {
  if (!isOver(task.phase)) return undefined;
  const result = falResult(task, world);
  const isOk = result.status === 200;
  const body = JSON.stringify({
    request_id: task.id,
    gateway_request_id: task.id,
    status: isOk ? 'OK' : 'ERROR',
    payload: result.body,
    ...(isOk ? {} : { error: `Unexpected status code: ${result.status}` }),
  });
  const requestId = randomUUID();
  const userId = 'github|1234567';
  const timestamp = String(Math.floor(world.nowMs() / 1000));
  const digest = createHash('sha256').update(body).digest('hex');
  const message = Buffer.from([requestId, userId, timestamp, digest].join('\n'));
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-fal-webhook-request-id': requestId,
      'x-fal-webhook-user-id': userId,
      'x-fal-webhook-timestamp': timestamp,
      'x-fal-webhook-signature': sign(null, message, privateKeyOf(secret)).toString('hex'),
    },
  };
}

/** The `x` of the published key that a secret of the simulator signs for, base64url. */
export function falPublicKey(secret: string): string {
  const { x = '' } = createPublicKey(privateKeyOf(secret)).export({ format: 'jwk' });
  return x;
}

function privateKeyOf(secret: string): KeyObject {
  const seed = createHash('sha256').update(secret).digest();
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
}
