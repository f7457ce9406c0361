import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The files of the pages at /graphql, and where they lie. The large ones are put there by `scripts/copy-assets.mjs`. */
const OWN = join(import.meta.dirname, 'assets');
const FILES: Readonly<Record<string, { readonly type: string; readonly folder: 'own' | 'vendor' }>> = {
  'answers.js': { type: 'text/javascript; charset=utf-8', folder: 'own' },
  'playground.css': { type: 'text/css; charset=utf-8', folder: 'own' },
  'playground.js': { type: 'text/javascript; charset=utf-8', folder: 'own' },
  'sign-in.js': { type: 'text/javascript; charset=utf-8', folder: 'own' },
  'graphiql.min.css': { type: 'text/css; charset=utf-8', folder: 'vendor' },
  'graphiql.min.js': { type: 'text/javascript; charset=utf-8', folder: 'vendor' },
  'react.production.min.js': { type: 'text/javascript; charset=utf-8', folder: 'vendor' },
  'react-dom.production.min.js': { type: 'text/javascript; charset=utf-8', folder: 'vendor' },
};

/** One file of the pages. */
export interface PlaygroundAsset {
  readonly type: string;
  /** What browsers may do with it: our own small files are asked for each time, so that all of a page are of one version. */
  readonly cacheControl: string;
  readonly bytes: Buffer;
}

/** Reads a file of the pages; undefined for any name that is none of them. */
export async function readPlaygroundAsset(name: string): Promise<PlaygroundAsset | undefined> {
  const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  if (file === undefined) return undefined;
  const [folder, cacheControl] = file.folder === 'own' ? [OWN, 'no-cache'] : [vendorFolder(), 'public, max-age=3600'];
  return { type: file.type, cacheControl, bytes: await readFile(join(folder, name)) };
}

/** `dist/vendor`, which stands at a different distance from the sources and from the build. */
function vendorFolder(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'dist', 'vendor');
    if (existsSync(candidate)) return candidate;
  }
  throw new Error('The files of the playground are missing: build the hub first.');
}
