import type { Declarations } from '../channels/declaration.js';

/** The names in each section of a HUB_CONFIG. */
export type DeclaredNames = Readonly<Record<'channels' | 'models' | 'groups', ReadonlySet<string>>>;

/** What a file declares, by name; models also where only a channel names them. */
export function declaredNames({ config, groups = [] }: Declarations): DeclaredNames {
  const { channels = [], models = [] } = config ?? {};
  return {
    channels: new Set(channels.map(({ name }) => name)),
    models: new Set([...channels.flatMap((channel) => [...channel.models.keys()]), ...models.map(({ id }) => id)]),
    groups: new Set(groups.map(({ id }) => id)),
  };
}

/**
 * Whether a change takes away so much that the file may just be half written: more than half of a section, which is also all of it.
 * @returns what it takes away, such as `2 of 3 channels`; undefined for any other change.
 */
export function heavyLoss(before: DeclaredNames, after: DeclaredNames): string | undefined {
  const losses = (['channels', 'models', 'groups'] as const).flatMap((section) => {
    const { size } = before[section];
    const lost = [...before[section]].filter((name) => !after[section].has(name)).length;
    return lost * 2 > size ? [`${lost} of ${size} ${section}`] : [];
  });
  return losses.length === 0 ? undefined : losses.join(' and ');
}
