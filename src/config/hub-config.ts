/** A channel of the configuration file. */
export interface HubConfigChannel {
  readonly id: string;
  readonly provider: string;
  /** Without a trailing slash. */
  readonly baseUrl?: string;
  /** With variables filled in. Never logged. */
  readonly apiKey?: string;
  readonly allowPrivateNetwork: boolean;
  readonly priority: number;
  readonly weight: number;
  /** Public model name to upstream name. */
  readonly models: ReadonlyMap<string, string>;
}

/** A model of the configuration file. Prices are credits per million, as decimal strings. */
export interface HubConfigModel {
  readonly id: string;
  readonly price?: { readonly inputPerMillion?: string; readonly outputPerMillion?: string };
}

/** HUB_CONFIG, checked, with defaults and variables filled in. */
export interface HubConfig {
  readonly channels: readonly HubConfigChannel[];
  readonly models: readonly HubConfigModel[];
}

/** What must be known of a provider to check a channel of it. */
export interface KnownProvider {
  readonly id: string;
  readonly baseUrl?: string;
  /** Default true. */
  readonly isCredentialRequired?: boolean;
}

/** The configuration file cannot be used; the message lists every problem, one per line, as `file:line: text`. */
export class HubConfigError extends Error {
  override readonly name = 'HubConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The configuration file cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}
