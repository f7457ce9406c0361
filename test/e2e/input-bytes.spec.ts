import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RunRegistry } from '../../src/relay/run-registry.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { rawRequest, sendRaw } from '../support/raw-client.js';
import { until } from '../support/until.js';

const CHAT = '/api/relay/v1/chat/completions';
const EMBEDDINGS = '/api/relay/v1/embeddings';
const IMAGES = '/api/relay/v1/images/generations';

let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const models = new Map([
    ['gpt-4', 'upstream-name'],
    ['same', 'same'],
    ['dall-e-3', 'dall-e-3'],
    ['text-embedding-3-small', 'text-embedding-3-small'],
  ]);
  // Free of charge: what costs something gets a cap on its output when the caller gave none.
  const free = ['gpt-4', 'same'].map((id) => ({ id, price: { perRequest: '0' } }));
  hub = await startHub({ channels: [{ name: 'main', baseUrl: upstream.url, models }], models: free });
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());
afterEach(() => until(() => hub.app.get(RunRegistry).size === 0));

/** Posts bytes as they are. */
function postBytes(path: string, body: Uint8Array | string): Promise<Response> {
  const bytes = new Uint8Array(Buffer.from(body));
  return hub.fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: bytes });
}

async function expectBadRequest(response: Response, code: string, param: string | null): Promise<void> {
  const body = (await response.json()) as { error: Record<string, unknown> };
  expect({ status: response.status, code: body.error['code'], param: body.error['param'] }).toEqual({
    status: 400,
    code,
    param,
  });
  expect(response.headers.get('x-should-retry')).toBe('false');
  expect(upstream.requests).toEqual([]);
}

const sentBody = (): string => upstream.requests.at(-1)!.body.toString('utf8');

describe('the body at the upstream', () => {
  it('is byte for byte the one that was sent, but for the model', async () => {
    const body =
      '\n{ "seed" : 9007199254740993 ,\t"temperature":1.0e0, "zzz":{"b":1,"a":[1.10,-0,1E400]},"model"  :\n"gpt-4" , ' +
      '"messages":[{"role":"user","content":"\\u00e9é\\/😀\\ud83d\\ude00","x":0.1000}],"a\\u0062":"dup","ab":"dup","ab":2 } \r\n';
    const response = await postBytes(CHAT, body);
    expect(response.status).toBe(200);
    expect(sentBody()).toBe(body.replace('"gpt-4"', '"upstream-name"'));
  });

  it('is sent untouched when the model is called the same', async () => {
    const body = '{"messages":[{"role":"user","content":"x"}],"seed":9007199254740993,"model":"same"}';
    expect((await postBytes(CHAT, body)).status).toBe(200);
    expect(sentBody()).toBe(body);
  });

  it('of a stream differs in the model and stream_options only', async () => {
    const fields = '"seed":9007199254740993,"stream":true,"messages":[{"role":"user","content":"x"}] ';
    const response = await postBytes(CHAT, `{"model":"gpt-4",${fields}}`);
    await response.text();
    expect(sentBody()).toBe(`{"model":"upstream-name",${fields},"stream_options":{"include_usage":true}}`);
  });

  it.each([
    [EMBEDDINGS, '{"input":["x",  "y"],"unknown":12345678901234567890,"model":"text-embedding-3-small"}'],
    [IMAGES, '{"prompt":"x","unknown":12345678901234567890,"model":"dall-e-3","response_format":"b64_json"}'],
  ])('of %s keeps big numbers and unknown fields', async (path, body) => {
    expect((await postBytes(path, body)).status).toBe(200);
    expect(sentBody()).toContain('"unknown":12345678901234567890');
  });
});

