import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { fakeCommand } from '../support/fake-upstream.js';
import { launch } from '../support/hub-process.js';
import { describeWithServer } from '../support/server-suite.js';
import { findPython } from './find-python.js';
import {
  FAKE_MODEL,
  LIMITED_MODEL,
  REFUSED_CREDENTIAL,
  REFUSED_MODEL,
  type SdkHub,
  startSdkHub,
  VIDEO_MODEL,
} from './sdk-hub.js';

// The official Python SDK. The scripts in `python/` print what they got.

const PYTHON = findPython();

describeWithServer('the Python package openai', PYTHON, 'the Python SDK', () => {
  let sdk: SdkHub;
  beforeAll(async () => {
    sdk = await startSdkHub();
  });
  afterAll(() => sdk.close());
  afterEach(() => sdk.upstream.reset());

  /** Runs Python with address and key of the hub where the SDK looks for them, and gives what it printed. */
  async function python(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    const settings = {
      OPENAI_BASE_URL: sdk.baseUrl,
      OPENAI_API_KEY: sdk.hub.apiKey,
      PYTHONIOENCODING: 'utf-8',
      ...env,
    };
    const child = launch([PYTHON ?? '', ...args], settings);
    const { code } = await child.ended;
    if (code !== 0) throw new Error(`exit code ${code}\n${child.stderr()}`);
    return child.stdout();
  }
  const script = (name: string) => join(import.meta.dirname, 'python', `${name}.py`);
  const run = async (name: string, env?: Readonly<Record<string, string>>): Promise<unknown> =>
    JSON.parse(await python([script(name)], env));

  /** A sample of the API document, word for word but for host and key. */
  const sample = (name: string): string =>
    readFileSync(script(name), 'utf8')
      .replace('https://your-hub.com', sdk.hub.url)
      .replace(/sk_live_x+/, sdk.hub.apiKey);

  describe('the samples of the API document', () => {
    it.each([
      ['document_chat', '\n'],
      ['document_stream', ''],
    ])('%s writes the answer', async (name, end) => {
      const text = await python(['-c', sample(name)]);
      expect(text).toMatch(/^你好!.*你刚才说的是:“你好”.*。$/m);
      expect(text.endsWith(`。${end}`)).toBe(true);
    });
  });

  it('chats: whole, streamed, with the stream helper, with tools', async () => {
    const content = expect.stringContaining('你刚才说的是:“你好”');
    const requestId = expect.stringMatching(/^req_[0-9a-f]{32}$/);
    const seen = (await run('chat')) as Record<'whole' | 'streamed' | 'helper', { content: string; pieces: number }>;
    expect(seen).toEqual({
      whole: { model: 'gpt-4', content, finish: 'stop', tokens: 56, request_id: requestId },
      streamed: { content, pieces: expect.any(Number), finish: ['stop'], usage: 56, ids: 1 },
      helper: { events: ['content.delta', 'content.done'], content },
      tools: {
        names: ['get_weather', 'get_time'],
        arguments: [['city'], ['city']],
        finish: 'tool_calls',
        answer: expect.stringContaining('the tool answered result 1'),
      },
      raw: { status: 200, sandbox: 'true' },
    });
    expect(seen.streamed.content).toBe(seen.whole.content);
    expect(seen.helper.content).toBe(seen.whole.content);
    expect(seen.streamed.pieces).toBeGreaterThan(40);
  });

  it('serves the asynchronous client: calls and streams at once', async () => {
    const answers = Array.from({ length: 4 }, (_, number) => expect.stringContaining(`“问题${number}”`));
    const seen = (await run('at_once')) as { whole: string[]; streamed: string[] };
    expect(seen).toEqual({ whole: answers, streamed: answers });
    expect(seen.streamed).toEqual(seen.whole);
  });

  it('embeds, paints and lists models', async () => {
    expect(await run('media')).toEqual({
      // By default the SDK asks for base64 and unpacks it.
      embeddings: { lengths: [1536, 1536], equal: true, tokens: 5 },
      images: { url: [1024, 1792], b64_json: [1024, 1024], edited: [1024, 1024] },
      models: {
        list: expect.arrayContaining(['dall-e-3', 'gpt-4', 'org/model-1', 'text-embedding-3-small']),
        // What the hub adds is there for those who look, and in nobody's way.
        hub: 'chat',
        retrieved: ['gpt-4', 'org/model-1'],
      },
    });
  });

  it('makes videos: creates, polls, retrieves, lists, downloads and deletes them', async () => {
    expect(await run('videos')).toEqual({
      created: { status: 'queued', seconds: '2', size: '854x480', model: VIDEO_MODEL },
      polled: { status: 'completed', progress: 100, error: null },
      retrieved: true,
      listed: { newest: true, all: 3, in_order: true },
      downloaded: { type: 'video/mp4', brand: 'ftyp' },
      streamed: true,
      deleted: { object: 'video.deleted', deleted: true, gone: 'NotFoundError' },
      with_picture: 'completed',
      refused: { class: 'BadRequestError', param: 'seconds', code: 'unsupported_option' },
    });
  });

  it('raises the class of each status, and repeats only what a retry may cure', async () => {
    const fake = (directive: Directive) => ({ model: FAKE_MODEL, content: fakeCommand(directive) });
    const expired = await sdk.hub.createKey({ expiresAt: new Date(Date.now() - 1000) });
    sdk.upstream.scriptKey(REFUSED_CREDENTIAL, { status: 401 });
    const callers = { type: 'invalid_request_error' };
    const servers = { type: 'server_error', class: 'InternalServerError' };
    const table: readonly (readonly [asked: object, raised: object])[] = [
      [
        { model: 'gpt-4', messages: [] },
        { ...callers, class: 'BadRequestError', status: 400, param: 'messages' },
      ],
      [fake({ status: 400 }), { class: 'BadRequestError', status: 400 }],
      [
        { model: 'gpt-4', key: 'sk-wrong' },
        { ...callers, class: 'AuthenticationError', status: 401 },
      ],
      [
        { model: 'gpt-4', key: expired.key },
        { ...callers, class: 'AuthenticationError', status: 401 },
      ],
      [
        { model: 'gpt-4', key: await sdk.revokedKey() },
        { ...callers, class: 'PermissionDeniedError', status: 403, code: 'key_revoked' },
      ],
      [
        { model: 'gpt-17' },
        { ...callers, class: 'NotFoundError', status: 404, code: 'model_not_found', param: 'model' },
      ],
      [
        { model: 'gpt-4', content: 'x'.repeat(110_000) },
        { ...callers, class: 'APIStatusError', status: 413 },
      ],
      [fake({ status: 422 }), { class: 'UnprocessableEntityError', status: 422 }],
      [
        { model: LIMITED_MODEL, content: fakeCommand({ retry_after: 1 }), retries: 1 },
        { class: 'RateLimitError', status: 429, code: 'rate_limit_exceeded' },
      ],
      [fake({ status: 500 }), { ...servers, status: 502, code: 'upstream_error' }],
      [{ model: REFUSED_MODEL }, { ...servers, status: 503, code: 'upstream_auth_error' }],
      [fake({ stall_headers: true }), { ...servers, status: 504, code: 'upstream_timeout' }],
    ];
    const before = requestCount();
    const raised = await run('errors', { CASES: JSON.stringify(table.map(([asked]) => asked)) });
    expect(raised).toEqual(table.map(([, expected]) => expect.objectContaining({ ...expected, has_request_id: true })));
    // One request each, and one retry of the 429.
    expect(requestCount() - before).toBe(table.length + 1);
  });

  it('raises APIError when a stream fails in the middle, after the text before it', async () => {
    const cases = [
      { model: FAKE_MODEL, stream: true, content: fakeCommand({ tokens: 5, error_after: 2 }) },
      { model: FAKE_MODEL, stream: true, content: fakeCommand({ tokens: 5, cut_after: 3 }) },
    ];
    expect(await run('errors', { CASES: JSON.stringify(cases) })).toMatchObject([
      { class: 'APIError', code: 'upstream_error', type: 'server_error', text: 'token0 token1' },
      { class: 'APIError', code: 'upstream_incomplete', type: 'server_error', text: 'token0 token1 token2' },
    ]);
  });

  it('raises APIConnectionError when the hub is not there', async () => {
    const nowhere = { OPENAI_BASE_URL: 'http://127.0.0.1:1/api/relay/v1' };
    const cases = [{ model: 'gpt-4', retries: 0 }];
    expect(await run('errors', { ...nowhere, CASES: JSON.stringify(cases) })).toMatchObject([
      { class: 'APIConnectionError', status: null },
    ]);
  });

  const requestCount = (): number => sdk.hub.logs.filter((line) => line['msg'] === 'request').length;
});
