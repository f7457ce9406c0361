import type { CatalogModel } from '../../src/channels/catalog.types.js';
import type { FallbackTrigger, ModelRouting } from '../../src/channels/model-routing.js';
import { Cancellation } from '../../src/common/cancellation.js';
import { HubError } from '../../src/common/hub-error.js';
import { RequestLog } from '../../src/common/request-log.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import { PriceTable } from '../../src/pricing/price-table.js';
import type { ProviderError, ProviderErrorKind } from '../../src/providers/canonical/provider-error.js';
import { AttemptWalk, type Preparation, type WalkedRun, type WalkTools } from '../../src/relay/attempt-walk.js';
import type { Choice, PlannedCandidate } from '../../src/relay/route-choice.js';
import { AttemptObservers } from '../../src/routing/attempt-observers.js';
import type { AttemptRecord } from '../../src/routing/attempt-record.js';
import type { Candidate } from '../../src/routing/candidate.js';
import { ChannelHealth } from '../../src/routing/health/channel-health.js';
import { RetryBudget } from '../../src/routing/retry-budget.js';
import { candidateOf, failure, PLAIN_FACTS } from './candidates.js';

export const CLIENT_GONE = new HubError({ status: 499, code: 'client_closed_request', message: 'gone' });
export const settings = parseSettings({});

/** A request of which only its ends are written down. */
interface SceneRun extends WalkedRun {
  hasContent: boolean;
  readonly records: AttemptRecord[];
  readonly passed: ProviderErrorKind[];
}

/** What walks of tests go through: a clock that stands still, the health of channels, and one request. */
export class WalkScene {
  nowMs = 1_000_000;
  health = new ChannelHealth({ now: () => this.nowMs, random: () => 0.5 });
  readonly observers = new AttemptObservers();
  readonly cancellation = new Cancellation();
  run = this.newRun();
  /** Models whose limits let nobody in, with the refusal. */
  readonly limitsOf = new Map<string, ProviderError>();

  /** What a walk works with, the retry budget of one request included. */
  get tools(): WalkTools {
    const budget = new RetryBudget(() => this.nowMs);
    budget.noteRequest();
    const { health, observers } = this;
    return { health, budget, observers, settings, random: () => 0, now: () => this.nowMs };
  }

  newRun(): SceneRun {
    const records: AttemptRecord[] = [];
    const passed: ProviderErrorKind[] = [];
    const { cancellation } = this;
    return {
      records,
      passed,
      context: { requestId: 'req_1', log: new RequestLog() },
      signal: cancellation,
      hasContent: false,
      get isAborted() {
        return cancellation.aborted;
      },
      requireWanted: () => {
        if (cancellation.aborted) throw CLIENT_GONE;
      },
      passOver: (_candidate, { kind }) => passed.push(kind),
      noteUnserved: () => undefined,
      enterModel: ({ id }) => this.limitsOf.get(id),
      failAttempt: () => undefined,
      failure: () => new HubError({ status: 400, code: 'failed', message: 'failed' }),
      outcomeOf: (error) => (error === undefined ? 'client_gone' : 'hub_error'),
      beginAttempt: () => undefined,
      endAttempt: (record) => records.push(record),
    };
  }

  walkOf(plan: readonly PlannedCandidate[], change: Partial<Choice> = {}, prepare?: Preparation): AttemptWalk {
    const choice = { model: MODEL, prices: PriceTable.empty, facts: PLAIN_FACTS, plan, passedOver: [], ...change };
    return new AttemptWalk(this.tools, this.run, choice, prepare);
  }
}

/** A model without anything but its name and its routing. */
export function modelOf(id: string, routing?: ModelRouting): CatalogModel {
  return { id, createdAt: new Date(0), onDisconnect: 'abort', routing };
}

export const MODEL = modelOf('m');

/** A candidate of the model that was asked for. */
export function own(candidate: Candidate, model = MODEL): PlannedCandidate {
  return { candidate, model, opensOn: undefined, reserve: undefined };
}

/** A candidate of another model. */
export function fallback(candidate: Candidate, id: string, ...opensOn: FallbackTrigger[]): PlannedCandidate {
  return { candidate, model: modelOf(id), opensOn, reserve: undefined };
}

/** Lets every attempt fail in turn. @returns the names of the channels that were asked. */
export async function walkThrough(
  walk: AttemptWalk,
  ...kinds: readonly (ProviderErrorKind | ProviderError)[]
): Promise<string[]> {
  const asked: string[] = [];
  for (let attempt = await walk.next(); attempt !== undefined; attempt = await walk.next()) {
    asked.push(attempt.candidate.channel.id);
    const kind = kinds[asked.length - 1] ?? kinds.at(-1) ?? 'overloaded';
    walk.fail(attempt, typeof kind === 'string' ? failure(kind) : kind);
  }
  return asked;
}

/** Three channels of the model. */
export const three = ['a', 'b', 'c'].map((id) => own(candidateOf(id)));
