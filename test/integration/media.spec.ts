import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Alerts } from '../../src/alerts/alerts.service.js';
import { Cancellation } from '../../src/common/cancellation.js';
import { uuid7Hex } from '../../src/common/ids.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import type { JobOutput } from '../../src/jobs/job.js';
import { Custody, type KeptFile } from '../../src/media/custody.js';
import { MediaRoom } from '../../src/media/media-room.js';
import { ResultSweeper } from '../../src/media/result-sweeper.js';
import { LocalStorage } from '../../src/media/storage/local-storage.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { startHub, type TestHub } from '../support/hub.js';
import { mp4 } from '../support/media-samples.js';
import { RawClient, rawRequest } from '../support/raw-client.js';
import { type S3Simulator, startS3Simulator } from '../support/s3-simulator.js';
import { newJobId, writeFinishedJob } from '../support/stored-job.js';
import { until } from '../support/until.js';

const SIZE = 1000;
const NOT_FOUND = {
  success: false,
  message: 'This file does not exist, or its link has expired.',
  code: 'not_found',
};

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

const toOutput = (kept: KeptFile, place: number): JobOutput => ({ ...kept, place, upstreamUrl: null });

/** A job with one result, and a link to it on the hub's own port. */
async function makeResult(
  bytes = mp4(SIZE),
  expiresInMs = 60_000,
): Promise<{ id: string; link: string; kept: KeptFile }> {
  const id = newJobId();
  const kept = await custody.keep(id, 0, 'video', { kind: 'bytes', bytes }, new Cancellation());
  await writeFinishedJob(hub.sql, id, [kept], expiresInMs);
  const link = custody.linkOf({ id, resultsExpireAt: new Date(Date.now() + expiresInMs) }, toOutput(kept, 0));
  return { id, link: toPath(link), kept };
}

/** The path and query of a link: the hub of a test does not listen at its public URL. */
const toPath = (link: string): string => link.replace(hub.settings.server.publicUrl, '');
const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  hub.fetch(path, { key: null, headers, method });
const bytesOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());

