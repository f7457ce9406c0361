import { Inject, Injectable } from '@nestjs/common';
import { type Caller, mayUseModel } from '../auth/caller.js';
import type { NanoCredits } from '../common/money.js';
import { MULTIPLIER_ONE } from '../pricing/cost-of.js';
import { isFree } from '../pricing/is-free.js';
import type { Price, PriceVersion } from '../pricing/price.js';
import { modelNotPriced } from '../pricing/pricing.errors.js';
import type { VideoModel, VideoRefusal } from '../providers/canonical/video.js';
import type { Candidate } from '../routing/candidate.js';
import { drawOrder } from '../routing/draw-order.js';
import { ChannelHealth } from '../routing/health/channel-health.js';
import { imageWayOf } from '../routing/image-way.js';
import { ModelCatalog } from '../routing/model-catalog.js';
import { modelNotFound } from '../routing/routing.errors.js';
import type { RoutingTable } from '../routing/routing-table.js';
import { refusalOfImages } from './check-image.js';
import { checkVideo, PLACEHOLDERS, toVideoRequest } from './check-video.js';
import { describeModel } from './describe-model.js';
import { modelMakesNone, noChannel, optionUnsupported, providerUnknown } from './job.errors.js';
import type { JobKind, JobOffer, JobRequest } from './job.js';
import { askedUsage, holdOf } from './job-cost.js';

const DEADLINE_MINUTES = 60;
const MS_PER_MINUTE = 60_000;
/** Also of a picture that an upstream makes while the hub waits. */
const IMAGE_DEADLINE_MINUTES = 15;
const IMAGE_MODEL = /(?:^|[-_/.])(?:dall-e|image\w*|flux|seedream|wanx|cogview|stable-diffusion|sd3\w*|t2i)/i;

/** What a caller wants made, and where. */
export interface Wanted {
  readonly kind: JobKind;
  /** Provider id; undefined leaves it to the hub. */
  readonly provider?: string;
  /** Public name; undefined leaves it to the provider. */
  readonly model?: string;
  readonly request: JobRequest;
}

/** Ways to carry a job out, and what must be set aside for the dearest of them. */
export interface Route {
  /** At least one, in the order in which they are tried. */
  readonly offers: readonly JobOffer[];
  readonly hold: NanoCredits;
}

/** A model as callers see it. */
export interface OfferedModel {
  /** Public name. */
  readonly id: string;
  readonly provider: string;
  /** Serves who names this provider and no model. */
  readonly isDefault: boolean;
  readonly model: VideoModel;
  /** Undefined where it has none, so that it serves nobody. */
  readonly price: Price | undefined;
}

interface Able {
  readonly candidate: Candidate;
  readonly offer: JobOffer;
  readonly hold: NanoCredits;
}

/** Says which channels can make what a caller wants, and in which order. */
@Injectable()
export class JobRouter {
  constructor(
    @Inject(ModelCatalog) private readonly catalog: ModelCatalog,
    @Inject(ChannelHealth) private readonly health: ChannelHealth,
  ) {}

