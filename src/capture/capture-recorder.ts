import { setImmediate as turn } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { Sql } from '../database/sql.js';
import { CredentialCipher } from '../secrets/credential-cipher.js';
import { Capture, type CapturedSides } from './capture.js';
import { insertCaptured } from './insert-captured.js';

/** Exchanges in memory at a time, under way or waiting to be written: at most 64 MiB of text. */
const PENDING_MAX = 128;
const LOG_PAUSE_MS = 60_000;
const MS_PER_HOUR = 3_600_000;

/**
 * Captures what keys ask and are answered, while an operator has switched that on. It never slows or fails a request: what is
 * over is encrypted and written behind its back, and what there is no room for is dropped and counted.
 */
@Injectable()
export class CaptureRecorder implements OnModuleDestroy {
  private readonly logger = new Logger(CaptureRecorder.name);
  private readonly waiting: CapturedSides[] = [];
  private writing: Promise<void> | undefined;
  private pending = 0;
  private unsaid = 0;
  private saidAt = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(Sql) private readonly sql: Sql,
    @Inject(CredentialCipher) private readonly cipher: CredentialCipher,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Writes what is left; no request is under way any more. */
  async onModuleDestroy(): Promise<void> {
    await this.writing;
  }

  /**
   * Begins to capture a request; call `end` of what it returns on every way out.
   *
   * @returns undefined when the time of the key's capture is over, or there is no room.
   */
  begin(caller: Caller, requestId: string, endpoint: string): Capture | undefined {
    if (caller.captureUntilMs <= Date.now()) return undefined;
    if (this.pending >= PENDING_MAX) {
      this.drop(`${PENDING_MAX} wait to be written`);
      return undefined;
    }
    this.pending++;
    const { accountId, keyId } = caller;
    return new Capture({ requestId, accountId, keyId, endpoint }, (sides) => this.keep(sides));
  }

  private keep(sides: CapturedSides): void {
    this.waiting.push(sides);
    this.writing ??= this.write().finally(() => {
      this.writing = undefined;
    });
  }

  private async write(): Promise<void> {
    for (;;) {
      // Encrypting takes its time: the answer goes out first, and other requests have their turn in between.
      await turn();
      const sides = this.waiting.shift();
      if (sides === undefined) return;
      try {
        const expiresAt = new Date(Date.now() + this.settings.capture.retentionHours * MS_PER_HOUR);
        await insertCaptured(this.sql, this.cipher, sides, expiresAt);
      } catch (error) {
        this.drop((error as Error).message);
      } finally {
        this.pending--;
      }
    }
  }

  private drop(reason: string): void {
    this.unsaid++;
    if (performance.now() - this.saidAt < LOG_PAUSE_MS) return;
    this.logger.warn(`${this.unsaid} requests were not captured: ${reason}`);
    this.unsaid = 0;
    this.saidAt = performance.now();
  }
}
