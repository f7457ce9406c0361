import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { findProgram } from '../../test/support/find-program.js';
import { CareError } from './care-error.js';
import { extractArchive } from './extract-archive.js';
import type { Manifest } from './manifest.js';
import { writeArchive } from './write-archive.js';

const MANIFEST: Omit<Manifest, 'parts'> = {
  productVersion: '1.2.3',
  createdAt: '2026-11-26T08:30:00.000Z',
  postgresVersion: '18.3',
  migrations: ['first', 'second'],
  hasMasterKey: true,
  books: [{ name: 'entries', value: '12345678901234567890' }],
};
/** Larger than any chunk that is read at once. */
const LARGE = randomBytes(300_001);

let root: string;
let folder: string;
let archive: string;
let bytes: Buffer;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'hub-archive-'));
  folder = join(root, 'from');
  mkdirSync(join(folder, 'pg', 'base'), { recursive: true });
  mkdirSync(join(folder, 'pg', 'empty'));
  writeFileSync(join(folder, 'pg', 'base', '1_fsm'), LARGE);
  writeFileSync(join(folder, 'pg', 'nothing'), '');
  writeFileSync(join(folder, 'pg', 'block'), Buffer.alloc(512, 'x'));
  writeFileSync(join(folder, 'master.key'), 'the key');
  writeFileSync(join(folder, 'hub.lock'), 'not a part');
  archive = join(root, 'archive.tar.gz');
  expect(await pack(archive, false)).toBe(statSync(archive).size);
  bytes = readFileSync(archive);
});
afterAll(() => rmSync(root, { recursive: true }));

const pack = (file: string, mayReplace: boolean) =>
  writeArchive(file, { folder, names: ['pg', 'master.key'], manifest: MANIFEST }, mayReplace);

/** Unpacks `content` into a new folder. */
async function extract(content: Buffer) {
  const file = join(root, 'given');
  writeFileSync(file, content);
  const target = mkdtempSync(join(root, 'into-'));
  return { target, manifest: await extractArchive(file, target) };
}

/** The archive with something changed inside. */
function edited(change: (tar: Buffer) => void): Buffer {
  const tar = gunzipSync(bytes);
  change(tar);
  return gzipSync(tar);
}

/** Gives a header the checksum it then must have. */
function resum(header: Buffer): void {
  header.fill(' ', 148, 156);
  const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}

function rename(tar: Buffer, from: string, to: string): void {
  const header = tar.subarray(tar.indexOf(`${from}\0`));
  header.write(to.padEnd(from.length, '\0'), 0);
  resum(header);
}

it('gives back what was packed, for its owner only', async () => {
  const { target, manifest } = await extract(bytes);
  expect(manifest).toMatchObject(MANIFEST);
  expect(manifest.parts.map(({ name }) => name)).toEqual(['master.key', 'pg/base/1_fsm', 'pg/block', 'pg/nothing']);
  expect(readdirSync(target, { recursive: true }).sort()).toEqual([
    'master.key',
    'pg',
    'pg/base',
    'pg/base/1_fsm',
    'pg/block',
    'pg/empty',
    'pg/nothing',
  ]);
  expect(readFileSync(join(target, 'pg/base/1_fsm'))).toEqual(LARGE);
  expect(readFileSync(join(target, 'master.key'), 'utf8')).toBe('the key');
  expect(statSync(join(target, 'master.key')).mode & 0o777).toBe(0o600);
  expect(statSync(join(target, 'pg')).mode & 0o777).toBe(0o700);
});

it('is a file that any tar reads', () => {
  const tar = findProgram('tar');
  if (tar === undefined) return;
  const target = mkdtempSync(join(root, 'tar-'));
  execFileSync(tar, ['-xzf', archive, '-C', target]);
  expect(readFileSync(join(target, 'pg/base/1_fsm'))).toEqual(LARGE);
  expect(JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8'))).toMatchObject({
    formatVersion: 1,
    ...MANIFEST,
  });
});

it('replaces a file only when told to, and leaves no half of one', async () => {
  const file = join(root, 'taken');
  writeFileSync(file, 'precious');
  await expect(pack(file, false)).rejects.toThrow('--force');
  expect(readFileSync(file, 'utf8')).toBe('precious');
  await pack(file, true);
  expect((await extract(readFileSync(file))).manifest.productVersion).toBe('1.2.3');
  await expect(writeArchive(join(root, 'x'), { folder, names: ['gone'], manifest: MANIFEST }, false)).rejects.toThrow(
    'gone',
  );
  expect(readdirSync(root).filter((name) => name.includes('partial') || name === 'x')).toEqual([]);
});

describe('refuses an archive', () => {
  it('cut off anywhere', async () => {
    for (let length = 1; length < bytes.length; length += 7919) {
      await expect(extract(bytes.subarray(0, length))).rejects.toThrow(/cut off|not an archive/);
    }
    await expect(extract(bytes.subarray(0, -1))).rejects.toThrow('cut off');
    const tar = gunzipSync(bytes);
    for (const length of [0, 100, 512, 1024, 5000, tar.length - 3000]) {
      await expect(extract(gzipSync(tar.subarray(0, length)))).rejects.toThrow('cut off');
    }
  });

  it.each<[string, () => Buffer, string]>([
    [
      'with a changed byte',
      () => Buffer.from(bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte))),
      'damaged',
    ],
    [
      'with a changed file',
      () => edited((tar) => void tar.write('the kez', tar.indexOf('the key'))),
      'master.key is not',
    ],
    ['with a changed header', () => edited((tar) => void tar.write('x', 0)), 'a header in it makes no sense'],
    ['with a file too many', () => edited((tar) => rename(tar, 'pg/nothing', 'pg/another')), 'pg/nothing is not'],
    ['without its manifest', () => edited((tar) => tar.fill(0, tar.indexOf('manifest.json\0'))), 'no manifest'],
    [
      'with a name that leads out',
      () => edited((tar) => rename(tar, 'master.key', '../ter.key')),
      'it holds "../ter.key"',
    ],
    ['with an absolute name', () => edited((tar) => rename(tar, 'master.key', '/aster.key')), 'it holds "/aster.key"'],
    [
      'of another kind',
      () => edited((tar) => void tar.write('another', tar.indexOf('ug-ai-h'))),
      'not a backup of this hub',
    ],
    [
      'of a later format',
      () => edited((tar) => void tar.write('9', tar.indexOf('"formatVersion": 1') + 17)),
      'has format 9',
    ],
    ['that is none', () => Buffer.from('hello'), 'not an archive'],
    ['that is empty', () => Buffer.alloc(0), 'cut off'],
  ])('%s', async (_title, make, message) => {
    const refused = extract(make());
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(CareError);
  });

  it('that is not there', async () => {
    await expect(extractArchive(join(root, 'nowhere'), root)).rejects.toThrow('cannot be read');
  });
});
