import { createHmac, timingSafeEqual } from 'node:crypto';
import { isObject } from '../../../common/is-object.js';
import type { TaskApi } from '../../provider.js';
import { isText } from '../openai-compatible/wire.js';

const TOLERANCE_MS = 5 * 60 * 1000;
/** Keys are far longer; a shorter one is no secret. */
const KEY_CHARS_MIN = 12;
const HEADERS_MAX = 16;

/**
 * Callbacks of Vidu, signed with the API key by which the task was made: https://platform.vidu.com/docs/callback-signature. The
 * signature is over address, time and some headers, and not over the body: whoever has caught one may send any body with it for
 * five minutes, which has the hub look after a task and no more.
 */
export const viduCallback: NonNullable<TaskApi['callback']> = {
  isGenuine: (secret, headers, _body, nowMs, url) => {
    const { date, 'x-hmac-signature': signature } = headers;
    if (secret.length < KEY_CHARS_MIN || date === undefined || signature === undefined) return false;
    // A date that cannot be read is no number, and near to nothing.
    if (!(Math.abs(Date.parse(date) - nowMs) <= TOLERANCE_MS)) return false;
    const text = signedText(headers, date, url);
    if (text === undefined) return false;
    const expected = createHmac('sha256', secret).update(text).digest();
    const given = Buffer.from(signature, 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  },
  read: (body) => {
    let task: unknown;
    try {
      task = JSON.parse(Buffer.from(body).toString('utf8'));
    } catch {
      return undefined;
    }
    const id = isObject(task) ? (task['id'] ?? task['task_id']) : undefined;
    if (!isObject(task) || !isText(id)) return undefined;
    return isText(task['payload']) ? { upstreamId: id, externalId: task['payload'] } : { upstreamId: id };
  },
  idOf: ({ id }) => String(id),
};

/** Undefined where a header that was signed is not there. */
function signedText(headers: Readonly<Record<string, string>>, date: string, url: string): string | undefined {
  const { pathname, search } = new URL(url);
  const names = (headers['x-hmac-signed-headers'] ?? '').split(';').filter((name) => name !== '');
  if (names.length > HEADERS_MAX) return undefined;
  const lines = ['POST', pathname, search.slice(1), headers['x-hmac-access-key'] ?? 'vidu', date];
  for (const name of names) {
    const value = headers[name.toLowerCase()];
    if (value === undefined) return undefined;
    lines.push(`${name}:${value}`);
  }
  return `${lines.join('\n')}\n`;
}
