import { pbkdf2 } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describeMediaStorage, put } from '../../../test/support/describe-media-storage.js';
import { LocalStorage } from './local-storage.js';

const JOB = '0190aaaa00007000800000000000000c';
const HOUR_MS = 60 * 60_000;

let root: string;
let folder: string;
let storage: LocalStorage;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'local-storage-'));
  folder = join(root, 'data', 'media');
  storage = new LocalStorage(folder);
});
afterEach(() => rmSync(root, { recursive: true }));

const partials = (): string[] => readdirSync(join(folder, '.partial'));

describe('LocalStorage', () => {
  describeMediaStorage(
    () => storage,
    () => partials().length,
  );

  it('makes its folder only when something is to be stored, for its owner alone', async () => {
    await storage.tidy();
    expect(await Readable.from(storage.list(new Date())).toArray()).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    await put(storage, `${JOB}/0.mp4`, Buffer.from('x'));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, JOB, '0.mp4')).mode & 0o777).toBe(0o600);
    expect(partials()).toEqual([]);
  });

  it('takes the folder of a job away with its last file', async () => {
    await put(storage, `${JOB}/0.mp4`, Buffer.from('x'));
    await storage.remove([`${JOB}/0.mp4`]);
    expect(existsSync(join(folder, JOB))).toBe(false);
  });

  it('stores and deletes files of one job at the same time', async () => {
    const work = Array.from({ length: 40 }, async (_, place) => {
      await put(storage, `${JOB}/${place}.mp4`, Buffer.from('x'));
      if (place > 0) await storage.remove([`${JOB}/${place}.mp4`]);
    });
    await Promise.all(work);
    expect(readdirSync(join(folder, JOB))).toEqual(['0.mp4']);
  });

  it('stores a file whose folder goes again and again before it is there', async () => {
    let isOver = false;
    // While all threads have work, the folder is there for a while before the file is moved into it.
    const keepBusy = (): void => {
      if (!isOver) pbkdf2('busy', 'salt', 20_000, 32, 'sha512', keepBusy);
    };
    for (let i = 0; i < 8; i++) keepBusy();
    let left = 3;
    const takeAway = (): void => {
      try {
        rmdirSync(join(folder, JOB));
        left--;
      } catch {
        // Not there at the moment.
      }
      if (!isOver && left > 0) setImmediate(takeAway);
    };
    takeAway();
    await put(storage, `${JOB}/0.mp4`, Buffer.from('x')).finally(() => {
      isOver = true;
    });
    expect(readdirSync(join(folder, JOB))).toEqual(['0.mp4']);
  });

  it('goes on reading a file that is deleted meanwhile', async () => {
    await put(storage, `${JOB}/0.mp4`, Buffer.alloc(3_000_000, 'x'));
    const stream = (await storage.read(`${JOB}/0.mp4`, 0, 2_999_999))!;
    await storage.remove([`${JOB}/0.mp4`]);
    expect(Buffer.concat(await stream.toArray())).toHaveLength(3_000_000);
  });

  it('removes unfinished files that nobody writes any more, and no others', async () => {
    await put(storage, `${JOB}/0.mp4`, Buffer.from('x'));
    for (const [name, ageMs] of [
      ['stale', HOUR_MS + 1000],
      ['young', HOUR_MS / 2],
    ] as const) {
      const path = join(folder, '.partial', name);
      writeFileSync(path, 'x');
      utimesSync(path, new Date(Date.now() - ageMs), new Date(Date.now() - ageMs));
    }
    await storage.tidy();
    expect(partials()).toEqual(['young']);
  });

  it('lists no files that are not its own', async () => {
    await put(storage, `${JOB}/0.mp4`, Buffer.from('x'));
    mkdirSync(join(folder, 'lost+found'));
    writeFileSync(join(folder, 'notes.txt'), 'x');
    writeFileSync(join(folder, JOB, 'README'), 'x');
    expect(await Readable.from(storage.list(new Date(Date.now() + 5000))).toArray()).toEqual([`${JOB}/0.mp4`]);
  });

  it('counts the room that users other than root have', async () => {
    const measured = new LocalStorage(folder, async () => ({ bavail: 7, bsize: 4096 }));
    expect(await measured.freeBytes()).toBe(28_672);
    expect(await storage.freeBytes()).toBeGreaterThan(0);
  });

  it('cannot be used where its folder cannot be made', async () => {
    writeFileSync(join(root, 'data'), 'a file');
    await expect(storage.freeBytes()).rejects.toMatchObject({ code: 'ENOTDIR' });
    rmSync(join(root, 'data'));
    expect(await storage.freeBytes()).toBeGreaterThan(0);
  });

  it('of memory:// is a temporary folder that goes with the process', async () => {
    const temporary = new LocalStorage('memory://');
    await temporary.tidy();
    await put(temporary, `${JOB}/0.mp4`, Buffer.from('x'));
    // Other suites make such folders at the same time; none of them has this job.
    const isOurs = (name: string): boolean =>
      name.startsWith('ug-ai-hub-media-') && existsSync(join(tmpdir(), name, JOB));
    const made = readdirSync(tmpdir()).filter(isOurs);
    expect(made).toHaveLength(1);
    expect(readFileSync(join(tmpdir(), made[0] ?? '', JOB, '0.mp4'), 'utf8')).toBe('x');
    await temporary.close();
    expect(existsSync(join(tmpdir(), made[0] ?? ''))).toBe(false);
  });
});
