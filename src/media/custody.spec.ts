import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { CustodyBench, FILE_BYTES_MAX, pourEndlessly } from '../../test/support/custody-bench.js';
import { gif, jpeg, mp4, png, quicktime, webm, webp } from '../../test/support/media-samples.js';
import { until } from '../../test/support/until.js';
import { Cancellation } from '../common/cancellation.js';
import { LocalStorage } from './storage/local-storage.js';

const JOB = '0190aaaa00007000800000000000000e';
const MIB = 1024 * 1024;

let bench: CustodyBench;
beforeEach(async () => {
  bench = await CustodyBench.start();
});
afterEach(() => bench.close());

/** A bench whose fetches have little time: for what is to be given up, and for nothing else. */
async function hurry(limits: Parameters<typeof CustodyBench.start>[0]): Promise<void> {
  await bench.close();
  bench = await CustodyBench.start(limits);
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
      bench.answer = (_request, response) =>
        response.writeHead(200, { 'content-type': 'text/html; name="../x"' }).end(bytes);
      const kept = await bench.keep({}, kind);
      expect(kept).toEqual({ storageKey: `${JOB}/0.${extension}`, contentType, bytes: bytes.length });
      expect(bench.stored(kept)).toEqual(bytes);
    },
  );

  it('takes a file that comes byte by byte', async () => {
    const bytes = mp4(100);
    bench.answer = (_request, response) => {
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
    expect(bench.stored(await bench.keep())).toEqual(bytes);
  });

  it('takes bytes that came with the answer', async () => {
    const kept = await bench.keep({ kind: 'bytes', bytes: png() }, 'image');
    expect(bench.stored(kept)).toEqual(png());
    bench.clear();
    const page = bench.keep({ kind: 'bytes', bytes: Buffer.from('<html></html>') }, 'image');
    expect(await bench.failureOf(page)).toMatchObject({ fault: 'wrong_type' });
  });

  it('overwrites when it is repeated', async () => {
    bench.answer = (_request, response) => response.end(mp4(bench.requests.length * 100));
    expect((await bench.keep()).bytes).toBe(100);
    expect(bench.stored(await bench.keep())).toEqual(mp4(200));
    expect(bench.left()).toEqual(['0.mp4']);
  });

  it('sends no credential, and nothing that a cache or a log could not have', async () => {
    bench.answer = (_request, response) => response.end(mp4());
    await bench.keep({ url: `${bench.origin}/result?Signature=a%2Fb&Expires=1` });
    expect(bench.requests[0]?.url).toBe('/result?Signature=a%2Fb&Expires=1');
    expect(Object.keys(bench.requests[0]?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
  });

  it('lets the upstream wait for the storage, so that no file is in memory', async () => {
    const endless = pourEndlessly(mp4());
    bench.answer = endless.answer;
    const storage = new LocalStorage(join(bench.folder, 'media'));
    storage.put = async ({ bytes }) => {
      await bytes[Symbol.asyncIterator]().next();
      // Nothing has been sent for three looks: the sockets are full.
      const looks: number[] = [];
      await until(() => looks.push(endless.sent()) > 3 && looks.at(-4) === endless.sent());
      throw new Error('enough');
    };
    bench.use(storage);
    expect(await bench.failureOf(bench.keep())).toMatchObject({ fault: 'no_space' });
    expect(endless.sent()).toBeLessThan(32 * MIB);
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
    bench.answer = (_request, response) => response.writeHead(200, { 'content-type': 'video/mp4' }).end(body);
    expect(await bench.failureOf(bench.keep())).toMatchObject({ fault: 'wrong_type', retryable });
  });

  it('is refused at once when it announces too much', async () => {
    bench.answer = (_request, response) => {
      response.writeHead(200, { 'content-length': FILE_BYTES_MAX + 1 });
      response.write(mp4());
    };
    expect(await bench.failureOf(bench.keep())).toMatchObject({ fault: 'too_large', retryable: false });
  });

  it('is cut off when it does not end', async () => {
    const endless = pourEndlessly(mp4());
    bench.answer = endless.answer;
    expect(await bench.failureOf(bench.keep())).toMatchObject({ fault: 'too_large', retryable: false });
    await until(() => bench.requests[0]?.socket.destroyed);
    // What the sockets hold beside what was read.
    expect(endless.sent()).toBeLessThan(64 * MIB);
  });

  it('is not kept when the connection breaks before its end', async () => {
    bench.answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write(mp4(500), () => response.destroy());
    };
    expect(await bench.failureOf(bench.keep())).toMatchObject({ fault: 'unreachable', retryable: true });
    bench.answer = (_request, response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      response.write(mp4(500), () => response.destroy());
    };
    expect(await bench.failureOf(bench.keep())).toMatchObject({ fault: 'unreachable', retryable: true });
  });

  it('is not kept when it ends before its announced length', async () => {
    const raw = createTcpServer((socket) => {
      socket.once('data', () => {
        socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n'), mp4(999)]));
      });
    });
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(raw.address() as AddressInfo).port}/`;
    expect(await bench.failureOf(bench.keep({ url }))).toMatchObject({ fault: 'unreachable', retryable: true });
    raw.close();
  });

  it('is not kept when it is empty', async () => {
    bench.answer = (_request, response) => response.end();
    expect(await bench.failureOf(bench.keep())).toMatchObject({ fault: 'unreachable', retryable: true });
  });

  it('is given up when it falls silent', async () => {
    await hurry({ idleTimeoutMs: 300 });
    bench.answer = (_request, response) => {
      response.writeHead(200);
      response.write(mp4());
    };
    expect(await bench.failureOf(bench.keep())).toMatchObject({ fault: 'unreachable', retryable: true });
  });

  it('is given up when it takes too long, however steadily it comes', async () => {
    await hurry({ totalTimeoutMs: 1000 });
    bench.answer = (_request, response) => {
      response.writeHead(200);
      response.write(mp4());
      const drip = setInterval(() => response.write('x'), 50);
      response.on('close', () => clearInterval(drip));
    };
    const startedAt = performance.now();
    expect(await bench.failureOf(bench.keep())).toMatchObject({ fault: 'unreachable', retryable: true });
    expect(performance.now() - startedAt).toBeGreaterThan(900);
  });
});

describe('a copy that has to stop', () => {
  it('stops at once, in its own words, and leaves nothing', async () => {
    const signal = new Cancellation();
    bench.answer = (_request, response) => {
      response.writeHead(200);
      response.write(mp4(100_000));
    };
    const reason = new Error('the hub stops');
    const kept = bench.keep({}, 'video', signal);
    await until(() => bench.requests.length > 0);
    signal.abort(reason);
    await expect(kept).rejects.toBe(reason);
    expect(bench.left()).toEqual([]);
  });

  it('for want of space says so, and leaves nothing', async () => {
    const small = join(bench.folder, 'small');
    mkdirSync(small);
    if (!mountsSmallDisk(small)) return;
    try {
      bench.answer = (_request, response) => response.end(mp4(3 * MIB));
      bench.use(new LocalStorage(join(small, 'media')));
      expect(await bench.failureOf(bench.keep())).toMatchObject({
        fault: 'no_space',
        retryable: true,
        message: expect.stringContaining('ENOSPC'),
      });
    } finally {
      execFileSync('umount', [small]);
    }
  });

  it('because the folder cannot be written says so', async () => {
    writeFileSync(join(bench.folder, 'file'), '');
    bench.use(new LocalStorage(join(bench.folder, 'file', 'media')));
    bench.answer = (_request, response) => response.end(mp4());
    await expect(bench.keep()).rejects.toMatchObject({ fault: 'no_space', retryable: true });
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
