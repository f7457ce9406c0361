import { isWellFormedApiKey } from '../../src/common/api-key.ts';

/** What the scan knows: a form that is cheap to look for, and the check that tells a real one from an example. */
const KINDS = [
  // The forms in docs/security.md, for scanners of others.
  { form: /sk_live_[0-9A-Za-z]{36}(?![0-9A-Za-z])/g, isReal: isWellFormedApiKey },
  // 32 bytes in base64url, whose last character carries four bits: a text that ends in any other is an example.
  { form: /hub_(?:pat|ses)_[0-9A-Za-z_-]{42}[AEIMQUYcgkosw048](?![0-9A-Za-z_-])/g, isReal: () => true },
];

/**
 * Every real credential of this product in a text, with the line it stands on. An API key whose checksum is wrong is an example.
 *
 * @param {string} text
 * @returns {{ line: number, shown: string }[]} `shown` is enough to know it by, and not the credential
 */
export function findSecrets(text) {
  return KINDS.flatMap(({ form, isReal }) =>
    [...text.matchAll(form)]
      .filter(([found]) => isReal(found))
      .map((match) => ({
        line: text.slice(0, match.index).split('\n').length,
        shown: `${match[0].slice(0, 8)}…${match[0].slice(-4)}`,
      })),
  );
}
