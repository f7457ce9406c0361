import { createHmac, timingSafeEqual } from 'node:crypto';

/** A code counts for so long (RFC 6238, 5.2, recommends 30 s). */
const STEP_SECONDS = 30;
const DIGITS = 6;
/** Codes of the step before and the one after count as well: clocks differ, and typing takes a while. */
const STEPS_AROUND = 1;
/** RFC 4226, section 4, R6 recommends 160 bits. */
export const TOTP_SECRET_BYTES = 20;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What a code looks like, as opposed to a recovery code. */
export const TOTP_CODE = /^\d{6}$/;

/** The step of time that a moment lies in. @param ms since 1970. */
export function totpStepOf(ms: number): number {
  return Math.floor(ms / 1000 / STEP_SECONDS);
}

/** The code of a step (RFC 6238 with HMAC-SHA-1, which is what authenticator apps know). */
export function totpCode(secret: Uint8Array, step: number, digits = DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  // Dynamic truncation, RFC 4226, 5.3.
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/**
 * Finds the step that a code belongs to, now or one step around it.
 *
 * @param ms since 1970, now.
 * @returns undefined when it is not a code of these steps. Whether it was used before is for the caller to check.
 */
export function findTotpStep(secret: Uint8Array, code: string, ms: number): number | undefined {
  if (!TOTP_CODE.test(code)) return undefined;
  const now = totpStepOf(ms);
  let found: number | undefined;
  for (let step = now - STEPS_AROUND; step <= now + STEPS_AROUND; step++) {
    // All of them are compared, so that the time tells nothing.
    if (timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code))) found = step;
  }
  return found;
}

/** A secret as authenticator apps want it typed (RFC 4648 base32, without padding). */
export function toBase32(bytes: Uint8Array): string {
  let text = '';
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(value >> bits) & 31];
    }
  }
  return bits === 0 ? text : text + BASE32[(value << (5 - bits)) & 31];
}

/** The address that a QR code for authenticator apps holds. https://github.com/google/google-authenticator/wiki/Key-Uri-Format */
export function totpUri(secret: Uint8Array, issuer: string, email: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(email)}`;
  const query = `secret=${toBase32(secret)}&issuer=${encodeURIComponent(issuer)}`;
  return `otpauth://totp/${label}?${query}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_SECONDS}`;
}
