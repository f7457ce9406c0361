import { Inject, Injectable } from '@nestjs/common';
import type { CatalogChannel } from '../../../channels/catalog.types.js';
import { ChannelStore } from '../../../channels/channel-store.js';
import { readStoredModels } from '../../../channels/own-models.js';
import { readStoredChannels } from '../../../channels/stored-channel.js';
import { invalidRequest } from '../../../common/hub-error.js';
import { ADMIN_SQL, type Sql } from '../../../database/sql.js';
import { ProviderRegistry } from '../../../providers/provider-registry.js';
import { type Candidate, ChannelUnusableError, toCandidate } from '../../../routing/candidate.js';
import { ModelCatalog } from '../../../routing/model-catalog.js';
import { notFound } from '../../graphql/graphql.errors.js';
import { readId } from '../../graphql/read-id.js';
import { checkModelId, checkPriority, checkText, checkWeight } from '../check-input.js';
import type { DryRunRouteInput, RouteChangeInput } from './dry-run.input.js';
import { DryRunGate } from './dry-run-gate.js';
import { type DryRunSpan, dryRunSpan } from './dry-run-span.js';
import { type ReplayResult, RouteReplay } from './route-replay.js';
import { type ReadTraffic, readServedRequests } from './served-requests.js';

const CHANGES_MAX = 50;

/** What a change of routes would have done to some traffic. */
export interface RouteDryRunResult extends ReplayResult, ReadTraffic, DryRunSpan {}

/** A route as far as it is stored; what is undefined is its channel's. */
type StoredPlace = Pick<Candidate, 'target'> & Partial<Pick<Candidate, 'priority' | 'weight'>>;

/** Finds out what other routes, priorities and weights would have done. Changes nothing. */
@Injectable()
export class RouteDryRun {
  constructor(
    @Inject(ADMIN_SQL) private readonly sql: Sql,
    @Inject(ModelCatalog) private readonly catalog: ModelCatalog,
    @Inject(ChannelStore) private readonly store: ChannelStore,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(DryRunGate) private readonly gate: DryRunGate,
  ) {}

  /** @throws HubError 400 naming the field, 404 for a model or channel that is not there, 429 while another one is under way. */
  async run(input: DryRunRouteInput): Promise<RouteDryRunResult> {
    const model = checkModelId(input.modelId, 'modelId');
    const span = dryRunSpan(input.from, input.to, new Date());
    checkChanges(input.changes);
    return this.gate.run(async () => {
      const stored = (await readStoredModels(this.sql, [model])).get(model);
      if (stored === undefined) throw notFound('model', model, 'modelId');
      const { table } = this.catalog;
      const { routing } = table.models.get(model) ?? {};
      const routes = { video: stored.video ?? undefined, routing, prices: table.prices };
      const before = table.candidatesOf(model).filter(isOfFirstCredential).map(alone);
      const after = await this.changed(model, before, input.changes);
      const replay = new RouteReplay({ ...routes, candidates: before }, { ...routes, candidates: after });
      const read = await readServedRequests(this.sql, model, span, (request) => replay.add(request));
      return { ...replay.result(), ...read, ...span };
    });
  }

  /** The candidates after the changes, in the order in which the routing table has them. */
  private async changed(
    model: string,
    before: readonly Candidate[],
    changes: readonly RouteChangeInput[],
  ): Promise<Candidate[]> {
    const byChannel = new Map(before.map((candidate) => [candidate.channel.id, candidate]));
    for (const [index, change] of changes.entries()) {
      const param = `changes[${index}]`;
      const candidate = await this.changedOne(model, byChannel.get(change.channelId), change, param);
      if (candidate === undefined) byChannel.delete(change.channelId);
      else byChannel.set(change.channelId, candidate);
    }
    return [...byChannel.values()].sort((a, b) => b.priority - a.priority || compareIds(a.channel.id, b.channel.id));
  }

  private async changedOne(
    model: string,
    before: Candidate | undefined,
    change: RouteChangeInput,
    param: string,
  ): Promise<Candidate | undefined> {
    const channel = before?.channel ?? (await this.channelOf(change.channelId, `${param}.channelId`));
    if (change.isServed === false) return undefined;
    const stored = before ?? (await this.routeOf(channel.id, model));
    const upstreamModel = change.upstreamModel ?? stored?.target.upstreamModel;
    // A channel that is switched off and has no route stays out unless it is said to serve.
    if (before === undefined && change.isServed !== true) return undefined;
    try {
      const target = { publicModel: model, upstreamModel: upstreamModel ?? model };
      const candidate = toCandidate(channel, this.providers.get(channel.provider), target);
      // What is known of an upstream's model is not known of another one.
      const known = before?.target.upstreamModel === target.upstreamModel ? before : candidate;
      return {
        ...candidate,
        capabilities: known.capabilities,
        priority: change.priority ?? stored?.priority ?? candidate.priority,
        weight: change.weight ?? stored?.weight ?? candidate.weight,
      };
    } catch (error) {
      if (!(error instanceof ChannelUnusableError)) throw error;
      throw invalidRequest(`The channel "${channel.name}" cannot be used: ${error.message}.`, `${param}.channelId`);
    }
  }

  /** The route of a channel that is switched off, which has its place in the order of the model all the same. */
  private async routeOf(channelId: string, model: string): Promise<StoredPlace | undefined> {
    const [row] = await this.sql.query<{ upstream_model: string; priority: number | null; weight: number | null }>(
      `select upstream_model, priority, weight from route where channel_id = $1 and model_id = $2`,
      [channelId, model],
    );
    if (row === undefined) return undefined;
    const target = { publicModel: model, upstreamModel: row.upstream_model };
    return { target, priority: row.priority ?? undefined, weight: row.weight ?? undefined };
  }

  private async channelOf(id: string, param: string): Promise<CatalogChannel> {
    const stored = (await readStoredChannels(this.sql, [readId('channel', id, param)])).get(id);
    const channel = stored?.removedAt === null ? await this.store.findChannel(id) : undefined;
    if (channel === undefined) throw notFound('channel', id, param);
    return channel;
  }
}

/** The replay is about channels: each stands there once. */
function isOfFirstCredential({ credentialIndex }: Candidate): boolean {
  return credentialIndex === 0;
}

/** The candidate with the whole share of its channel. */
function alone(candidate: Candidate): Candidate {
  return candidate.credentialCount === 1 ? candidate : { ...candidate, credentialCount: 1 };
}

function checkChanges(changes: readonly RouteChangeInput[]): void {
  if (changes.length === 0 || changes.length > CHANGES_MAX) {
    throw invalidRequest(`"changes" must have 1 to ${CHANGES_MAX} entries.`, 'changes');
  }
  const seen = new Set<string>();
  for (const [index, { channelId, upstreamModel, priority, weight }] of changes.entries()) {
    const param = `changes[${index}]`;
    readId('channel', channelId, `${param}.channelId`);
    if (seen.has(channelId)) throw invalidRequest(`"${param}.channelId" stands there twice.`, `${param}.channelId`);
    seen.add(channelId);
    if (upstreamModel != null) checkText(upstreamModel, `${param}.upstreamModel`);
    if (priority != null) checkPriority(priority, `${param}.priority`);
    if (weight != null) checkWeight(weight, `${param}.weight`);
  }
}

function compareIds(a: string, b: string): number {
  return BigInt(a) < BigInt(b) ? -1 : 1;
}
