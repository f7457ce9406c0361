import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Cancellation } from '../../src/common/cancellation.js';
import type { MediaStorage } from '../../src/media/storage/media-storage.js';
import { until } from './until.js';

const JOB = '0190aaaa00007000800000000000000a';
const OTHER = '0190aaaa00007000800000000000000b';
const MIB = 1024 * 1024;

/** Puts one file of some chunks into a storage. */
export function put(storage: MediaStorage, key: string, ...chunks: readonly Uint8Array[]): Promise<void> {
  return storage.put({ key, contentType: 'video/mp4', bytes: from(chunks), signal: new Cancellation() });
}

/** The whole of a file, as text; undefined when it is not there. */
export async function textOf(storage: MediaStorage, key: string, bytes: number): Promise<string | undefined> {
  const stream = await storage.read(key, 0, bytes - 1);
  return stream === undefined ? undefined : (await buffer(stream)).toString();
}

async function* from(chunks: readonly Uint8Array[], failure?: Error): AsyncGenerator<Uint8Array> {
  yield* chunks;
  if (failure !== undefined) throw failure;
}

/** What every storage promises. @param leftOvers counts what unfinished files have left. */
export function describeMediaStorage(open: () => MediaStorage, leftOvers: () => number): void {
  const storage = () => open();
  const key = `${JOB}/0.mp4`;

  it('gives back what was put, whole and in parts', async () => {
    await put(storage(), key, Buffer.from('abc'), Buffer.from('defgh'));
    expect(await textOf(storage(), key, 8)).toBe('abcdefgh');
    expect((await buffer((await storage().read(key, 2, 4))!)).toString()).toBe('cde');
    expect((await buffer((await storage().read(key, 7, 7))!)).toString()).toBe('h');
  });

  it('gives back a file of many megabytes as it came', async () => {
    const chunks = Array.from({ length: 80 }, (_, index) => Buffer.alloc(MIB / 4 + 1, index));
    await put(storage(), key, ...chunks);
    const size = 80 * (MIB / 4 + 1);
    const stream = (await storage().read(key, 0, size - 1))!;
    expect((await buffer(stream)).equals(Buffer.concat(chunks))).toBe(true);
    const middle = (await storage().read(key, 10 * MIB, 10 * MIB + 99))!;
    expect(await buffer(middle)).toEqual(Buffer.concat(chunks).subarray(10 * MIB, 10 * MIB + 100));
  });

  it('puts a file in place of one of the same name', async () => {
    await put(storage(), key, Buffer.from('old and longer'));
    await put(storage(), key, Buffer.from('new'));
    expect(await textOf(storage(), key, 3)).toBe('new');
    expect(await storage().read(key, 0, 13)).toBeUndefined();
  });

  it('has nothing of a file whose source breaks off', async () => {
    for (const chunks of [[Buffer.from('beginning')], Array.from({ length: 20 }, () => Buffer.alloc(MIB))]) {
      const bytes = from(chunks, new Error('cut'));
      const order = { key, contentType: 'video/mp4', bytes, signal: new Cancellation() };
      await expect(storage().put(order)).rejects.toThrow('cut');
      expect(await storage().read(key, 0, 0)).toBeUndefined();
      expect(leftOvers()).toBe(0);
    }
  });

  it('has nothing of a file when it is told to stop', async () => {
    const signal = new Cancellation();
    async function* bytes(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 20; count++) {
        yield Buffer.alloc(MIB);
        if (count === 15) signal.abort(new Error('shutdown'));
      }
    }
    await expect(storage().put({ key, contentType: 'video/mp4', bytes: bytes(), signal })).rejects.toThrow();
    expect(await storage().read(key, 0, 0)).toBeUndefined();
    // Who is told to stop does not wait for the service to forget what it has.
    await until(() => leftOvers() === 0);
    expect(await storage().read(key, 0, 0)).toBeUndefined();
  });

  it('has nothing where nothing was put, nor beyond the end of a file', async () => {
    expect(await storage().read(key, 0, 0)).toBeUndefined();
    await put(storage(), key, Buffer.from('abc'));
    expect(await storage().read(key, 0, 3)).toBeUndefined();
    expect(await storage().read(key, 3, 3)).toBeUndefined();
  });

  it('deletes, and counts what is not there as deleted', async () => {
    await put(storage(), key, Buffer.from('a'));
    await put(storage(), `${JOB}/1.mp4`, Buffer.from('b'));
    await storage().remove([key, `${OTHER}/0.mp4`]);
    expect(await storage().read(key, 0, 0)).toBeUndefined();
    expect(await textOf(storage(), `${JOB}/1.mp4`, 1)).toBe('b');
    await storage().remove([key, `${JOB}/1.mp4`]);
    await storage().remove([key]);
  });

  it('lists what was written before a moment', async () => {
    const names = [key, `${JOB}/1.mov`, `${OTHER}/0.webm`, `${OTHER}/12.mp4`, `${OTHER}/2.png`];
    for (const name of names) await put(storage(), name, Buffer.from('x'));
    const list = async (before: number) => (await Readable.from(storage().list(new Date(before))).toArray()).sort();
    expect(await list(Date.now() + 5000)).toEqual([...names].sort());
    expect(await list(Date.now() - 60_000)).toEqual([]);
  });

  it.each(['../etc/passwd', `${JOB}/../x.mp4`, `${JOB}/0`, 'x/0.mp4', `/${JOB}/0.mp4`, `${JOB}/0.mp4/`])(
    'refuses the name %s',
    async (name) => {
      await expect(put(storage(), name, Buffer.from('x'))).rejects.toThrow(TypeError);
      await expect(storage().read(name, 0, 0)).rejects.toThrow(TypeError);
      await expect(storage().remove([name])).rejects.toThrow(TypeError);
    },
  );
}
