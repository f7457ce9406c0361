import type { CatalogChannel } from '../channels/catalog.types.js';
import type { Provider, Target } from '../providers/provider.js';

// Response headers of any upstream that a caller may see.
const PASSED_HEADERS = ['openai-processing-ms', 'openai-version'];

/** One way to serve a model: a channel, its provider, and everything about the address that can be worked out ahead. */
export interface Candidate {
  readonly channel: CatalogChannel;
  readonly provider: Provider;
  readonly target: Target;
  /** Scheme, host and port of the upstream. */
  readonly origin: string;
  /** Path of the base URL, without a trailing slash. */
  readonly basePath: string;
  /** Headers of every request on this channel, credential included; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The same for a JSON body with a whole answer, and with a stream. */
  readonly jsonHeaders: Readonly<Record<'whole' | 'stream', Readonly<Record<string, string>>>>;
  /** Upstream response headers that the caller may see. */
  readonly passedHeaders: readonly string[];
  /** Texts that must never be shown: the credential and the host. */
  readonly secrets: readonly string[];
}

/** A channel that cannot be used as declared; the reason is for the operator's log. */
export class ChannelUnusableError extends Error {}

/** What all candidates of a channel have in common. */
type ChannelPart = Omit<Candidate, 'target'>;

/**
 * Prepares the candidates of a channel, one for each of its models.
 * @throws ChannelUnusableError when the provider is unknown, or base URL or credential are missing.
 */
export function toCandidates(channel: CatalogChannel, provider: Provider | undefined): Map<string, Candidate> {
  const common = toChannelPart(channel, provider);
  const candidates = new Map<string, Candidate>();
  for (const [publicModel, upstreamModel] of channel.models) {
    candidates.set(publicModel, { ...common, target: { publicModel, upstreamModel } });
  }
  return candidates;
}

/**
 * Prepares a channel for something that was begun on it, whatever models it has now.
 * @throws ChannelUnusableError as {@link toCandidates} does.
 */
export function toCandidate(channel: CatalogChannel, provider: Provider | undefined, target: Target): Candidate {
  return { ...toChannelPart(channel, provider), target };
}

function toChannelPart(channel: CatalogChannel, provider: Provider | undefined): ChannelPart {
  if (provider === undefined) throw new ChannelUnusableError(`provider "${channel.provider}" is unknown`);
  const baseUrl = channel.baseUrl ?? provider.baseUrl;
  if (baseUrl === undefined) throw new ChannelUnusableError('it has no base URL and its provider has no default');
  if (channel.credential === undefined && provider.isCredentialRequired !== false) {
    throw new ChannelUnusableError('it has no credential');
  }
  if (!URL.canParse(baseUrl)) throw new ChannelUnusableError('its base URL is not a URL');
  const url = new URL(baseUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new ChannelUnusableError('its base URL is not http');
  const headers = {
    ...(channel.credential === undefined ? {} : provider.auth(channel.credential)),
    'accept-encoding': 'identity',
    'user-agent': 'ug-ai-hub',
  };
  const json = { ...headers, 'content-type': 'application/json' };
  return {
    channel,
    provider,
    origin: url.origin,
    basePath: url.pathname.replace(/\/+$/, ''),
    headers,
    jsonHeaders: {
      whole: { ...json, accept: 'application/json' },
      stream: { ...json, accept: 'text/event-stream' },
    },
    passedHeaders: [...PASSED_HEADERS, ...(provider.passResponseHeaders ?? [])],
    secrets: [channel.credential ?? '', url.host, url.hostname].filter((text) => text !== ''),
  };
}
