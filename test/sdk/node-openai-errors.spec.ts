import OpenAI from 'openai';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { freePort } from '../support/free-port.js';
import { within } from '../support/quiet-clock.js';
import { until } from '../support/until.js';
import {
  DEAD_MODEL,
  FAKE_MODEL,
  LIMITED_MODEL,
  REFUSED_CREDENTIAL,
  REFUSED_MODEL,
  type SdkHub,
  startSdkHub,
} from './sdk-hub.js';

// What the official Node SDK throws, and how often it asks.

let sdk: SdkHub;
let client: OpenAI;

beforeAll(async () => {
  sdk = await startSdkHub();
  client = new OpenAI({ apiKey: sdk.hub.apiKey, baseURL: sdk.baseUrl });
});
afterAll(() => sdk.close());
afterEach(() => sdk.upstream.reset());

const REQUEST_ID = expect.stringMatching(/^req_[0-9a-f]{32}$/);

function ask(model: string = FAKE_MODEL, overrides: object = {}, from: OpenAI = client) {
  return from.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hello' }], ...overrides });
}

/** The error of a call, and how many requests the hub has seen of it. */
async function failureOf(call: () => PromiseLike<unknown>): Promise<{ error: unknown; requestCount: number }> {
  const seen = () => sdk.hub.logs.filter((line) => line['msg'] === 'request').length;
  const before = seen();
  const error: unknown = await Promise.resolve(call()).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, requestCount: seen() - before };
}

describe('errors that the caller can mend are thrown at once, with the class of their status', () => {
  it.each([
    {
      title: '400: no messages',
      call: () => ask('gpt-4', { messages: undefined }),
      type: () => OpenAI.BadRequestError,
      fields: { status: 400, code: 'missing_required_parameter', param: 'messages' },
    },
    {
      title: '400: a value that cannot be',
      call: () => ask('gpt-4', { temperature: 7 }),
      type: () => OpenAI.BadRequestError,
      fields: { status: 400, param: 'temperature' },
    },
    {
      title: '401: a key that nobody has',
      call: () => ask('gpt-4', {}, new OpenAI({ apiKey: 'sk-wrong', baseURL: sdk.baseUrl })),
      type: () => OpenAI.AuthenticationError,
      fields: { status: 401, code: 'invalid_api_key' },
    },
    {
      title: '401: a key whose time is over',
      call: async () => {
        const { key } = await sdk.hub.createKey({ expiresAt: new Date(Date.now() - 1000) });
        return ask('gpt-4', {}, new OpenAI({ apiKey: key, baseURL: sdk.baseUrl }));
      },
      type: () => OpenAI.AuthenticationError,
      fields: { status: 401, code: 'invalid_api_key', message: expect.stringContaining('expired') },
    },
    {
      title: '403: a revoked key',
      call: async () => ask('gpt-4', {}, new OpenAI({ apiKey: await sdk.revokedKey(), baseURL: sdk.baseUrl })),
      type: () => OpenAI.PermissionDeniedError,
      fields: { status: 403, code: 'key_revoked' },
    },
    {
      title: '403: a key for other addresses',
      call: async () => {
        const { key } = await sdk.hub.createKey({ ipAllowList: ['192.0.2.0/24'] });
        return ask('gpt-4', {}, new OpenAI({ apiKey: key, baseURL: sdk.baseUrl }));
      },
      type: () => OpenAI.PermissionDeniedError,
      fields: { status: 403, code: 'key_not_allowed' },
    },
    {
      title: '404: a model that is not there',
      call: () => ask('gpt-17'),
      type: () => OpenAI.NotFoundError,
      fields: { status: 404, code: 'model_not_found', param: 'model' },
    },
    {
      title: '404: a part of the API that the hub does not have',
      call: () => client.fineTuning.jobs.list(),
      type: () => OpenAI.NotFoundError,
      fields: { status: 404, code: 'unknown_url', message: expect.stringContaining('/chat/completions') },
    },
    {
      title: '413: a body over the limit',
      call: () => ask('gpt-4', { messages: [{ role: 'user', content: 'x'.repeat(200_000) }] }),
      type: () => OpenAI.APIError,
      fields: { status: 413, code: 'request_too_large' },
    },
  ])('$title', async ({ call, type, fields }) => {
    const { error, requestCount } = await failureOf(call);
    expect(error).toBeInstanceOf(type());
    expect(error).toMatchObject({ type: 'invalid_request_error', requestID: REQUEST_ID, ...fields });
    expect(requestCount).toBe(1);
  });
});

