import type { StreamEvent } from '../reply.js';
import type { Directive } from './directive.js';

/** One step of a faulty stream. */
export type Step =
  | { readonly type: 'event'; readonly event: StreamEvent }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'giant-line'; readonly bytes: number }
  | { readonly type: 'garbage' }
  | { readonly type: 'stall' }
  | { readonly type: 'cut' };

const BROKEN_EVENT: StreamEvent = {
  kind: 'usage',
  data: '{"id":"chatcmpl-broken","choices":[{"index":0,"delta":{"content":"bro',
};

/** Works the directive into the events of a good answer. */
export function* faultSteps(events: Iterable<StreamEvent>, directive: Directive): Generator<Step> {
  if (directive.first_token_ms !== undefined) yield { type: 'wait', ms: directive.first_token_ms };
  if (directive.giant_line !== undefined) yield { type: 'giant-line', bytes: directive.giant_line };
  if (directive.error_first === true) return yield toStep(errorEvent(directive));
  let tokenCount = 0;
  let lastToken: StreamEvent | undefined;
  for (const event of events) {
    if (event.kind === 'token' || event.kind === 'finish') {
      const trouble = troubleAt(tokenCount, directive);
      if (trouble !== undefined) yield trouble;
      if (trouble !== undefined && isLast(trouble)) return;
    }
    switch (event.kind) {
      case 'token':
        yield* tokenSteps(event, directive);
        tokenCount++;
        lastToken = event;
        break;
      case 'finish':
        if (directive.endless === true && lastToken !== undefined) for (;;) yield* tokenSteps(lastToken, directive);
        if (directive.no_finish !== true) yield toStep(event);
        break;
      case 'done':
        yield* doneSteps(event, directive);
        break;
      default:
        yield toStep(event);
    }
    if (event.kind === 'role' && directive.role_only_then_error === true) return yield toStep(errorEvent(directive));
  }
}

/** The object inside the error event or error body. */
export function errorBody(directive: Directive): object {
  return {
    error: directive.error ?? {
      message: 'The server had an error while processing your request. Sorry about that!',
      type: 'server_error',
      param: null,
      code: null,
    },
  };
}

function errorEvent(directive: Directive): StreamEvent {
  return {
    kind: 'usage',
    name: directive.named_events === true ? 'error' : undefined,
    data: JSON.stringify(errorBody(directive)),
  };
}

function toStep(event: StreamEvent): Step {
  return { type: 'event', event };
}

function isLast(step: Step): boolean {
  return step.type !== 'event' || step.event !== BROKEN_EVENT;
}

/** What goes wrong once so many tokens are out. */
function troubleAt(tokenCount: number, directive: Directive): Step | undefined {
  if (directive.stall_after === tokenCount) return { type: 'stall' };
  if (directive.cut_after === tokenCount) return { type: 'cut' };
  if (directive.error_after === tokenCount) return toStep(errorEvent(directive));
  return directive.bad_event_after === tokenCount ? toStep(BROKEN_EVENT) : undefined;
}

function* tokenSteps(event: StreamEvent, directive: Directive): Generator<Step> {
  if (directive.token_ms !== undefined) yield { type: 'wait', ms: directive.token_ms };
  yield toStep(event);
}

function* doneSteps(event: StreamEvent, directive: Directive): Generator<Step> {
  if (directive.cut !== undefined && directive.cut_after === undefined) return yield { type: 'cut' };
  if (directive.no_done !== true) yield toStep(event);
  if (directive.double_done === true) yield toStep(event);
  if (directive.garbage_after_done === true) yield { type: 'garbage' };
}
