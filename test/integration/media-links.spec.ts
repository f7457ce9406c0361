import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Custody } from '../../src/media/custody.js';
import { MediaSender } from '../../src/media/media-sender.js';
import { ResultLinks } from '../../src/media/result-links.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { startHub, type TestHub } from '../support/hub.js';
import { mp4 } from '../support/media-samples.js';
import { RawClient, rawRequest } from '../support/raw-client.js';
import { makeStoredResult, newJobId, toOutput } from '../support/stored-job.js';
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

const makeResult = (bytes?: Buffer, expiresInMs?: number) => makeStoredResult(hub, bytes, expiresInMs);
const toPath = (link: string): string => link.replace(hub.settings.server.publicUrl, '');
/** Asks for something, and reads the answer to its end, so that its connection is free. */
async function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
  const answer = await hub.fetch(path, { key: null, headers, method });
  const body = Buffer.from(await answer.arrayBuffer());
  return new Response(body.length === 0 ? null : body, answer);
}
const bytesOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());
describe('a link to a result', () => {
  it('is absolute, signed, and needs no header', async () => {
    const { id, kept } = await makeResult();
    const link = custody.linkOf({ id }, toOutput(kept));
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
      Number(/expires=(\d+)/.exec(custody.linkOf({ id, resultsExpireAt }, toOutput(kept)))?.[1]) * 1000 - Date.now();
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

  it('is followed to the upstream by a redirect where the hub has no file of its own', async () => {
    const output = { place: 0, storageKey: null, contentType: 'video/mp4', bytes: null };
    const seen: unknown[] = [];
    const reply = {
      header: (...header: readonly unknown[]) => reply.redirect(...header),
      redirect: (...target: readonly unknown[]) => {
        seen.push(target);
        return reply;
      },
    };
    const upstreamUrl = 'https://cdn.example/x?Signature=a%2Fb';
    const request = {} as FastifyRequest;
    await hub.app.get(MediaSender).send(request, reply as unknown as FastifyReply, { ...output, upstreamUrl }, 'x.mp4');
    expect(seen).toEqual([
      ['cache-control', 'no-store'],
      [upstreamUrl, 302],
    ]);
  });

  it('is good for every instance, and for no other hub', async () => {
    const { id, link, kept } = await makeResult();
    const keyring = hub.app.get(Keyring);
    const instance = new ResultLinks(await Keyring.open(hub.sql, hub.settings.masterKey!), hub.settings);
    expect((await get(toPath(instance.make(id, 0, undefined)))).status).toBe(200);
    const other = Object.create(keyring, { deriveKey: { value: () => keyring.deriveKey('another purpose') } });
    const forged = toPath(new ResultLinks(other, hub.settings).make(id, 0, undefined));
    expect(forged.replace(/=[^=]*$/, '').length).toBe(link.replace(/=[^=]*$/, '').length);
    expect((await get(forged)).status).toBe(404);
    expect(kept.bytes).toBe(SIZE);
  });

  it('says the same of whatever it does not open', async () => {
    const { id, link } = await makeResult();
    const other = await makeResult();
    const [path = '', query = ''] = link.split('?');
    const [, expires = '', signature = ''] = /expires=(\d+)&signature=(.*)/.exec(query) ?? [];
    const flipped = (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1);
    const absent = newJobId();
    const absentLink = toPath(custody.linkOf({ id: absent }, toOutput(other.kept)));
    const pastLink = toPath(custody.linkOf({ id, resultsExpireAt: new Date(Date.now() - 1000) }, toOutput(other.kept)));
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
    await until(() => client.isEnded);
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
