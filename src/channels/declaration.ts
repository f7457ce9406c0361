import type { DeclaredPrice } from '../common/declared-price.js';
import type { DeclaredGroup } from '../pricing/account-group.js';
import type { VideoModelPatch } from '../providers/canonical/video.js';
import type { ModelRouting } from './model-routing.js';

/** Who declares a channel or model; stored as `managed_by`. What is stronger comes first. */
export const DECLARERS = ['config', 'environment', 'sandbox'] as const;
export type Declarer = (typeof DECLARERS)[number];

/** A channel as its declarer wants it. */
export interface DeclaredChannel {
  /** Stable; the channel is found again by it. */
  readonly name: string;
  /** Provider id. */
  readonly provider: string;
  /** Without a trailing slash; the provider's own when left out. */
  readonly baseUrl?: string;
  /** Credential in the clear. */
  readonly apiKey?: string;
  /** Credentials besides the first, in the clear. */
  readonly moreApiKeys?: readonly string[];
  readonly allowPrivateNetwork: boolean;
  readonly priority: number;
  readonly weight: number;
  /** Public model name to upstream name. */
  readonly models: ReadonlyMap<string, string>;
  /** Place in the order of a single model, where it is not the channel's own; by public model name. */
  readonly places?: ReadonlyMap<string, RoutePlace>;
  /** Selling prices on this channel alone, by public model name. */
  readonly prices?: ReadonlyMap<string, DeclaredPrice>;
  /** What the vendor asks for, by public model name. */
  readonly costs?: ReadonlyMap<string, DeclaredPrice>;
  /** Tasks that may be under way at the vendor at a time. */
  readonly tasksMax?: number;
  /** Requests that may be under way at the vendor at a time. */
  readonly concurrencyMax?: number;
  /** What the vendor signs its callbacks with, in the clear. */
  readonly callbackSecret?: string;
}

/** Where a channel stands in the order of one model; what is left out is the channel's own. */
export interface RoutePlace {
  /** Higher tiers are tried first. */
  readonly priority?: number;
  /** Share within a tier. */
  readonly weight?: number;
}

/** What happens to an answer whose caller has left: `abort` stops it upstream, `drain` reads it to its end. */
export type OnDisconnect = 'abort' | 'drain';

/** Bounds on the use of a model by everybody together; what is left out has none. */
export interface ModelLimits {
  /** Requests per minute. */
  readonly rpm?: number;
  /** Tokens per minute. */
  readonly tpm?: number;
  /** Requests at a time. */
  readonly concurrency?: number;
}

/** A model with what is fixed about it. */
export interface DeclaredModel {
  readonly id: string;
  readonly price?: DeclaredPrice;
  /** Default `abort`. */
  readonly onDisconnect?: OnDisconnect;
  /** Output tokens to allow for when the caller gives no cap. */
  readonly outputTokensDefault?: number;
  /** What it can do with videos, in place of what its provider says. */
  readonly video?: VideoModelPatch;
  readonly limits?: ModelLimits;
  /** How its requests are routed and rescued. */
  readonly routing?: ModelRouting;
}

/** Everything one declarer declares; what it does not mention any more is switched off. */
export interface Declaration {
  readonly channels: readonly DeclaredChannel[];
  readonly models: readonly DeclaredModel[];
  /** Selling prices of models that it does not declare as its own, by public name. They give way to an operator's. */
  readonly suggestedPrices?: ReadonlyMap<string, DeclaredPrice>;
}

/** What all declarers want now. One that is left out declares nothing. */
export type Declarations = Readonly<Partial<Record<Declarer, Declaration>>> & {
  /** Account groups; only HUB_CONFIG declares any. */
  readonly groups?: readonly DeclaredGroup[];
};
