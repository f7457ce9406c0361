import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gif, jpeg, mp4, png, quicktime, webm, webp } from '../../test/support/media-samples.js';
import { until } from '../../test/support/until.js';
import { Cancellation } from '../common/cancellation.js';
import { parseSettings } from '../config/parse-settings.js';
import type { JobKind } from '../jobs/job.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import { UpstreamClient } from '../providers/transport/upstream-client.js';
import { Custody, type KeptFile } from './custody.js';
import type { MediaError } from './media-error.js';
import { MediaFetcher } from './media-fetcher.js';
import type { MediaRoom } from './media-room.js';
import type { MediaSource } from './media-source.js';
import type { ResultLinks } from './result-links.js';
import { LocalStorage } from './storage/local-storage.js';

const JOB = '0190aaaa00007000800000000000000e';
const MIB = 1024 * 1024;
const IDLE_MS = 300;
const TOTAL_MS = 1500;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let folder: string;
let server: Server;
let origin: string;
let answer: Answer;
let requests: IncomingMessage[];
let fetcher: MediaFetcher;
let custody: Custody;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'custody-'));
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  origin = await listen(server);
  fetcher = new MediaFetcher({
    limits: { idleTimeoutMs: IDLE_MS, totalTimeoutMs: TOTAL_MS, headersTimeoutMs: IDLE_MS },
    resolveAll: (_host, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  });
  custody = custodyOver(join(folder, 'media'));
});
afterEach(async () => {
  await fetcher.close();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function custodyOver(dir: string, storage = new LocalStorage(dir)): Custody {
  const settings = parseSettings({ HUB_MEDIA_FILE_BYTES_MAX: String(4 * MIB) });
  const room = { requireForResult: async () => undefined } as unknown as MediaRoom;
  return new Custody(settings, storage, fetcher, room, {} as ResultLinks);
}

async function listen(of: Server): Promise<string> {
  await new Promise<void>((resolve) => of.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(of.address() as AddressInfo).port}`;
}

function keep(
  source: Partial<MediaSource> & { url?: string } = {},
  kind: JobKind = 'video',
  signal = new Cancellation(),
): Promise<KeptFile> {
  const full = { kind: 'url', url: `${origin}/result`, allowPrivateNetwork: true, ...source } as MediaSource;
  return custody.keep(JOB, 0, kind, full, signal);
}

/** The file as it was stored. */
const stored = (kept: KeptFile): Buffer => readFileSync(join(folder, 'media', kept.storageKey));
/** Everything in the storage, unfinished files included. */
const left = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

async function failure(work: Promise<unknown>): Promise<MediaError> {
  const error: unknown = await work.then(
    () => 'nothing',
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'MediaError' });
  expect(left()).toEqual([]);
  return error as MediaError;
}

describe('keeping a result', () => {
  it.each([
    ['video', mp4(), 'video/mp4', 'mp4'],
    ['video', quicktime(), 'video/quicktime', 'mov'],
    ['video', webm(), 'video/webm', 'webm'],
    ['image', png(), 'image/png', 'png'],
    ['image', jpeg(), 'image/jpeg', 'jpg'],
    ['image', gif(), 'image/gif', 'gif'],
    ['image', webp(), 'image/webp', 'webp'],
  ] as const)(
    'stores a %s as what it is, whatever the upstream calls it',
    async (kind, bytes, contentType, extension) => {
      answer = (_request, response) => response.writeHead(200, { 'content-type': 'text/html; name="../x"' }).end(bytes);
      const kept = await keep({}, kind);
      expect(kept).toEqual({ storageKey: `${JOB}/0.${extension}`, contentType, bytes: bytes.length });
      expect(stored(kept)).toEqual(bytes);
    },
  );

  it('takes a file that comes byte by byte', async () => {
    const bytes = mp4(100);
    answer = (_request, response) => {
      response.writeHead(200);
      let sent = 0;
      const drip = setInterval(() => {
        if (sent < bytes.length) response.write(bytes.subarray(sent, ++sent));
        else {
          clearInterval(drip);
          response.end();
        }
      }, 1);
    };
    expect(stored(await keep())).toEqual(bytes);
  });

  it('takes bytes that came with the answer', async () => {
    const kept = await keep({ kind: 'bytes', bytes: png() }, 'image');
    expect(stored(kept)).toEqual(png());
    await rmSync(join(folder, 'media'), { recursive: true });
    expect(
      await failure(custodyOver(join(folder, 'media')).keep(JOB, 0, 'image', html(), new Cancellation())),
    ).toMatchObject({
      fault: 'wrong_type',
    });
  });

  it('overwrites when it is repeated', async () => {
    answer = (_request, response) => response.end(mp4(requests.length * 100));
    expect((await keep()).bytes).toBe(100);
    expect(stored(await keep())).toEqual(mp4(200));
    expect(left()).toEqual(['0.mp4']);
  });

  it('sends no credential, and nothing that a cache or a log could not have', async () => {
    answer = (_request, response) => response.end(mp4());
    await keep({ url: `${origin}/result?Signature=a%2Fb&Expires=1` });
    expect(requests[0]?.url).toBe('/result?Signature=a%2Fb&Expires=1');
    expect(Object.keys(requests[0]?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
  });

  it('lets the upstream wait for the storage, so that no file is in memory', async () => {
    let sent = 0;
    answer = (_request, response) => {
      response.writeHead(200);
      response.write(mp4());
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) sent++;
      };
      response.on('drain', pour);
      pour();
    };
    const storage = new LocalStorage(join(folder, 'media'));
    storage.put = async ({ bytes }) => {
      await bytes[Symbol.asyncIterator]().next();
      // Nothing has been sent for three looks: the sockets are full.
      const looks: number[] = [];
      await until(() => looks.push(sent) > 3 && looks.at(-4) === sent);
      throw new Error('enough');
    };
    custody = custodyOver('', storage);
    expect(await failure(keep())).toMatchObject({ fault: 'no_space' });
    expect(sent * 64 * 1024).toBeLessThan(32 * MIB);
  });
});

function html(): MediaSource {
  return { kind: 'bytes', bytes: Buffer.from('<html></html>') };
}

describe('redirects', () => {
  const redirect = (to: string, status = 302): Answer => {
    return (request, response) => {
      if (request.url === '/result') response.writeHead(status, { location: to }).end();
      else response.end(mp4());
    };
  };

  it.each([301, 302, 303, 307, 308])('of status %s are followed', async (status) => {
    answer = redirect('/elsewhere?x=1', status);
    expect((await keep()).bytes).toBe(1000);
    expect(requests.map((request) => request.url)).toEqual(['/result', '/elsewhere?x=1']);
  });

  it('are followed three times and no more', async () => {
    const hops = (most: number): Answer => {
      return (request, response) => {
        const hop = Number(/hop=(\d+)/.exec(request.url ?? '')?.[1] ?? 0);
        if (hop < most) response.writeHead(302, { location: `/result?hop=${hop + 1}` }).end();
        else response.end(mp4());
      };
    };
    answer = hops(3);
    expect((await keep()).bytes).toBe(1000);
    rmSync(join(folder, 'media'), { recursive: true });
    answer = hops(4);
    expect(await failure(keep())).toMatchObject({ fault: 'gone', retryable: false });
    requests = [];
    answer = hops(1_000_000);
    expect(await failure(keep())).toMatchObject({ fault: 'gone', retryable: false });
    expect(requests).toHaveLength(4);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:169.254.169.254]/',
    'http://100.100.100.200/latest/meta-data/',
    'http://[fd00:ec2::254]/',
  ])('to the metadata service at %s are refused, also for a channel in a private network', async (to) => {
    answer = redirect(to);
    expect(await failure(keep())).toMatchObject({
      fault: 'unreachable',
      retryable: false,
      message: expect.stringContaining('not allowed'),
    });
  });

  it('into a private network are refused, save at the origin of the link', async () => {
    const other = createServer((_request, response) => response.end(mp4()));
    const otherOrigin = await listen(other);
    answer = redirect(`${otherOrigin}/internal`);
    expect(await failure(keep())).toMatchObject({ fault: 'unreachable', retryable: false });
    other.close();
  });

  it.each(['file:///etc/passwd', 'ftp://host/x', 'gopher://host/', 'http://user:secret@127.0.0.1/', 'http://'])(
    'to %s are refused',
    async (to) => {
      answer = redirect(to);
      const error = await failure(keep());
      expect(error).toMatchObject({ fault: 'gone', retryable: false });
      expect(error.message).not.toContain('secret');
    },
  );

  it('without an address are refused', async () => {
    answer = (_request, response) => response.writeHead(302).end();
    expect(await failure(keep())).toMatchObject({ fault: 'gone' });
  });

  it('of an answer behind a credential are followed without it, and never into a private network', async () => {
    const client = new UpstreamClient({
      ...{
        connectTimeoutMs: 1000,
        headersTimeoutMs: 1000,
        idleTimeoutMs: 1000,
        totalTimeoutMs: 1000,
        connectionsMax: 1,
      },
    });
    const source: MediaSource = {
      kind: 'response',
      open: (signal) =>
        client.send({
          ...{ method: 'GET', origin, path: '/result', headers: { authorization: 'Bearer secret' } },
          ...{ allowPrivateNetwork: true, signal },
        }),
    };
    answer = (_request, response) => response.end(mp4());
    expect((await keep(source)).bytes).toBe(1000);
    expect(requests[0]?.headers.authorization).toBe('Bearer secret');
    rmSync(join(folder, 'media'), { recursive: true });
    answer = redirect(`${origin}/elsewhere`);
    expect(await failure(keep(source))).toMatchObject({ fault: 'unreachable', retryable: false });
    expect(requests).toHaveLength(2);
    await client.close();
  });
});

describe('a link that leads nowhere good', () => {
  it('is refused when its name resolves to a private address', async () => {
    const port = new URL(origin).port;
    answer = (_request, response) => response.end(mp4());
    expect(await failure(keep({ url: `http://result.example:${port}/`, allowPrivateNetwork: false }))).toMatchObject({
      fault: 'unreachable',
      retryable: false,
    });
    expect(requests).toEqual([]);
  });

  it.each(['data:video/mp4;base64,AAAA', '/etc/passwd', '', 'https://user:pass@result.example/'])(
    'is refused when it is %s',
    async (url) => {
      expect(await failure(keep({ url }))).toMatchObject({ fault: 'gone', retryable: false });
    },
  );

  it.each([
    [404, 'gone', false],
    [410, 'gone', false],
    [403, 'gone', false],
    [401, 'gone', false],
    [204, 'gone', false],
    [206, 'gone', false],
    [429, 'unreachable', true],
    [408, 'unreachable', true],
    [500, 'unreachable', true],
    [503, 'unreachable', true],
  ] as const)('that answers %s is %s', async (status, fault, retryable) => {
    answer = (_request, response) => response.writeHead(status).end(status === 204 ? undefined : mp4());
    expect(await failure(keep())).toMatchObject({ fault, retryable, message: expect.stringContaining(String(status)) });
  });

  it('is unreachable when nobody listens', async () => {
    const closed = createServer();
    const url = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    expect(await failure(keep({ url }))).toMatchObject({ fault: 'unreachable', retryable: true });
  });

  it('of an upstream that the channel cannot be asked for keeps the reason for the log only', async () => {
    const error = new ProviderError({ kind: 'credential', status: 401, message: 'key sk-secret is wrong' });
    const failed = await failure(keep({ kind: 'response', open: async () => Promise.reject(error) }));
    expect(failed).toMatchObject({ fault: 'gone' });
    expect(failed.message).not.toContain('secret');
  });
});

