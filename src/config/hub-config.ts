import type { DeclaredPrice } from '../common/declared-price.js';
import type { HubConfigRouting } from './hub-config-routing.js';

/** A channel of the configuration file. */
export interface HubConfigChannel {
  readonly id: string;
  readonly provider: string;
  /** Without a trailing slash. */
  readonly baseUrl?: string;
  /** With variables filled in. Never logged. */
  readonly apiKey?: string;
  /** Credentials besides the first. Never logged. */
  readonly moreApiKeys?: readonly string[];
  readonly allowPrivateNetwork: boolean;
  readonly priority: number;
  readonly weight: number;
  /** Public model name to upstream name. */
  readonly models: ReadonlyMap<string, string>;
  /** Place in the order of a single model, where it is not the channel's own; by public model name. */
  readonly places?: ReadonlyMap<string, { readonly priority?: number; readonly weight?: number }>;
  /** Selling prices on this channel alone, by public model name. */
  readonly prices: ReadonlyMap<string, DeclaredPrice>;
  /** What the vendor asks, by public model name. */
  readonly costs: ReadonlyMap<string, DeclaredPrice>;
  /** Tasks that may be under way at the vendor at a time. */
  readonly tasksMax?: number;
  /** Requests that may be under way at the vendor at a time. */
  readonly concurrencyMax?: number;
  /** What the vendor signs its callbacks with, variables filled in. Never logged. */
  readonly callbackSecret?: string;
}

/** A model of the configuration file. */
export interface HubConfigModel {
  readonly id: string;
  readonly price?: DeclaredPrice;
  readonly onDisconnect?: 'abort' | 'drain';
  readonly outputTokensDefault?: number;
  readonly video?: HubConfigVideo;
  readonly limits?: { readonly rpm?: number; readonly tpm?: number; readonly concurrency?: number };
  /** Undefined where all is by default. */
  readonly routing?: HubConfigRouting;
}

/** What a model can do with videos, as far as the operator says it. */
export interface HubConfigVideo {
  /** Whole seconds. */
  readonly durations?: readonly number[] | { readonly min: number; readonly max: number };
  readonly durationDefault?: number;
  readonly resolutions?: readonly string[];
  readonly resolutionDefault?: string;
  readonly aspectRatios?: readonly string[];
  readonly image?: 'none' | 'optional' | 'required';
  readonly hasLastFrame?: boolean;
  readonly imageForms?: readonly ('url' | 'bytes')[];
  readonly audio?: 'never' | 'always' | 'optional';
  readonly audioDefault?: boolean;
  readonly hasNegativePrompt?: boolean;
  readonly hasSeed?: boolean;
  readonly countMax?: number;
  readonly promptCharsMax?: number;
  readonly options?: readonly string[];
  readonly deadlineMinutes?: number;
}

/** An account group of the configuration file. */
export interface HubConfigGroup {
  readonly id: string;
  /** Decimal string, from 0 to 1000. */
  readonly multiplier?: string;
  /** Public names; undefined for all. */
  readonly models?: readonly string[];
}

/** HUB_CONFIG, checked, with defaults and variables filled in. */
export interface HubConfig {
  readonly channels: readonly HubConfigChannel[];
  readonly models: readonly HubConfigModel[];
  readonly groups: readonly HubConfigGroup[];
}

/** What is wrong with a price that has the right form: where in it, and a text that follows the place. */
export interface PriceMistake {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** What must be known of a provider to check a channel of it. */
export interface KnownProvider {
  readonly id: string;
  readonly baseUrl?: string;
  /** Default true. */
  readonly isCredentialRequired?: boolean;
  /** `callback` where the provider signs its callbacks. */
  readonly video?: { readonly callback?: object };
  readonly imageTasks?: { readonly callback?: object };
  /** What is wrong with a base URL, to follow its name. */
  checkBaseUrl?(baseUrl: string): string | undefined;
  /** The same of a credential, without quoting it. */
  checkCredential?(credential: string): string | undefined;
}

/** The configuration file cannot be used; the message lists every problem, one per line, as `file:line: text`. */
export class HubConfigError extends Error {
  override readonly name = 'HubConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The configuration file cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}
