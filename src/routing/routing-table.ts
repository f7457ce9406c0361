import type { Catalog, CatalogModel } from '../channels/catalog.types.js';
import type { AccountGroup } from '../pricing/account-group.js';
import { PriceTable } from '../pricing/price-table.js';
import type { Provider } from '../providers/provider.js';
import { type Candidate, ChannelUnusableError, toCandidates } from './candidate.js';

/** A channel that was left out, and why. */
export interface UnusableChannel {
  readonly name: string;
  readonly reason: string;
}

/** Everything routable at one moment. Immutable: a change of the catalogue makes a new table. */
export class RoutingTable {
  private constructor(
    readonly version: bigint,
    private readonly candidates: ReadonlyMap<string, readonly Candidate[]>,
    private readonly byChannel: ReadonlyMap<string, readonly Candidate[]>,
    /** Models that at least one usable channel serves, by public name. */
    readonly models: ReadonlyMap<string, CatalogModel>,
    readonly unusable: readonly UnusableChannel[],
    /** Prices of this moment: a request that keeps this table, or a version of it, sees no later one. */
    readonly prices: PriceTable,
    /** Account groups, by row id. */
    readonly groups: ReadonlyMap<string, AccountGroup>,
  ) {}

  /** A table without any model, for the time before the first load. */
  static readonly empty = new RoutingTable(-1n, new Map(), new Map(), new Map(), [], PriceTable.empty, new Map());

  /** Builds the table from a catalogue. A channel that cannot be used is left out and listed, never fatal. */
  static build(catalog: Catalog, findProvider: (id: string) => Provider | undefined): RoutingTable {
    const byModel = new Map<string, Candidate[]>();
    const byChannel = new Map<string, readonly Candidate[]>();
    const unusable: UnusableChannel[] = [];
    for (const channel of catalog.channels) {
      try {
        const candidates = toCandidates(channel, findProvider(channel.provider));
        byChannel.set(channel.id, [...candidates.values()]);
        for (const [model, candidate] of candidates) {
          const list = byModel.get(model);
          if (list === undefined) byModel.set(model, [candidate]);
          else list.push(candidate);
        }
      } catch (error) {
        if (!(error instanceof ChannelUnusableError)) throw error;
        unusable.push({ name: channel.name, reason: error.message });
      }
    }
    for (const list of byModel.values()) list.sort((a, b) => b.channel.priority - a.channel.priority);
    const models = new Map([...catalog.models].filter(([id]) => byModel.has(id)));
    return new RoutingTable(catalog.version, byModel, byChannel, models, unusable, catalog.prices, catalog.groups);
  }

  /** All candidates of a model, highest priority first; empty for an unknown model. */
  candidatesOf(model: string): readonly Candidate[] {
    return this.candidates.get(model) ?? [];
  }

  /** What a channel serves; undefined when it is switched off or cannot be used. @param id row id. */
  candidatesOfChannel(id: string): readonly Candidate[] | undefined {
    return this.byChannel.get(id);
  }
}

/**
 * Puts candidates in the order of one request: tiers by priority, and inside a tier a draw by weight without repetition.
 * A candidate of weight 0 comes after all others of its tier.
 * @param candidates sorted by priority, highest first.
 * @param random uniform in [0, 1).
 */
export function drawOrder(candidates: readonly Candidate[], random: () => number): readonly Candidate[] {
  if (candidates.length < 2) return candidates;
  const order: Candidate[] = [];
  for (let start = 0; start < candidates.length; ) {
    const priority = candidates[start]?.channel.priority;
    let end = start + 1;
    while (end < candidates.length && candidates[end]?.channel.priority === priority) end++;
    order.push(...drawTier(candidates.slice(start, end), random));
    start = end;
  }
  return order;
}

function drawTier(tier: Candidate[], random: () => number): Candidate[] {
  const rest = [...tier];
  const order: Candidate[] = [];
  while (rest.length > 0) {
    const total = rest.reduce((sum, candidate) => sum + candidate.channel.weight, 0);
    let point = random() * total;
    let index = rest.findIndex((candidate) => {
      point -= candidate.channel.weight;
      return point < 0;
    });
    if (index === -1) index = Math.floor(random() * rest.length);
    order.push(...rest.splice(index, 1));
  }
  return order;
}
