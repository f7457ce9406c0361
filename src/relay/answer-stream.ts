import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamAnswer } from '../http/write-stream.js';
import type { RelayRun } from './relay-run.js';

/**
 * Holds back the 200 of a stream until its first event is there, so that an early failure is still a plain error answer
 * with its own status. After `holdMs` the stream begins anyway, and a failure then becomes an error event.
 * @throws whatever the stream throws before its first event.
 */
export async function answerStream(
  run: RelayRun,
  events: AsyncGenerator<string, void>,
  holdMs: number,
  told: Pick<StreamAnswer, 'toErrorEvent' | 'ping'>,
): Promise<StreamAnswer> {
  const first = events.next();
  // Awaited below or by the writer; a failure in between must not count as unhandled.
  first.catch(() => undefined);
  const stop = new AbortController();
  try {
    await Promise.race([first, sleep(holdMs, undefined, { signal: stop.signal })]);
  } finally {
    stop.abort();
  }
  const all = startWith(first, events);
  return { kind: 'stream', headers: run.headers, signal: run.signal, events: drainable(run, all), ...told };
}

/** A stream that goes on by itself when its client has left, where the model wants it so. */
export function drainable<Part>(run: RelayRun, events: AsyncIterator<Part, void>): AsyncIterator<Part, void> {
  return {
    next: () => events.next(),
    return: async () => {
      if (run.mustDrain) void drain(events);
      else await events.return?.();
      return { done: true, value: undefined };
    },
  };
}

async function drain(events: AsyncIterator<unknown, void>): Promise<void> {
  try {
    while ((await events.next()).done !== true);
  } catch {
    // It has been billed and logged; there is nobody left to be told.
  }
}

/** A stream whose first part is being waited for already. */
export function startWith<Part>(
  first: Promise<IteratorResult<Part, void>>,
  rest: AsyncGenerator<Part, void>,
): AsyncIterator<Part, void> {
  let isFirst = true;
  return {
    next: () => {
      if (!isFirst) return rest.next();
      isFirst = false;
      return first;
    },
    return: () => rest.return(),
  };
}
