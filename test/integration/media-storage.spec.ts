import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Alerts } from '../../src/alerts/alerts.service.js';
import { Cancellation } from '../../src/common/cancellation.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import { Database } from '../../src/database/database.js';
import { Custody, type KeptFile } from '../../src/media/custody.js';
import { MediaRoom } from '../../src/media/media-room.js';
import { ResultFiles } from '../../src/media/result-files.js';
import { ResultSweeper } from '../../src/media/result-sweeper.js';
import { LocalStorage } from '../../src/media/storage/local-storage.js';
import { put } from '../support/describe-media-storage.js';
import { startHub, type TestHub } from '../support/hub.js';
import { mp4 } from '../support/media-samples.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { type S3Simulator, startS3Simulator } from '../support/s3-simulator.js';
import { makeStoredResult, newJobId, writeFinishedJob } from '../support/stored-job.js';

let dir: string;
let hub: TestHub;
let custody: Custody;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'media-'));
  hub = await startHub({ env: { HUB_MEDIA_DIR: dir, HUB_MEDIA_FREE_BYTES_MIN: '0', HUB_PUBLIC_RPM: '100000' } });
  custody = hub.app.get(Custody);
});
afterAll(async () => {
  await hub?.close();
  rmSync(dir, { recursive: true, force: true });
});

const makeResult = (bytes?: Buffer, expiresInMs?: number) => makeStoredResult(hub, bytes, expiresInMs);

describe('the end of a result', () => {
  const sweeper = () => hub.app.get(ResultSweeper);
  const deletedAt = async (id: string) =>
    (await hub.sql.query<{ at: Date | null }>('select results_deleted_at as at from job where id = $1', [id]))[0]?.at;

  it('comes with its time, for as many as there are', async () => {
    const expired = await Promise.all(Array.from({ length: 250 }, () => makeResult(mp4(100), -1000)));
    const alive = await makeResult();
    await sweeper().sweepExpired();
    for (const { id, kept } of expired) {
      expect(existsSync(join(dir, kept.storageKey))).toBe(false);
      expect(await deletedAt(id)).toBeInstanceOf(Date);
    }
    expect(existsSync(join(dir, alive.kept.storageKey))).toBe(true);
    expect(await deletedAt(alive.id)).toBeNull();
  });

  it('comes with the removal of its job, also when whoever removed it stopped half-way', async () => {
    const { id, kept } = await makeResult();
    await hub.sql.query('update job set deleted_at = now() where id = $1', [id]);
    await sweeper().sweepExpired();
    expect(existsSync(join(dir, kept.storageKey))).toBe(false);
    expect(await deletedAt(id)).toBeInstanceOf(Date);
  });

  it('is put off when the file cannot be deleted, and comes later', async () => {
    const { id, kept } = await makeResult(mp4(100), -1000);
    const path = join(dir, kept.storageKey);
    rmSync(path);
    // A folder of that name cannot be unlinked.
    mkdirSync(path);
    await expect(sweeper().sweepExpired()).rejects.toThrow();
    expect(await deletedAt(id)).toBeNull();
    rmSync(path, { recursive: true });
    await sweeper().sweepExpired();
    expect(await deletedAt(id)).toBeInstanceOf(Date);
  });

  it('comes for what crashed copies have left after a day, and for nothing else', async () => {
    const day = 25 * 60 * 60_000;
    const age = (kept: KeptFile, ageMs: number) =>
      utimesSync(join(dir, kept.storageKey), new Date(Date.now() - ageMs), new Date(Date.now() - ageMs));
    const keep = async (id: string) =>
      await custody.keep(id, 0, 'video', { kind: 'bytes', bytes: mp4(100) }, new Cancellation());
    const orphan = await keep(newJobId());
    age(orphan, day);
    const young = await keep(newJobId());
    const known = (await makeResult()).kept;
    age(known, day);
    const replaced = await makeResult();
    const old = { ...replaced.kept, storageKey: replaced.kept.storageKey.replace('.mp4', '.webm') };
    writeFileSync(join(dir, old.storageKey), 'x');
    age(old, day);
    const running = await makeResult();
    await hub.sql.query('delete from job_output where job_id = $1', [running.id]);
    await hub.sql.query(
      `update job set state = 'fetching', finished_at = null, cost = null, results_expire_at = null where id = $1`,
      [running.id],
    );
    age(running.kept, day);
    await sweeper().sweepLeftOver();
    const exists = [orphan, young, known, replaced.kept, old, running.kept].map((kept) =>
      existsSync(join(dir, kept.storageKey)),
    );
    expect(exists).toEqual([false, true, true, true, false, true]);
  });

  it('comes for files that no job knows also where unfinished uploads cannot be listed', async () => {
    const storage = new (class extends LocalStorage {
      override tidy(): Promise<void> {
        return Promise.reject(new Error('NotImplemented'));
      }
    })(dir);
    const orphan = await custody.keep(newJobId(), 0, 'video', { kind: 'bytes', bytes: mp4(100) }, new Cancellation());
    const later = Date.now() + 25 * 60 * 60_000;
    await expect(new ResultSweeper(hub.sql, storage).sweepLeftOver(later)).rejects.toThrow('NotImplemented');
    expect(existsSync(join(dir, orphan.storageKey))).toBe(false);
  });

  it('can be asked for, twice as well', async () => {
    const { kept } = await makeResult();
    await custody.removeFiles([kept.storageKey]);
    await custody.removeFiles([kept.storageKey]);
    expect(existsSync(join(dir, kept.storageKey))).toBe(false);
  });
});

