import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedAnswer } from './simulated-vendor.js';
import type { SimulatedTask } from './task-table.js';

/** One second of a test picture, 64 by 64, H.264. */
const VIDEO = readFileSync(join(import.meta.dirname, 'tiny.mp4'));
/** One pixel. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const PREFIX = '/__media/';

/** The files of finished tasks, under links that end. */
export class MediaLinks {
  /** How long a link is good. */
  ttlMs = 60 * 60 * 1000;
  readonly video = VIDEO;
  private readonly given = new Set<string>();

  constructor(private readonly nowMs: () => number) {}

  /** Fresh links; the first ones of a task with `expired_link` are over already. */
  of(task: SimulatedTask, url: string): readonly string[] {
    if (task.phase !== 'succeeded' || task.troubles.has('success_without_url')) return [];
    const isStale = task.troubles.has('expired_link') && !this.given.has(task.id);
    this.given.add(task.id);
    const until = isStale ? 0 : this.nowMs() + this.ttlMs;
    const ending = task.isPicture === true ? 'png' : 'mp4';
    return Array.from(
      { length: task.count ?? 1 },
      (_, n) => `${url}${PREFIX}${encodeURIComponent(task.id)}/${n}.${ending}?until=${until}`,
    );
  }

  isOne(path: string): boolean {
    return path.startsWith(PREFIX);
  }

  /** @param range the header, of which one `bytes=a-b` is understood. */
  answer(
    path: string,
    query: URLSearchParams,
    range: string | undefined,
    task: SimulatedTask | undefined,
  ): SimulatedAnswer {
    const isPicture = task?.isPicture === true;
    if (task?.phase !== 'succeeded' || !path.endsWith(isPicture ? '.png' : '.mp4'))
      return { status: 404, body: 'no such file' };
    if (task.troubles.has('forbidden_link') || Number(query.get('until')) <= this.nowMs())
      return {
        status: 403,
        headers: { 'content-type': 'application/xml' },
        body: '<Error><Code>AccessDenied</Code></Error>',
      };
    const file = isPicture ? PICTURE : VIDEO;
    const headers = { 'content-type': isPicture ? 'image/png' : 'video/mp4', 'accept-ranges': 'bytes' };
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    if (from === undefined) return { status: 200, headers, body: file };
    const end = to === '' ? file.length - 1 : Math.min(Number(to), file.length - 1);
    if (Number(from) > end) return { status: 416, headers: { 'content-range': `bytes */${file.length}` } };
    const part = { ...headers, 'content-range': `bytes ${from}-${end}/${file.length}` };
    return { status: 206, headers: part, body: file.subarray(Number(from), end + 1) };
  }

  /** The id of the task that a path is about. */
  idOf(path: string): string {
    return decodeURIComponent(path.slice(PREFIX.length).split('/')[0] ?? '');
  }
}
