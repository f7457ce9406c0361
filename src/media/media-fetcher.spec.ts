import { createServer } from 'node:http';
import { type Answer, CustodyBench, listen } from '../../test/support/custody-bench.js';
import { mp4 } from '../../test/support/media-samples.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import { UpstreamClient } from '../providers/transport/upstream-client.js';
import type { MediaSource } from './media-source.js';

let bench: CustodyBench;
beforeEach(async () => {
  bench = await CustodyBench.start();
});
afterEach(() => bench.close());

describe('redirects', () => {
  const redirect = (to: string, status = 302): Answer => {
    return (request, response) => {
      if (request.url === '/result') response.writeHead(status, { location: to }).end();
      else response.end(mp4());
    };
  };

  it.each([301, 302, 303, 307, 308])('of status %s are followed', async (status) => {
    bench.answer = redirect('/elsewhere?x=1', status);
    expect((await bench.keep()).bytes).toBe(1000);
    expect(bench.requests.map((request) => request.url)).toEqual(['/result', '/elsewhere?x=1']);
  });

  it('are followed three times and no more', async () => {
    const hops = (most: number): Answer => {
      return (request, response) => {
        const hop = Number(/hop=(\d+)/.exec(request.url ?? '')?.[1] ?? 0);
        if (hop < most) response.writeHead(302, { location: `/result?hop=${hop + 1}` }).end();
        else response.end(mp4());
      };
    };
    bench.answer = hops(3);
    expect((await bench.keep()).bytes).toBe(1000);
    bench.clear();
    bench.answer = hops(4);
    expect(await bench.failureOf(bench.keep())).toMatchObject({ fault: 'gone', retryable: false });
    bench.requests.length = 0;
    bench.answer = hops(1_000_000);
    expect(await bench.failureOf(bench.keep())).toMatchObject({ fault: 'gone', retryable: false });
    expect(bench.requests).toHaveLength(4);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:169.254.169.254]/',
    'http://100.100.100.200/latest/meta-data/',
    'http://[fd00:ec2::254]/',
  ])('to the metadata service at %s are refused, also for a channel in a private network', async (to) => {
    bench.answer = redirect(to);
    expect(await bench.failureOf(bench.keep())).toMatchObject({
      fault: 'unreachable',
      retryable: false,
      message: expect.stringContaining('not allowed'),
    });
  });

  it('into a private network are refused, save at the origin of the link', async () => {
    const other = createServer((_request, response) => response.end(mp4()));
    const otherOrigin = await listen(other);
    bench.answer = redirect(`${otherOrigin}/internal`);
    expect(await bench.failureOf(bench.keep())).toMatchObject({ fault: 'unreachable', retryable: false });
    other.close();
  });

  it.each(['file:///etc/passwd', 'ftp://host/x', 'gopher://host/', 'http://user:secret@127.0.0.1/', 'http://'])(
    'to %s are refused',
    async (to) => {
      bench.answer = redirect(to);
      const error = await bench.failureOf(bench.keep());
      expect(error).toMatchObject({ fault: 'gone', retryable: false });
      expect(error.message).not.toContain('secret');
    },
  );

  it('without an address are refused', async () => {
    bench.answer = (_request, response) => response.writeHead(302).end();
    expect(await bench.failureOf(bench.keep())).toMatchObject({ fault: 'gone' });
  });

  it('of an answer behind a credential are followed without it, and to no other private address', async () => {
    const client = new UpstreamClient({
      connectTimeoutMs: 20_000,
      headersTimeoutMs: 20_000,
      idleTimeoutMs: 20_000,
      totalTimeoutMs: 20_000,
      connectionsMax: 1,
    });
    const source: MediaSource = {
      kind: 'response',
      origin: bench.origin,
      allowPrivateNetwork: true,
      open: (signal) =>
        client.send({
          ...{ method: 'GET', origin: bench.origin, path: '/result', headers: { authorization: 'Bearer secret' } },
          ...{ allowPrivateNetwork: true, signal },
        }),
    };
    bench.answer = (_request, response) => response.end(mp4());
    expect((await bench.keep(source)).bytes).toBe(1000);
    expect(bench.requests[0]?.headers.authorization).toBe('Bearer secret');
    bench.clear();
    bench.requests.length = 0;
    bench.answer = redirect('/elsewhere');
    expect((await bench.keep(source)).bytes).toBe(1000);
    expect(bench.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/result', 'Bearer secret'],
      ['/elsewhere', undefined],
    ]);
    bench.clear();
    const elsewhere = createServer((_request, response) => response.end(mp4()));
    bench.answer = redirect(`${await listen(elsewhere)}/internal`);
    expect(await bench.failureOf(bench.keep(source))).toMatchObject({ fault: 'unreachable', retryable: false });
    elsewhere.close();
    await client.close();
  });
});

describe('a link that leads nowhere good', () => {
  it('is refused when its name resolves to a private address', async () => {
    const port = new URL(bench.origin).port;
    bench.answer = (_request, response) => response.end(mp4());
    expect(
      await bench.failureOf(bench.keep({ url: `http://result.example:${port}/`, allowPrivateNetwork: false })),
    ).toMatchObject({
      fault: 'unreachable',
      retryable: false,
    });
    expect(bench.requests).toEqual([]);
  });

  it.each(['data:video/mp4;base64,AAAA', '/etc/passwd', '', 'https://user:pass@result.example/'])(
    'is refused when it is %s',
    async (url) => {
      expect(await bench.failureOf(bench.keep({ url }))).toMatchObject({ fault: 'gone', retryable: false });
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
    bench.answer = (_request, response) => response.writeHead(status).end(status === 204 ? undefined : mp4());
    expect(await bench.failureOf(bench.keep())).toMatchObject({
      fault,
      retryable,
      message: expect.stringContaining(String(status)),
    });
  });

  it('is unreachable when nobody listens', async () => {
    const closed = createServer();
    const url = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    expect(await bench.failureOf(bench.keep({ url }))).toMatchObject({ fault: 'unreachable', retryable: true });
  });

  it('of an upstream that the channel cannot be asked for keeps the reason for the log only', async () => {
    const error = new ProviderError({ kind: 'credential', status: 401, message: 'key sk-secret is wrong' });
    const failed = await bench.failureOf(
      bench.keep({ kind: 'response', origin: bench.origin, open: async () => Promise.reject(error) }),
    );
    expect(failed).toMatchObject({ fault: 'gone' });
    expect(failed.message).not.toContain('secret');
  });
});
