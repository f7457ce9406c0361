import type { BooksFigure } from './books-digest.js';
import { CareError } from './care-error.js';

/** The entry of an archive that says what the others are. It comes last: only then are their checksums known. */
export const MANIFEST_NAME = 'manifest.json';
/** Grows when an older hub could not restore what a newer one writes. */
export const FORMAT_VERSION = 1;
const FORMAT = 'ug-ai-hub backup';

/** A file of an archive. */
export interface ArchivePart {
  readonly name: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** What an archive is, and what must be found in it. */
export interface Manifest {
  readonly productVersion: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** `server_version` of the embedded PostgreSQL whose files these are. */
  readonly postgresVersion: string;
  /** Migrations that had run, in order. */
  readonly migrations: readonly string[];
  /** False when the master key was not in a file: it must be kept elsewhere. */
  readonly hasMasterKey: boolean;
  readonly parts: readonly ArchivePart[];
  readonly books: readonly BooksFigure[];
}

/** The text of a manifest. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify({ format: FORMAT, formatVersion: FORMAT_VERSION, ...manifest }, null, 1)}\n`;
}

/** @throws CareError when the text is not a manifest, or one of a newer format. */
export function parseManifest(text: string): Manifest {
  const value = parseObject(text);
  if (value?.['format'] !== FORMAT) throw new CareError('The archive is not a backup of this hub.');
  if (value['formatVersion'] !== FORMAT_VERSION) {
    throw new CareError(
      `The archive has format ${String(value['formatVersion'])}, made by version ${String(value['productVersion'])} of the hub; ` +
        `this version reads format ${FORMAT_VERSION}.`,
    );
  }
  if (!isManifest(value)) throw new CareError('The archive is damaged: its manifest is not complete.');
  return value;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isManifest(value: unknown): value is Manifest {
  if (!isObject(value)) return false;
  const { productVersion, createdAt, postgresVersion, migrations, hasMasterKey, parts, books } = value;
  return (
    [productVersion, createdAt, postgresVersion].every((text) => typeof text === 'string') &&
    typeof hasMasterKey === 'boolean' &&
    isList(migrations, (name) => typeof name === 'string') &&
    isList(
      parts,
      (part) => isObject(part) && hasTexts(part, 'name', 'sha256') && Number.isSafeInteger(part['bytes']),
    ) &&
    isList(books, (figure) => isObject(figure) && hasTexts(figure, 'name', 'value'))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function hasTexts(value: Record<string, unknown>, ...names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === 'string');
}
