import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RunRegistry } from '../../src/relay/run-registry.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { type RawResponse, rawRequest, sendRaw } from '../support/raw-client.js';
import { until } from '../support/until.js';

const RELAY = '/api/relay/v1';
const CHAT = `${RELAY}/chat/completions`;
const QUESTION = { model: 'gpt-4', messages: [{ role: 'user', content: 'x' }] };

let upstream: FakeUpstream;
const MODERATIONS = `${RELAY}/moderations`;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub({ channels: [{ name: 'main', baseUrl: upstream.url }] });
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());
afterEach(() => until(() => hub.app.get(RunRegistry).size === 0));

interface Request {
  readonly method?: string;
  readonly path: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

function send({ method, path, headers = [], body }: Request): Promise<RawResponse> {
  const all = [`authorization: Bearer ${hub.apiKey}`, 'connection: close', ...headers];
  return sendRaw(hub.port, rawRequest({ method, path, headers: all, body }));
}

const json = (method: string, path: string, body: string): Request => ({
  method,
  path,
  headers: ['content-type: application/json'],
  body,
});

/** The one shape of errors on relay routes. */
function expectRelayError(response: RawResponse, status: number, code: string, param: string | null = null): void {
  const body = JSON.parse(response.body) as { error: { message: string }; message: string };
  expect({ status: response.status, ...body }).toEqual({
    status,
    error: { message: expect.stringMatching(/\S{3}.*[.)]$/s), type: expect.any(String), param, code },
    message: body.error.message,
  });
  expectHeaders(response);
}

/** The one shape of errors elsewhere. */
function expectPlainError(response: RawResponse, status: number, code: string): void {
  const expected = { success: false, message: expect.stringMatching(/\S{3}.*\.$/), code };
  expect({ status: response.status, ...JSON.parse(response.body) }).toEqual({ status, ...expected });
  expectHeaders(response);
}