describe('errors of the upstream', () => {
  const refusal = (status: number): Directive => ({
    status,
    body: { error: { message: 'Not like this.', type: 'x' } },
  });

  it.each([
    [400, () => OpenAI.BadRequestError],
    [422, () => OpenAI.UnprocessableEntityError],
  ])('%i stays what it is, and is not tried again', async (status, type) => {
    sdk.upstream.script(refusal(status));
    const { error, requestCount } = await failureOf(() => ask());
    expect(error).toBeInstanceOf(type());
    expect(error).toMatchObject({ status, message: `${status} Not like this.`, requestID: REQUEST_ID });
    expect([requestCount, sdk.upstream.requests.length]).toEqual([1, 1]);
  });

  it.each<[string, Directive, object]>([
    ['500', { status: 500 }, { status: 502, code: 'upstream_error' }],
    ['503', { status: 503 }, { status: 503, code: 'upstream_overloaded' }],
    ['a page instead of JSON', { html: true }, { status: 502, code: 'upstream_invalid_response' }],
    ['no answer in time', { stall_headers: true }, { status: 504, code: 'upstream_timeout' }],
  ])(
    '%s is an InternalServerError that the SDK does not repeat, for the hub has done what it could',
    async (_, fault, fields) => {
      sdk.upstream.script(fault);
      const { error, requestCount } = await failureOf(() => ask());
      expect(error).toBeInstanceOf(OpenAI.InternalServerError);
      expect(error).toMatchObject({ ...fields, type: 'server_error', requestID: REQUEST_ID });
      expect(requestCount).toBe(1);
    },
  );

  it('an upstream that is not there is an InternalServerError', async () => {
    const { error, requestCount } = await failureOf(() => ask(DEAD_MODEL));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({ status: 502, code: 'upstream_unreachable' });
    expect(requestCount).toBe(1);
  });

  it("a refusal of the hub's own credential is not the caller's AuthenticationError", async () => {
    sdk.upstream.scriptKey(REFUSED_CREDENTIAL, { status: 401 });
    const { error } = await failureOf(() => ask(REFUSED_MODEL));
    expect(error).not.toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error).toMatchObject({ status: 503, code: 'upstream_auth_error' });
  });
});

describe('429', () => {
  it('is tried again after the time that Retry-After gives', async () => {
    sdk.upstream.script(() => (sdk.upstream.requests.length === 1 ? { retry_after: 1 } : undefined));
    const completion = await ask(LIMITED_MODEL);
    expect(completion.choices[0]?.finish_reason).toBe('stop');
    const [first, second, ...more] = sdk.upstream.requests;
    expect(more).toEqual([]);
    expect(second!.receivedAt - first!.receivedAt).toBeGreaterThanOrEqual(1000);
  });

  it('is a RateLimitError when it stays, after as many tries as the SDK is told', async () => {
    sdk.upstream.script({ retry_after: 1 });
    const { error, requestCount } = await failureOf(() =>
      client.chat.completions.create(
        { model: LIMITED_MODEL, messages: [{ role: 'user', content: 'Hi' }] },
        { maxRetries: 1 },
      ),
    );
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded', requestID: REQUEST_ID });
    expect((error as InstanceType<typeof OpenAI.RateLimitError>).headers.get('retry-after')).toBe('1');
    expect(requestCount).toBe(2);
  });
});

describe('without an answer', () => {
  it('a hub that is not there is an APIConnectionError', async () => {
    const nobody = new OpenAI({
      apiKey: sdk.hub.apiKey,
      baseURL: `http://127.0.0.1:${await freePort()}/api/relay/v1`,
      maxRetries: 0,
    });
    const { error } = await failureOf(() => ask('gpt-4', {}, nobody));
    expect(error).toBeInstanceOf(OpenAI.APIConnectionError);
  });

  // Inside jest the SDK does not know the runtime's abort error for what it is, else this were its APIConnectionTimeoutError.
  it('a call whose time is over is an APIConnectionError, and ends the work upstream', async () => {
    sdk.upstream.script({ stall_after: 1 });
    const { error } = await failureOf(() =>
      client.chat.completions.create(
        { model: FAKE_MODEL, messages: [{ role: 'user', content: 'Hi' }] },
        // Long enough for the upstream to have it before.
        { timeout: 1_000, maxRetries: 0 },
      ),
    );
    expect(error).toBeInstanceOf(OpenAI.APIConnectionError);
    await within(500, () => sdk.upstream.requests[0]?.abortedAt);
  });

  it('a call that the caller aborts is an APIUserAbortError', async () => {
    sdk.upstream.script({ stall_after: 1 });
    const abort = new AbortController();
    const { error } = await failureOf(async () => {
      const asked = client.chat.completions.create(
        { model: FAKE_MODEL, messages: [{ role: 'user', content: 'Hi' }] },
        { signal: abort.signal },
      );
      void until(() => sdk.upstream.requests.length === 1).then(() => abort.abort());
      return await asked;
    });
    expect(error).toBeInstanceOf(OpenAI.APIUserAbortError);
  });
});
