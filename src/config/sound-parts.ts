import type { ValidateFunction } from 'ajv/dist/2020.js';
import { isObject } from '../common/is-object.js';
import type { RawHubConfig } from './raw-hub-config.js';

type Lists = Required<RawHubConfig>;

/** A channel, as far as the schema takes it. */
export interface SoundChannel {
  /** Its members, without those that the schema refuses. */
  readonly members: Partial<Lists['channels'][number]>;
  /** Whether it certainly has no such member: what is refused, or stands under a name that there is not, may be meant for it. */
  readonly lacks: (name: string) => boolean;
}

/** What of a file can be judged further, by its place in its list. */
export interface SoundParts {
  readonly channels: ReadonlyMap<number, SoundChannel>;
  /** Those that the schema takes as they are. */
  readonly models: ReadonlyMap<number, Lists['models'][number]>;
  readonly groups: ReadonlyMap<number, Lists['groups'][number]>;
}

/** The least that the schema takes for a channel. */
const LEAST = { id: 'id', provider: 'provider', models: { model: null } };

/** All of a file that the schema takes. */
export function wholeParts({ channels = [], models = [], groups = [] }: RawHubConfig): SoundParts {
  const whole = channels.map((members): SoundChannel => ({ members, lacks: (name) => !(name in members) }));
  return { channels: new Map(whole.entries()), models: new Map(models.entries()), groups: new Map(groups.entries()) };
}

/**
 * Finds what of a file can be judged although its schema refuses another part of it: a list one entry after the other, and a channel one
 * member after the other, as the schema has no rule on two of them.
 */
export function soundParts(value: unknown, validate: ValidateFunction<RawHubConfig>): SoundParts {
  const channels = new Map<number, SoundChannel>();
  for (const [index, entry] of entriesOf(value, 'channels')) {
    if (isObject(entry)) channels.set(index, soundChannel(entry, validate));
  }
  return { channels, models: soundEntries(value, 'models', validate), groups: soundEntries(value, 'groups', validate) };
}

function soundEntries<List extends 'models' | 'groups'>(
  value: unknown,
  list: List,
  validate: ValidateFunction<RawHubConfig>,
): ReadonlyMap<number, Lists[List][number]> {
  const found = new Map<number, Lists[List][number]>();
  for (const [index, entry] of entriesOf(value, list)) {
    const alone: unknown = { [list]: [entry] };
    const sound: Partial<Lists>[List] = validate(alone) ? alone[list] : undefined;
    if (sound?.[0] !== undefined) found.set(index, sound[0]);
  }
  return found;
}

function soundChannel(
  entry: Readonly<Record<string, unknown>>,
  validate: ValidateFunction<RawHubConfig>,
): SoundChannel {
  const sound: Record<string, unknown> = {};
  const refused = new Set<string>();
  let hasUnknown = false;
  for (const [name, member] of Object.entries(entry)) {
    if (validate({ channels: [{ ...LEAST, [name]: member }] })) sound[name] = member;
    else {
      refused.add(name);
      hasUnknown ||= (validate.errors ?? []).some(
        ({ keyword, instancePath }) => keyword === 'additionalProperties' && instancePath === '/channels/0',
      );
    }
  }
  const whole: unknown = { channels: [{ ...LEAST, ...sound }] };
  const { id, provider, models, ...others } = (validate(whole) ? whole.channels?.[0] : undefined) ?? LEAST;
  return {
    members: {
      ...others,
      ...('id' in sound && { id }),
      ...('provider' in sound && { provider }),
      ...('models' in sound && { models }),
    },
    lacks: (name) => !(hasUnknown || refused.has(name) || name in sound),
  };
}

function entriesOf(value: unknown, list: keyof Lists): Iterable<[number, unknown]> {
  const entries: unknown = isObject(value) ? value[list] : undefined;
  return Array.isArray(entries) ? entries.entries() : [];
}
