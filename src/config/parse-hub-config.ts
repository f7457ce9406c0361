import type { DeclaredPrice } from '../common/declared-price.js';
import { checkConfigSchema, placeOf } from './check-config-schema.js';
import { findRoutingMistakes } from './check-routing.js';
import { checkVideo } from './check-video.js';
import { closestWord } from './closest-word.js';
import { ConfigDocument, type ConfigPath } from './config-document.js';
import { deepFreeze } from './deep-freeze.js';
import {
  type HubConfig,
  type HubConfigChannel,
  HubConfigError,
  type HubConfigModel,
  type KnownProvider,
  type PriceMistake,
} from './hub-config.js';
import { splitRouting } from './hub-config-routing.js';
import { hasOperation, isPlainUrl } from './is-plain-url.js';
import type { RawHubConfig, RawRoute } from './raw-hub-config.js';
import type { SoundChannel, SoundParts } from './sound-parts.js';

/** Among them what ends a line. */
const CONTROL = /\p{Cc}/u;

/** What the file is checked against. */
export interface HubConfigContext {
  /** Shown before the line of each problem. */
  readonly fileName: string;
  /** Where `${NAME}` is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly providers: readonly KnownProvider[];
  /** Finds what a schema cannot say of a price; passed in, because this module knows nothing of prices. */
  readonly checkPrice: (price: DeclaredPrice) => readonly PriceMistake[];
}

/**
 * Reads a configuration file (YAML) and checks it against the published schema and the providers there are.
 *
 * @throws HubConfigError with every problem and its line. It shows names and rules, never a credential.
 */
export function parseHubConfig(text: string, context: HubConfigContext): HubConfig {
  const document = new ConfigDocument(text, context.fileName);
  if (document.problems.length > 0) throw new HubConfigError(document.problems);
  document.substitute(context.env);
  const { raw, parts } = checkConfigSchema(document);
  checkMeaning(document, parts, context);
  if (raw === undefined || document.problems.length > 0) throw new HubConfigError(document.problems);
  return deepFreeze({
    channels: (raw.channels ?? []).map(toChannel),
    models: (raw.models ?? []).map(toModel),
    groups: raw.groups ?? [],
  });
}

type RawChannel = NonNullable<RawHubConfig['channels']>[number];
type RawModel = NonNullable<RawHubConfig['models']>[number];

function toModel(raw: RawModel): HubConfigModel {
  const { rest, routing } = splitRouting(raw);
  return routing === undefined ? rest : { ...rest, routing };
}

function toChannel(raw: RawChannel): HubConfigChannel {
  const [apiKey, ...moreApiKeys] = credentialsOf(raw);
  return {
    id: raw.id,
    provider: raw.provider,
    baseUrl: raw.baseUrl?.replace(/\/+$/, ''),
    apiKey,
    moreApiKeys: moreApiKeys.length === 0 ? undefined : moreApiKeys,
    allowPrivateNetwork: raw.allowPrivateNetwork ?? false,
    priority: raw.priority ?? 0,
    weight: raw.weight ?? 1,
    concurrencyMax: raw.concurrencyMax,
    models: new Map(Object.entries(raw.models).map(([name, route]) => [name, upstreamOf(route) ?? name])),
    places: toPlaces(raw.models),
    prices: new Map(Object.entries(raw.prices ?? {})),
    costs: new Map(Object.entries(raw.costs ?? {})),
    tasksMax: raw.tasksMax,
    callbackSecret: raw.callbackSecret,
  };
}

function credentialsOf({ apiKey, apiKeys }: RawChannel): readonly string[] {
  return apiKeys ?? (apiKey === undefined ? [] : [apiKey]);
}

function upstreamOf(route: string | null | RawRoute): string | null | undefined {
  return typeof route === 'object' ? route?.upstream : route;
}

/** Undefined where every model has the channel's own place. */
function toPlaces(models: RawChannel['models']): HubConfigChannel['places'] {
  const places = new Map<string, Omit<RawRoute, 'upstream'>>();
  for (const [name, route] of Object.entries(models)) {
    if (typeof route !== 'object' || route === null) continue;
    const { upstream: _upstream, ...place } = route;
    if (Object.keys(place).length > 0) places.set(name, place);
  }
  return places.size === 0 ? undefined : places;
}

/** What a schema cannot say: uniqueness of ids, what the provider of a channel needs, and what a price must not lack. */
function checkMeaning(document: ConfigDocument, parts: SoundParts, context: HubConfigContext): void {
  refuseDoubles(
    document,
    'channels',
    [...parts.channels].map(([index, { members }]) => [index, members]),
  );
  refuseDoubles(document, 'models', parts.models);
  refuseDoubles(document, 'groups', parts.groups);
  for (const [index, channel] of parts.channels) {
    checkChannel(document, index, channel, context.providers);
    for (const side of ['prices', 'costs'] as const) checkChannelPrices(document, index, channel, side, context);
  }
  for (const [index, model] of parts.models) {
    const { price, video } = model;
    if (price !== undefined) checkPrice(document, ['models', index, 'price'], price, context);
    if (video !== undefined) checkVideo(document, ['models', index, 'video'], video);
    for (const { path, text } of findRoutingMistakes(model.id, model)) {
      const place = ['models', index, ...path];
      document.refuse(place, `${placeOf(place)} ${text}`);
    }
  }
}

