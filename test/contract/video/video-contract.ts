import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskRef, TaskState, VideoRequest } from '../../../src/providers/canonical/video.js';
import type { SimulatedVendor } from '../../simulators/simulated-vendor.js';

/** What the contract suite must know of a vendor beside its recordings. */
export interface VideoContract {
  /** Every model that its documents name, as the upstream knows it. */
  readonly models: readonly string[];
  readonly dialects: readonly VideoDialect[];
  readonly simulator: SimulatedVendor;
  /** Every form of credential that the simulator takes, each of which runs all of it; default: the simulator's own. */
  readonly credentials?: readonly string[];
  /** False where a look-up can say only that there is no such task, because the vendor keeps no id of ours. Default true. */
  readonly canFindLost?: boolean;
  /**
   * True where calling a task off takes its record away, so that it cannot be asked after any more; of a task that is over too.
   * Default false.
   */
  readonly isForgottenWhenCalledOff?: boolean;
  /** False where a callback's signature is over its address and time only. Default true. */
  readonly isCallbackBodySigned?: boolean;
  /** What a channel is given as `callbackSecret` where callbacks are signed with this secret; default: the secret itself. */
  readonly toCallbackSecret?: (secret: string) => string;
}

/** One format of a vendor's task API. */
export interface VideoDialect {
  readonly name: string;
  /** A model that is reached by it. */
  readonly model: string;
  /** Of a task of this dialect. */
  readonly ref: TaskRef;
  /** The JSON text by which a submission is taken on as the task with this id, written as the vendor writes it. */
  submitText(id: string): string;
  /** A whole status answer of a task in the state that the vendor names so. */
  statusBody(word: string): unknown;
  /** Every word of the vendor and what it means; made up ones where {@link hasWords} is false. */
  readonly words: Readonly<Record<string, TaskState['state']>>;
  /** Status answers that claim a success and have nothing to fetch. */
  readonly withoutResult: readonly unknown[];
  /** Of a task that is over, where its result is asked for by itself: the answers of {@link withoutResult} are to that. Default {@link ref}. */
  readonly resultRef?: TaskRef;
  /** False where no word says how a task is, only whether it is over. Default true. */
  readonly hasWords?: boolean;
  /** False where a task that waits is told like one that is at work. Default true. */
  readonly hasQueue?: boolean;
  /** False where its tasks cannot be called off although others of the vendor can. Default true. */
  readonly canCancel?: boolean;
}

/** An answer as a fixture gives it: `body` is JSON, or text as it came. */
export interface RecordedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** `submit.json`: a request and the call it becomes. What the request leaves open is the model's default. */
export interface SubmitCase<Request = VideoRequest> {
  readonly name: string;
  readonly model: string;
  readonly request: Partial<Request>;
  /** Files that are brought before: the call, with its body as text, an answer to it and what the file is called. */
  readonly uploads?: readonly { readonly call: RecordedCall; readonly answer: RecordedAnswer; readonly name: string }[];
  readonly call: RecordedCall;
}

/** A call as a fixture gives it. */
export interface RecordedCall {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** `submit-answers.json`: an answer to a submission and the reference read from it. */
export interface SubmitAnswerCase {
  readonly name: string;
  readonly model: string;
  readonly answer: RecordedAnswer;
  readonly ref: TaskRef;
}

/** `status.json`: the call that asks after a task, an answer to it and what it says. */
export interface StatusCase {
  readonly name: string;
  readonly ref: TaskRef;
  readonly call: { readonly method: string; readonly path: string };
  readonly answer: RecordedAnswer;
  readonly state: TaskState;
}

/** `refused.json`: a request that the description of the model lets pass, and that it cannot serve all the same. */
export interface RefusedCase<Request = VideoRequest> {
  readonly name: string;
  readonly model: string;
  readonly request: Partial<Request>;
  readonly param: string;
}

/** `errors.json`: an error answer and what it means, written from the vendor's documents and not from the adapter. */
export interface VideoErrorCase extends RecordedAnswer {
  readonly name: string;
  readonly call?: 'submit' | 'status';
  readonly expect: {
    readonly kind: string;
    readonly code?: string;
    readonly isRetryable: boolean;
    /** Whether a submission that ends so has certainly made no task. */
    readonly isDefinite: boolean;
    readonly retryAfterMs?: number;
  };
}

/** `lookup.json`: an answer to the search for a lost task. */
export interface LookupCase {
  readonly name: string;
  readonly model: string;
  readonly call: { readonly method: string; readonly path: string };
  readonly answer: RecordedAnswer;
  readonly found: TaskRef | 'absent' | 'unsure';
}

/** The recordings of a vendor's task API. */
export interface TaskFixtures<Request> {
  readonly submit: readonly SubmitCase<Request>[];
  readonly submitAnswers: readonly SubmitAnswerCase[];
  readonly status: readonly StatusCase[];
  readonly refused: readonly RefusedCase<Request>[];
  readonly errors: readonly VideoErrorCase[];
  readonly lookup: readonly LookupCase[];
}

export type VideoFixtures = TaskFixtures<VideoRequest>;

/** Reads `test/fixtures/<id>/video`; a file that is not there is an empty list. */
export function videoFixturesOf(id: string): VideoFixtures {
  return taskFixturesOf(id, 'video');
}

/** Reads a folder below `test/fixtures/<id>`; a file that is not there is an empty list. */
export function taskFixturesOf<Request>(id: string, folder: string): TaskFixtures<Request> {
  const read = (name: string) => {
    const file = join(import.meta.dirname, '..', '..', 'fixtures', id, folder, `${name}.json`);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  };
  return {
    submit: read('submit'),
    submitAnswers: read('submit-answers'),
    status: read('status'),
    refused: read('refused'),
    errors: read('errors'),
    lookup: read('lookup'),
  };
}
