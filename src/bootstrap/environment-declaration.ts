import { isIP } from 'node:net';
import { checkCredential } from '../channels/check-credential.js';
import type { Declaration, DeclaredChannel } from '../channels/declaration.js';
import type { DeclaredPrice } from '../common/declared-price.js';
import { hasOperation, isPlainUrl } from '../config/is-plain-url.js';
import { SettingReader, SettingsError } from '../config/setting-reader.js';
import { suggestPrice } from '../pricing/catalogue/suggest-price.js';
import type { Provider } from '../providers/provider.js';

/** The parts of a provider that a channel from the environment is made of. */
export type EnvironmentProvider = Pick<
  Provider,
  'id' | 'baseUrl' | 'environment' | 'defaultModels' | 'checkBaseUrl' | 'checkCredential'
> & {
  /** `callback` where the provider signs its callbacks. */
  readonly video?: { readonly callback?: object };
  readonly imageTasks?: { readonly callback?: object };
};

/** Channels from the environment, and what could not be made of it. */
export interface EnvironmentChannels {
  readonly declaration: Declaration;
  /** Sentences for the operator. */
  readonly notes: readonly string[];
}

/**
 * Makes a channel of every provider key found under its usual name, such as OPENAI_API_KEY, and prices its models as the
 * catalogue suggests.
 *
 * @param configured providers that HUB_CONFIG has channels of; their keys are meant for those.
 * @throws SettingsError that names each variable whose credential or base URL cannot be right.
 */
export function environmentDeclaration(
  env: Readonly<Record<string, string | undefined>>,
  providers: readonly EnvironmentProvider[],
  configured: ReadonlySet<string>,
): EnvironmentChannels {
  const reader = new SettingReader(env);
  const channels: DeclaredChannel[] = [];
  const notes: string[] = [];
  for (const provider of providers) {
    if (configured.has(provider.id)) continue;
    const credential = findCredential(reader, provider, notes);
    if (credential === undefined) continue;
    if (provider.defaultModels.length === 0) {
      notes.push(
        `${credential.name} is set, but ${provider.id} has no usual models: declare a channel with its models in HUB_CONFIG.`,
      );
      continue;
    }
    channels.push(toChannel(reader, provider, credential));
  }
  if (reader.problems.length > 0) throw new SettingsError(reader.problems);
  return { declaration: { channels, models: [], suggestedPrices: generalPrices(channels) }, notes };
}

/** A credential of the environment and the variables that it came from. */
interface Credential {
  readonly name: string;
  readonly text: string;
}

/** A key, or the two parts of one joined by a colon. */
function findCredential(
  reader: SettingReader,
  { environment }: EnvironmentProvider,
  notes: string[],
): Credential | undefined {
  for (const name of environment?.apiKey ?? []) {
    const text = reader.text(name);
    if (text !== undefined) return { name, text };
  }
  const parts = (environment?.apiKeyPair ?? []).map((name) => ({ name, text: reader.text(name) }));
  const missing = parts.find(({ text }) => text === undefined);
  if (missing === undefined) {
    if (parts.length === 0) return undefined;
    return { name: parts.map(({ name }) => name).join(' and '), text: parts.map(({ text }) => text).join(':') };
  }
  const set = parts.find(({ text }) => text !== undefined);
  if (set !== undefined) notes.push(`${set.name} is set, but ${missing.name} is not: the two are one credential.`);
  return undefined;
}

/** One price for a model, whichever channel serves it: that of the first vendor whose price is known. */
function generalPrices(channels: readonly DeclaredChannel[]): ReadonlyMap<string, DeclaredPrice> {
  const prices = new Map<string, DeclaredPrice>();
  for (const channel of channels) {
    for (const [model, price] of listPrices(channel.provider, channel.models.keys())) {
      if (!prices.has(model)) prices.set(model, price);
    }
  }
  return prices;
}

function listPrices(provider: string, models: Iterable<string>): ReadonlyMap<string, DeclaredPrice> {
  return new Map(
    [...models].flatMap((model) => {
      const price = suggestPrice(model, provider)?.price;
      return price === undefined ? [] : [[model, price] as const];
    }),
  );
}

function toChannel(reader: SettingReader, provider: EnvironmentProvider, credential: Credential): DeclaredChannel {
  const urlName = provider.environment?.baseUrl?.find((candidate) => reader.text(candidate) !== undefined);
  const baseUrl = urlName === undefined ? undefined : readBaseUrl(reader, urlName, credential.name, provider);
  const problem = checkCredential(credential.text) ?? provider.checkCredential?.(credential.text);
  if (problem !== undefined) reader.refuse(credential.name, problem);
  return {
    name: provider.id,
    provider: provider.id,
    baseUrl,
    apiKey: credential.text,
    callbackSecret:
      (provider.video?.callback ?? provider.imageTasks?.callback) && reader.text(callbackSecretName(provider.id)),
    allowPrivateNetwork: isLiteralAddress(baseUrl ?? provider.baseUrl),
    priority: 0,
    weight: 1,
    models: new Map(provider.defaultModels.map((model) => [model, model])),
    // At another address somebody else sends the bill.
    costs: baseUrl === undefined ? listPrices(provider.id, provider.defaultModels) : undefined,
  };
}

/** Such as KLING_CALLBACK_SECRET. */
function callbackSecretName(providerId: string): string {
  return `${providerId.toUpperCase().replaceAll('-', '_')}_CALLBACK_SECRET`;
}

function readBaseUrl(
  reader: SettingReader,
  name: string,
  keyName: string,
  provider: EnvironmentProvider,
): string | undefined {
  const url = reader.url(name, ['http:', 'https:']);
  if (url === undefined) return undefined;
  const baseUrl = url.replace(/\/+$/, '');
  const problem = faultOf(baseUrl, keyName, provider);
  if (problem !== undefined) reader.refuse(name, problem);
  return baseUrl;
}

/** What is wrong with a base URL, to follow its name. */
function faultOf(baseUrl: string, keyName: string, provider: EnvironmentProvider): string | undefined {
  if (!isPlainUrl(baseUrl)) return `must have no user, query or fragment; the credential goes into ${keyName}`;
  if (hasOperation(baseUrl))
    return 'must end before the path of an operation such as /chat/completions: the hub adds it';
  return provider.checkBaseUrl?.(baseUrl);
}

/**
 * The operator wrote down an address, not a name that somebody else resolves: nothing can turn it into another one, so a
 * private one is meant.
 */
function isLiteralAddress(baseUrl: string | undefined): boolean {
  if (baseUrl === undefined) return false;
  const host = new URL(baseUrl).hostname.replace(/^\[(.*)\]$/, '$1');
  return host === 'localhost' || isIP(host) !== 0;
}
