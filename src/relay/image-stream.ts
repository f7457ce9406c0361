import type { HubError } from '../common/hub-error.js';
import { isObject } from '../common/is-object.js';
import { relayErrorBody } from '../common/present-error.js';
import { toUsage } from '../providers/adapters/openai-compatible/usage.js';
import { isBreak } from '../providers/canonical/chat-progress.js';
import type { ImagesAnswer } from '../providers/canonical/images.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import { SseReader } from '../providers/transport/sse-reader.js';
import type { UpstreamResponse } from '../providers/transport/upstream-client.js';
import type { Attempt } from './attempt.js';
import type { RelayRun } from './relay-run.js';

// One event holds a whole picture in base64.
const EVENT_BYTES_MAX = 64 * 1024 * 1024;

/** The first half of the event names: `image_generation.completed`, `image_edit.completed`. */
export type ImageEventPrefix = 'image_generation' | 'image_edit';

/** True when the upstream streams its pictures. */
export function isImageEventStream(response: UpstreamResponse): boolean {
  return (response.headers['content-type'] ?? '').toLowerCase().includes('text/event-stream');
}

/** An error inside an image stream, whose events are named. */
export function toImageErrorEvent(error: HubError): string {
  return `event: error\ndata: ${relayErrorBody(error)}\n\n`;
}

/**
 * Passes image events on, and finishes the run before the last picture goes out: each completed one waits for what
 * follows it.
 * @param count how many pictures the caller asked for; a break after the last of them harms nobody.
 * @throws ProviderError on an error event, or when the stream ends without a completed picture.
 */
export async function* readImageEvents(
  run: RelayRun,
  attempt: Attempt,
  response: UpstreamResponse,
  count: number,
): AsyncGenerator<string, void> {
  const reader = new SseReader(EVENT_BYTES_MAX);
  let completed = 0;
  let held: string | undefined;
  try {
    for (;;) {
      const bytes = await response.body.next();
      for (const event of bytes === undefined ? reader.end() : reader.push(bytes)) {
        if (event.data.startsWith('[DONE]')) continue;
        const value = parse(event.data);
        if (event.name === 'error' || value['error'] !== undefined) throw inStreamError(value);
        if (held !== undefined) {
          yield held;
          held = undefined;
        }
        attempt.noteContent();
        run.noteContent();
        const name = event.name === '' ? String(value['type'] ?? '') : event.name;
        const text = `${name === '' ? '' : `event: ${name}\n`}data: ${event.data.replaceAll('\n', '\ndata: ')}\n\n`;
        if (name.endsWith('.completed')) {
          completed++;
          run.usage = { ...run.usage, ...toUsage(value['usage']), images: completed };
          held = text;
        } else yield text;
      }
      if (bytes === undefined) break;
    }
  } catch (error) {
    if (completed < count || !isBreak(error)) {
      if (held !== undefined) yield held;
      throw error;
    }
  } finally {
    if (!response.body.isOver) response.body.abort(new Error('The stream is no longer wanted.'));
  }
  if (completed === 0) {
    throw new ProviderError({ kind: 'incomplete', message: 'The image stream ended without a completed picture.' });
  }
  await run.finish('done');
  if (held !== undefined) yield held;
}

/** A whole answer as the events of a stream. */
export function* toImageEvents(answer: ImagesAnswer, prefix: ImageEventPrefix): Generator<string, void> {
  const { data, ...rest } = answer.body;
  for (const item of data) {
    const type = `${prefix}.completed`;
    const value = { type, ...rest, ...item };
    yield `event: ${type}\ndata: ${JSON.stringify(value)}\n\n`;
  }
}

function parse(data: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(data);
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw new ProviderError({ kind: 'invalid_response', message: 'The image stream holds an event that is not JSON.' });
}

function inStreamError(value: Readonly<Record<string, unknown>>): ProviderError {
  const inner = isObject(value['error']) ? value['error'] : value;
  const message = typeof inner['message'] === 'string' ? inner['message'] : 'The upstream reported an error.';
  const code = typeof inner['code'] === 'string' ? inner['code'] : undefined;
  const isRefusal = code === 'moderation_blocked' || code === 'content_policy_violation';
  return new ProviderError({ kind: isRefusal ? 'content_refused' : 'overloaded', message, status: 200, code });
}
