import { createHash } from 'node:crypto';
import type { CatalogChannel } from '../channels/catalog.types.js';
import type { ModelCapabilities } from '../channels/model-routing.js';
import type { Provider, Target } from '../providers/provider.js';
import { FRAMINGS } from '../providers/transport/stream-framings.js';
import { hash32 } from './hash32.js';

// Response headers of any upstream that a caller may see.
const PASSED_HEADERS = ['openai-processing-ms', 'openai-version'];
/** So many tokens of a channel's credential are remembered to be hidden: the one in use, and those that requests under way may have. */
const TOKENS_HIDDEN_MAX = 4;
const NOTHING_KNOWN: KnownCapabilities = { capabilities: {}, statedCapabilities: {} };

/** Headers of every request to any upstream. */
export const HUB_HEADERS = { 'accept-encoding': 'identity', 'user-agent': 'ug-ai-hub' };

/**
 * One way to serve a model: a channel with one of its credentials, its provider, and everything about the address that can be worked
 * out ahead.
 */
export interface Candidate {
  readonly channel: CatalogChannel;
  readonly provider: Provider;
  readonly target: Target;
  /** Higher tiers are tried first: the place of the route, or else of its channel. */
  readonly priority: number;
  /** Share of the channel, all credentials together, within the tier; 0 takes part only when nothing else in the tier is left. */
  readonly weight: number;
  /** Which of the channel's credentials it uses, from 0. */
  readonly credentialIndex: number;
  /** How many credentials the channel has; 1 also where it needs none. */
  readonly credentialCount: number;
  /** The credential, for the sender; undefined where the channel needs none. */
  readonly credential: string | undefined;
  /** Nothing has to be added to {@link headers}: the provider neither signs requests nor buys tokens. */
  readonly isAuthorisedAhead: boolean;
  /** Channel, address and credential: what a refused credential is remembered by. The credential is in it as a hash. */
  readonly credentialKey: string;
  /** The same and the upstream model: what its health is remembered by. Something that changes in it starts afresh. */
  readonly healthKey: string;
  /** {@link healthKey} as a number of 32 bits, for sticky routing. */
  readonly affinity: number;
  /** What its model can do, as far as anybody says. */
  readonly capabilities: ModelCapabilities;
  /** What of that the operator says; the rest is general knowledge of the model's name, which may not be true of this upstream. */
  readonly statedCapabilities: ModelCapabilities;
  /** Scheme, host and port of the upstream. */
  readonly origin: string;
  /** Path of the base URL, without a trailing slash. */
  readonly basePath: string;
  /** Headers of every request on this channel, with the credential if {@link isAuthorisedAhead}; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The same for a JSON body with a whole answer, and with a stream. */
  readonly jsonHeaders: Readonly<Record<'whole' | 'stream', Readonly<Record<string, string>>>>;
  /** Upstream response headers that the caller may see. */
  readonly passedHeaders: readonly string[];
  /** Texts that must never be shown: the credentials and what is secret in them, tokens in use, and the host. */
  readonly secrets: readonly string[];
  /** Adds a token to {@link secrets}. */
  hide(token: string): void;
}

/** A channel that cannot be used as declared; the reason is for the operator's log. */
export class ChannelUnusableError extends Error {}

type KnownCapabilities = Pick<Candidate, 'capabilities' | 'statedCapabilities'>;

/** What is known of the model of a route. */
export type CapabilitiesOf = (provider: string, target: Target) => KnownCapabilities;

type AddressKey =
  | 'credentialIndex'
  | 'credentialCount'
  | 'credential'
  | 'isAuthorisedAhead'
  | 'credentialKey'
  | 'origin'
  | 'basePath'
  | 'headers'
  | 'jsonHeaders'
  | 'passedHeaders'
  | 'secrets'
  | 'hide';
/** What all candidates of a channel with one credential have in common. */
type ChannelPart = Pick<Candidate, 'channel' | 'provider' | AddressKey>;

/**
 * Prepares the candidates of a channel: one for each of its models and credentials.
 *
 * @throws ChannelUnusableError when the provider is unknown, or base URL or credential are missing.
 */
