import { checkBaseUrl } from '../../../channels/check-base-url.js';
import type { ChannelSecrets, ChannelSettings } from '../../../channels/own-channels.js';
import type { StoredChannel } from '../../../channels/stored-channel.js';
import { invalidRequest } from '../../../common/hub-error.js';
import type { Provider } from '../../../providers/provider.js';
import { checkChannelName, checkMost, checkPriority, checkWeight } from '../check-input.js';
import type { CreateChannelInput, UpdateChannelInput } from './channel.input.js';

const CREDENTIAL_CHARS_MAX = 16_384;
const SECRET_CHARS_MAX = 1024;
const TASKS_MAX = 1_000_000;
/** What a request header can carry. */
const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

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
      name: input.name,
      baseUrl: input.baseUrl ?? null,
      allowPrivateNetwork: input.allowPrivateNetwork,
      priority: input.priority,
      weight: input.weight,
      tasksMax: input.tasksMax ?? null,
    },
    provider,
  );
  const secrets = checkSecrets(input, provider);
  if (secrets.credential == null && provider.isCredentialRequired !== false) throw credentialNeeded(provider);
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
      name: input.name ?? channel.name,
      baseUrl: input.baseUrl === undefined ? channel.baseUrl : input.baseUrl,
      allowPrivateNetwork: input.allowPrivateNetwork ?? channel.allowPrivateNetwork,
      priority: input.priority ?? channel.priority,
      weight: input.weight ?? channel.weight,
      tasksMax: input.tasksMax === undefined ? channel.tasksMax : input.tasksMax,
    },
    provider,
  );
  const secrets = checkSecrets(input, provider);
  if (secrets.credential === null && provider.isCredentialRequired !== false) throw credentialNeeded(provider);
  // Nobody who may change an address learns a credential by sending it to one of their own.
  const isElsewhere = originOf(settings.baseUrl, provider) !== originOf(channel.baseUrl, provider);
  if (isElsewhere && channel.hasCredential && secrets.credential === undefined) {
    throw invalidRequest(
      'The channel would lead to another host. Give its credential again, so that it goes nowhere unasked.',
      'credential',
      'credential_needed',
    );
  }
  return { settings, secrets };
}

function checkSettings(settings: ChannelSettings, provider: Provider): ChannelSettings {
  const baseUrl = settings.baseUrl?.replace(/\/+$/, '') ?? null;
  if (baseUrl === null && provider.baseUrl === undefined) {
    throw invalidRequest(`"baseUrl" is needed: ${provider.id} has no address of its own.`, 'baseUrl');
  }
  const problem = baseUrl === null ? undefined : checkBaseUrl(baseUrl, settings.allowPrivateNetwork);
  if (problem !== undefined) throw invalidRequest(`"baseUrl" ${problem}.`, 'baseUrl', 'base_url_refused');
  return {
    name: checkChannelName(settings.name),
    baseUrl,
    allowPrivateNetwork: settings.allowPrivateNetwork,
    priority: checkPriority(settings.priority),
    weight: checkWeight(settings.weight),
    tasksMax: checkMost(settings.tasksMax, 'tasksMax', TASKS_MAX),
  };
}

function checkSecrets({ credential, callbackSecret }: ChannelSecrets, provider: Provider): ChannelSecrets {
  checkSecret(credential, 'credential', CREDENTIAL_CHARS_MAX);
  checkSecret(callbackSecret, 'callbackSecret', SECRET_CHARS_MAX);
  if (callbackSecret != null && provider.video?.callback === undefined) {
    throw invalidRequest(`"callbackSecret" is of no use: ${provider.id} signs no callbacks.`, 'callbackSecret');
  }
  return { credential, callbackSecret };
}

/** The message names the rule only: what was given is a secret. */
function checkSecret(secret: string | null | undefined, param: string, charsMax: number): void {
  if (secret == null || (secret.length <= charsMax && PRINTABLE.test(secret))) return;
  throw invalidRequest(
    `"${param}" must be 1 to ${charsMax} printable ASCII characters, without spaces at its ends.`,
    param,
  );
}

function credentialNeeded({ id }: Provider) {
  return invalidRequest(`"credential" is needed: ${id} answers nobody without one.`, 'credential', 'credential_needed');
}

/** Scheme, host and port. One that is stored but cannot be read leads nowhere. */
function originOf(baseUrl: string | null, provider: Provider): string | undefined {
  const url = baseUrl ?? provider.baseUrl;
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined;
}
