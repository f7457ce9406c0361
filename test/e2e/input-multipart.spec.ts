import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RunRegistry } from '../../src/relay/run-registry.js';
import { parseMultipart } from '../../src/sandbox/multipart.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { parseResponse, RawClient, rawRequest } from '../support/raw-client.js';
import { until } from '../support/until.js';

const EDITS = '/api/relay/v1/images/edits';
const BOUNDARY = 'a-boundary-of-the-test';
const UPLOAD_BYTES_MAX = 4 * 1024 * 1024;
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

let upstream: FakeUpstream;
let second: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  second = await startFakeUpstream();
  const models = new Map([['edit', 'gpt-image-1']]);
  hub = await startHub({
    channels: [
      { name: 'first', baseUrl: upstream.url, models, priority: 1 },
      { name: 'second', baseUrl: second.url, models },
    ],
    env: { HUB_UPLOAD_BYTES_MAX: String(UPLOAD_BYTES_MAX) },
  });
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
  await second.close();
});
beforeEach(() => {
  upstream.reset();
  second.reset();
});
afterEach(async () => {
  await until(() => hub.app.get(RunRegistry).size === 0);
  await until(() => spooledFiles().length === 0);
});

const spoolNames = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('ug-ai-hub-upload-'));
/** Uploads of this suite. Other hubs of this machine have theirs in the same folder, and leave them there when they are killed. */
const spooledFiles = (): string[] => spoolNames().filter((name) => isOwn(join(tmpdir(), name)));

function isOwn(path: string): boolean {
  try {
    return readFileSync(path).includes(BOUNDARY);
  } catch {
    // It has just been deleted.
    return false;
  }
}

interface Part {
  readonly name: string;
  readonly fileName?: string;
  readonly value: string | Uint8Array;
}

