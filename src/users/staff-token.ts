import { createHmac, randomBytes } from 'node:crypto';
import type { Keyring } from '../secrets/keyring.js';

/** How the token of a session begins, and that of a personal admin token. */
export const SESSION_PREFIX = 'hub_ses_';
export const ADMIN_TOKEN_PREFIX = 'hub_pat_';

const SHAPE = /^hub_(ses|pat)_[0-9A-Za-z_-]{43}$/;
const KEY_LABEL = 'staff token';

/** A token that was made: `token` is shown once, `hash` is stored. */
export interface NewStaffToken {
  readonly token: string;
  /** 32 bytes. */
  readonly hash: Buffer;
  readonly last4: string;
}

/** Makes a token with 256 random bits. */
export function generateStaffToken(
  keyring: Pick<Keyring, 'deriveKey'>,
  prefix: typeof SESSION_PREFIX | typeof ADMIN_TOKEN_PREFIX,
): NewStaffToken {
  const token = prefix + randomBytes(32).toString('base64url');
  return { token, hash: hashStaffToken(keyring, token), last4: token.slice(-4) };
}

/** What is stored of a token: its keyed hash (HMAC-SHA-256). */
export function hashStaffToken(keyring: Pick<Keyring, 'deriveKey'>, token: string): Buffer {
  return createHmac('sha256', keyring.deriveKey(KEY_LABEL)).update(token).digest();
}

/** The kind of a token by its form; undefined for what cannot be one, which needs no look into the database. */
export function kindOfStaffToken(token: string): 'session' | 'token' | undefined {
  if (!SHAPE.test(token)) return undefined;
  return token.startsWith(SESSION_PREFIX) ? 'session' : 'token';
}