describe('NUL', () => {
  it('in texts reaches the upstream as it was written', async () => {
    const body =
      '{"model":"gpt-4","user":"a\\u0000b","metadata":{"k\\u0000":"v\\u0000"},"messages":[{"role":"user","name":"n\\u0000",' +
      '"content":"a\\u0000b"}],"tools":[{"type":"function","function":{"name":"t\\u0000","parameters":{}}}]}';
    expect((await postBytes(CHAT, body)).status).toBe(200);
    expect(sentBody()).toBe(body.replace('"gpt-4"', '"upstream-name"'));
  });

  it.each([
    [CHAT, '{"model":"gpt\\u00004","messages":[{"role":"user","content":"x"}]}'],
    [EMBEDDINGS, '{"model":"gpt\\u00004","input":"x"}'],
    [IMAGES, '{"model":"gpt\\u00004","prompt":"x"}'],
  ])('in the model name of %s is refused', async (path, body) => {
    await expectBadRequest(await postBytes(path, body), 'invalid_value', 'model');
  });

  it('as a raw byte is refused: JSON has none', async () => {
    await expectBadRequest(
      await postBytes(CHAT, '{"model":"gpt-4","messages":[{"role":"user","content":"\0"}]}'),
      'invalid_json',
      null,
    );
  });

  it('in the name of a model in the address is answered with 404', async () => {
    expect((await hub.fetch('/api/relay/v1/models/gpt%004')).status).toBe(404);
  });

  it.each(['prompt', 'input', 'user'])('in "%s" of other operations gives no 500', async (name) => {
    const embeddings = { model: 'text-embedding-3-small', input: 'x', [name]: 'a\u0000b' };
    expect((await hub.post(EMBEDDINGS, embeddings)).status).toBe(200);
    const images = { model: 'dall-e-3', prompt: 'x', [name]: 'a\u0000b' };
    expect((await hub.post(IMAGES, images)).status).toBe(200);
  });
});

describe('bytes that are not UTF-8', () => {
  it.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an encoded surrogate', [0xed, 0xa0, 0x80]],
    ['a cut four-byte character', [0xf0, 0x9f, 0x98]],
    ['above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['0xFF', [0xff]],
  ])('(%s) are refused', async (_what, bytes) => {
    const [head, tail] = ['{"model":"gpt-4","messages":[{"role":"user","content":"', '"}]}'].map((text) =>
      Buffer.from(text),
    );
    await expectBadRequest(
      await postBytes(CHAT, Buffer.concat([head!, Buffer.from(bytes), tail!])),
      'invalid_json',
      null,
    );
  });

  it('in UTF-16 are refused', async () => {
    const body = Buffer.from('{"model":"gpt-4","messages":[]}', 'utf16le');
    await expectBadRequest(await postBytes(CHAT, body), 'invalid_json', null);
  });
});

describe('unusual characters', () => {
  it.each([
    ['a lone high surrogate', '\\ud800'],
    ['a lone low surrogate', '\\udc00x'],
    ['U+FFFE', '\ufffe'],
    ['U+FFFF and U+FEFF', '\uffff\ufeff'],
    ['four bytes', '😀𠮷'],
    ['line separators', '\u2028\u2029'],
  ])('(%s) reach the upstream as they were written', async (_what, text) => {
    const body = `{"model":"gpt-4","messages":[{"role":"user","content":"${text}"}]}`;
    expect((await postBytes(CHAT, body)).status).toBe(200);
    expect(sentBody()).toBe(body.replace('"gpt-4"', '"upstream-name"'));
  });

  it('a lone surrogate is no part of a model name', async () => {
    await expectBadRequest(await postBytes(CHAT, '{"model":"gpt\\ud800","messages":[]}'), 'invalid_value', 'model');
  });
});

