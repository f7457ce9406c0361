import { checkBaseUrl } from '../../../channels/check-base-url.js';
import { CREDENTIAL_CHARS_MAX, CREDENTIALS_MAX, checkCredential } from '../../../channels/check-credential.js';
import type { ChannelSecrets, ChannelSettings } from '../../../channels/own-channels.js';
import type { StoredChannel } from '../../../channels/stored-channel.js';
import { invalidRequest } from '../../../common/hub-error.js';
import { callbackOf } from '../../../providers/callback-of.js';
import type { Provider } from '../../../providers/provider.js';
import { checkChannelName, checkMost, checkPriority, checkWeight } from '../check-input.js';
import type { CreateChannelInput, UpdateChannelInput } from './channel.input.js';

const SECRET_CHARS_MAX = 1024;
const UNDER_WAY_MAX = 1_000_000;

/** A channel and its secrets as they are to be stored. */
export interface CheckedChannel {
  readonly settings: ChannelSettings;
  readonly secrets: ChannelSecrets;
}

/**
 * Checks a new channel.
 * @throws HubError 400 naming the field.
 */
export function checkNewChannel(input: CreateChannelInput, provider: Provider): CheckedChannel {
  const settings = checkSettings(
    {
      name: checkChannelName(input.name),
      baseUrl: bareUrl(input.baseUrl ?? null),
      allowPrivateNetwork: input.allowPrivateNetwork,
      priority: input.priority,
      weight: input.weight,
      tasksMax: input.tasksMax ?? null,
      concurrencyMax: input.concurrencyMax ?? null,
    },
    provider,
  );
  const secrets = checkSecrets(input, provider);
  if (!secrets.credentials?.length && provider.isCredentialRequired !== false) throw credentialNeeded(provider);
  return { settings, secrets };
}

/**
 * Checks a change of a channel.
 * @throws HubError 400 naming the field.
 */
export function checkChannelChange(
  input: UpdateChannelInput,
  channel: StoredChannel,
  provider: Provider,
): CheckedChannel {
  const settings = checkSettings(
    {
      // A name that an import brought from elsewhere need not be one of ours.
      name: input.name == null ? channel.name : checkChannelName(input.name),
      baseUrl: input.baseUrl === undefined ? channel.baseUrl : bareUrl(input.baseUrl),
      allowPrivateNetwork: input.allowPrivateNetwork ?? channel.allowPrivateNetwork,
      priority: input.priority ?? channel.priority,
      weight: input.weight ?? channel.weight,
      tasksMax: input.tasksMax === undefined ? channel.tasksMax : input.tasksMax,
      concurrencyMax: input.concurrencyMax === undefined ? channel.concurrencyMax : input.concurrencyMax,
    },
    provider,
    channel,
  );
  const secrets = checkSecrets(input, provider);
  if (secrets.credentials?.length === 0 && provider.isCredentialRequired !== false) throw credentialNeeded(provider);
  // Nobody who may change an address learns a credential by sending it to one of their own.
  const isElsewhere = originOf(settings.baseUrl, provider) !== originOf(channel.baseUrl, provider);
  if (isElsewhere && channel.hasCredential && secrets.credentials === undefined) {
    throw invalidRequest(
      'The channel would lead to another host. Give its credential again, so that it goes nowhere unasked.',
      'credential',
      'credential_needed',
    );
  }
  return { settings, secrets };
}

function bareUrl(baseUrl: string | null): string | null {
  return baseUrl?.replace(/\/+$/, '') ?? null;
}

/** @param before the channel as it is stored: an address that stays is not judged again by rules that came after it. */
function checkSettings(settings: ChannelSettings, provider: Provider, before?: StoredChannel): ChannelSettings {
  const { baseUrl, allowPrivateNetwork } = settings;
  if (baseUrl === null && provider.baseUrl === undefined) {
    throw invalidRequest(`"baseUrl" is needed: ${provider.id} has no address of its own.`, 'baseUrl');
  }
  const isAsBefore = baseUrl === before?.baseUrl && allowPrivateNetwork === before.allowPrivateNetwork;
  const problem =
    baseUrl === null || isAsBefore
      ? undefined
      : (checkBaseUrl(baseUrl, allowPrivateNetwork) ?? provider.checkBaseUrl?.(baseUrl));
  if (problem !== undefined) throw invalidRequest(`"baseUrl" ${problem}.`, 'baseUrl', 'base_url_refused');
  return {
    name: settings.name,
    baseUrl,
    allowPrivateNetwork,
    priority: checkPriority(settings.priority),
    weight: checkWeight(settings.weight),
    tasksMax: checkMost(settings.tasksMax, 'tasksMax', UNDER_WAY_MAX),
    concurrencyMax: checkMost(settings.concurrencyMax, 'concurrencyMax', UNDER_WAY_MAX),
  };
}

function checkSecrets(input: CreateChannelInput | UpdateChannelInput, provider: Provider): ChannelSecrets {
  const { callbackSecret } = input;
  const credentials = checkCredentials(input);
  for (const [index, credential] of (credentials ?? []).entries()) {
    const param = input.credentials == null ? 'credential' : `credentials[${index}]`;
    const problem = provider.checkCredential?.(credential);
    if (problem !== undefined) throw invalidRequest(`"${param}" ${problem}.`, param, 'credential_refused');
  }
  checkSecret(callbackSecret, 'callbackSecret', SECRET_CHARS_MAX);
  if (callbackSecret != null && callbackOf(provider) === undefined) {
    throw invalidRequest(`"callbackSecret" is of no use: ${provider.id} signs no callbacks.`, 'callbackSecret');
  }
  return { credentials, callbackSecret };
}

/** All credentials as a list, whichever way they were given; undefined when nothing is said of them. */
function checkCredentials({
  credential,
  credentials,
}: CreateChannelInput | UpdateChannelInput): readonly string[] | undefined {
  if (credential !== undefined && credentials !== undefined) {
    throw invalidRequest('Give either "credential" or "credentials", not both.', 'credentials');
  }
  if (credential !== undefined) {
    checkSecret(credential, 'credential', CREDENTIAL_CHARS_MAX);
    return credential === null ? [] : [credential];
  }
  if (credentials == null) return credentials === null ? [] : undefined;
  if (credentials.length > CREDENTIALS_MAX) {
    throw invalidRequest(`"credentials" must be at most ${CREDENTIALS_MAX}.`, 'credentials');
  }
  for (const [index, one] of credentials.entries()) {
    checkSecret(one, `credentials[${index}]`, CREDENTIAL_CHARS_MAX);
    if (credentials.indexOf(one) < index) {
      throw invalidRequest(`"credentials[${index}]" is there twice.`, `credentials[${index}]`);
    }
  }
  return credentials;
}

/** The message names the rule only: what was given is a secret. */
function checkSecret(secret: string | null | undefined, param: string, charsMax: number): void {
  const problem = secret == null ? undefined : checkCredential(secret, charsMax);
  if (problem !== undefined) throw invalidRequest(`"${param}" ${problem}.`, param);
}

function credentialNeeded({ id }: Provider) {
  return invalidRequest(`"credential" is needed: ${id} answers nobody without one.`, 'credential', 'credential_needed');
}

/** Scheme, host and port. One that is stored but cannot be read leads nowhere. */
function originOf(baseUrl: string | null, provider: Provider): string | undefined {
  const url = baseUrl ?? provider.baseUrl;
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined;
}