function refuseDoubles(
  document: ConfigDocument,
  list: keyof SoundParts,
  entries: Iterable<readonly [index: number, entry: { readonly id?: string }]>,
): void {
  const seen = new Set<string>();
  for (const [index, { id }] of entries) {
    if (id === undefined) continue;
    if (seen.has(id)) document.refuse([list, index, 'id'], `${list}[${index}].id \`${id}\` is used twice`);
    seen.add(id);
  }
}

function checkChannelPrices(
  document: ConfigDocument,
  index: number,
  { members }: SoundChannel,
  side: 'prices' | 'costs',
  context: HubConfigContext,
): void {
  const path = ['channels', index, side];
  const { models } = members;
  for (const [model, price] of Object.entries(members[side] ?? {})) {
    if (models !== undefined && !Object.hasOwn(models, model)) {
      const meant = closestWord(model, Object.keys(models));
      const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`;
      document.refuse(path, `${placeOf(path)} names \`${model}\`, which is no model of this channel${hint}`, model);
    }
    checkPrice(document, [...path, model], price, context);
  }
}

function checkPrice(document: ConfigDocument, path: ConfigPath, price: DeclaredPrice, context: HubConfigContext): void {
  for (const mistake of context.checkPrice(price)) {
    const place = [...path, ...mistake.path];
    document.refuse(place, `${placeOf(place)} ${mistake.text}`);
  }
}

function checkChannel(
  document: ConfigDocument,
  index: number,
  { members, lacks }: SoundChannel,
  providers: readonly KnownProvider[],
): void {
  const place = `channels[${index}]`;
  const { provider: id, baseUrl } = members;
  const provider = providers.find((candidate) => candidate.id === id);
  if (provider !== undefined) {
    if (provider.baseUrl === undefined && lacks('baseUrl')) {
      document.refuse(['channels', index], `${place} needs \`baseUrl\`: ${provider.id} has no address of its own`);
    }
    if (provider.isCredentialRequired !== false && lacks('apiKey') && lacks('apiKeys')) {
      document.refuse(['channels', index], `${place} needs \`apiKey\`: ${provider.id} answers nobody without one`);
    }
    if (
      (provider.video?.callback ?? provider.imageTasks?.callback) === undefined &&
      members.callbackSecret !== undefined
    ) {
      document.refuse(
        ['channels', index, 'callbackSecret'],
        `${place}.callbackSecret is of no use: ${provider.id} signs no callbacks`,
      );
    }
  } else if (id !== undefined) {
    const ids = providers.map((candidate) => candidate.id);
    const meant = closestWord(id, ids);
    const hint = meant === undefined ? `known are ${ids.join(', ')}` : `did you mean \`${meant}\`?`;
    document.refuse(['channels', index, 'provider'], `unknown provider \`${id}\` in ${place}; ${hint}`);
  }
  checkCredentials(document, index, members, provider);
  const fault = baseUrl === undefined ? undefined : faultOf(baseUrl, provider);
  if (fault !== undefined) document.refuse(['channels', index, 'baseUrl'], `${place}.baseUrl ${fault}`);
}

/** What is wrong with a base URL, to follow its name. */
function faultOf(baseUrl: string, provider: KnownProvider | undefined): string | undefined {
  if (!isPlainUrl(baseUrl)) return 'must be a URL without user, query or fragment; the credential goes into apiKey';
  if (hasOperation(baseUrl))
    return 'must end before the path of an operation such as /chat/completions: the hub adds it';
  return provider?.checkBaseUrl?.(baseUrl);
}

function checkCredentials(
  document: ConfigDocument,
  index: number,
  { apiKey, apiKeys }: Partial<RawChannel>,
  provider: KnownProvider | undefined,
): void {
  const path = ['channels', index, 'apiKeys'];
  if (apiKey !== undefined && apiKeys !== undefined) {
    document.refuse(path, `${placeOf(path)} and \`apiKey\` exclude each other: name all in apiKeys`);
  }
  const given: [ConfigPath, string | undefined][] = [
    [['channels', index, 'apiKey'], apiKey],
    ...(apiKeys ?? []).map((text, at): [ConfigPath, string] => [[...path, at], text]),
  ];
  for (const [place, text] of given) {
    // It goes into a header. The text is not repeated: it is a secret.
    if (text === undefined) continue;
    const problem = CONTROL.test(text) ? 'must be a single line' : provider?.checkCredential?.(text);
    if (problem !== undefined) document.refuse(place, `${placeOf(place)} ${problem}`);
  }
}
