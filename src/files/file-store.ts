import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { Sql } from '../database/sql.js';

// As long as OpenAI's own picture links lived.
const LIFETIME_MINUTES = 60;
const SWEEP_MS = 60_000;

/** A file as stored. */
export interface StoredFile {
  readonly contentType: string;
  readonly bytes: Buffer;
}

/**
 * Keeps generated files for an hour behind links that cannot be guessed, for callers who asked for a URL where the
 * upstream gave bytes. In the database, so that every instance can serve every link.
 */
@Injectable()
export class FileStore implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(FileStore.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Stores a file and returns its absolute URL. */
  async put(file: StoredFile): Promise<string> {
    const id = randomBytes(24).toString('base64url');
    await this.sql.query(
      `insert into stored_file (id, content_type, bytes, expires_at)
       values ($1, $2, $3, now() + make_interval(mins => $4))`,
      [id, file.contentType, file.bytes, LIFETIME_MINUTES],
    );
    return `${this.settings.server.publicUrl}/api/files/${id}`;
  }

  /** The file behind a link, or undefined when there is none or its time is over. */
  async get(id: string): Promise<StoredFile | undefined> {
    const [row] = await this.sql.query<{ content_type: string; bytes: Buffer }>(
      'select content_type, bytes from stored_file where id = $1 and expires_at > now()',
      [id],
    );
    return row === undefined ? undefined : { contentType: row.content_type, bytes: row.bytes };
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async sweep(): Promise<void> {
    try {
      await this.sql.query('delete from stored_file where expires_at <= now()');
    } catch (error) {
      this.logger.warn(`Expired files could not be deleted: ${(error as Error).message}`);
    }
  }
}
