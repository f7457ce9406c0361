import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './project-files.js';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
interface LockEntry extends Manifest {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

const manifest: Manifest = json('package.json');
const lock: { readonly lockfileVersion: number; readonly packages: Readonly<Record<string, LockEntry>> } =
  json('package-lock.json');
const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
const declared = kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {}));

describe('package.json', () => {
  it.each(declared)('pins %s exactly', (_name, range) => {
    expect(range).toMatch(/^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/);
  });
});

describe('package-lock.json', () => {
  const entries = Object.entries(lock.packages).filter(([path]) => path !== '');

  it('lists the same packages and versions as package.json', () => {
    expect(lock.lockfileVersion).toBe(3);
    for (const kind of kinds) expect(lock.packages[''] ?? {}).toHaveProperty(kind, manifest[kind]);
    for (const [name, range] of declared) {
      expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, range.replace(/^npm:.+@/, '')]);
    }
  });

  // A bad entry would be a package from git, an URL or a folder, or one whose content npm cannot check.
  it('has only registry packages with a SHA-512 checksum', () => {
    expect(entries.length).toBeGreaterThan(100);
    expect(entries.filter(([, entry]) => !isCheckedRegistryEntry(entry)).map(([path]) => path)).toEqual([]);
  });

  it('names no registry host: the one that npm is set to is asked', () => {
    expect(entries.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
    expect(readFileSync(join(PROJECT_ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/"(resolved|link)"|git\+|file:/);
  });
});

function isCheckedRegistryEntry(entry: LockEntry): boolean {
  const isSha512 = /^sha512-[A-Za-z0-9+/]{86}==$/.test(entry.integrity ?? '');
  return isSha512 && entry.link !== true && /^\d+\.\d+\.\d+/.test(entry.version ?? '');
}

function json<Shape>(path: string): Shape {
  return JSON.parse(readFileSync(join(PROJECT_ROOT, path), 'utf8')) as Shape;
}