describe('a link to a result', () => {
  it('is absolute, signed, and needs no header', async () => {
    const { id, kept } = await makeResult();
    const link = custody.linkOf({ id }, toOutput(kept, 0));
    expect(link).toMatch(
      new RegExp(`^${hub.settings.server.publicUrl}/api/media/job_${id}/0\\?expires=\\d{10}&signature=[\\w-]{43}$`),
    );
    const answer = await get(toPath(link));
    expect(answer.status).toBe(200);
    expect(await bytesOf(answer)).toEqual(mp4(SIZE));
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'cache-control': 'private, max-age=3600, immutable',
      'content-disposition': `inline; filename="job_${id}.mp4"`,
      'content-length': String(SIZE),
      'content-security-policy': "default-src 'none'; sandbox",
      'content-type': 'video/mp4',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^req_/),
      etag: expect.stringMatching(/^"[\w-]{22}"$/),
    });
  });

  it('lives for its time, and no longer than its result', async () => {
    const { id, kept } = await makeResult();
    const expires = (resultsExpireAt?: Date): number =>
      Number(/expires=(\d+)/.exec(custody.linkOf({ id, resultsExpireAt }, toOutput(kept, 0)))?.[1]) * 1000 - Date.now();
    expect(Math.abs(expires() - 86_400_000)).toBeLessThan(5000);
    expect(Math.abs(expires(new Date(Date.now() + 30_000)) - 30_000)).toBeLessThan(5000);
  });

  it("is the upstream's own where that is handed out", () => {
    const output = {
      place: 0,
      storageKey: null,
      upstreamUrl: 'https://cdn.example/x',
      contentType: 'video/mp4',
      bytes: null,
    };
    expect(custody.linkOf({ id: newJobId() }, output)).toBe('https://cdn.example/x');
  });

  it('is good for every instance, and for no other hub', async () => {
    const { link } = await makeResult();
    const [, expires = '', signature = ''] = /expires=(\d+)&signature=(.*)/.exec(link) ?? [];
    const again = hub.app.get(Keyring).deriveKey('result link');
    expect(again.equals((await Keyring.open(hub.sql, hub.settings.masterKey!)).deriveKey('result link'))).toBe(true);
    expect(again.equals(hub.app.get(Keyring).deriveKey('another purpose'))).toBe(false);
    expect([expires, signature]).not.toContain('');
  });

  it('says the same of whatever it does not open', async () => {
    const { id, link } = await makeResult();
    const other = await makeResult();
    const [path = '', query = ''] = link.split('?');
    const [, expires = '', signature = ''] = /expires=(\d+)&signature=(.*)/.exec(query) ?? [];
    const flipped = (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1);
    const absent = newJobId();
    const absentLink = toPath(custody.linkOf({ id: absent }, { ...toOutput(other.kept, 0) }));
    const pastLink = toPath(
      custody.linkOf({ id, resultsExpireAt: new Date(Date.now() - 1000) }, toOutput(other.kept, 0)),
    );
    const forgeries = [
      path,
      `${path}?expires=${expires}`,
      `${path}?signature=${signature}`,
      `${path}?expires=${expires}&signature=${flipped}`,
      `${path}?expires=${expires}&signature=${signature.slice(0, 42)}`,
      `${path}?expires=${expires}&signature=`,
      `${path}?expires=${expires}&signature=${'é'.repeat(43)}`,
      `${path}?expires=${Number(expires) + 1}&signature=${signature}`,
      `${path}?expires=0${expires}&signature=${signature}`,
      `${path}?expires=${expires}&expires=${expires}&signature=${signature}`,
      `${path}?expires=${expires}&signature=${signature}&signature=${signature}`,
      `${path}?expires=1e99&signature=${signature}`,
      link.replace('/0?', '/1?'),
      link.replace('/0?', '/00?'),
      link.replace('/0?', '/-0?'),
      link.replace(id, other.id),
      link.replace(id, id.toUpperCase()),
      link.replace(`job_${id}`, id),
      link.replace(`job_${id}/0`, `job_${id}%2F..%2F0/0`),
      absentLink,
      pastLink,
    ];
    for (const forgery of forgeries) {
      const answer = await get(forgery);
      expect([forgery, answer.status, await answer.json()]).toEqual([forgery, 404, NOT_FOUND]);
    }
    expect((await get(link)).status).toBe(200);
  });

  it.each([
    ['its time is over', `results_expire_at = now() - interval '1 second'`],
    ['its files were deleted', 'results_deleted_at = now()'],
    ['its job was removed', 'deleted_at = now()'],
  ])('opens nothing any more when %s', async (_what, change) => {
    const { id, link } = await makeResult();
    await hub.sql.query(`update job set ${change} where id = $1`, [id]);
    const answer = await get(link);
    expect([answer.status, await answer.json()]).toEqual([404, NOT_FOUND]);
  });

  it('opens nothing when the file is missing or cut, which the operator can read in the log', async () => {
    for (const damage of [(path: string) => rmSync(path), (path: string) => writeFileSync(path, mp4(SIZE - 1))]) {
      const { link, kept } = await makeResult();
      damage(join(dir, kept.storageKey));
      const answer = await get(link);
      expect([answer.status, await answer.json()]).toEqual([404, NOT_FOUND]);
      expect(hub.logText()).toContain(`The result ${kept.storageKey} is not in the storage, or is cut.`);
    }
  });

  it('never shows up in the log with its signature', async () => {
    const { link } = await makeResult();
    await get(link);
    expect(hub.logText()).not.toContain(link.slice(link.indexOf('signature=') + 10));
  });
});

