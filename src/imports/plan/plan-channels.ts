import { checkBaseUrl } from '../../channels/check-base-url.js';
import type { Provider } from '../../providers/provider.js';
import type { SourceData } from '../source/read-source.js';
import type { TextRow } from '../source/source-tables.js';
import { type ChannelPlace, channelTypeOf, placeOf } from './channel-types.js';
import type { PlannedChannel } from './import-plan.js';
import type { Notes } from './notes.js';
import { readRoutes } from './read-routes.js';
import { jsonObjectOf, listOf, plainText, subjectOf, textOf, wholeOf } from './row-values.js';

const NAME_CHARS_MAX = 120;
const ENABLED = 1n;
const INTEGER_MAX = 2_147_483_647n;
/** Settings of a channel that have no counterpart here. */
const SETTINGS = [
  'openai_organization',
  'setting',
  'param_override',
  'header_override',
  'status_code_mapping',
  'system_prompt',
];

/** Channels, one for each credential. Kinds that the hub cannot serve are said and left out. */
export function planChannels(data: SourceData, providers: readonly Provider[], notes: Notes): PlannedChannel[] {
  return data.channels.flatMap((row) => {
    const subject = subjectOf('channel', row, 'name');
    const place = toPlace(row, data, notes, subject);
    const provider = providers.find(({ id }) => id === place?.provider);
    if (place === undefined || provider === undefined) {
      notes.skip('channels that the hub cannot serve');
      return [];
    }
    return toChannels(row, { place, provider, product: data.product, notes, subject });
  });
}

function toPlace(row: TextRow, data: SourceData, notes: Notes, subject: string): ChannelPlace | undefined {
  const number = Number(textOf(row, 'type'));
  const type = channelTypeOf(data.product, number);
  if (type === undefined || !/^\d{1,18}$/.test(textOf(row, 'id'))) {
    notes.warn(
      subject,
      `is of kind ${plainText(textOf(row, 'type'), 20)}, which the hub cannot serve; it was left out`,
    );
    return undefined;
  }
  const place = placeOf(type, textOf(row, 'base_url'));
  if (place === undefined) {
    notes.warn(subject, `is of kind ${number} with a base URL that the hub cannot use for it; it was left out`);
    return undefined;
  }
  const problem = place.baseUrl === undefined ? undefined : urlProblem(place.baseUrl);
  if (problem !== undefined) {
    notes.warn(subject, `has a base URL that cannot be used (it ${problem}); it was left out`);
    return undefined;
  }
  return place;
}

/** What no channel may have. Private networks are judged later: there the channel is taken over disabled. */
function urlProblem(baseUrl: string): string | undefined {
  return /[{}]/.test(baseUrl) ? 'must not hold a placeholder' : checkBaseUrl(baseUrl, true);
}

interface ChannelContext {
  readonly place: ChannelPlace;
  readonly provider: Provider;
  readonly product: SourceData['product'];
  readonly notes: Notes;
  readonly subject: string;
}

function toChannels(row: TextRow, context: ChannelContext): PlannedChannel[] {
  const { place, provider, product, notes, subject } = context;
  const routes = readRoutes(row, product, notes, subject);
  const reasons = [...(routes.problem === undefined ? [] : [routes.problem]), ...placeProblems(place, provider)];
  for (const setting of SETTINGS) {
    if (!['', '{}', 'null'].includes(textOf(row, setting).trim()))
      notes.warn(subject, `has ${setting}, which was not taken`);
  }
  const status = wholeOf(row, 'status', ENABLED);
  const credentials = toCredentials(row, provider);
  const id = textOf(row, 'id');
  const name = plainText(textOf(row, 'name'), NAME_CHARS_MAX) || `${product} channel ${id}`;
  const channels = credentials.map(({ credential, isEnabled, problem }, index): PlannedChannel => {
    const own = problem === undefined ? reasons : [...reasons, problem];
    if (status === ENABLED && isEnabled) {
      for (const reason of own) notes.warn(subject, `${reason}; it was taken over disabled`);
    }
    return {
      sourceId: index === 0 ? id : `${id}#${index + 1}`,
      name: credentials.length === 1 ? name : `${name} #${index + 1}`,
      provider: place.provider,
      baseUrl: place.baseUrl,
      credential,
      isEnabled: status === ENABLED && isEnabled && own.length === 0,
      priority: toPriority(row, notes, subject),
      weight: toWeight(row),
      groups: listOf(textOf(row, 'group')).map((group) => plainText(group, 64)),
      models: routes.models,
    };
  });
  if (channels.length > 1) notes.warn(subject, `has ${channels.length} credentials: each became a channel of its own`);
  return channels;
}

/** Loopback and private networks are refused unless an operator allows them for the channel. */
function placeProblems({ baseUrl }: ChannelPlace, provider: Provider): string[] {
  const url = baseUrl ?? provider.baseUrl;
  if (url === undefined) return ['has no base URL'];
  if (checkBaseUrl(url, false) === undefined) return [];
  const host = new URL(url).hostname.replace(/^\[|\]$|\.$/g, '');
  return [`has its upstream in a private network (${host})`];
}

interface Credential {
  readonly credential?: string;
  readonly isEnabled: boolean;
  readonly problem?: string;
}

function toCredentials(row: TextRow, provider: Provider): Credential[] {
  const keys = textOf(row, 'key')
    .split(/\r?\n/)
    .map((key) => key.trim())
    .filter((key) => key !== '');
  const isNeeded = provider.isCredentialRequired !== false;
  if (keys.length === 0) return [{ isEnabled: true, problem: isNeeded ? 'has no credential' : undefined }];
  const states = keyStates(row);
  return keys.map((key, index) => {
    const isEnabled = (states[String(index)] ?? 1) === 1;
    // It goes into a header.
    if (!/^[!-~]+$/.test(key)) return { isEnabled, problem: 'has a credential that cannot be one' };
    // Two parts are joined by a bar there, by a colon here.
    return { isEnabled, credential: provider.id === 'kling' ? key.replace('|', ':') : key };
  });
}

/** new-api switches single keys of a channel off: by their number, 1 is on. */
function keyStates(row: TextRow): Readonly<Record<string, unknown>> {
  const list = jsonObjectOf(textOf(row, 'channel_info'))?.['multi_key_status_list'];
  return typeof list === 'object' && list !== null ? { ...list } : {};
}

function toPriority(row: TextRow, notes: Notes, subject: string): number {
  const priority = wholeOf(row, 'priority', 0n);
  if (priority !== undefined && priority <= INTEGER_MAX && priority >= -INTEGER_MAX) return Number(priority);
  notes.warn(subject, 'has a priority that is out of range; 0 was taken');
  return 0;
}

/** 0 is the default there and an ordinary share; here it would mean: only when nothing else is left. */
function toWeight(row: TextRow): number {
  const weight = wholeOf(row, 'weight', 0n) ?? 0n;
  if (weight < 1n) return 1;
  return Number(weight > INTEGER_MAX ? INTEGER_MAX : weight);
}
