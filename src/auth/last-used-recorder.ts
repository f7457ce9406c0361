import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Sql } from '../database/sql.js';

const FLUSH_MS = 10_000;

/** Writes when each key was last used: collected in memory and written in one statement every ten seconds. */
@Injectable()
export class LastUsedRecorder implements OnModuleDestroy {
  private readonly logger = new Logger(LastUsedRecorder.name);
  private readonly used = new Set<string>();
  private readonly timer = setInterval(() => void this.flush(), FLUSH_MS).unref();

  constructor(@Inject(Sql) private readonly sql: Sql) {}

  /** Notes that a key was used just now. */
  note(keyId: string): void {
    this.used.add(keyId);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  private async flush(): Promise<void> {
    if (this.used.size === 0) return;
    const ids = [...this.used];
    this.used.clear();
    try {
      await this.sql.query('update api_key set last_used_at = now() where id = any($1::bigint[])', [ids]);
    } catch (error) {
      // A display value: the next use writes it again.
      this.logger.warn(`Could not note when API keys were used: ${(error as Error).message}`);
    }
  }
}
