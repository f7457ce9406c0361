import type { CatalogChannel } from '../channels/catalog.types.js';
import type { Provider, Target } from '../providers/provider.js';

/** One way to serve a model: a channel, its provider, and everything about the address that can be worked out ahead. */
export interface Candidate {
  readonly channel: CatalogChannel;
  readonly provider: Provider;
  readonly target: Target;
  /** Scheme, host and port of the upstream. */
  readonly origin: string;
  /** Path of the base URL, without a trailing slash. */
  readonly basePath: string;
  /** Credential headers, lower-case names. */
  readonly authHeaders: Readonly<Record<string, string>>;
  /** Texts that must never be shown: the credential and the host. */
  readonly secrets: readonly string[];
}

/** A channel that cannot be used as declared; the reason is for the operator's log. */
export class ChannelUnusableError extends Error {}

/**
 * Prepares the candidates of a channel, one for each of its models.
 * @throws ChannelUnusableError when the provider is unknown, or base URL or credential are missing.
 */
export function toCandidates(channel: CatalogChannel, provider: Provider | undefined): Map<string, Candidate> {
  if (provider === undefined) throw new ChannelUnusableError(`provider "${channel.provider}" is unknown`);
  const baseUrl = channel.baseUrl ?? provider.baseUrl;
  if (baseUrl === undefined) throw new ChannelUnusableError('it has no base URL and its provider has no default');
  if (channel.credential === undefined && provider.isCredentialRequired !== false) {
    throw new ChannelUnusableError('it has no credential');
  }
  if (!URL.canParse(baseUrl)) throw new ChannelUnusableError('its base URL is not a URL');
  const url = new URL(baseUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new ChannelUnusableError('its base URL is not http');
  const common = {
    channel,
    provider,
    origin: url.origin,
    basePath: url.pathname.replace(/\/+$/, ''),
    authHeaders: channel.credential === undefined ? {} : provider.auth(channel.credential),
    secrets: [channel.credential ?? '', url.host, url.hostname].filter((text) => text !== ''),
  };
  const candidates = new Map<string, Candidate>();
  for (const [publicModel, upstreamModel] of channel.models) {
    candidates.set(publicModel, { ...common, target: { publicModel, upstreamModel } });
  }
  return candidates;
}
