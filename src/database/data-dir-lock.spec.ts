import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirError, DataDirInUseError, DataDirLock } from './data-dir-lock.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('DataDirLock', () => {
  it('makes the directory for its owner only', () => {
    const dataDir = join(folder, 'new', 'data');
    DataDirLock.acquire(dataDir).release();
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  });

  it('is held by one at a time', () => {
    const lock = DataDirLock.acquire(folder);
    expect(() => DataDirLock.acquire(folder)).toThrow(DataDirInUseError);
    lock.release();
    DataDirLock.acquire(folder).release();
  });

  it('is not fooled by the pid of a dead process', () => {
    writeFileSync(join(folder, 'hub.pid'), '1\n');
    DataDirLock.acquire(folder).release();
  });

  it('names a directory that cannot be one', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => DataDirLock.acquire(file)).toThrow(DataDirError);
    expect(() => DataDirLock.acquire(file)).toThrow(`DATA_DIR ${file} cannot be used`);
  });
});