function encode(parts: readonly Part[]): Buffer {
  const chunks = parts.flatMap(({ name, fileName, value }) => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`),
    Buffer.from(fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: image/png`),
    Buffer.from('\r\n\r\n'),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...chunks, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

const form = (...more: Part[]): Part[] => [
  { name: 'model', value: 'edit' },
  { name: 'prompt', value: '把猫画成蓝色' },
  ...more,
];
const picture = (name: string, size: number, fileName = 'cat.png'): Part => ({
  name,
  fileName,
  value: Buffer.concat([PNG, randomBytes(size)]),
});

function post(body: Uint8Array, type = `multipart/form-data; boundary=${BOUNDARY}`): Promise<Response> {
  return hub.fetch(EDITS, { method: 'POST', headers: { 'content-type': type }, body: new Uint8Array(body) });
}

async function expectRefusal(response: Response, status: number, code: string, param: string | null): Promise<void> {
  const body = (await response.json()) as { error: Record<string, unknown> };
  expect({ status: response.status, code: body.error['code'], param: body.error['param'] }).toEqual({
    status,
    code,
    param,
  });
  expect(upstream.requests).toEqual([]);
}

describe('POST /api/relay/v1/images/edits', () => {
  it('sends two pictures and every other byte to the upstream as they came', async () => {
    const parts = form(
      picture('image[]', 300_000, '../../etc/passwd'),
      { name: 'unknown', value: '12345678901234567890' },
      picture('image[]', 70_000, 'C:/windows/\u56fe.png'),
    );
    const body = encode(parts);
    const response = await post(body);
    expect(response.status).toBe(200);
    const { data } = (await response.json()) as { data: { b64_json: string }[] };
    expect(Buffer.from(data[0]!.b64_json, 'base64').subarray(0, PNG.length)).toEqual(PNG);

    const [record] = upstream.requests;
    const at = body.indexOf('edit');
    const expected = Buffer.concat([body.subarray(0, at), Buffer.from('gpt-image-1'), body.subarray(at + 4)]);
    expect(record!.body.equals(expected)).toBe(true);
    const files = parseMultipart(record!.body, record!.headers['content-type']!).filter(
      (part) => part.name === 'image[]',
    );
    expect(
      files.map((file) =>
        file.bytes.equals(Buffer.from(parts[parts.findIndex((part) => part.fileName === file.fileName)]!.value)),
      ),
    ).toEqual([true, true]);
  });

  it('takes what FormData and Blob make', async () => {
    const data = new FormData();
    data.append('image[]', new Blob([new Uint8Array(PNG)], { type: 'image/png' }), 'a "b".png');
    data.append('model', 'edit');
    data.append('prompt', 'x');
    const response = await hub.fetch(EDITS, { method: 'POST', body: data });
    expect(response.status).toBe(200);
  });

  it('sends the same upload to the next channel', async () => {
    upstream.script({ status: 500 });
    const body = encode(form(picture('image', 100_000)));
    expect((await post(body)).status).toBe(200);
    expect(second.requests[0]!.body.equals(upstream.requests[0]!.body)).toBe(true);
    expect(second.requests[0]!.body.length).toBe(body.length + 'gpt-image-1'.length - 'edit'.length);
  });

  it.each(['url', 'b64_json'])('gives the pictures as %s, which a gpt-image model does not know', async (wanted) => {
    const parts = form({ name: 'response_format', value: wanted }, picture('image', 10));
    const json = {
      model: 'edit',
      prompt: 'x',
      images: [{ image_url: 'https://a.test/b.png' }],
      response_format: wanted,
    };
    for (const response of [await post(encode(parts)), await hub.post(EDITS, json)]) {
      expect(response.status).toBe(200);
      const { data } = (await response.json()) as { data: Record<string, unknown>[] };
      expect(Object.keys(data[0]!)).toContain(wanted);
    }
    expect(upstream.requests).toHaveLength(2);
    for (const { body } of upstream.requests) expect(body.includes('response_format')).toBe(false);
  });

  it('streams, and keeps the upload no longer than the stream', async () => {
    const response = await post(encode(form(picture('image', 1000), { name: 'stream', value: 'true' })));
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(await response.text()).toContain('data: [DONE]');
  });

  it('makes no path out of a file name', async () => {
    const name = `ug-ai-hub-${randomBytes(8).toString('hex')}`;
    expect((await post(encode(form(picture('image', 10, `../../x/${name}`))))).status).toBe(200);
    expect((await post(encode(form(picture('image', 10, name))))).status).toBe(200);
    for (const folder of [tmpdir(), process.cwd(), resolve('..'), resolve('../..')]) {
      expect(existsSync(join(folder, name))).toBe(false);
    }
  });

  it('keeps the upload in a file nobody else may read, for as long as it is needed', async () => {
    upstream.script({ delay_ms: 300 });
    const answer = post(encode(form(picture('image', 1000))));
    await until(() => upstream.requests.length === 1);
    expect(spooledFiles().length).toBeGreaterThanOrEqual(1);
    expect((await answer).status).toBe(200);
    await until(() => spooledFiles().length === 0);
  });

  describe('refuses', () => {
    it.each([
      ['no model', [{ name: 'prompt', value: 'x' }, picture('image', 1)], 'missing_required_parameter', 'model'],
      ['no prompt', [{ name: 'model', value: 'edit' }, picture('image', 1)], 'missing_required_parameter', 'prompt'],
      ['no picture', form(), 'missing_required_parameter', 'image'],
      ['a picture without a file', form({ name: 'image', value: 'x' }), 'missing_required_parameter', 'image'],
      [
        'a model in a file',
        [picture('model', 1), { name: 'prompt', value: 'x' }],
        'missing_required_parameter',
        'model',
      ],
      [
        'a NUL in the model',
        [{ name: 'model', value: 'a\0' }, ...form(picture('image', 1)).slice(1)],
        'invalid_value',
        'model',
      ],
      ['two models', form(picture('image', 1), { name: 'model', value: 'dear' }), 'duplicate_parameter', 'model'],
      ['a model and a file called so', form(picture('model', 1), picture('image', 1)), 'duplicate_parameter', 'model'],
      [
        'n twice',
        form(picture('image', 1), { name: 'n', value: '1' }, { name: 'n', value: '10' }),
        'duplicate_parameter',
        'n',
      ],
      ['n in hexadecimal', form(picture('image', 1), { name: 'n', value: '0x1' }), 'invalid_value', 'n'],
      ['n of eleven', form(picture('image', 1), { name: 'n', value: '11' }), 'invalid_value', 'n'],
      ['stream "1"', form(picture('image', 1), { name: 'stream', value: '1' }), 'invalid_value', 'stream'],
    ] as [string, Part[], string, string][])('%s', async (_what, parts, code, param) => {
      await expectRefusal(await post(encode(parts)), 400, code, param);
    });

    it('10,000 parts', async () => {
      const parts = Array.from({ length: 10_000 }, (_, index) => ({ name: `x${index}`, value: 'x' }));
      await expectRefusal(await post(encode(form(...parts))), 400, 'invalid_multipart', null);
    });

    it('a body without its closing boundary', async () => {
      const body = encode(form(picture('image', 1000)));
      await expectRefusal(await post(body.subarray(0, body.length - 6)), 400, 'invalid_multipart', null);
    });

    it.each([
      ['no boundary', 'multipart/form-data'],
      ['another boundary', 'multipart/form-data; boundary=other'],
      ['two boundaries', `multipart/form-data; boundary=other; boundary=${BOUNDARY}`],
    ])('%s', async (_what, type) => {
      await expectRefusal(await post(encode(form(picture('image', 10))), type), 400, 'invalid_multipart', null);
    });

    it('another content type', async () => {
      await expectRefusal(
        await post(Buffer.from('a=b'), 'application/x-www-form-urlencoded'),
        415,
        'unsupported_media_type',
        null,
      );
    });

    it('one gigabyte that is only announced, unread', async () => {
      const client = await RawClient.connect(hub.port);
      const headers = [
        `authorization: Bearer ${hub.apiKey}`,
        `content-type: multipart/form-data; boundary=${BOUNDARY}`,
        'content-length: 1073741824',
      ];
      client.send(rawRequest({ method: 'POST', path: EDITS, headers }));
      expect(parseResponse(await client.readToEnd()).status).toBe(413);
      client.close();
    });

    it('more than the limit, sent in chunks', async () => {
      const body = encode(form(picture('image', UPLOAD_BYTES_MAX)));
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new Uint8Array(body));
          controller.close();
        },
      });
      const type = `multipart/form-data; boundary=${BOUNDARY}`;
      const init = { method: 'POST', headers: { 'content-type': type }, body: stream, duplex: 'half' };
      await expectRefusal(await hub.fetch(EDITS, init as RequestInit), 413, 'request_too_large', null);
    });
  });

  it('leaves no file behind when the client breaks off while sending', async () => {
    const client = await RawClient.connect(hub.port);
    const headers = [
      `authorization: Bearer ${hub.apiKey}`,
      `content-type: multipart/form-data; boundary=${BOUNDARY}`,
      'content-length: 1000000',
    ];
    client.send(rawRequest({ method: 'POST', path: EDITS, headers }));
    client.send(encode(form(picture('image', 100_000))).subarray(0, 50_000));
    await until(() => spooledFiles().length >= 1);
    client.reset();
    await until(() => spooledFiles().length === 0);
    await until(() => hub.logs.some((line) => line['code'] === 'client_closed_request'));
    expect(upstream.requests).toEqual([]);
  });

  it('leaves no file behind when the client leaves while the upstream works', async () => {
    upstream.script({ stall_headers: true });
    const client = await RawClient.connect(hub.port);
    const headers = [`authorization: Bearer ${hub.apiKey}`, `content-type: multipart/form-data; boundary=${BOUNDARY}`];
    client.send(rawRequest({ method: 'POST', path: EDITS, headers, body: encode(form(picture('image', 1000))) }));
    await until(() => upstream.executions === 1);
    client.reset();
    await until(() => spooledFiles().length === 0);
    await until(() => upstream.requests[0]!.abortedAt !== undefined);
    expect(second.requests).toEqual([]);
  });
});