function expectHeaders(response: RawResponse): void {
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(response.headers['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/);
  expect(response.headers['x-should-retry']).toBe('false');
  expect(response.body).not.toMatch(/\bat .+:\d+|node_modules|Error:|select |127\.0\.0\.1|localhost/i);
}

describe('a refusal on a relay route', () => {
  it.each<[string, Request, number, string, string | null]>([
    ['an unknown route', { path: `${RELAY}/batches` }, 404, 'unknown_url', null],
    ['an unknown route, posted', json('POST', `${RELAY}/fine_tuning/jobs`, '{}'), 404, 'unknown_url', null],
    ['an unknown model', { path: `${RELAY}/models/none` }, 404, 'model_not_found', 'model'],
    ['a default model that is missing', json('POST', MODERATIONS, '{"input":"a"}'), 404, 'model_not_found', 'model'],
    ['another method', json('PUT', CHAT, '{}'), 405, 'method_not_allowed', null],
    ['no content type', { method: 'POST', path: CHAT, body: '{}' }, 415, 'unsupported_media_type', null],
    [
      'text',
      { method: 'POST', path: CHAT, headers: ['content-type: text/plain'], body: '{}' },
      415,
      'unsupported_media_type',
      null,
    ],
    [
      'a form',
      {
        method: 'POST',
        path: `${RELAY}/embeddings`,
        headers: ['content-type: multipart/form-data; boundary=x'],
        body: 'x',
      },
      415,
      'unsupported_media_type',
      null,
    ],
    ['an empty body', json('POST', CHAT, ''), 400, 'invalid_json', null],
    ['broken JSON', json('POST', CHAT, '{"model":'), 400, 'invalid_json', null],
    ['no model', json('POST', CHAT, '{"messages":[]}'), 400, 'missing_required_parameter', 'model'],
    [
      'a message that is none',
      json('POST', CHAT, '{"model":"gpt-4","messages":[{"role":"user","content":"x"},5]}'),
      400,
      'invalid_value',
      'messages[1]',
    ],
    ['no input', json('POST', `${RELAY}/embeddings`, '{"model":"gpt-4"}'), 400, 'missing_required_parameter', 'input'],
    [
      'no prompt',
      json('POST', `${RELAY}/images/generations`, '{"model":"gpt-4"}'),
      400,
      'missing_required_parameter',
      'prompt',
    ],
    ['a broken escape in the address', { path: `${RELAY}/models/%zz` }, 400, 'bad_request', null],
    [
      'a query parameter of the wrong kind',
      { path: `${CHAT}?model=gpt-4&messages=x` },
      400,
      'invalid_json',
      'messages',
    ],
  ])('(%s) has the OpenAI envelope', async (_what, request, status, code, param) => {
    expectRelayError(await send(request), status, code, param);
    expect(upstream.requests).toEqual([]);
  });

  it.each([
    ['{"input":"a"}', /^"model" is not given.* ask the operator to add "omni-moderation-latest"/],
    ['{"input":"a","model":"omni-moderation-latest"}', /^The model "omni-moderation-latest" does not exist/],
  ])('of a model says who has named it: %s', async (body, message) => {
    const { error } = JSON.parse((await send(json('POST', MODERATIONS, body))).body);
    expect(error.message).toMatch(message);
  });

  it('of an unknown route names the routes that are served', async () => {
    const { body } = await send({ path: `${RELAY}/batches` });
    const { message } = JSON.parse(body) as { message: string };
    for (const route of [
      `POST ${CHAT}`,
      `GET ${CHAT}`,
      `GET ${RELAY}/models`,
      `GET ${RELAY}/models/{id}`,
      `POST ${RELAY}/embeddings`,
    ]) {
      expect(message).toContain(route);
    }
    expect(message).toContain(`POST ${RELAY}/images/edits`);
  });

  it.each([
    [CHAT, 'PUT', 'GET, POST'],
    [CHAT, 'DELETE', 'GET, POST'],
    [`${RELAY}/embeddings`, 'GET', 'POST'],
    [`${RELAY}/models`, 'POST', 'GET'],
    [`${RELAY}/models/a/b`, 'DELETE', 'GET'],
    // A HEAD would run the whole request, and somebody would pay for it.
    [`${CHAT}?model=gpt-4&messages=%5B%7B%22role%22%3A%22user%22%2C%22content%22%3A%22x%22%7D%5D`, 'HEAD', 'GET, POST'],
  ])('of %s with %s says what is allowed', async (path, method, allow) => {
    const response = await send({ method, path });
    expect(response.status).toBe(405);
    expect(response.headers['allow']).toBe(allow);
    expect(upstream.requests).toEqual([]);
  });
});

describe('a body that no handler asks for', () => {
  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])('is not parsed with %s', async (method) => {
    const response = await send(json(method, CHAT, '{"model":'));
    expect([404, 405]).toContain(response.status);
  });
});

describe('a refusal elsewhere', () => {
  it.each<[string, Request, number, string]>([
    ['an unknown route', { path: '/api/nothing' }, 404, 'not_found'],
    ['the root', { path: '/' }, 404, 'not_found'],
    ['the root with another method', { method: 'POST', path: '/' }, 404, 'not_found'],
    ['a route outside', { path: '/v1/chat/completions' }, 404, 'not_found'],
    ['another method', { method: 'DELETE', path: '/api/health' }, 405, 'method_not_allowed'],
    ['a broken escape', { path: '/api/%' }, 400, 'bad_request'],
  ])('(%s) has the plain shape', async (_what, request, status, code) => {
    expectPlainError(await send(request), status, code);
  });
});

describe('a failure inside', () => {
  it('shows nothing but an id, and the log shows the rest', async () => {
    const runs = hub.app.get(RunRegistry);
    const { admit } = runs;
    runs.admit = () => Promise.reject(new Error('select secret from /srv/hub/src/table.ts'));
    try {
      const response = await send(json('POST', CHAT, JSON.stringify(QUESTION)));
      expect(response.status).toBe(500);
      expect(response.body).not.toMatch(/select|srv|table|Error/);
      expect(JSON.parse(response.body).error.code).toBe('internal_error');
      const id = response.headers['x-request-id'];
      await until(() => hub.logs.some((line) => line['id'] === id && String(line['detail']).includes('select secret')));
    } finally {
      runs.admit = admit;
    }
  });

  it('of the upstream never shows its host, words or credential', async () => {
    upstream.script({ status: 401, body: { error: { message: `no key {{authorization}} at ${upstream.url}` } } });
    const response = await send(json('POST', CHAT, JSON.stringify(QUESTION)));
    expect(response.status).toBe(503);
    expect(response.body).not.toMatch(/upstream-credential|127\.0\.0\.1|Bearer/);
    expect(hub.logText()).not.toContain('upstream-credential');
  });
});

