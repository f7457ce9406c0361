import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Alerts } from '../alerts/alerts.service.js';
import { BriefMemory } from '../common/brief-memory.js';
import { HubError } from '../common/hub-error.js';
import { Periodic } from '../common/periodic.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { Sql } from '../database/sql.js';
import { MediaError } from './media-error.js';
import { MediaStorage } from './storage/media-storage.js';

const MEASURED_FOR_MS = 3_000;
const WATCH_MS = 60_000;
const RETRY_AFTER_SECONDS = 300;
const ALERT_KEY = 'media_storage_full';

/** What was measured. */
interface Room {
  /** Why new jobs are refused, for the operator; undefined while there is room. */
  readonly shortage: string | undefined;
  /** Undefined where it cannot be told. */
  readonly freeBytes: number | undefined;
}

/**
 * Watches the room for results: new jobs are refused while there is still enough for those under way, and for the database,
 * which may be on the same disk.
 */
@Injectable()
export class MediaRoom implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(MediaRoom.name);
  private readonly memory = new BriefMemory(() => this.measure(), MEASURED_FOR_MS);
  private readonly watch = new Periodic(
    () => this.look(),
    WATCH_MS,
    (error) => this.logger.warn(`The room for results is not known: ${(error as Error).message}`),
  );
  private isAlertPossible = true;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(MediaStorage) private readonly storage: MediaStorage,
    @Inject(Sql) private readonly sql: Sql,
    @Inject(Alerts) private readonly alerts: Alerts,
  ) {}

  onApplicationBootstrap(): void {
    this.watch.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.watch.stop();
  }

  /**
   * @param hasLinks nothing of the job has to be kept where links of upstreams are handed out.
   * @throws HubError 503 `storage_full` when no job may be taken on whose result would have to be kept.
   */
  async requireForJob(hasLinks = false): Promise<void> {
    if (hasLinks && this.settings.media.delivery === 'link') return;
    const { shortage } = await this.memory.get();
    if (shortage === undefined) return;
    throw new HubError({
      status: 503,
      code: 'storage_full',
      message: 'There is no room for results at the moment. Please try again later.',
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      detail: shortage,
    });
  }

  /** @throws MediaError `no_space`: a result may use what new jobs may not, but not the last of it. */
  async requireForResult(): Promise<void> {
    const { freeBytes } = await this.memory.get();
    if (freeBytes === undefined || freeBytes >= this.settings.media.freeBytesMin / 2) return;
    throw new MediaError('no_space', true, `Only ${freeBytes} bytes are free.`);
  }

  /** Measures, and tells the operator when new jobs are refused, and no longer when they are not. */
  async look(): Promise<void> {
    if (this.settings.media.delivery === 'link') return;
    const { shortage } = await this.memory.get();
    if (shortage !== undefined) {
      this.isAlertPossible = true;
      await this.alerts.raise({
        kind: 'media_storage_full',
        severity: 'critical',
        subject: 'media',
        message: `New video and picture jobs are refused: ${shortage}`,
        dedupeKey: ALERT_KEY,
      });
    } else if (this.isAlertPossible) {
      await this.alerts.end(ALERT_KEY);
      this.isAlertPossible = false;
    }
  }

  private async measure(): Promise<Room> {
    const { freeBytesMin, bytesMax } = this.settings.media;
    let freeBytes: number | undefined;
    try {
      freeBytes = await this.storage.freeBytes();
    } catch (error) {
      const code = Error.isError(error) && 'code' in error ? String(error.code) : 'unknown failure';
      return { shortage: `the folder of results cannot be used (${code}).`, freeBytes };
    }
    if (freeBytes !== undefined && freeBytes < freeBytesMin) {
      return { shortage: `${freeBytes} bytes are free, fewer than HUB_MEDIA_FREE_BYTES_MIN.`, freeBytes };
    }
    if (bytesMax !== undefined && (await this.bytesKept()) >= bytesMax) {
      return { shortage: `results take as much as HUB_MEDIA_BYTES_MAX allows.`, freeBytes };
    }
    return { shortage: undefined, freeBytes };
  }

  /** Of all results that have not been deleted: an index has these jobs alone. */
  private async bytesKept(): Promise<number> {
    const [row] = await this.sql.query<{ bytes: string }>(
      `select coalesce(sum(o.bytes), 0) as bytes from job j join job_output o on o.job_id = j.id
        where j.results_deleted_at is null and j.results_expire_at is not null and o.storage_key is not null`,
    );
    return Number(row?.bytes ?? 0);
  }
}
