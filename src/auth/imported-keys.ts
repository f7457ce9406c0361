import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { isImportedApiKey } from '../common/api-key.js';
import { Periodic } from '../common/periodic.js';
import { Sql } from '../database/sql.js';
import { RedisService } from '../redis/redis.service.js';
import { TOPIC_KEYS } from '../redis/topics.js';

const POLL_MS = 5000;

/**
 * Whether keys in the format of one-api and new-api are accepted: only where a database of theirs has been imported. Read at
 * start, every five seconds and with each change of keys, until it is so: an import is never taken back. Requests read
 * nothing.
 */
@Injectable()
export class ImportedKeys implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ImportedKeys.name);
  private hasImport = false;
  private readonly looks = new Periodic(
    () => this.look(),
    POLL_MS,
    (error) => this.logger.warn(`Whether keys were imported cannot be read: ${error}`),
  );

  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(RedisService) redis: RedisService,
  ) {
    redis.subscribe(TOPIC_KEYS, () => {
      if (!this.hasImport) this.looks.runSoon();
    });
  }

  /** True when the key has the imported format and such keys exist here. Asks nobody. */
  accepts(key: string): boolean {
    return this.hasImport && isImportedApiKey(key);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.looks.start();
    await this.look();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.looks.stop();
  }

  private async look(): Promise<void> {
    if (this.hasImport) return;
    const rows = await this.sql.query(`select id from hub_state where imported_at is not null`);
    this.hasImport = rows.length > 0;
  }
}
