import { checkBaseUrl } from '../../channels/check-base-url.js';
import type { Provider } from '../../providers/provider.js';
import type { SourceData } from '../source/read-source.js';
import type { TextRow } from '../source/source-tables.js';
import { seatsOf } from './channels/channel-seats.js';
import { type ChannelType, channelTypeOf, unservedTypeOf } from './channels/channel-types.js';
import { groupSeats, type SeatGroup } from './channels/group-seats.js';
import { namesWithOptions } from './channels/model-endings.js';
import { type ChannelRoutes, readRoutes } from './channels/read-routes.js';
import type { Seat } from './channels/seat.js';
import { settingsLeft } from './channels/settings-left.js';
import type { ChannelFate, PlannedChannel } from './import-plan.js';
import type { Notes } from './notes.js';
import { listOf, plainText, subjectOf, textOf, wholeOf } from './row-values.js';

const NAME_CHARS_MAX = 120;
const ENABLED = 1n;
/** As in the admin API and the schema of HUB_CONFIG. */
const RANK_MAX = 1_000_000n;

/** What becomes of the channels. */
export interface PlannedChannels {
  readonly channels: readonly PlannedChannel[];
  readonly fates: readonly ChannelFate[];
}

/** Channels: one for all keys that are used in the same way. Kinds that the hub cannot serve are said and left out. */
export function planChannels(data: SourceData, providers: readonly Provider[], notes: Notes): PlannedChannels {
  const planned = data.channels.map((row) => {
    const subject = subjectOf('channel', row, 'name');
    const made = planChannel(row, data, providers, notes, subject);
    if (typeof made !== 'string') return { made, fate: { subject, became: made } };
    notes.warn(subject, `${made}; it was left out`);
    notes.skip('channels that the hub cannot serve');
    return { made: [], fate: { subject, became: [] } };
  });
  return { channels: planned.flatMap(({ made }) => made), fates: planned.map(({ fate }) => fate) };
}

/** @returns why it is left out, to follow its name. */
function planChannel(
  row: TextRow,
  { product }: SourceData,
  providers: readonly Provider[],
  notes: Notes,
  subject: string,
): PlannedChannel[] | string {
  const number = Number(textOf(row, 'type'));
  const type = channelTypeOf(product, number);
  const provider = providers.find(({ id }) => id === type?.provider);
  if (type === undefined || provider === undefined || !/^\d{1,18}$/.test(textOf(row, 'id'))) {
    const kind = `is of kind ${plainText(textOf(row, 'type'), 20)}`;
    const known = unservedTypeOf(product, number);
    if (known === undefined) return `${kind}, which the hub cannot serve`;
    return `${kind} (${known.name}), which the hub cannot serve: ${known.reason}`;
  }
  const routes = readRoutes(row, product, notes, subject);
  const warn = (text: string) => notes.warn(subject, text);
  const found = seatsOf({ row, type, provider, product, models: routes.models, warn });
  if ('refusal' in found) return found.refusal;
  const problem = found.seats.map(({ baseUrl }) => urlProblem(baseUrl)).find((text) => text !== undefined);
  if (problem !== undefined) return `has a base URL that cannot be used (it ${problem})`;
  for (const setting of settingsLeft(row, type)) warn(`has ${setting}, which was not taken`);
  for (const name of namesWithOptions(product, provider.id, routes.models.values())) {
    warn(
      `has the model "${plainText(name, 64)}", whose ending is an option there; the upstream is asked for it as it is`,
    );
  }
  return toChannels(row, groupSeats(found.seats), { type, routes, providers, product, notes, subject });
}

/** What no channel may have. Private networks are judged later: there the channel is taken over disabled. */
function urlProblem(baseUrl: string | undefined): string | undefined {
  if (baseUrl === undefined) return undefined;
  return /[{}]/.test(baseUrl) ? 'must not hold a placeholder' : checkBaseUrl(baseUrl, true);
}

