import type { DeclaredPrice } from '../common/declared-price.js';
import type { HubConfigGroup, HubConfigModel } from './hub-config.js';
import type { RawHubConfigRouting } from './hub-config-routing.js';

/** The file's shape once the schema has accepted it. */
export interface RawHubConfig {
  readonly channels?: readonly {
    readonly id: string;
    readonly provider: string;
    readonly baseUrl?: string;
    readonly apiKey?: string;
    readonly apiKeys?: readonly string[];
    readonly allowPrivateNetwork?: boolean;
    readonly priority?: number;
    readonly weight?: number;
    readonly models: Readonly<Record<string, string | null | RawRoute>>;
    readonly prices?: Readonly<Record<string, DeclaredPrice>>;
    readonly costs?: Readonly<Record<string, DeclaredPrice>>;
    readonly tasksMax?: number;
    readonly concurrencyMax?: number;
    readonly callbackSecret?: string;
  }[];
  readonly models?: readonly (Omit<HubConfigModel, 'routing'> & RawHubConfigRouting)[];
  readonly groups?: readonly HubConfigGroup[];
}

/** A model of a channel that has more to it than the upstream's name. */
export interface RawRoute {
  readonly upstream?: string;
  readonly priority?: number;
  readonly weight?: number;
}
