import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gif, jpeg, png, webp } from '../../test/support/media-samples.js';
import { until } from '../../test/support/until.js';
import { Cancellation } from '../common/cancellation.js';
import { MediaFetcher } from '../media/media-fetcher.js';
import type { ChatRequest } from '../providers/canonical/chat.js';
import { InlineMedia, type InlineMediaOptions, type MediaOwner } from './inline-media.js';
import { validateChat } from './validate-chat.js';

const FILES: Readonly<Record<string, Buffer>> = {
  '/a.png': png(100),
  '/b.jpg': jpeg(100),
  '/c.gif': gif(100),
  '/d.webp': webp(100),
  '/e.heic': Buffer.concat([Buffer.from('\0\0\0\x18ftypheic', 'latin1'), Buffer.alloc(80)]),
  '/f.pdf': Buffer.from('%PDF-1.7\n\x00\x01', 'latin1'),
  '/g.wav': Buffer.from('RIFF\0\0\0\0WAVEfmt ', 'latin1'),
  '/h.mp3': Buffer.from('ID3\x04\0\0', 'latin1'),
  '/i.txt': Buffer.from('a,b\n1,2\n'),
  '/page.html': Buffer.from('<html>no picture</html>'),
  '/what.bin': Buffer.from([0, 1, 2, 3]),
};

/** A request, and its end. */
function newOwner(): MediaOwner & { end: () => void } {
  const owner = {
    end: (): void => undefined,
    onEnd: (callback: () => void): void => {
      owner.end = callback;
    },
  };
  return owner;
}