export function toCandidates(
  channel: CatalogChannel,
  provider: Provider | undefined,
  capabilitiesOf: CapabilitiesOf = () => NOTHING_KNOWN,
): Candidate[] {
  const credentials = [channel.credential, ...(channel.moreCredentials ?? [])];
  const parts = credentials.map((_credential, index) => toChannelPart(channel, provider, credentials, index));
  return [...channel.models].flatMap(([publicModel, upstreamModel]) => {
    const target = { publicModel, upstreamModel };
    const known = capabilitiesOf(channel.provider, target);
    return parts.map((part) => join(part, target, known));
  });
}

/**
 * Prepares a channel for something that was begun on it, whatever models it has now.
 *
 * @param credentialIndex which of its credentials; the first where there is no such one any more.
 * @throws ChannelUnusableError as {@link toCandidates} does.
 */
export function toCandidate(
  channel: CatalogChannel,
  provider: Provider | undefined,
  target: Target,
  credentialIndex = 0,
): Candidate {
  const credential = channel.moreCredentials?.[credentialIndex - 1] ?? channel.credential;
  return join(toChannelPart(channel, provider, [credential], 0), target, NOTHING_KNOWN);
}

function join(part: ChannelPart, target: Target, known: KnownCapabilities): Candidate {
  const { channel, credentialKey } = part;
  const place = channel.places?.get(target.publicModel);
  const healthKey = `${credentialKey} ${target.upstreamModel}`;
  return {
    ...part,
    target,
    priority: place?.priority ?? channel.priority,
    weight: place?.weight ?? channel.weight,
    healthKey,
    affinity: hash32(healthKey),
    ...known,
  };
}

function toChannelPart(
  channel: CatalogChannel,
  provider: Provider | undefined,
  credentials: readonly (string | undefined)[],
  index: number,
): ChannelPart {
  if (provider === undefined) throw new ChannelUnusableError(`provider "${channel.provider}" is unknown`);
  const baseUrl = channel.baseUrl ?? provider.baseUrl;
  if (baseUrl === undefined) throw new ChannelUnusableError('it has no base URL and its provider has no default');
  const credential = credentials[index];
  if (credential === undefined && provider.isCredentialRequired !== false) {
    throw new ChannelUnusableError('it has no credential');
  }
  if (!URL.canParse(baseUrl)) throw new ChannelUnusableError('its base URL is not a URL');
  const url = new URL(baseUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new ChannelUnusableError('its base URL is not http');
  const isToken = credential !== undefined && buysTokens(provider, credential);
  const headers = { ...(credential === undefined || isToken ? {} : provider.auth(credential)), ...HUB_HEADERS };
  const json = { ...headers, 'content-type': 'application/json' };
  const secrets = secretsOf(provider, credentials, url);
  const fixedCount = secrets.length;
  return {
    channel,
    provider,
    credential,
    isAuthorisedAhead: credential === undefined || (provider.sign === undefined && !isToken),
    credentialIndex: index,
    credentialCount: credentials.length,
    credentialKey: `${channel.id} ${url.origin} ${hashOf(channel.id, credential)}`,
    origin: url.origin,
    basePath: url.pathname.replace(/\/+$/, ''),
    headers,
    jsonHeaders: {
      whole: { ...json, accept: 'application/json' },
      stream: { ...json, accept: FRAMINGS[provider.chat?.framing ?? 'sse'].mediaType },
    },
    passedHeaders: [...PASSED_HEADERS, ...(provider.passResponseHeaders ?? [])],
    secrets,
    hide(token) {
      if (secrets.includes(token)) return;
      if (secrets.length >= fixedCount + TOKENS_HIDDEN_MAX) secrets.splice(fixedCount, 1);
      secrets.push(token);
    },
  };
}

/** Whether the credential itself is never sent, but what it buys. */
export function buysTokens({ accessTokens }: Provider, credential: string): boolean {
  return accessTokens !== undefined && accessTokens.isFor?.(credential) !== false;
}

function secretsOf(provider: Provider, credentials: readonly (string | undefined)[], url: URL): string[] {
  const texts = credentials.flatMap((one) => (one === undefined ? [] : [one, ...(provider.secretsOf?.(one) ?? [])]));
  return [...texts, url.host, url.hostname].filter((text) => text !== '');
}

/** Tells credentials of a channel apart where they must not be written down. */
function hashOf(channelId: string, credential: string | undefined): string {
  if (credential === undefined) return '-';
  return createHash('sha256').update(`${channelId}\n${credential}`).digest('base64url').slice(0, 12);
}
