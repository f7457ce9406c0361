import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import { AttemptObservers } from '../routing/attempt-observers.js';
import { ChannelHealth } from '../routing/health/channel-health.js';
import { RetryBudget } from '../routing/retry-budget.js';
import type { Attempt } from './attempt.js';
import { AttemptWalk, type Preparation, type Resumption, type WalkTools } from './attempt-walk.js';
import type { RelayRun } from './relay-run.js';
import type { Choice } from './route-choice.js';

/** How a stream that has broken off may go on; see `rescue/`. */
export interface Rescue extends Resumption {
  /** False once what was sent can be continued by nobody. */
  readonly mayGoOn: boolean;
  /** Whether a failure says only that the beginning of the answer was not taken; the same candidate may then be asked from the start. */
  isRefusal(attempt: Attempt, error: ProviderError): boolean;
}

/** What an operation adds to its attempts. */
export interface AttemptOptions {
  /** What a candidate needs before it is asked. */
  readonly prepare?: Preparation;
}

/** What a stream adds. */
export interface StreamOptions extends AttemptOptions {
  /** Undefined where a stream that has begun is not continued. */
  readonly rescue?: Rescue;
}

/** The one retry layer: carries a request from candidate to candidate until one has answered. */
@Injectable()
export class Attempts {
  private readonly tools: WalkTools;

  constructor(
    @Inject(ChannelHealth) health: ChannelHealth,
    @Inject(RetryBudget) private readonly budget: RetryBudget,
    @Inject(AttemptObservers) observers: AttemptObservers,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.tools = { health, budget, observers, settings, random: Math.random, now: () => performance.now() };
  }

  /**
   * Tries the candidates of a choice until one succeeds.
   * @throws HubError when none has, or the request itself is at fault.
   */
  async tryEach<T>(
    run: RelayRun,
    choice: Choice,
    work: (attempt: Attempt) => Promise<T>,
    { prepare }: AttemptOptions = {},
  ): Promise<T> {
    const walk = this.walk(run, choice, prepare);
    for (let attempt = await walk.next(); attempt !== undefined; attempt = await walk.next()) {
      try {
        const result = await work(attempt);
        attempt.succeed();
        return result;
      } catch (error) {
        walk.fail(attempt, error);
      }
    }
    throw run.failure();
  }

  /** Like {@link tryEach} for streams. Once something for the caller has come, only a rescue goes on elsewhere. */
  async *streamEach<T>(
    run: RelayRun,
    choice: Choice,
    work: (attempt: Attempt) => AsyncGenerator<T, void>,
    { rescue, prepare }: StreamOptions = {},
  ): AsyncGenerator<T, void> {
    const walk = this.walk(run, choice, prepare);
    for (;;) {
      const attempt = await walk.next(run.hasContent ? rescue : undefined);
      if (attempt === undefined) throw run.failure();
      try {
        yield* work(attempt);
        attempt.succeed();
        return;
      } catch (error) {
        if (error instanceof ProviderError && rescue?.isRefusal(attempt, error) === true) walk.refuse(attempt, error);
        else walk.fail(attempt, error);
      } finally {
        // Whoever stops reading ends the generator here.
        attempt.leave(run.outcomeOf(undefined));
      }
      if (run.hasContent && rescue?.mayGoOn !== true) throw run.failure();
    }
  }

  private walk(run: RelayRun, choice: Choice, prepare: Preparation | undefined): AttemptWalk {
    this.budget.noteRequest();
    return new AttemptWalk(this.tools, run, choice, prepare);
  }
}
