import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 30;
const CHECKSUM_LENGTH = 6;

/** How every API key begins. */
export const API_KEY_PREFIX = 'sk_live_';
/** Characters of a whole key. */
export const API_KEY_LENGTH = API_KEY_PREFIX.length + RANDOM_LENGTH + CHECKSUM_LENGTH;
const SHAPE = /^sk_live_[0-9A-Za-z]{36}$/;

/** The checksum of a key's 30 random characters: their CRC-32 (IEEE) in base 62, left-padded with `0` to 6. */
export function apiKeyChecksum(random: string): string {
  let rest = crc32(random);
  let text = '';
  while (rest > 0) {
    text = ALPHABET.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text.padStart(CHECKSUM_LENGTH, '0');
}

/** Makes a new API key with 178 bits of randomness. */
export function generateApiKey(): string {
  let random = '';
  for (let i = 0; i < RANDOM_LENGTH; i++) random += ALPHABET.charAt(randomInt(ALPHABET.length));
  return API_KEY_PREFIX + random + apiKeyChecksum(random);
}

/** True when the text has the form of an API key and its checksum fits: a typing error is refused without a database read. */
export function isWellFormedApiKey(text: string): boolean {
  if (text.length !== API_KEY_LENGTH || !SHAPE.test(text)) return false;
  const random = text.slice(API_KEY_PREFIX.length, -CHECKSUM_LENGTH);
  return apiKeyChecksum(random) === text.slice(-CHECKSUM_LENGTH);
}

/** Characters of a key that was imported from one-api or new-api. */
export const IMPORTED_API_KEY_LENGTH = 51;
const IMPORTED_SHAPE = /^sk-[0-9A-Za-z]{48}$/;

/**
 * True when the text has the form of a key of one-api or new-api, which have no checksum. Those products take it without
 * `sk-` and with a channel's number behind it as well; the hub does not.
 */
export function isImportedApiKey(text: string): boolean {
  return text.length === IMPORTED_API_KEY_LENGTH && IMPORTED_SHAPE.test(text);
}
