import { Readable } from 'node:stream';
import { describeMediaStorage, put, textOf } from '../../../test/support/describe-media-storage.js';
import { type S3Simulator, startS3Simulator } from '../../../test/support/s3-simulator.js';
import type { S3Settings } from '../../config/settings.js';
import { S3Storage } from './s3-storage.js';

const KEY = '0190aaaa00007000800000000000000d/0.mp4';
const MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60_000;

let s3: S3Simulator;
let storage: S3Storage;
beforeEach(async () => {
  s3 = await startS3Simulator();
  storage = openAt({});
});
afterEach(async () => {
  await storage.close();
  await s3.close();
});

function openAt(more: Partial<S3Settings>): S3Storage {
  const { url: endpoint, bucket, region, accessKeyId, secretAccessKey } = s3;
  const settings = { endpoint, bucket, region, accessKeyId, secretAccessKey, prefix: 'results/', isPathStyle: true };
  return new S3Storage({ ...settings, ...more }, 1024 * MIB);
}

const big = (): Buffer[] => Array.from({ length: 20 }, (_, index) => Buffer.alloc(MIB, index));

describe('S3Storage', () => {
  describeMediaStorage(
    () => storage,
    () => s3.uploads.size,
  );

  it('stores under its prefix, with the type', async () => {
    await put(storage, KEY, Buffer.from('x'));
    expect([...s3.objects.keys()]).toEqual([`results/${KEY}`]);
    expect(s3.objects.get(`results/${KEY}`)?.contentType).toBe('video/mp4');
  });

  it('sends a large file in parts', async () => {
    await put(storage, KEY, ...big());
    expect(s3.requests.filter((line) => line.includes('partNumber='))).toHaveLength(3);
    expect(s3.uploads.size).toBe(0);
  });

  it('tries again what the service cannot do at the moment', async () => {
    s3.refuse(/^PUT .*partNumber=2/, 503, 'SlowDown', 2);
    await put(storage, KEY, ...big());
    expect(s3.objects.get(`results/${KEY}`)?.bytes).toHaveLength(20 * MIB);
  });

  it('leaves no parts behind when the service refuses one', async () => {
    s3.refuse(/^PUT .*partNumber=2/, 403, 'AccessDenied', 10);
    await expect(put(storage, KEY, ...big())).rejects.toThrow();
    expect(s3.objects.size).toBe(0);
    expect(s3.uploads.size).toBe(0);
  });

  it('tells a bucket that is not there from a file that is not', async () => {
    const lost = openAt({ bucket: 'another' });
    await expect(lost.read(KEY, 0, 0)).rejects.toThrow();
    await lost.close();
    expect(await storage.read(KEY, 0, 0)).toBeUndefined();
  });

  it('cannot be used with another secret', async () => {
    const forged = openAt({ secretAccessKey: 'another' });
    await expect(put(forged, KEY, Buffer.from('x'))).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    await forged.close();
  });

  it('does not tell how much room there is', async () => {
    expect(await storage.freeBytes()).toBeUndefined();
  });

  it('gives up uploads that killed processes have left, and no others', async () => {
    const upload = (ageMs: number) => ({
      ...{ key: `results/${KEY}`, contentType: '', parts: new Map<number, Buffer>() },
      initiatedAt: new Date(Date.now() - ageMs),
    });
    s3.uploads.set('stale', upload(DAY_MS + 1000));
    s3.uploads.set('young', upload(DAY_MS / 2));
    await storage.tidy();
    expect([...s3.uploads.keys()]).toEqual(['young']);
  });

  it('lists its own files only', async () => {
    await put(storage, KEY, Buffer.from('x'));
    const bytes = Buffer.from('x');
    const writtenAt = new Date(0);
    s3.objects.set('results/notes.txt', { bytes, contentType: '', writtenAt });
    s3.objects.set(`elsewhere/${KEY}`, { bytes, contentType: '', writtenAt });
    expect(await Readable.from(storage.list(new Date(Date.now() + 5000))).toArray()).toEqual([KEY]);
    expect(await textOf(storage, KEY, 1)).toBe('x');
  });
});