  /**
   * The ways to carry out what is wanted: channels that can do all of it and have a price, higher priorities first; within a
   * priority those that do not rest, cheaper models first where the choice is the hub's, and then by weight.
   *
   * @throws HubError 400 naming the option that none can do, 404 for a model the caller may not use, 503 without a price or
   * channel.
   */
  route(caller: Caller, wanted: Wanted): Route {
    const { table } = this.catalog;
    // A task is asked after with the credential that submitted it: the first one of its channel.
    const candidates = this.candidatesOf(caller, wanted, table).filter(({ credentialIndex }) => credentialIndex === 0);
    const able: Able[] = [];
    let refusal: VideoRefusal | undefined;
    let unpriced: string | undefined;
    const served = new Set<string>();
    for (const candidate of candidates) {
      // Where the model is the hub's choice, each channel offers one: its usual one if that can do it.
      if (wanted.model === undefined && served.has(candidate.channel.id)) continue;
      const terms = this.termsOf(candidate, wanted, table);
      if ('param' in terms) {
        refusal ??= terms;
        continue;
      }
      const version = table.prices.selling(candidate.target.publicModel, candidate.channel.id);
      if (version === undefined || !isPricedFor(version.price, wanted, terms)) {
        unpriced ??= candidate.target.publicModel;
        continue;
      }
      served.add(candidate.channel.id);
      able.push(toAble(candidate, terms, version, { caller, wanted, table }));
    }
    if (able.length === 0) {
      if (unpriced !== undefined) throw modelNotPriced(unpriced);
      throw refusal === undefined ? noChannel(wanted.kind) : optionUnsupported(refusal);
    }
    const ordered = this.order(able, wanted.model === undefined);
    const hold = ordered.reduce((most, { hold: one }) => (one > most ? one : most), 0n);
    return { offers: ordered.map(({ offer }) => offer), hold };
  }

  /** Models that a caller may have videos made with. */
  models(caller: Caller): readonly OfferedModel[] {
    const { table } = this.catalog;
    const offered = new Map<string, OfferedModel>();
    for (const id of table.models.keys()) {
      if (!mayUseModel(caller, id)) continue;
      for (const candidate of table.candidatesOf(id)) {
        const model = describeModel(candidate, table.models.get(id)?.video);
        const { provider, target, channel } = candidate;
        const key = `${provider.id} ${id}`;
        if (model === undefined || offered.has(key)) continue;
        const isDefault = target.upstreamModel === provider.video?.defaultModel;
        const price = table.prices.selling(id, channel.id)?.price;
        offered.set(key, { id, provider: provider.id, isDefault, model, price });
      }
    }
    return [...offered.values()];
  }

  private candidatesOf(caller: Caller, wanted: Wanted, table: RoutingTable): readonly Candidate[] {
    const { kind, model, provider } = wanted;
    if (provider !== undefined) this.checkProvider(provider, kind, table);
    if (model !== undefined) {
      if (!mayUseModel(caller, model) || !table.models.has(model)) throw modelNotFound(model);
      const able = table.candidatesOf(model).filter((candidate) => makes(candidate, kind, table));
      if (able.length === 0) throw modelMakesNone(model, kind);
      const chosen = able.filter((candidate) => provider === undefined || candidate.provider.id === provider);
      if (chosen.length === 0) throw modelNotFound(model);
      return chosen;
    }
    const all = [...table.models.keys()]
      .filter((id) => mayUseModel(caller, id))
      .flatMap((id) => table.candidatesOf(id))
      .filter((candidate) => provider === undefined || candidate.provider.id === provider)
      .filter((candidate) => makes(candidate, kind, table) && (kind === 'video' || isImageModel(candidate)));
    return usualFirst(all);
  }

  private checkProvider(id: string, kind: JobKind, table: RoutingTable): void {
    const known = new Set<string>();
    for (const model of table.models.keys()) {
      for (const candidate of table.candidatesOf(model)) {
        if (makes(candidate, kind, table)) known.add(candidate.provider.id);
      }
    }
    if (!known.has(id)) throw providerUnknown(id, [...known].sort());
  }

  private termsOf(candidate: Candidate, { kind, request }: Wanted, table: RoutingTable): Terms | VideoRefusal {
    const { publicModel } = candidate.target;
    if (kind === 'image') return imageTermsOf(candidate, request);
    const model = describeModel(candidate, table.models.get(publicModel)?.video);
    if (model === undefined) throw new Error(`The model "${publicModel}" makes no videos.`);
    const check = checkVideo(request, model, `the model "${publicModel}"`);
    if (!check.isAble) return check.refusal;
    const tokens = candidate.provider.video?.tokensOf?.(
      toVideoRequest(request, check.terms, PLACEHOLDERS),
      candidate.target,
    );
    return {
      ...check.terms,
      outputTokens: tokens,
      deadlineMs: (model.deadlineMinutes ?? DEADLINE_MINUTES) * MS_PER_MINUTE,
    };
  }

