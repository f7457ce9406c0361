import { Inject, Injectable } from '@nestjs/common';
import type { OutputBound } from '../../billing/order.js';
import { HubError } from '../../common/hub-error.js';
import { requestHash } from '../../idempotency/idempotency-key.js';
import type { Usage } from '../../providers/canonical/usage.js';
import type { OperationName } from '../../routing/able-candidates.js';
import { NO_NEEDS, type RequestFacts } from '../../routing/request-facts.js';
import { PromptCounter } from '../../tokens/prompt-counter.js';
import type { PromptKind } from '../../tokens/prompt-parts.js';
import type { Attempt } from '../attempt.js';
import { Attempts } from '../attempts.js';
import { defaultModelNotFound } from '../relay.errors.js';
import type { JsonAnswer } from '../relay-answer.js';
import type { RelayContext } from '../relay-context.js';
import type { RelayOrder } from '../relay-order.js';
import { RelayRun } from '../relay-run.js';
import type { Choice } from '../route-choice.js';
import { RouteChooser } from '../route-chooser.js';
import { RunRegistry } from '../run-registry.js';

/** A validated request, as far as all that pass through are alike. */
export interface PassedRequest {
  readonly operation: OperationName & PromptKind;
  /** For the usage event, such as `audio/speech`. */
  readonly endpoint: string;
  /** Public name. */
  readonly model: string;
  /** False where the caller has named none and gets the default. Left out: true. */
  readonly isModelGiven?: boolean;
  /** The body, or the fields of an upload. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly bytes: Uint8Array;
  readonly isStream: boolean;
  readonly choiceCount?: number;
  readonly outputTokensCap?: number;
  readonly given?: RequestFacts['given'];
  /** What it is billed by. @param promptTokens as the hub counts them. */
  readonly toOutput: (promptTokens: number) => OutputBound;
  /** SHA-256 of an upload, for its Idempotency-Key. */
  readonly hash?: () => Promise<Buffer>;
}

/** A whole answer, as it goes to the caller. */
export interface PassedAnswer {
  readonly bytes: Uint8Array;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly usage: Usage | undefined;
  /** All text of it, where that is counted. */
  readonly text?: () => string;
}

/** A request that was let in. */
export interface AdmittedRequest {
  readonly run: RelayRun;
  readonly choice: Choice;
}

/** Steps that all requests have in common which pass through: the life of a request as in `ChatService.complete`. */
@Injectable()
export class PassedRequests {
  constructor(
    @Inject(RouteChooser) private readonly routes: RouteChooser,
    @Inject(PromptCounter) private readonly counter: PromptCounter,
    @Inject(RunRegistry) private readonly runs: RunRegistry,
    @Inject(Attempts) private readonly attempts: Attempts,
  ) {}

  /**
   * Counts, routes and admits.
   * @returns the stored answer of an earlier request with the same Idempotency-Key instead, where there is one.
   * @throws HubError.
   */
  async admit(context: RelayContext, request: PassedRequest): Promise<AdmittedRequest | JsonAnswer> {
    const order = await this.orderOf(context, request);
    const run = await this.runs.admit(context, order);
    return run instanceof RelayRun ? { run, choice: order.choice } : run;
  }

  /**
   * Counts and routes; also for a quote.
   * @throws HubError.
   */
  async orderOf(context: RelayContext, request: PassedRequest): Promise<RelayOrder> {
    const { operation, model, value, bytes, isStream } = request;
    this.checkModel(context, request);
    const promptTokens = await this.counter.count(operation, value, bytes.length, model);
    const choice = this.routes.choose(context.caller, model, {
      ...NO_NEEDS,
      operation,
      isStream,
      promptTokens,
      choiceCount: request.choiceCount ?? 1,
      outputTokensCap: request.outputTokensCap,
      given: request.given,
    });
    return {
      choice,
      endpoint: request.endpoint,
      kind: isStream ? 'stream' : 'sync',
      promptTokens,
      body: value,
      output: request.toOutput(promptTokens),
      hash: request.hash ?? ((route) => requestHash(route, bytes)),
    };
  }

  /** @throws HubError 404 for a model that the caller may not use; a caller who named none learns that he can. */
  private checkModel({ caller }: RelayContext, { model, isModelGiven = true }: PassedRequest): void {
    try {
      this.routes.modelOf(caller, model);
    } catch (error) {
      const isMissing = error instanceof HubError && error.code === 'model_not_found';
      throw isMissing && !isModelGiven ? defaultModelNotFound(model) : error;
    }
  }

  /**
   * Carries a request from candidate to candidate until one has given a whole answer, and finishes it.
   * @throws HubError.
   */
  async whole(
    { run, choice }: AdmittedRequest,
    work: (attempt: Attempt) => Promise<PassedAnswer>,
  ): Promise<JsonAnswer> {
    try {
      const answer = await this.attempts.tryEach(run, choice, async (attempt) => {
        const given = await work(attempt);
        attempt.noteUsage(given.usage);
        return given;
      });
      const { bytes: body, contentType, text } = answer;
      run.usage = answer.usage;
      await run.finish('done', { text, body, contentType });
      return { kind: 'json', headers: run.headers, body, contentType };
    } finally {
      await run.finish('failed');
    }
  }
}
