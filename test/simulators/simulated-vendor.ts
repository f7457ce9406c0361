import type { CallKind, Refusal } from './faults.js';
import type { SimulatedTask, TaskTable } from './task-table.js';

/** A request as a vendor reads it. */
export interface SimulatedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** What stands in the places of the route's path. */
  readonly params: Readonly<Record<string, string>>;
  readonly raw: Buffer;
  /** The parsed body; undefined when it is none or no JSON. */
  readonly json: unknown;
}

/** What a vendor says: JSON, or bytes as they are; undefined is an empty body. */
export interface SimulatedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What a handler works with. */
export interface World {
  readonly tasks: TaskTable;
  /** Where the simulator listens, without a trailing slash. */
  readonly url: string;
  readonly credential: string;
  /** Unix time in milliseconds. */
  nowMs(): number;
  /** The next of 1, 2, 3 ...; for ids. */
  nextNumber(): number;
  /** Links to the results of a task; none while it has none to give. Every call makes fresh ones. */
  linksOf(task: SimulatedTask): readonly string[];
  /** A whole, playable MP4, as the links give it. */
  readonly video: Buffer;
}

/** One route of a vendor. */
export interface Route {
  readonly method: string;
  /** With places such as `:id`, each for one part of a path. */
  readonly path: string;
  /** What the query must have besides, of vendors that tell their calls apart by it. */
  readonly query?: Readonly<Record<string, string>>;
  readonly call: CallKind;
  handle(request: SimulatedRequest, world: World): SimulatedAnswer;
}

/** A message of a vendor about a task. */
export interface SimulatedCallback {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One vendor's task API: what it says, as values. The simulator does the rest. */
export interface SimulatedVendor {
  readonly id: string;
  /** Sent by tests that have no credential of their own. */
  readonly credential: string;
  readonly routes: readonly Route[];
  /** What a wrong or missing credential is told; undefined when it is right. */
  authorize(request: SimulatedRequest, world: World): SimulatedAnswer | undefined;
  refuse(refusal: Refusal, call: CallKind, request: SimulatedRequest): SimulatedAnswer;
  /** What a path is told that the vendor does not have. */
  notFound(request: SimulatedRequest): SimulatedAnswer;
  /** Text that a receiver has to give back before it gets any callback of a task, sent as `{"challenge":"…"}`. */
  toChallenge?(task: SimulatedTask, world: World): string;
  /** The callback about a task as it stands now; signed with the secret, where the vendor signs. Undefined where it tells nothing of that. */
  toCallback?(task: SimulatedTask, world: World, secret: string): SimulatedCallback | undefined;
}

/** A JSON answer. */
export function json(status: number, body: unknown): SimulatedAnswer {
  return { status, body };
}

/** A member of a parsed body that ought to be an object; undefined where there is none. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** A member that ought to be text; '' where it is none. */
export function textMember(value: unknown, name: string): string {
  const found = member(value, name);
  return typeof found === 'string' ? found : '';
}
