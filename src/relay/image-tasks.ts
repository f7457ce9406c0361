import { Inject, Injectable } from '@nestjs/common';
import { Cancellation } from '../common/cancellation.js';
import { endUserOf } from '../common/end-user.js';
import { pause } from '../common/pause.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { askAfter, isGoneTooSoon } from '../jobs/ask-after.js';
import { isDefinite } from '../jobs/is-definite.js';
import { bind, type JobTask } from '../jobs/job-tasks.js';
import { afterNoAnswerMs, lookAgainMs } from '../jobs/look-again.js';
import { fileIn, TaskSender } from '../jobs/task-sender.js';
import { refusalOfImageTask } from '../providers/canonical/image-task.js';
import type { ImageItem, ImagesAnswer, ImagesRequest } from '../providers/canonical/images.js';
import { ProviderError, type ProviderErrorKind } from '../providers/canonical/provider-error.js';
import { toImageTask } from '../providers/canonical/to-image-task.js';
import type { TaskCall, TaskFailureKind, TaskOutput, TaskRef, TaskState } from '../providers/canonical/video.js';
import type { TaskApi } from '../providers/provider.js';
import type { Candidate } from '../routing/candidate.js';
import type { ImageWay } from '../routing/image-way.js';
import type { Attempt } from './attempt.js';
import { askedOf, LateTasks } from './late-tasks.js';
import type { RelayRun } from './relay-run.js';
import { userIdentifierOf } from './user-identifier.js';

type TaskWay = Extract<ImageWay, { kind: 'task' }>;
type Success = Extract<TaskState, { state: 'succeeded' }>;

/** A task that its upstream has taken on. */
interface Begun {
  readonly ref: TaskRef;
  /** By `performance.now()`. */
  readonly sentAt: number;
}

/** What was learnt of a task by asking once; no state where it could not be asked. */
interface Look {
  readonly state?: TaskState;
  readonly ref: TaskRef;
  readonly trouble?: ProviderError;
}

const CONTENT_BYTES_MAX = 32 * 1024 * 1024;
/** Somebody waits: pictures take seconds. */
const PACE = { statusEveryMs: { first: 1_000, max: 5_000 } };
/** Nothing was made: a failure may be tried elsewhere unless the request itself is at fault. */
const FAILURES: Readonly<Record<TaskFailureKind, ProviderErrorKind>> = {
  content_refused: 'content_refused',
  invalid_request: 'invalid_request',
  expired: 'overloaded',
  failed: 'overloaded',
};

/**
 * Has pictures made as tasks while their caller waits: submits, asks until the end, and hands over what came of it. Where it cannot
 * be told that nothing was made, nobody else is asked for the same again.
 */
