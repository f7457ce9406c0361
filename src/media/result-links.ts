import { createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { toPublicJobId } from '../jobs/job.js';
import { Keyring } from '../secrets/keyring.js';

const EXPIRES = /^[1-9]\d{0,11}$/;
const SIGNATURE = /^[\w-]{43}$/;

/** Links to results that work without any header, for a while. All instances sign with the same key. */
@Injectable()
export class ResultLinks {
  private readonly key: Buffer;

  constructor(
    @Inject(Keyring) keyring: Keyring,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.key = keyring.deriveKey('result link');
  }

  /**
   * An absolute link.
   *
   * @param jobId 32 hex digits.
   * @param expireBy when the result goes; the link does not outlive it.
   * @param nowMs Unix time in milliseconds.
   */
  make(jobId: string, place: number, expireBy: Date | undefined, nowMs = Date.now()): string {
    const { media, server } = this.settings;
    const lastMs = Math.min(nowMs + media.linkMs, expireBy?.getTime() ?? Number.POSITIVE_INFINITY);
    const expires = String(Math.floor(lastMs / 1000));
    const signature = this.sign(jobId, String(place), expires).toString('base64url');
    return `${server.publicUrl}/api/media/${toPublicJobId(jobId)}/${place}?expires=${expires}&signature=${signature}`;
  }

  /** True when the hub made a link of these parts and its time is not over. Takes equally long for every wrong signature. */
  isGenuine(jobId: string, place: string, expires: unknown, signature: unknown, nowMs = Date.now()): boolean {
    if (typeof expires !== 'string' || !EXPIRES.test(expires)) return false;
    if (typeof signature !== 'string' || !SIGNATURE.test(signature)) return false;
    const isSigned = timingSafeEqual(this.sign(jobId, place, expires), Buffer.from(signature, 'base64url'));
    return isSigned && Number(expires) * 1000 > nowMs;
  }

  private sign(jobId: string, place: string, expires: string): Buffer {
    return createHmac('sha256', this.key).update(`${jobId}\n${place}\n${expires}`).digest();
  }
}
