import type { LimitSubject } from '../limits/limit-subject.js';
import type { AccountGroup } from '../pricing/account-group.js';
import type { PriceTable } from '../pricing/price-table.js';
import type { VideoModelPatch } from '../providers/canonical/video.js';
import type { OnDisconnect, RoutePlace } from './declaration.js';
import type { ModelRouting } from './model-routing.js';

/** An enabled channel as the router needs it: plain data, credential in the clear. Never logged, never serialised. */
export interface CatalogChannel {
  /** Row id, as a decimal string. */
  readonly id: string;
  /** Stable name, as declared by the operator; safe for logs. */
  readonly name: string;
  /** Provider id, such as `deepseek`. */
  readonly provider: string;
  /** Overrides the provider's own base URL; no trailing slash. */
  readonly baseUrl?: string;
  readonly credential?: string;
  readonly allowPrivateNetwork: boolean;
  /** Higher tiers are tried first. */
  readonly priority: number;
  /** Share within a tier; 0 takes part only when nothing else in the tier is left. */
  readonly weight: number;
  /** Public model name to the name this upstream knows it by. */
  readonly models: ReadonlyMap<string, string>;
  /** Place in the order of a single model, where it is not the channel's own; by public model name. */
  readonly places?: ReadonlyMap<string, RoutePlace>;
  /** Credentials besides the first, each with a state of its own. */
  readonly moreCredentials?: readonly string[];
  /** Requests that may be under way at the upstream at a time; undefined for any number. */
  readonly concurrencyMax?: number;
  /** Tasks that may be under way at the upstream at a time; undefined for any number. */
  readonly tasksMax?: number;
  /** What signs the callbacks of this upstream, in the clear; without it none are taken. */
  readonly callbackSecret?: string;
}

/** A model that at least one enabled channel serves. */
export interface CatalogModel {
  /** Public name. */
  readonly id: string;
  readonly onDisconnect: OnDisconnect;
  /** Output tokens to allow for when the caller gives no cap; undefined where the hub's own default holds. */
  readonly outputTokensDefault?: number;
  readonly createdAt: Date;
  /** What the operator says the model can do with videos; a patch of its provider's own description. */
  readonly video?: VideoModelPatch;
  /** How its requests are routed and rescued; undefined where all is by default. */
  readonly routing?: ModelRouting;
  /** Limits of all callers together, where there are some. */
  readonly limits?: LimitSubject;
}

/** One consistent picture of everything routable. */
export interface Catalog {
  /** Grows with every change, so that instances know when to load again. */
  readonly version: bigint;
  readonly channels: readonly CatalogChannel[];
  readonly models: ReadonlyMap<string, CatalogModel>;
  /** Models that no enabled channel serves, but that have fallbacks. Default none. */
  readonly dormant?: ReadonlyMap<string, CatalogModel>;
  readonly prices: PriceTable;
  /** Account groups, by row id. */
  readonly groups: ReadonlyMap<string, AccountGroup>;
}