@Injectable()
export class ImageTasks {
  constructor(
    @Inject(TaskSender) private readonly sender: TaskSender,
    @Inject(LateTasks) private readonly late: LateTasks,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * One attempt.
   * @throws ProviderError when there are no pictures; HubError when nobody waits for them any more.
   */
  async make(run: RelayRun, attempt: Attempt, way: TaskWay, request: ImagesRequest): Promise<ImagesAnswer> {
    const { candidate } = attempt;
    const { requestId, caller } = run.context;
    const wanted = toImageTask(request, {
      externalId: attempt.number === 1 ? requestId : `${requestId}_${attempt.number}`,
      endUser: endUserOf(caller.accountId, userIdentifierOf(request.source.value)),
    });
    const refusal = refusalOfImageTask(wanted, way.model);
    if (refusal !== undefined) throw new ProviderError({ kind: 'unsupported_option', ...refusal });
    const task = bind(way.operation, wanted, candidate.target, Date.now());
    const { ref, sentAt } = await this.submit(candidate, task);
    run.bill.noteAccepted();
    attempt.noteHead(200);
    const end = await this.waitFor(run, attempt, task.operation, { ref, sentAt }, request);
    const { outputs, usage } = end.state;
    run.usage = { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, images: outputs.length };
    try {
      const data = await this.itemsOf(run, candidate, task.operation, outputs, end.ref);
      return { body: { created: 0, data }, usage: run.usage };
    } catch (error) {
      await this.late.bookLost(run, attempt, request);
      throw error;
    }
  }

  /** Sends a submission; what becomes of it is always learnt, also when the caller leaves meanwhile. */
  private async submit(candidate: Candidate, task: JobTask): Promise<Begun> {
    const signal = new Cancellation();
    const call = task.toSubmit(await this.sender.upload(candidate, task, task.toUploads(), signal));
    const sentAt = performance.now();
    try {
      const answer = await this.sender.send(candidate, task.operation, call, { signal, isOnce: true });
      return { ref: task.fromSubmit(answer), sentAt };
    } catch (error) {
      if (!(error instanceof ProviderError) || isDefinite(error, task.operation)) throw error;
      throw unrepeatable(error);
    }
  }

  /** Asks after a task until it is over. One that nobody waits for any more is left to {@link LateTasks}. */
  private async waitFor(
    run: RelayRun,
    attempt: Attempt,
    operation: TaskApi,
    { ref: first, sentAt }: Begun,
    request: ImagesRequest,
  ): Promise<{ readonly state: Success; readonly ref: TaskRef }> {
    const { candidate, model } = attempt;
    const { statusMsMax } = this.settings.jobs;
    const pace = operation.statusEveryMs === undefined ? PACE : operation;
    const endsAt = attempt.startedAt + this.patienceMs(attempt);
    let ref = first;
    let waitMs = lookAgainMs({ looks: 0 }, pace, statusMsMax, Math.random);
    for (let looks = 1; ; looks++) {
      const leftMs = endsAt - performance.now();
      await pause(Math.max(0, Math.min(waitMs, leftMs)), run.signal);
      const { state, ref: next, trouble } = await this.look(run, candidate, operation, ref);
      ref = next;
      if (state?.state === 'succeeded') return { state, ref };
      if (state?.state === 'cancelled') throw new ProviderError(CALLED_OFF);
      if (state?.state === 'failed' && !isGoneTooSoon(state, performance.now() - sentAt)) throw toError(state);
      if (run.isAborted || leftMs <= waitMs) {
        const { requestId } = run.context;
        const isPromptBilled = run.isAborted;
        this.late.watch({
          requestId,
          candidate,
          model: model.id,
          operation,
          ref,
          asked: askedOf(request),
          isPromptBilled,
        });
        run.requireWanted();
        throw new ProviderError({ kind: 'timeout', message: 'The task was not finished in time.', mayBeMade: true });
      }
      waitMs = trouble
        ? afterNoAnswerMs({ looks }, pace, statusMsMax, Math.random, trouble.retryAfterMs)
        : lookAgainMs({ looks }, pace, statusMsMax, Math.random);
    }
  }

  private async look(run: RelayRun, candidate: Candidate, operation: TaskApi, ref: TaskRef): Promise<Look> {
    if (run.isAborted) return { ref };
    const { signal } = run;
    const send = (call: TaskCall) => this.sender.send(candidate, operation, call, { signal, isOnce: false });
    try {
      return await askAfter(operation, ref, send);
    } catch (error) {
      if (error instanceof ProviderError) return { ref, trouble: error };
      // Cut off because nobody waits any more.
      if (run.isAborted) return { ref };
      throw error;
    }
  }

  /** How long a whole answer may take when nobody else may be asked, from the beginning of the attempt. */
  private patienceMs({ model, deadlines }: Attempt): number {
    const wholeMs = model.routing?.deadlines?.wholeMs ?? this.settings.upstream.headersTimeoutMs;
    return Math.min(wholeMs, deadlines.totalMs ?? wholeMs);
  }

  private async itemsOf(
    run: RelayRun,
    candidate: Candidate,
    operation: TaskApi,
    outputs: readonly TaskOutput[],
    ref: TaskRef,
  ): Promise<ImageItem[]> {
    const items: ImageItem[] = [];
    for (const [index, { url }] of outputs.entries()) {
      if (url !== undefined) {
        items.push({ url });
        continue;
      }
      const call = operation.toContent?.(ref, index);
      if (call === undefined) throw new Error(`Picture ${index} of ${run.context.requestId} has no address.`);
      try {
        const response = await this.sender.open(candidate, operation, call, run.signal);
        const bytes = await fileIn(response, { answerBytesMax: CONTENT_BYTES_MAX, ...operation }, index);
        items.push({ b64_json: Buffer.from(bytes).toString('base64') });
      } catch (error) {
        if (error instanceof ProviderError && !run.isAborted) throw unrepeatable(error);
        throw error;
      }
    }
    return items;
  }
}

const CALLED_OFF = { kind: 'overloaded', message: 'The upstream called the task off.' } as const;

function toError({ kind, code, message }: Extract<TaskState, { state: 'failed' }>): ProviderError {
  return new ProviderError({ kind: FAILURES[kind], code, message });
}

function unrepeatable(error: ProviderError): ProviderError {
  const { kind, message, status, code, param, retryAfterMs } = error;
  return new ProviderError({ kind, message, status, code, param, retryAfterMs, mayBeMade: true, cause: error });
}
