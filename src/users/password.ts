import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/** OWASP's first choice for Argon2id: 19 MiB, 2 passes, 1 lane. https://cheatsheetseries.owasp.org/ (Password Storage) */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const PARALLELISM = 1;
const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** Above these a stored hash is not ours, and checking it would be a way to exhaust memory. */
const MEMORY_KIB_MAX = 1_048_576;
const PASSES_MAX = 64;

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/;

/** Hashes a password with Argon2id; the result is a PHC string that carries its own parameters and salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive('argon2id', {
    message: password.normalize('NFKC'),
    nonce: salt,
    parallelism: PARALLELISM,
    tagLength: TAG_BYTES,
    memory: MEMORY_KIB,
    passes: PASSES,
  });
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${PARALLELISM}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** The hash of a password that nobody knows: checking against it costs what checking against any other costs. */
export const NOBODYS_HASH = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${PARALLELISM}$${unpadded(randomBytes(SALT_BYTES))}$${unpadded(randomBytes(TAG_BYTES))}`;

/** True when new hashes are made in another way than this one, so that it should be replaced when the password is at hand. */
export function isOutdatedHash(phc: string): boolean {
  const [, memory, passes, parallelism, , tag = ''] = PHC.exec(phc) ?? [];
  const isCurrent = Number(memory) === MEMORY_KIB && Number(passes) === PASSES && Number(parallelism) === PARALLELISM;
  return !isCurrent || Buffer.from(tag, 'base64').length !== TAG_BYTES;
}

/** Checks a password against a PHC string, in time that does not tell how much of it was right. False for a hash it cannot read. */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt, tag] = PHC.exec(phc) ?? [];
  if (salt === undefined || tag === undefined) return false;
  if (Number(memory) > MEMORY_KIB_MAX || Number(passes) > PASSES_MAX) return false;
  const expected = Buffer.from(tag, 'base64');
  const actual = await derive('argon2id', {
    message: password.normalize('NFKC'),
    nonce: Buffer.from(salt, 'base64'),
    parallelism: Number(parallelism),
    tagLength: expected.length,
    memory: Number(memory),
    passes: Number(passes),
  });
  return timingSafeEqual(actual, expected);
}

/** A password for a first start: 24 characters, 144 bits. */
export function generatePassword(): string {
  return randomBytes(18).toString('base64url');
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