describe('an address that is not the canonical one', () => {
  const wrongKey = ['authorization: Bearer wrong'];
  it.each([
    ['a double slash', '/api//relay/v1/models'],
    ['a double slash in front', '//api/relay/v1/models'],
    ['a dot segment', '/api/x/../relay/v1/models'],
    ['an encoded dot segment', '/api/x/%2e%2e/relay/v1/models'],
    ['an encoded slash', '/api%2frelay/v1/models'],
    ['an encoded letter', '/api/rel%61y/v1/models'],
    ['a twice encoded letter', '/api/rel%2561y/v1/models'],
    ['a path parameter', '/api/relay/v1/models;a=b'],
    ['a path parameter inside', '/api/relay;a=b/v1/models'],
    ['other case', '/API/Relay/v1/models'],
    ['a slash at the end', '/api/relay/v1/models/'],
    ['a backslash', '/api\\relay\\v1\\models'],
    ['a fragment', '/api/relay/v1/models#x'],
    ['an absolute address', 'http://other.example/api/relay/v1/models'],
    ['a NUL behind', '/api/relay/v1/models%00'],
    ['an overlong dot', '/api/x/%c0%ae%c0%ae/relay/v1/models'],
    ['a full-width letter', '/api/relay/v1/%ef%bd%8dodels'],
  ])('(%s) is served only to who may, or not at all', async (_what, path) => {
    const bytes = (headers: readonly string[]): Buffer =>
      rawRequest({ path, headers: [...headers, 'connection: close'] });
    const refused = await sendRaw(hub.port, bytes(wrongKey));
    expect([400, 401, 404]).toContain(refused.status);
    const allowed = await send({ path });
    if (refused.status === 401) expect([200, 404]).toContain(allowed.status);
    else expect(allowed.status).toBe(refused.status);
    for (const { body, headers } of [refused, allowed]) {
      expect(body).not.toMatch(/Error:|node_modules/);
      expect(headers['x-request-id']).toMatch(/^req_/);
    }
  });

  it.each(['/', '/v1/models', '/api/v1/models', '/relay/v1/models', '/chat/completions', '/v1/messages'])(
    'that is %s, as without its beginning, is told the base URLs',
    async (path) => {
      const { status, body } = await send({ path });
      expect([status, JSON.parse(body)]).toEqual([
        404,
        {
          success: false,
          code: 'not_found',
          message: expect.stringMatching(/\/api\/relay\/v1,.*\/api\/relay\/anthropic/),
        },
      ]);
    },
  );

  it('of a list of routes names what is open in a route in one way', async () => {
    const { body } = await send({ path: `${RELAY}/nothing` });
    expect(body).toContain(`GET ${RELAY}/videos/{id},`);
    expect(body).not.toContain('/:');
  });

  it('in absolute form is the same route with the same errors', async () => {
    expect((await send({ path: `http://hub.test${RELAY}/models` })).status).toBe(200);
    expectRelayError(await send({ path: `http://hub.test${RELAY}/nothing` }), 404, 'unknown_url');
  });

  it.each([
    'x-http-method-override: GET',
    'x-http-method: GET',
    'x-method-override: GET',
    'x-original-url: /api/health',
    'x-rewrite-url: /api/health',
  ])('"%s" changes nothing', async (header) => {
    const request = { method: 'DELETE', path: `${RELAY}/models`, headers: [header] };
    expect((await send(request)).status).toBe(405);
    const response = await sendRaw(
      hub.port,
      rawRequest({ path: `${RELAY}/models`, headers: [header, 'connection: close'] }),
    );
    expect(response.status).toBe(401);
  });

  it.each(['PROPFIND', 'TRACE', 'PURGE'])('%s is no way in', async (method) => {
    expect([404, 405]).toContain((await send({ method, path: `${RELAY}/models` })).status);
  });
});
