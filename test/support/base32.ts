const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The bytes of a secret as authenticator apps are given it (RFC 4648 base32). */
export function fromBase32(text: string): Buffer {
  const bits = [...text].map((symbol) => SYMBOLS.indexOf(symbol).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
}
