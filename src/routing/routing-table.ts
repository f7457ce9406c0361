import type { Catalog, CatalogModel } from '../channels/catalog.types.js';
import type { ModelCapabilities } from '../channels/model-routing.js';
import type { AccountGroup } from '../pricing/account-group.js';
import { PriceTable } from '../pricing/price-table.js';
import type { Provider } from '../providers/provider.js';
import { type Candidate, type CapabilitiesOf, ChannelUnusableError, toCandidates } from './candidate.js';

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
    /** Models without a usable channel that have fallbacks to serve in their place, by public name. */
    readonly dormant: ReadonlyMap<string, CatalogModel>,
    readonly unusable: readonly UnusableChannel[],
    /** Prices of this moment: a request that keeps this table, or a version of it, sees no later one. */
    readonly prices: PriceTable,
    /** Account groups, by row id. */
    readonly groups: ReadonlyMap<string, AccountGroup>,
  ) {}

  /** A table without any model, for the time before the first load. */
  static readonly empty = new RoutingTable(
    -1n,
    new Map(),
    new Map(),
    new Map(),
    new Map(),
    [],
    PriceTable.empty,
    new Map(),
  );

  /**
   * Builds the table from a catalogue. A channel that cannot be used is left out and listed, never fatal.
   *
   * @param knownOf what is generally known of an upstream's model; what the operator says of the public one stands above it.
   */
  static build(
    catalog: Catalog,
    findProvider: (id: string) => Provider | undefined,
    knownOf?: (provider: string, upstreamModel: string) => ModelCapabilities,
  ): RoutingTable {
    const capabilitiesOf: CapabilitiesOf = (provider, { publicModel, upstreamModel }) => {
      const statedCapabilities = catalog.models.get(publicModel)?.routing?.capabilities ?? {};
      return { capabilities: { ...knownOf?.(provider, upstreamModel), ...statedCapabilities }, statedCapabilities };
    };
    const byModel = new Map<string, Candidate[]>();
    const byChannel = new Map<string, readonly Candidate[]>();
    const unusable: UnusableChannel[] = [];
    for (const channel of catalog.channels) {
      try {
        const candidates = toCandidates(channel, findProvider(channel.provider), capabilitiesOf);
        byChannel.set(channel.id, candidates);
        for (const candidate of candidates) {
          const { publicModel } = candidate.target;
          const list = byModel.get(publicModel);
          if (list === undefined) byModel.set(publicModel, [candidate]);
          else list.push(candidate);
        }
      } catch (error) {
        if (!(error instanceof ChannelUnusableError)) throw error;
        unusable.push({ name: channel.name, reason: error.message });
      }
    }
    for (const list of byModel.values()) list.sort((a, b) => b.priority - a.priority);
    const models = new Map([...catalog.models].filter(([id]) => byModel.has(id)));
    const dormant = new Map(
      [...catalog.models, ...(catalog.dormant ?? [])].filter(
        ([id, { routing }]) => !byModel.has(id) && routing?.fallbacks !== undefined && routing.fallbacks.length > 0,
      ),
    );
    const { version, prices, groups } = catalog;
    return new RoutingTable(version, byModel, byChannel, models, dormant, unusable, prices, groups);
  }

  /** All candidates of a model, one for each credential, highest priority first; empty for an unknown model. */
  candidatesOf(model: string): readonly Candidate[] {
    return this.candidates.get(model) ?? [];
  }

  /** What a channel serves; undefined when it is switched off or cannot be used. @param id row id. */
  candidatesOfChannel(id: string): readonly Candidate[] | undefined {
    return this.byChannel.get(id);
  }
}