describe('room for results', () => {
  const full = { status: 503, code: 'storage_full', retryAfterSeconds: 300 };
  const GIB = 2 ** 30;
  let freeBytes: number;

  /** Of a disk with {@link freeBytes}. */
  function roomWith(env: Record<string, string> = {}, folder = dir): MediaRoom {
    const storage = new LocalStorage(folder, async () => ({ bavail: freeBytes, bsize: 1 }));
    return new MediaRoom(parseSettings(env), storage, hub.sql, hub.app.get(Alerts));
  }
  const openAlerts = async () =>
    (await hub.sql.query<{ message: string }>(`select message from alert where dedupe_key = 'media_storage_full'`)).map(
      (alert) => alert.message,
    );

  it('is there while as much is free as is to be kept free', async () => {
    freeBytes = GIB;
    await expect(roomWith().requireForJob()).resolves.toBeUndefined();
    await expect(roomWith().requireForResult()).resolves.toBeUndefined();
    await expect(custody.checkRoom(false)).resolves.toBeUndefined();
  });

  it('is over for new jobs before the disk is full, and for results of old ones a little later', async () => {
    freeBytes = GIB - 1;
    await expect(roomWith().requireForJob()).rejects.toMatchObject(full);
    await expect(roomWith().requireForResult()).resolves.toBeUndefined();
    freeBytes = GIB / 2 - 1;
    await expect(roomWith().requireForResult()).rejects.toMatchObject({ fault: 'no_space', retryable: true });
  });

  it('alerts once while there is none, and anew the next time', async () => {
    freeBytes = 5;
    for (let instance = 0; instance < 2; instance++) await roomWith().look();
    expect(await openAlerts()).toEqual([expect.stringMatching(/refused: 5 bytes are free.*HUB_MEDIA_FREE_BYTES_MIN/)]);
    freeBytes = GIB;
    await roomWith().look();
    expect(await openAlerts()).toEqual([]);
    freeBytes = 6;
    await roomWith().look();
    expect(await openAlerts()).toHaveLength(1);
    freeBytes = GIB;
    await roomWith().look();
  });

  it('is over when results take what they may, and is there again when some are deleted', async () => {
    const env = { HUB_MEDIA_BYTES_MAX: String(1000 * GIB) };
    freeBytes = GIB;
    const id = newJobId();
    const output = { storageKey: `${id}/0.mp4`, contentType: 'video/mp4', bytes: 1000 * GIB };
    await expect(roomWith(env).requireForJob()).resolves.toBeUndefined();
    await writeFinishedJob(hub.sql, id, [output]);
    await expect(roomWith(env).requireForJob()).rejects.toMatchObject(full);
    await hub.sql.query('update job set results_deleted_at = now() where id = $1', [id]);
    await expect(roomWith(env).requireForJob()).resolves.toBeUndefined();
  });

  it('is asked for by jobs that need it only, where links of upstreams are handed out', async () => {
    freeBytes = 0;
    const room = roomWith({ HUB_RESULT_DELIVERY: 'link' });
    await expect(room.requireForJob(true)).resolves.toBeUndefined();
    await expect(room.requireForJob()).rejects.toMatchObject(full);
    await room.look();
    expect(await openAlerts()).toEqual([]);
  });

  it('is none where the folder cannot be made', async () => {
    const file = join(dir, 'a-file');
    writeFileSync(file, '');
    const detail = expect.stringContaining('ENOTDIR');
    await expect(roomWith({}, join(file, 'media')).requireForJob()).rejects.toMatchObject({ ...full, detail });
    rmSync(file);
  });

  it('is measured once for many jobs', async () => {
    let measured = 0;
    const storage = new LocalStorage(dir, async () => {
      measured++;
      return { bavail: GIB, bsize: 1 };
    });
    const room = new MediaRoom(parseSettings({}), storage, hub.sql, hub.app.get(Alerts));
    await Promise.all(Array.from({ length: 100 }, () => room.requireForJob()));
    expect(measured).toBe(1);
  });
});

const bytesOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());

describe('results in S3', () => {
  let s3: S3Simulator;
  let bucketHub: TestHub;
  beforeAll(async () => {
    s3 = await startS3Simulator();
    bucketHub = await startHub({
      env: {
        HUB_PUBLIC_RPM: '20',
        HUB_S3_ENDPOINT: s3.url,
        HUB_S3_BUCKET: s3.bucket,
        HUB_S3_REGION: s3.region,
        HUB_S3_ACCESS_KEY_ID: s3.accessKeyId,
        HUB_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
      },
    });
  });
  afterAll(async () => {
    await bucketHub?.close();
    await s3?.close();
  });

  it('pass through the hub, in parts as well, and are deleted with their time', async () => {
    const { id, kept, link: path } = await makeStoredResult(bucketHub);
    expect([...s3.objects.keys()]).toEqual([kept.storageKey]);
    const whole = await bucketHub.fetch(path, { key: null });
    expect([whole.status, whole.url.startsWith(bucketHub.url)]).toEqual([200, true]);
    expect(await bytesOf(whole)).toEqual(mp4(1000));
    const part = await bucketHub.fetch(path, { key: null, headers: { range: 'bytes=-5' } });
    expect([part.status, await bytesOf(part)]).toEqual([206, mp4(1000).subarray(-5)]);
    await bucketHub.sql.query('update job set results_expire_at = now() where id = $1', [id]);
    s3.refuse(/^DELETE/, 403, 'AccessDenied');
    await expect(bucketHub.app.get(ResultSweeper).sweepExpired()).rejects.toThrow();
    await bucketHub.app.get(ResultSweeper).sweepExpired();
    expect(s3.objects.size).toBe(0);
  });

  it('that cannot be stored at the moment are asked for later', async () => {
    s3.refuse(/^PUT/, 503, 'SlowDown', 10);
    const source = { kind: 'bytes', bytes: mp4() } as const;
    const kept = bucketHub.app.get(Custody).keep(newJobId(), 0, 'video', source, new Cancellation());
    await expect(kept).rejects.toMatchObject({ fault: 'no_space', retryable: true });
  });

  it('are served within a limit for each address, as everything that needs no key', async () => {
    const statuses = new Set<number>();
    for (let count = 0; count < 21; count++) {
      const answer = await bucketHub.fetch(`/api/media/job_${newJobId()}/0`, { key: null });
      statuses.add(answer.status);
      await answer.arrayBuffer();
    }
    expect([...statuses]).toEqual([404, 429]);
  });
});

describeWithPostgres('results on PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;
  beforeAll(async () => {
    server = await startPostgres();
    database = await Database.open({ url: server.url, dataDir: 'unused', poolMax: 5, ledgerPoolMax: 2 });
  });
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  it('are found, counted and deleted by the same statements', async () => {
    const { sql } = database;
    const storage = new LocalStorage(join(dir, 'postgres'), async () => ({ bavail: 2 ** 40, bsize: 1 }));
    const sweeper = new ResultSweeper(sql, storage);
    const keys: string[] = [];
    for (const expiresInMs of [-1000, 60_000]) {
      const id = newJobId();
      const key = `${id}/0.mp4`;
      await put(storage, key, mp4());
      await writeFinishedJob(sql, id, [{ storageKey: key, contentType: 'video/mp4', bytes: 2 ** 31 }], expiresInMs);
      const found = await new ResultFiles(sql).find(id, 0);
      expect(found).toEqual(expiresInMs < 0 ? undefined : expect.objectContaining({ storageKey: key, bytes: 2 ** 31 }));
      keys.push(key);
    }
    const orphan = `${newJobId()}/0.mp4`;
    await put(storage, orphan, mp4());
    await sweeper.sweepExpired();
    await sweeper.sweepLeftOver(Date.now() + 48 * 60 * 60_000);
    const left = await Readable.from(storage.list(new Date(Date.now() + 5000))).toArray();
    expect(left).toEqual([keys[1]]);
    const room = new MediaRoom(
      parseSettings({ HUB_MEDIA_BYTES_MAX: String(2 ** 31) }),
      storage,
      sql,
      hub.app.get(Alerts),
    );
    await expect(room.requireForJob()).rejects.toMatchObject({ code: 'storage_full' });
  });
});
