import { Inject, Injectable, Logger } from '@nestjs/common';
import { Cancellation } from '../common/cancellation.js';
import { endUserOf } from '../common/end-user.js';
import { pause } from '../common/pause.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { askAfter, isGoneTooSoon } from '../jobs/ask-after.js';
import { isDefinite } from '../jobs/is-definite.js';
import { bind, type JobTask } from '../jobs/job-tasks.js';
import { externalIdOf, type LateTaskKey, type NewLateTask } from '../jobs/late/late-task.js';
import { LateTaskStore } from '../jobs/late/late-task-store.js';
import { afterNoAnswerMs, afterTroubleMs, lookAgainMs } from '../jobs/look-again.js';
import { taskIdOf } from '../jobs/task-id.js';
import { FIRST_LOOK_UP_MS, type LostTask, TaskLookUp } from '../jobs/task-look-up.js';
import { fileIn, TaskSender } from '../jobs/task-sender.js';
import { refusalOfImageTask } from '../providers/canonical/image-task.js';
import type { ImageItem, ImagesAnswer, ImagesRequest } from '../providers/canonical/images.js';
import { ProviderError, type ProviderErrorKind } from '../providers/canonical/provider-error.js';
import { toImageTask } from '../providers/canonical/to-image-task.js';
import type { TaskCall, TaskFailureKind, TaskOutput, TaskRef, TaskState } from '../providers/canonical/video.js';
import type { TaskApi } from '../providers/provider.js';
import type { Candidate } from '../routing/candidate.js';
import type { ImageWay } from '../routing/image-way.js';
import { ModelCatalog } from '../routing/model-catalog.js';
import type { Attempt } from './attempt.js';
import { askedOf } from './lost-pictures.js';
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
 * be told that nothing was made, nobody else is asked for the same again. What is left of a task when its request is over is seen to by
 * whoever follows it: docs/books.md.
 */
@Injectable()
export class ImageTasks {
  private readonly logger = new Logger(ImageTasks.name);