describe('pictures and files by address', () => {
  let server: Server;
  let origin: string;
  let asked: string[] = [];
  let answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  const fetcher = new MediaFetcher();

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (answer !== undefined) return answer(request, response);
      const file = FILES[request.url ?? ''];
      // Whatever it is called.
      response.writeHead(file === undefined ? 404 : 200, { 'content-type': 'application/x-whatever' }).end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked = [];
    answer = undefined;
  });
  afterAll(async () => {
    await fetcher.close();
    server.closeAllConnections();
    server.close();
  });

  const media = (options: InlineMediaOptions = { allowPrivateNetwork: true }): InlineMedia =>
    new InlineMedia(fetcher, options);
  const picture = (path: string): object => ({ type: 'image_url', image_url: { url: origin + path, detail: 'high' } });
  const file = (path: string): object => ({ type: 'file', file: { filename: 'x', file_data: origin + path } });
  const requestOf = (...content: object[]): ChatRequest =>
    validateChat(
      Buffer.from(
        JSON.stringify({
          model: 'm',
          temperature: 1,
          messages: [
            { role: 'system', content: 'a' },
            { role: 'user', content },
          ],
        }),
      ),
    );
  const uri = (type: string, path: string): string => `data:${type};base64,${FILES[path]?.toString('base64')}`;
  const inline = (request: ChatRequest, from = media(), owner = newOwner()): Promise<ChatRequest> =>
    from.inline(owner, request, new Cancellation());

  it.each([
    ['/a.png', 'image/png'],
    ['/b.jpg', 'image/jpeg'],
    ['/c.gif', 'image/gif'],
    ['/d.webp', 'image/webp'],
    ['/e.heic', 'image/heic'],
  ])('a picture at %s is sent along as %s, and nothing else of the request changes', async (path, type) => {
    const request = requestOf({ type: 'text', text: 'a' }, picture(path));
    const before = JSON.stringify(request.source.value);
    const { source } = await inline(request);
    expect(source.value).toEqual(JSON.parse(before.replace(origin + path, uri(type, path))));
    expect(JSON.stringify(request.source.value)).toBe(before);
  });

  it.each([
    ['/f.pdf', 'application/pdf'],
    ['/g.wav', 'audio/wav'],
    ['/h.mp3', 'audio/mp3'],
    ['/i.txt', 'text/plain'],
    ['/a.png', 'image/png'],
  ])('a file at %s is sent along as %s', async (path, type) => {
    const { source } = await inline(requestOf(file(path)));
    expect(source.value['messages']).toMatchObject([
      {},
      { content: [{ type: 'file', file: { filename: 'x', file_data: uri(type, path) } }] },
    ]);
  });

  it('a request without addresses is the same object, whatever its data URIs', async () => {
    const request = requestOf({ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } });
    expect(await inline(request)).toBe(request);
  });

  it('an address is fetched once for all attempts of a request, also where it stands twice', async () => {
    const from = media();
    const owner = newOwner();
    const request = requestOf(picture('/a.png'), picture('/a.png'), picture('/b.jpg'));
    const first = await inline(request, from, owner);
    expect(await inline(request, from, owner)).toBe(first);
    // As a stream that is resumed asks with a smaller cap.
    const again = await inline({ ...request, source: requestOf(picture('/a.png')).source }, from, owner);
    expect(again.source.value['messages']).toMatchObject([
      {},
      { content: [{ image_url: { url: uri('image/png', '/a.png') } }] },
    ]);
    expect(asked.toSorted()).toEqual(['/a.png', '/b.jpg']);
    await inline(request, from);
    expect(asked).toHaveLength(4);
  });

  it.each<[string, object, RegExp]>([
    ['is not there', { type: 'image_url', image_url: { url: '/none' } }, /answered 404/],
    ['is a page', { type: 'image_url', image_url: { url: '/page.html' } }, /no picture of a known type/],
    ['is anything', { type: 'file', file: { file_data: '/what.bin' } }, /no file of a known type/],
  ])("what %s is the caller's mistake, and named", async (_name, part, message) => {
    const text = JSON.stringify(part).replace(/"(\/[^"]+)"/, `"${origin}$1"`);
    const field = text.includes('file_data') ? 'file.file_data' : 'image_url';
    const request = requestOf({ type: 'text', text: 'a' }, JSON.parse(text));
    const error: unknown = await inline(request).catch((error: unknown) => error);
    expect(error).toMatchObject({ kind: 'invalid_request', param: `messages[1].content[1].${field}` });
    expect(error).toHaveProperty('message', expect.stringMatching(message));
    expect(error).toHaveProperty('message', expect.not.stringContaining('127.0.0.1'));
  });

  it('addresses in private networks and of metadata services are not asked at all', async () => {
    const guarded = media({});
    for (const url of [`${origin}/a.png`, 'http://169.254.169.254/latest/meta-data/', 'http://[::1]/a.png']) {
      const request = requestOf({ type: 'image_url', image_url: { url } });
      await expect(inline(request, guarded)).rejects.toMatchObject({
        kind: 'invalid_request',
        param: 'messages[1].content[0].image_url',
        message: expect.stringContaining('not allowed'),
      });
    }
    expect(asked).toEqual([]);
  });

  it('redirects are followed three times, and never out of what is allowed', async () => {
    answer = (request, response) => {
      const hop = Number(/\d+$/.exec(request.url ?? '')?.[0] ?? 0);
      if (request.url?.startsWith('/away')) response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      else if (hop === 0) response.end(png(50));
      else response.writeHead(302, { location: `/hop${hop - 1}` }).end();
    };
    expect((await inline(requestOf(picture('/hop3')))).source.value['messages']).toMatchObject([
      {},
      { content: [{ image_url: { url: expect.stringMatching(/^data:image\/png/) } }] },
    ]);
    await expect(inline(requestOf(picture('/hop4')))).rejects.toMatchObject({ kind: 'invalid_request' });
    await expect(inline(requestOf(picture('/away')))).rejects.toMatchObject({
      message: expect.stringContaining('not allowed'),
    });
  });

  it.each<[string, object, RegExp]>([
    ['too many', { addressesMax: 1 }, /at most 1 files/],
    ['one that is too large', { bytesMax: 99 }, /larger than 99 bytes/],
    ['more than the request may carry', { bytesInAllMax: 199 }, /together are larger than 199 bytes/],
  ])('%s are refused', async (_name, limits, message) => {
    const from = media({ allowPrivateNetwork: true, limits });
    const error: unknown = await inline(requestOf(picture('/a.png'), picture('/b.jpg')), from).catch((e: unknown) => e);
    expect(error).toMatchObject({ kind: 'invalid_request', message: expect.stringMatching(message) });
  });

  it('all requests together hold no more than there is room for, which comes back with their end', async () => {
    const from = media({ allowPrivateNetwork: true, limits: { bytesAtOnceMax: 250 } });
    const owners = [newOwner(), newOwner()] as const;
    for (const owner of owners) await inline(requestOf(picture('/a.png')), from, owner);
    const refused = newOwner();
    await expect(inline(requestOf(picture('/b.jpg')), from, refused)).rejects.toMatchObject({ kind: 'busy' });
    refused.end();
    owners[0].end();
    await inline(requestOf(picture('/b.jpg')), from);
  });

  it.each([429, 503])('what its server does not give out for a moment (%i) is left to others', async (status) => {
    answer = (_request, response) => response.writeHead(status).end();
    await expect(inline(requestOf(picture('/a.png')))).rejects.toMatchObject({
      kind: 'unsupported_option',
      param: 'messages[1].content[0].image_url',
    });
  });

  it('one that announces no length is stopped at the limit', async () => {
    let isClosed = false;
    answer = (_request, response) => {
      response.on('close', () => {
        isClosed = true;
      });
      const write = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x89)));
        if (!response.destroyed) response.once('drain', write);
      };
      write();
    };
    const from = media({ allowPrivateNetwork: true, limits: { bytesMax: 100_000 } });
    await expect(inline(requestOf(picture('/endless')), from)).rejects.toMatchObject({
      message: expect.stringContaining('larger than 100000 bytes'),
    });
    await until(() => isClosed);
  });

  it('one that does not answer is given up in time, and at once when nobody waits any more', async () => {
    answer = () => undefined;
    const slow = media({ allowPrivateNetwork: true, limits: { timeoutMs: 50 } });
    await expect(inline(requestOf(picture('/a.png')), slow)).rejects.toMatchObject({
      kind: 'unsupported_option',
      message: expect.stringContaining('takes too long'),
    });
    const gone = new Cancellation();
    const waiting = media().inline(newOwner(), requestOf(picture('/b.jpg')), gone);
    // A busy machine may have given the first one up before it was sent.
    await until(() => asked.includes('/b.jpg'));
    gone.abort(new Error('The client has left.'));
    await expect(waiting).rejects.toMatchObject({ kind: 'unsupported_option' });
  });
});
