import { CareError } from './care-error.js';

/** Everything in a tar file comes in blocks of this many bytes. */
export const TAR_BLOCK_BYTES = 512;

/** A file or folder in an archive. */
export interface TarEntry {
  /** With `/` between folders, and without one at the end. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** 0 for a folder. */
  readonly bytes: number;
}

const NAME_BYTES = 100;
const SIZE = { start: 124, end: 136 } as const;
const CHECKSUM = { start: 148, end: 156 } as const;
const TYPE_AT = 156;
const KINDS: Readonly<Record<string, TarEntry['kind']>> = { '0': 'file', '5': 'folder' };

/**
 * The header of one entry, in the form of POSIX ustar, which every `tar` reads. Everything belongs to root and is for its
 * owner only.
 */
export function writeTarHeader({ name, kind, bytes }: TarEntry, at: Date): Buffer {
  const header = Buffer.alloc(TAR_BLOCK_BYTES);
  if (Buffer.byteLength(name) >= NAME_BYTES) throw new RangeError(`${name} is too long a name for the archive`);
  header.write(kind === 'folder' ? `${name}/` : name, 0);
  header.write(kind === 'folder' ? '0000700\0' : '0000600\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${bytes.toString(8).padStart(11, '0')}\0`, SIZE.start);
  header.write(
    `${Math.floor(at.getTime() / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  );
  header.write(kind === 'folder' ? '5' : '0', TYPE_AT);
  header.write('ustar\x0000', 257);
  header.write(`${checksumOf(header).toString(8).padStart(6, '0')}\0 `, CHECKSUM.start);
  return header;
}

/**
 * @returns undefined for the empty block that ends an archive.
 * @throws CareError for what {@link writeTarHeader} never writes.
 */
export function readTarHeader(block: Buffer): TarEntry | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const name = textAt(block, 0, NAME_BYTES).replace(/\/$/, '');
  const kind = KINDS[String.fromCharCode(block[TYPE_AT] ?? 0)];
  const size = textAt(block, SIZE.start, SIZE.end);
  const isSound =
    Number.parseInt(textAt(block, CHECKSUM.start, CHECKSUM.end), 8) === checksumOf(block) && /^[0-7]{11}$/.test(size);
  if (!isSound || kind === undefined) throw new CareError('The archive is damaged: a header in it makes no sense.');
  return { name, kind, bytes: Number.parseInt(size, 8) };
}

/** How many bytes follow the content up to the next block. */
export function tarPadding(bytes: number): number {
  return (TAR_BLOCK_BYTES - (bytes % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
}

function textAt(block: Buffer, start: number, end: number): string {
  return block.toString('utf8', start, end).split('\0', 1)[0] ?? '';
}

/** The sum of all bytes, with blanks where the sum itself stands. */
function checksumOf(header: Buffer): number {
  return header.reduce((sum, byte, i) => sum + (i >= CHECKSUM.start && i < CHECKSUM.end ? 0x20 : byte), 0);
}