describe('hostile size', () => {
  it.each([
    ['100,000 open brackets', '['.repeat(100_000)],
    [
      '100,000 brackets inside a field',
      `{"model":"gpt-4","messages":[],"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    ],
    ['100,000 nested objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['a million keys', `{${Array.from({ length: 1_000_000 }, (_, i) => `"k${i}":1`).join(',')}}`],
    ['a million equal keys', `{${'"k":1,'.repeat(999_999)}"k":1}`],
  ])('(%s) is refused', async (_what, body) => {
    await expectBadRequest(await postBytes(CHAT, body), 'invalid_json', null);
  });

  it('a text of 10 MB is passed on', async () => {
    const content = '中'.repeat(3_500_000);
    expect((await hub.post(CHAT, { model: 'gpt-4', messages: [{ role: 'user', content }] })).status).toBe(200);
    expect(JSON.parse(sentBody()).messages[0].content.length).toBe(content.length);
  });
});

describe('names of object prototypes', () => {
  it('pass through and change nothing in the hub', async () => {
    const body =
      '{"__proto__":{"polluted":1,"stream":true},"constructor":{"prototype":{"polluted":1}},"model":"gpt-4",' +
      '"messages":[{"role":"user","content":"x","__proto__":{"polluted":1}}],"toString":1,"hasOwnProperty":null}';
    const response = await postBytes(CHAT, body);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(sentBody()).toBe(body.replace('"gpt-4"', '"upstream-name"'));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('do not stand in for missing fields', async () => {
    await expectBadRequest(
      await postBytes(CHAT, '{"__proto__":{"model":"gpt-4","messages":[{}]}}'),
      'missing_required_parameter',
      'model',
    );
  });

  it.each(['__proto__', 'constructor', 'toString'])('"%s" is no model', async (name) => {
    expect((await hub.post(CHAT, { model: name, messages: [{ role: 'user', content: 'x' }] })).status).toBe(404);
    expect((await hub.fetch(`/api/relay/v1/models/${name}`)).status).toBe(404);
    const query = await hub.fetch(`${CHAT}?model=gpt-4&messages=[]&${name}=1`);
    await expectBadRequest(query, 'unknown_parameter', name);
  });
});

describe('a field that is given twice', () => {
  it.each(['model', 'messages', 'stream', 'stream_options', 'n', 'max_tokens', 'max_completion_tokens'])(
    'is refused when the hub reads it: "%s"',
    async (name) => {
      const body = `{"model":"gpt-4","messages":[{"role":"user","content":"x"}],"${name}":1,"${name}":2}`;
      await expectBadRequest(await postBytes(CHAT, body), 'duplicate_parameter', name);
    },
  );

  it('is recognised under its escaped name', async () => {
    const body = '{"model":"gpt-4","\\u006dodel":"expensive","messages":[{"role":"user","content":"x"}]}';
    await expectBadRequest(await postBytes(CHAT, body), 'duplicate_parameter', 'model');
  });

  it('is refused in the query form', async () => {
    const response = await hub.fetch(`${CHAT}?model=gpt-4&model=same&messages=[]`);
    await expectBadRequest(response, 'duplicate_parameter', 'model');
  });
});

describe('what a caller says in headers', () => {
  it('does not reach the upstream', async () => {
    const response = await sendRaw(
      hub.port,
      rawRequest({
        method: 'POST',
        path: CHAT,
        headers: [
          `authorization: Bearer ${hub.apiKey}`,
          'content-type: application/json; charset=utf-8; x="\xe9"',
          'connection: close, x-injected',
          'x-injected: 1',
          'openai-organization: org-of-the-caller',
          'cookie: a=b',
          'user-agent: caller\xff',
          'x-forwarded-for: 203.0.113.9',
          'accept-encoding: gzip, br',
          'te: trailers',
        ],
        body: '{"model":"gpt-4","messages":[{"role":"user","content":"x"}]}',
      }),
    );
    expect(response.status).toBe(200);
    const { rawHeaders } = upstream.requests[0]!;
    const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    expect(names.sort()).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
    ]);
    expect(upstream.requests[0]!.headers).toMatchObject({
      'accept-encoding': 'identity',
      authorization: 'Bearer upstream-credential-of-the-test',
      'content-type': 'application/json',
      'user-agent': 'ug-ai-hub',
    });
  });

  it.each([
    ['in the model', { model: 'gpt-4\r\nx-injected: 1' }, 400],
    ['in an unknown field', { model: 'gpt-4', 'x\r\ny': 'a\r\nx-injected: 1' }, 200],
    ['in an image size', { model: 'gpt-4', size: '1\r\nx-injected: 1' }, 200],
  ])('a line break %s makes no header', async (_where, fields, status) => {
    const response = await hub.post(CHAT, { messages: [{ role: 'user', content: 'x' }], ...fields });
    expect(response.status).toBe(status);
    expect(response.headers.get('x-injected')).toBeNull();
    for (const request of upstream.requests) expect(request.headers['x-injected']).toBeUndefined();
  });

  it('an upstream header with odd characters is not passed on', async () => {
    upstream.script({ headers: { 'openai-version': 'caf\u00e9', 'x-injected': '1', 'set-cookie': 'a=b' } });
    const response = await hub.post(CHAT, { model: 'gpt-4', messages: [{ role: 'user', content: 'x' }] });
    expect(response.status).toBe(200);
    for (const name of ['openai-version', 'x-injected', 'set-cookie']) expect(response.headers.get(name)).toBeNull();
  });
});
