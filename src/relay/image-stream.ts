import type { ImagesAnswer } from '../providers/canonical/images.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import { SseReader } from '../providers/transport/sse-reader.js';
import type { UpstreamResponse } from '../providers/transport/upstream-client.js';
import type { RelayRun } from './relay-run.js';
import { isObject } from './validate.js';

// One event holds a whole picture in base64.
const EVENT_BYTES_MAX = 64 * 1024 * 1024;

/** True when the upstream streams its pictures. */
export function isImageEventStream(response: UpstreamResponse): boolean {
  return (response.headers['content-type'] ?? '').toLowerCase().includes('text/event-stream');
}

/** An error inside an image stream, whose events are named. */
export function toImageErrorEvent(body: string): string {
  return `event: error\ndata: ${body}\n\n`;
}

/**
 * Passes image events on, up to the one that completes the request.
 * @throws ProviderError on an error event, or when the stream ends without a completed picture.
 */
export async function* readImageEvents(run: RelayRun, response: UpstreamResponse): AsyncGenerator<string, void> {
  const reader = new SseReader(EVENT_BYTES_MAX);
  let completed = 0;
  try {
    for (;;) {
      const bytes = await response.body.next();
      for (const event of bytes === undefined ? reader.end() : reader.push(bytes)) {
        if (event.data.startsWith('[DONE]')) continue;
        const value = parse(event.data);
        if (event.name === 'error' || value['error'] !== undefined) throw inStreamError(value);
        const name = event.name === '' ? String(value['type'] ?? '') : event.name;
        if (name.endsWith('.completed')) completed++;
        yield `${name === '' ? '' : `event: ${name}\n`}data: ${event.data.replaceAll('\n', '\ndata: ')}\n\n`;
      }
      if (bytes === undefined) break;
    }
  } finally {
    if (!response.body.isOver) response.body.abort(new Error('The stream is no longer wanted.'));
  }
  if (completed === 0) {
    throw new ProviderError({ kind: 'incomplete', message: 'The image stream ended without a completed picture.' });
  }
  run.usage = { ...run.usage, images: completed };
}

/** A whole answer as the events of a stream. */
export function* toImageEvents(answer: ImagesAnswer): Generator<string, void> {
  const { data, ...rest } = answer.body;
  for (const item of data) {
    const value = { type: 'image_generation.completed', ...rest, ...item };
    yield `event: image_generation.completed\ndata: ${JSON.stringify(value)}\n\n`;
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