describe('a body that is no good', () => {
  it.each([
    ['a page', '<!doctype html><title>Just a moment</title>', true],
    ['JSON', '{"code":"expired"}', true],
    ['XML', '<?xml version="1.0"?><Error/>', true],
    ['another type of file', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(100)]), false],
    ['a picture', png(), false],
  ])('is refused when it is %s, whatever type is announced', async (_what, body, retryable) => {
    answer = (_request, response) => response.writeHead(200, { 'content-type': 'video/mp4' }).end(body);
    expect(await failure(keep())).toMatchObject({ fault: 'wrong_type', retryable });
  });

  it('is refused at once when it announces too much', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 4 * MIB + 1 });
      response.write(mp4());
    };
    expect(await failure(keep())).toMatchObject({ fault: 'too_large', retryable: false });
  });

  it('is cut off when it does not end', async () => {
    let sent = 0;
    answer = (_request, response) => {
      response.writeHead(200);
      response.write(mp4());
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) sent++;
      };
      response.on('drain', pour);
      pour();
    };
    expect(await failure(keep())).toMatchObject({ fault: 'too_large', retryable: false });
    await until(() => server.connections === 0 || requests[0]?.socket.destroyed);
    // What the sockets hold beside what was read.
    expect(sent * 64 * 1024).toBeLessThan(64 * MIB);
  });

  it('is not kept when the connection breaks before its end', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write(mp4(500), () => response.destroy());
    };
    expect(await failure(keep())).toMatchObject({ fault: 'unreachable', retryable: true });
    answer = (_request, response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      response.write(mp4(500), () => response.destroy());
    };
    expect(await failure(keep())).toMatchObject({ fault: 'unreachable', retryable: true });
  });

  it('is not kept when it ends before its announced length', async () => {
    const raw = createTcpServer((socket) => {
      socket.once('data', () => {
        socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n'), mp4(999)]));
      });
    });
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(raw.address() as AddressInfo).port}/`;
    expect(await failure(keep({ url }))).toMatchObject({ fault: 'unreachable', retryable: true });
    raw.close();
  });

  it('is not kept when it is empty', async () => {
    answer = (_request, response) => response.end();
    expect(await failure(keep())).toMatchObject({ fault: 'unreachable', retryable: true });
  });

  it('is given up when it falls silent', async () => {
    answer = (_request, response) => {
      response.writeHead(200);
      response.write(mp4());
    };
    expect(await failure(keep())).toMatchObject({ fault: 'unreachable', retryable: true });
  });

  it('is given up when it takes too long, however steadily it comes', async () => {
    answer = (_request, response) => {
      response.writeHead(200);
      response.write(mp4());
      const drip = setInterval(() => response.write('x'), 50);
      response.on('close', () => clearInterval(drip));
    };
    const startedAt = performance.now();
    expect(await failure(keep())).toMatchObject({ fault: 'unreachable', retryable: true });
    expect(performance.now() - startedAt).toBeGreaterThan(TOTAL_MS - 100);
  });
});

describe('a copy that has to stop', () => {
  it('stops at once, in its own words, and leaves nothing', async () => {
    const signal = new Cancellation();
    answer = (_request, response) => {
      response.writeHead(200);
      response.write(mp4(100_000));
    };
    const reason = new Error('the hub stops');
    const kept = keep({}, 'video', signal);
    await until(() => requests.length > 0);
    signal.abort(reason);
    await expect(kept).rejects.toBe(reason);
    expect(left()).toEqual([]);
  });

  it('for want of space says so, and leaves nothing', async () => {
    const small = join(folder, 'small');
    mkdirSync(small);
    if (!mountsSmallDisk(small)) return;
    try {
      answer = (_request, response) => response.end(mp4(3 * MIB));
      custody = custodyOver(join(small, 'media'));
      expect(await failure(keep())).toMatchObject({
        fault: 'no_space',
        retryable: true,
        message: expect.stringContaining('ENOSPC'),
      });
    } finally {
      execFileSync('umount', [small]);
    }
  });

  it('because the folder cannot be written says so', async () => {
    writeFileSync(join(folder, 'file'), '');
    custody = custodyOver(join(folder, 'file', 'media'));
    answer = (_request, response) => response.end(mp4());
    await expect(keep()).rejects.toMatchObject({ fault: 'no_space', retryable: true });
  });
});

/** A file system of 1 MiB; false where this process may not mount one. */
function mountsSmallDisk(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('skipped: a full disk (this process may not mount one)\n');
    return false;
  }
}
