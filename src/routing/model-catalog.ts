import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { capabilitiesOf } from '../capabilities/capabilities-of.js';
import { ChannelStore } from '../channels/channel-store.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { RedisService } from '../redis/redis.service.js';
import { TOPIC_CATALOG } from '../redis/topics.js';
import { RoutingTable } from './routing-table.js';

const POLL_MS = 2000;

/**
 * Keeps the routing table of this instance, prices included, up to date: loaded at start, looked after every two seconds, and at once when
 * another instance announces a change. Requests in flight keep the table they began with.
 */
@Injectable()
export class ModelCatalog implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ModelCatalog.name);
  private current = RoutingTable.empty;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isFailing = false;
  /** By `performance.now()`: when a price that is stored already begins to apply. */
  private nextChangeAtMs = Number.POSITIVE_INFINITY;

  constructor(
    @Inject(ChannelStore) private readonly store: ChannelStore,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(RedisService) redis: RedisService,
  ) {
    redis.subscribe(TOPIC_CATALOG, () => void this.catchUp());
  }

  /** The table of this moment. */
  get table(): RoutingTable {
    return this.current;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.load();
    this.timer = setInterval(() => void this.refresh(), POLL_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Loads the catalogue if it has changed, or a stored price begins to apply. While the database is away the last table stays in use. */
  refresh(): Promise<void> {
    this.running ??= this.load()
      .then(
        () => {
          this.isFailing = false;
        },
        (error: Error) => {
          if (!this.isFailing)
            this.logger.warn(`The model catalogue cannot be read; the last one stays: ${error.message}`);
          this.isFailing = true;
        },
      )
      .finally(() => {
        this.running = undefined;
      });
    return this.running;
  }

  /** Loads what has been stored until now: a load that is under way may have begun before. */
  async catchUp(): Promise<void> {
    await this.running;
    await this.refresh();
  }

  private async load(): Promise<void> {
    const isDue = performance.now() >= this.nextChangeAtMs;
    if (!isDue && (await this.store.catalogVersion()) === this.current.version) return;
    const catalog = await this.store.loadCatalog();
    this.nextChangeAtMs = performance.now() + (catalog.prices.nextChangeMs ?? Number.POSITIVE_INFINITY);
    this.current = RoutingTable.build(catalog, (id) => this.providers.get(id), capabilitiesOf);
    for (const { name, reason } of this.current.unusable) this.logger.warn(`Channel "${name}" is not used: ${reason}.`);
    this.logger.log(`Model catalogue ${this.current.version}: ${this.current.models.size} models.`);
  }
}