interface ChannelContext {
  readonly type: ChannelType;
  readonly routes: ChannelRoutes;
  readonly providers: readonly Provider[];
  readonly product: SourceData['product'];
  readonly notes: Notes;
  readonly subject: string;
}

function toChannels(row: TextRow, groups: readonly SeatGroup[], context: ChannelContext): PlannedChannel[] {
  const { routes, product, notes, subject } = context;
  const status = wholeOf(row, 'status', ENABLED);
  const shared = {
    priority: toPriority(row, notes, subject),
    weight: toWeight(row),
    groups: listOf(textOf(row, 'group')).map((group) => plainText(group, 64)),
  };
  const said = new Set<string>();
  const channels = groups.map(({ seat, credentials }): PlannedChannel => {
    const reasons = [
      ...(routes.problem === undefined ? [] : [routes.problem]),
      ...placeProblems(seat, credentials, context.providers),
      ...seat.problems,
    ];
    const isOn = status === ENABLED && seat.isEnabled;
    if (isOn) for (const reason of reasons) said.add(reason);
    return {
      ...identityOf(row, seat, groups, product),
      provider: seat.provider,
      baseUrl: seat.baseUrl,
      credentials,
      isEnabled: isOn && reasons.length === 0,
      ...shared,
      models: seat.models,
    };
  });
  for (const reason of said) notes.warn(subject, `${reason}; it was taken over disabled`);
  if (channels.length > 1)
    notes.warn(subject, `became ${channels.length} channels, by the places and states of its keys`);
  return channels;
}

/** Id and name: those there, with the region and the number of the first key where there are several. */
function identityOf(
  row: TextRow,
  { keyIndex, region }: Seat,
  groups: readonly SeatGroup[],
  product: SourceData['product'],
): { readonly sourceId: string; readonly name: string } {
  const id = textOf(row, 'id');
  const name = plainText(textOf(row, 'name'), NAME_CHARS_MAX) || `${product} channel ${id}`;
  const isNumbered = new Set(groups.map(({ seat }) => seat.keyIndex)).size > 1;
  const ofKey = keyIndex === 0 ? '' : `#${keyIndex + 1}`;
  // The first region keeps the plain id, so that an import that knew only one finds it again.
  const ofRegion = region === undefined || region.index === 0 ? '' : `@${region.name}`;
  const parts = [name, ...(region === undefined ? [] : [region.name]), ...(isNumbered ? [`#${keyIndex + 1}`] : [])];
  return { sourceId: id + ofKey + ofRegion, name: parts.join(' ') };
}

/** Loopback and private networks are refused unless an operator allows them for the channel. */
function placeProblems(seat: Seat, credentials: readonly string[], providers: readonly Provider[]): string[] {
  const provider = providers.find(({ id }) => id === seat.provider);
  const problems: string[] = [];
  if (credentials.length === 0 && seat.problems.length === 0 && provider?.isCredentialRequired !== false)
    problems.push('has no credential');
  const url = seat.baseUrl ?? provider?.baseUrl;
  if (url === undefined) return [...problems, 'has no base URL'];
  if (checkBaseUrl(url, false) === undefined) return problems;
  const host = new URL(url).hostname.replace(/^\[|\]$|\.$/g, '');
  return [...problems, `has its upstream in a private network (${host})`];
}

function toPriority(row: TextRow, notes: Notes, subject: string): number {
  const priority = wholeOf(row, 'priority', 0n);
  if (priority !== undefined && priority <= RANK_MAX && priority >= -RANK_MAX) return Number(priority);
  notes.warn(subject, 'has a priority that is out of range; 0 was taken');
  return 0;
}

/** 0 is the default there and an ordinary share; here it would mean: only when nothing else is left. */
function toWeight(row: TextRow): number {
  const weight = wholeOf(row, 'weight', 0n) ?? 0n;
  if (weight < 1n) return 1;
  return Number(weight > RANK_MAX ? RANK_MAX : weight);
}