  constructor(
    @Inject(TaskSender) private readonly sender: TaskSender,
    @Inject(LateTaskStore) private readonly late: LateTaskStore,
    @Inject(TaskLookUp) private readonly lookUps: TaskLookUp,
    @Inject(ModelCatalog) private readonly catalog: ModelCatalog,
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
      externalId: externalIdOf(requestId, attempt.number),
      endUser: endUserOf(caller.accountId, userIdentifierOf(request.source.value)),
    });
    const refusal = refusalOfImageTask(wanted, way.model);
    if (refusal !== undefined) throw new ProviderError({ kind: 'unsupported_option', ...refusal });
    const task = bind(way.operation, wanted, candidate.target, Date.now());
    const begun = await this.submit(run, attempt, task, request);
    run.bill.noteAccepted();
    attempt.noteHead(200);
    const end = await this.waitFor(run, attempt, task.operation, begun);
    const { outputs, usage } = end.state;
    run.usage = { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, images: outputs.length };
    const data = await this.itemsOf(run, candidate, task.operation, outputs, end.ref);
    return { body: { created: 0, data }, usage: run.usage };
  }

  /**
   * Must come before the pictures of {@link make} are handed out.
   * @throws ProviderError when the hub took this request for dead meanwhile, and the pictures are a loss in its books.
   */
  async handOver(run: RelayRun, attempt: Attempt): Promise<void> {
    if (await this.late.handOver(keyOf(run, attempt))) return;
    const message = 'The task was given up while its request stood still.';
    throw new ProviderError({ kind: 'timeout', message, mayBeMade: true });
  }

  /** Sends a submission; what becomes of it is always learnt, also when the caller leaves meanwhile. */
  private async submit(run: RelayRun, attempt: Attempt, task: JobTask, request: ImagesRequest): Promise<Begun> {
    const { candidate } = attempt;
    const { operation } = task;
    const signal = new Cancellation();
    const call = task.toSubmit(await this.sender.upload(candidate, task, task.toUploads(), signal));
    const late = this.toLateTask(run, attempt, request);
    await this.late.begin(late);
    const sentAt = performance.now();
    const sentAtMs = Date.now();
    try {
      const ref = task.fromSubmit(await this.sender.send(candidate, operation, call, { signal, isOnce: true }));
      await this.late.accept(late, ref, taskIdOf(operation, ref));
      return { ref, sentAt };
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (isDefinite(error, operation)) return await this.refuse(late, error);
      if (task.lookup === undefined) throw unrepeatable(error);
      const ref = await this.findLost(run, attempt, late, { operation, lookup: task.lookup, sentAtMs }, error);
      return { ref, sentAt };
    }
  }

  /**
   * Looks for a task whose submission was not answered, as is done for jobs, as long as the caller waits.
   * @throws ProviderError `lost` when there is no such task, or when that cannot be told, which nobody else may be asked after then.
   */
  private async findLost(
    run: RelayRun,
    attempt: Attempt,
    late: NewLateTask,
    task: LostTask,
    lost: ProviderError,
  ): Promise<TaskRef> {
    const { statusMsMax } = this.settings.jobs;
    const endsAt = attempt.startedAt + this.patienceMs(attempt);
    let waitMs = Math.min(FIRST_LOOK_UP_MS, statusMsMax);
    for (let looks = 0; ; looks++) {
      const leftMs = endsAt - performance.now();
      await pause(Math.max(0, Math.min(waitMs, leftMs)), run.signal);
      run.requireWanted();
      const found = await this.lookUps.ask(attempt.candidate, task, run.signal);
      run.requireWanted();
      if (found === 'absent') return await this.refuse(late, lost);
      if (found !== 'unsure') {
        await this.late.accept(late, found, taskIdOf(task.operation, found));
        return found;
      }
      if (leftMs <= waitMs) throw unrepeatable(lost);
      waitMs = afterTroubleMs(looks, statusMsMax, Math.random);
    }
  }

  /** There is no such task. @throws what it failed by. */
  private async refuse(task: LateTaskKey, error: ProviderError): Promise<never> {
    await this.forget(task);
    throw error;
  }

  /** Nothing has to be followed. Where that cannot be written down it is looked into once more, by whoever follows tasks. */
  private async forget(task: LateTaskKey): Promise<void> {
    try {
      await this.late.forget(task);
    } catch (error) {
      this.logger.warn(`The task of ${task.holdId} is over and could not be forgotten: ${error}`);
    }
  }

  /** Asks after a task until it is over, or nobody waits for it any more. */
  private async waitFor(
    run: RelayRun,
    attempt: Attempt,
    operation: TaskApi,
    { ref: first, sentAt }: Begun,
  ): Promise<{ readonly state: Success; readonly ref: TaskRef }> {
    const { statusMsMax } = this.settings.jobs;
    const pace = operation.statusEveryMs === undefined ? PACE : operation;
    const endsAt = attempt.startedAt + this.patienceMs(attempt);
    let ref = first;
    let waitMs = lookAgainMs({ looks: 0 }, pace, statusMsMax, Math.random);
    for (let looks = 1; ; looks++) {
      const leftMs = endsAt - performance.now();
      await pause(Math.max(0, Math.min(waitMs, leftMs)), run.signal);
      const { state, ref: next, trouble } = await this.look(run, attempt, operation, ref);
      ref = next;
      if (state?.state === 'succeeded') return { state, ref };
      const failure = failureOf(state, performance.now() - sentAt);
      if (failure !== undefined) return await this.refuse(keyOf(run, attempt), failure);
      run.requireWanted();
      if (leftMs <= waitMs) {
        throw new ProviderError({ kind: 'timeout', message: 'The task was not finished in time.', mayBeMade: true });
      }
      waitMs = trouble
        ? afterNoAnswerMs({ looks }, pace, statusMsMax, Math.random, trouble.retryAfterMs)
        : lookAgainMs({ looks }, pace, statusMsMax, Math.random);
    }
  }

  private async look(run: RelayRun, attempt: Attempt, operation: TaskApi, ref: TaskRef): Promise<Look> {
    if (run.isAborted) return { ref };
    const { candidate } = attempt;
    const { signal } = run;
    const send = (call: TaskCall) => this.sender.send(candidate, operation, call, { signal, isOnce: false });
    try {
      return await askAfter(operation, ref, send, (next) => this.late.keepRef(keyOf(run, attempt), next));
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

  private toLateTask(run: RelayRun, attempt: Attempt, request: ImagesRequest): NewLateTask {
    const { candidate, model } = attempt;
    const { channel, target, credentialIndex } = candidate;
    const { imageSize, imageQuality } = askedOf(request);
    return {
      ...keyOf(run, attempt),
      channelId: channel.id,
      channel: channel.name,
      credentialIndex,
      model: model.id,
      upstreamModel: target.upstreamModel,
      // The price of now: prices may change while it is made.
      purchaseVersionId: this.catalog.table.prices.purchase(model.id, channel.id)?.id ?? null,
      imageSize: imageSize ?? null,
      imageQuality: imageQuality ?? null,
    };
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

function keyOf({ context }: RelayRun, { number }: Attempt): LateTaskKey {
  return { holdId: context.requestId.slice('req_'.length), attempt: number };
}

/** How a task has ended that has made nothing; undefined for any other. @param ageMs since it was submitted. */
function failureOf(state: TaskState | undefined, ageMs: number): ProviderError | undefined {
  if (state?.state === 'cancelled') return new ProviderError(CALLED_OFF);
  if (state?.state !== 'failed' || isGoneTooSoon(state, ageMs)) return undefined;
  const { kind, code, message } = state;
  return new ProviderError({ kind: FAILURES[kind], code, message });
}

function unrepeatable(error: ProviderError): ProviderError {
  const { kind, message, status, code, param, retryAfterMs } = error;
  return new ProviderError({ kind, message, status, code, param, retryAfterMs, mayBeMade: true, cause: error });
}