describe('parts of a result', () => {
  it.each([
    ['bytes=0-0', 0, 0],
    ['bytes=10-19', 10, 19],
    ['bytes=990-', 990, 999],
    ['bytes=-10', 990, 999],
    ['bytes=0-99999', 0, 999],
  ])('%s are sent alone', async (range, first, last) => {
    const { link } = await makeResult();
    const answer = await get(link, { range });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${first}-${last}/${SIZE}`);
    expect(answer.headers.get('content-length')).toBe(String(last - first + 1));
    expect(await bytesOf(answer)).toEqual(mp4(SIZE).subarray(first, last + 1));
  });

  it('that are not there are refused with the size', async () => {
    const { link } = await makeResult();
    const answer = await get(link, { range: 'bytes=1000-' });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe(`bytes */${SIZE}`);
    expect(await answer.text()).toBe('');
  });

  it.each(['bytes=0-1,5-6', 'bytes=x', 'items=0-1'])('asked for by %s are the whole', async (range) => {
    const { link } = await makeResult();
    const answer = await get(link, { range });
    expect(answer.status).toBe(200);
    expect(await bytesOf(answer)).toHaveLength(SIZE);
  });

  it('are sent to whoever has the rest of the same file, and the whole to others', async () => {
    const { link } = await makeResult();
    const etag = (await get(link)).headers.get('etag') ?? '';
    const status = async (ifRange: string) => {
      const answer = await get(link, { range: 'bytes=5-', 'if-range': ifRange });
      await answer.arrayBuffer();
      return answer.status;
    };
    expect(await status(etag)).toBe(206);
    expect(await status(`W/${etag}`)).toBe(200);
    expect(await status('"another"')).toBe(200);
    expect(await status('Thu, 26 Nov 2026 00:00:00 GMT')).toBe(200);
  });

  it('are described to HEAD, without a body', async () => {
    const { link } = await makeResult();
    const whole = await get(link, {}, 'HEAD');
    expect([whole.status, whole.headers.get('content-length'), whole.headers.get('content-type')]).toEqual([
      200,
      String(SIZE),
      'video/mp4',
    ]);
    const part = await get(link, { range: 'bytes=0-9' }, 'HEAD');
    expect([part.status, part.headers.get('content-length')]).toEqual([206, '10']);
    const client = await RawClient.connect(hub.port);
    client.send(rawRequest({ method: 'HEAD', path: link, headers: ['Connection: close'] }));
    await until(() => client.isEnded);
    expect(client.text).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\n$/s);
  });

  it('are not sent again to whoever has them', async () => {
    const { link } = await makeResult();
    const etag = (await get(link)).headers.get('etag') ?? '';
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const answer = await get(link, { 'if-none-match': known });
      expect([answer.status, await answer.text()]).toEqual([304, '']);
    }
    expect((await get(link, { 'if-none-match': '"x"' })).status).toBe(200);
  });

  it('differ in their tag between files', async () => {
    const tags = await Promise.all(
      [await makeResult(), await makeResult(), await makeResult(mp4(SIZE + 1))].map(async ({ link }) =>
        (await get(link)).headers.get('etag'),
      ),
    );
    expect(new Set(tags).size).toBe(3);
  });
});

describe('a client that reads slowly', () => {
  const LARGE = 48 * 1024 * 1024;

  const openFiles = (): number => readdirSync('/proc/self/fd').length;

  it('makes the disk wait, and gets everything in the end', async () => {
    const { link } = await makeResult(mp4(LARGE));
    const client = await RawClient.connect(hub.port);
    client.socket.pause();
    const before = openFiles();
    client.send(rawRequest({ method: 'GET', path: link, headers: ['Connection: close'] }));
    await until(() => openFiles() > before);
    // All that fits between the two is sent; the file, of which there is more, stays open.
    for (let looks = 0; looks < 10; looks++) await until(() => openFiles() > before);
    client.socket.resume();
    await until(() => client.isEnded, 20_000);
    expect(client.size).toBeGreaterThan(LARGE);
    await until(() => openFiles() <= before);
  });

  it('and leaves in the middle leaves nothing open', async () => {
    const { link } = await makeResult(mp4(LARGE));
    const before = openFiles();
    const client = await RawClient.connect(hub.port);
    client.send(rawRequest({ method: 'GET', path: link, headers: [] }));
    await until(() => client.size > 100_000);
    client.close();
    await until(() => openFiles() <= before);
    expect((await get(link, { range: 'bytes=0-0' })).status).toBe(206);
  });
});

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
    await expect(custody.checkRoom()).resolves.toBeUndefined();
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

  it('is not asked for where links of upstreams are handed out', async () => {
    freeBytes = 0;
    const room = roomWith({ HUB_RESULT_DELIVERY: 'link' });
    await expect(room.requireForJob()).resolves.toBeUndefined();
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
    const id = uuid7Hex(Date.now());
    const store = bucketHub.app.get(Custody);
    const kept = await store.keep(id, 0, 'video', { kind: 'bytes', bytes: mp4(SIZE) }, new Cancellation());
    expect(s3.objects.has(kept.storageKey)).toBe(true);
    await writeFinishedJob(bucketHub.sql, id, [kept]);
    const path = store.linkOf({ id }, toOutput(kept, 0)).replace(bucketHub.settings.server.publicUrl, '');
    const whole = await bucketHub.fetch(path, { key: null });
    expect([whole.status, whole.url.startsWith(bucketHub.url)]).toEqual([200, true]);
    expect(await bytesOf(whole)).toEqual(mp4(SIZE));
    const part = await bucketHub.fetch(path, { key: null, headers: { range: 'bytes=-5' } });
    expect([part.status, await bytesOf(part)]).toEqual([206, mp4(SIZE).subarray(-5)]);
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