  private order(able: readonly Able[], isModelOpen: boolean): Able[] {
    const byCandidate = new Map(able.map((one) => [one.candidate, one]));
    const sorted = able.map(({ candidate }) => candidate).sort((a, b) => b.priority - a.priority);
    const drawn = drawOrder(sorted, Math.random).flatMap((candidate) => byCandidate.get(candidate) ?? []);
    const rank = ({ candidate }: Able): number => (this.health.reasonFor(candidate) === undefined ? 0 : 1);
    const price = ({ hold }: Able): NanoCredits => (isModelOpen ? hold : 0n);
    // Sorting is stable: what the draw decided stays where nothing else does.
    return drawn.sort(
      (a, b) =>
        b.candidate.priority - a.candidate.priority ||
        rank(a) - rank(b) ||
        (price(a) < price(b) ? -1 : price(a) > price(b) ? 1 : 0),
    );
  }
}

type Terms = Pick<JobOffer, 'durationSeconds' | 'resolution' | 'hasAudio' | 'outputTokens' | 'deadlineMs'>;

function toAble(
  candidate: Candidate,
  terms: Terms,
  version: PriceVersion,
  { caller, wanted, table }: { caller: Caller; wanted: Wanted; table: RoutingTable },
): Able {
  const { channel, provider, target } = candidate;
  const offer: JobOffer = {
    channelId: channel.id,
    channel: channel.name,
    provider: provider.id,
    model: target.publicModel,
    upstreamModel: target.upstreamModel,
    priceVersionId: version.id,
    purchaseVersionId: table.prices.purchase(target.publicModel, channel.id)?.id ?? null,
    ...terms,
  };
  const usage = askedUsage(wanted.kind, wanted.request, terms);
  return { candidate, offer, hold: holdOf(version.price, usage, caller.multiplierMillionths) };
}

function imageTermsOf(candidate: Candidate, request: JobRequest): Terms | VideoRefusal {
  const way = imageWayOf(candidate);
  if (way === undefined) throw new Error(`The provider "${candidate.provider.id}" makes no pictures.`);
  const refusal = refusalOfImages(request, candidate.target, way);
  if (refusal !== undefined) return refusal;
  const minutes = (way.kind === 'task' ? way.model.deadlineMinutes : undefined) ?? IMAGE_DEADLINE_MINUTES;
  return { durationSeconds: 0, resolution: '', hasAudio: false, deadlineMs: minutes * MS_PER_MINUTE };
}

/** A price of tokens alone says nothing about a video that is not counted in them: it is no gift, but no price. */
function isPricedFor(price: Price, { kind, request }: Wanted, terms: Terms): boolean {
  return isFree(price) || holdOf(price, askedUsage(kind, request, terms), MULTIPLIER_ONE) > 0n;
}

function makes(candidate: Candidate, kind: JobKind, table: RoutingTable): boolean {
  if (kind === 'image') return imageWayOf(candidate) !== undefined;
  return describeModel(candidate, table.models.get(candidate.target.publicModel)?.video) !== undefined;
}

/** A model that makes pictures, as its provider says or its name; any model of a provider that makes them may be named. */
function isImageModel(candidate: Candidate): boolean {
  return imageWayOf(candidate)?.kind === 'task' || IMAGE_MODEL.test(candidate.target.upstreamModel);
}

/** The same candidates, those of a channel together, the one that its provider takes for its default first. */
function usualFirst(candidates: readonly Candidate[]): Candidate[] {
  const isUsual = ({ provider, target }: Candidate): number =>
    target.upstreamModel === provider.video?.defaultModel ? 0 : 1;
  const byChannel = Map.groupBy(candidates, (candidate) => candidate.channel.id);
  return [...byChannel.values()].flatMap((group) => group.toSorted((a, b) => isUsual(a) - isUsual(b)));
}
