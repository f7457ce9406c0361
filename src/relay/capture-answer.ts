import type { Capture } from '../capture/capture.js';
import { errorBody } from '../common/present-error.js';
import type { RequestLog } from '../common/request-log.js';
import { toHubError } from '../common/to-hub-error.js';
import type { StreamAnswer } from '../http/write-stream.js';
import type { RelayAnswer } from './relay-answer.js';
import type { RelayContext } from './relay-context.js';

const STREAM_STATUS = 200;

/** What of a request's context its capture needs. */
export type CapturedContext = Pick<RelayContext, 'log' | 'errorShape' | 'requestId'>;

/** Takes down an answer for its capture: a whole one at once, a stream event by event on its way. */
export function captureAnswer(capture: Capture, log: RequestLog, answer: RelayAnswer): RelayAnswer {
  if (answer.kind === 'stream') return captureStream(capture, log, answer);
  if (answer.kind === 'sound') {
    // What is kept is text, and never sound.
    capture.takeAnswer(`(${answer.contentType})`);
    capture.end(STREAM_STATUS, log.model);
    return answer;
  }
  capture.takeAnswer(answer.body);
  capture.end(answer.status ?? 200, log.model);
  return answer;
}

/** Takes down the answer of a request that failed before it had one, as the caller sees it. */
export function captureFailure(
  capture: Capture,
  { log, errorShape, requestId }: CapturedContext,
  thrown: unknown,
): void {
  const error = toHubError(thrown);
  capture.takeAnswer(errorBody(error, errorShape, requestId));
  capture.end(error.status, log.model);
}

function captureStream(capture: Capture, log: RequestLog, answer: StreamAnswer): StreamAnswer {
  const { events } = answer;
  // Writers keep count of their events, so that the one of a failure is made once for both.
  let failure: string | undefined;
  return {
    ...answer,
    toErrorEvent: (error) => failure ?? answer.toErrorEvent(error),
    events: {
      next: async () => {
        try {
          const next = await events.next();
          if (next.done === true) capture.end(STREAM_STATUS, log.model);
          else capture.takeAnswer(answer.toCaptured?.(next.value) ?? next.value);
          return next;
        } catch (error) {
          failure = answer.toErrorEvent(toHubError(error));
          capture.takeAnswer(failure);
          capture.end(STREAM_STATUS, log.model);
          throw error;
        }
      },
      return: async () => {
        // The client has left: what it had got so far.
        capture.end(STREAM_STATUS, log.model);
        await events.return?.();
        return { done: true, value: undefined };
      },
    },
  };
}
