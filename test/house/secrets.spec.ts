import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { PROJECT_ROOT, projectFiles } from './project-files.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
// Put together here, so that this file does not hold the key that it plants.
const RANDOM = 'ThisIsNotAKeyButHasThirtyChars';
const VALID = `sk_live_${RANDOM}${checksum(RANDOM)}`;
const INVALID = `sk_live_${RANDOM}000000`;

describe('the scan for committed API keys', () => {
  it('finds a key whose checksum is right', () => {
    expect(keysIn(`{"apiKey":"${VALID}"}`)).toEqual([VALID]);
  });

  // Examples in documents and tests carry wrong checksums, so that no one takes them for real keys.
  it('passes over a key whose checksum is wrong', () => {
    expect(keysIn(`HUB_API_KEY=${INVALID} and ${VALID}x`)).toEqual([]);
  });

  it('finds none in the project', () => {
    const files = projectFiles();
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((path) => keysIn(readFileSync(join(PROJECT_ROOT, path), 'latin1')).length > 0)).toEqual([]);
  });
});

/** Every well-formed API key in the text. Written apart from the product's own check, so that one cannot blind the other. */
function keysIn(text: string): string[] {
  const candidates = text.match(/sk_live_[0-9A-Za-z]{36}(?![0-9A-Za-z])/g) ?? [];
  return candidates.filter((key) => checksum(key.slice(8, 38)) === key.slice(38));
}

/** CRC-32 of the random part in base 62, padded to six. */
function checksum(random: string): string {
  let rest = BigInt(crc32(random));
  let text = '';
  for (let i = 0; i < 6; i++) {
    text = ALPHABET[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}
