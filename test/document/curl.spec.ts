import { spawnSync } from 'node:child_process';
import { generateApiKey } from '../../src/common/api-key.js';
import { findProgram } from '../support/find-program.js';
import { CLI_COMMAND, type HubProcess, launch, startHubProcess } from '../support/hub-process.js';
import { describeWithServer } from '../support/server-suite.js';
import { until } from '../support/until.js';
import { CURL_LINES, KEYED_LINES } from './curl-lines.js';
import { type CurlAnswer, runCurl } from './run-curl.js';

/** A hub as `npm start` runs it on a fresh machine: nothing is configured, so the sandbox answers. */
let hub: HubProcess;

beforeAll(async () => {
  hub = await startHubProcess();
});
afterAll(async () => void (await hub.stop()));

const REQUEST_ID = expect.stringMatching(/^req_[0-9a-f]{32}$/);
const SECONDS = expect.any(Number);
const CURL = findProgram('curl');
/** Where there is one, it must find the video playable. */
const FFPROBE = findProgram('ffprobe');
const PNG_SIGNATURE = '89504e470d0a1a0a';

describeWithServer('curl', CURL, 'the curl lines of the API document, against a fresh hub', () => {
  it('GET /api/health answers without a key', async () => {
    const { status, body } = await runCurl(CURL_LINES.health, hub);
    expect(status).toBe(200);
    expect(body).toEqual({ status: 'ok', checks: { db: 'ok', redis: 'disabled' } });
  });

  it('GET models lists the models that the document uses', async () => {
    const { status, body } = await runCurl(CURL_LINES.models, hub);
    const known = { capabilities: expect.any(Object), prices: expect.any(Object), type: expect.any(String) };
    const toModel = (id: string) => ({ id, object: 'model', created: SECONDS, owned_by: 'ug-ai-hub', hub: known });
    expect(status).toBe(200);
    expect(body).toEqual({
      object: 'list',
      data: [
        'dall-e-3',
        'gpt-3.5-turbo-instruct',
        'gpt-4',
        'omni-moderation-latest',
        'sandbox-rerank',
        'sandbox-video',
        'text-embedding-3-small',
        'tts-1',
        'whisper-1',
      ].map(toModel),
    });
  });

  it('POST chat/completions answers in Chinese', async () => {
    const { status, headers, body } = await runCurl(CURL_LINES.chat, hub);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-request-id': REQUEST_ID,
      'x-hub-sandbox': 'true',
    });
    expect(body).toEqual({
      id: expect.stringMatching(/^chatcmpl-\w+$/),
      object: 'chat.completion',
      created: SECONDS,
      model: 'gpt-4',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: expect.stringContaining('你刚才说的是:“你好”'),
            refusal: null,
            annotations: [],
          },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 8,
        completion_tokens: 48,
        total_tokens: 56,
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
        completion_tokens_details: {
          reasoning_tokens: 0,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
      },
      service_tier: 'default',
      system_fingerprint: 'fp_sandbox',
    });
  });

  it('POST images/generations answers with the address of a PNG', async () => {
    const { status, body } = await runCurl(CURL_LINES.images, hub);
    expect(status).toBe(200);
    expect(body).toEqual({
      created: SECONDS,
      data: [{ url: expect.stringMatching(/^http:\/\/\S+$/), revised_prompt: 'a cute cat' }],
    });
    const picture = await fetch((body as { data: [{ url: string }] }).data[0].url);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await picture.arrayBuffer()).toString('hex', 0, 8)).toBe(PNG_SIGNATURE);
  });

  it('POST embeddings answers with a vector of length 1 in plain numbers', async () => {
    const { status, body } = await runCurl(CURL_LINES.embeddings, hub);
    expect(status).toBe(200);
    expect(body).toEqual({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: expect.any(Array) }],
      model: 'text-embedding-3-small',
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    const vector = (body as { data: [{ embedding: number[] }] }).data[0].embedding;
    expect(vector).toHaveLength(1536);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it('POST video/submit answers with a job, GET video/status in the end with the address of an MP4', async () => {
    const submitted = await runCurl(CURL_LINES.videoSubmit, hub);
    expect(submitted.body).toEqual({
      success: true,
      data: { jobId: expect.stringMatching(/^job_[0-9a-f]{32}$/) },
    });
    expect(submitted.status).toBe(200);
    const { jobId } = (submitted.body as { data: { jobId: string } }).data;
    // The document's placeholder stands for the id that the first command printed.
    const line = CURL_LINES.videoStatus.replace('job_abc123', jobId);
    const { body } = await until(async () => {
      const answer = await runCurl(line, hub);
      expect(answer.status).toBe(200);
      const { status } = (answer.body as { data: { status: string } }).data;
      expect(['queued', 'processing', 'succeeded']).toContain(status);
      return status === 'succeeded' && answer;
    });
    expect(body).toEqual({
      success: true,
      data: { status: 'succeeded', progress: 100, resultUrl: expect.stringMatching(/^http:\/\/\S+$/) },
    });
    const video = await fetch((body as { data: { resultUrl: string } }).data.resultUrl);
    expect([video.status, video.headers.get('content-type')]).toEqual([200, 'video/mp4']);
    const bytes = Buffer.from(await video.arrayBuffer());
    expect(bytes.toString('latin1', 4, 8)).toBe('ftyp');
    if (FFPROBE !== undefined) expect(probe(FFPROBE, bytes)).toEqual({ codec: 'h264', seconds: 4 });
  });

  it('GET video/status says the same of the placeholder as of every unknown job', async () => {
    expectError(await runCurl(CURL_LINES.videoStatus, hub), 404, {
      success: false,
      message: expect.stringContaining('no such job'),
      code: 'job_not_found',
    });
  });

  it('GET user/quota answers with the quota, and POST user/redemption adds what the code is worth, once', async () => {
    const quota = async () => {
      const { status, body } = await runCurl(CURL_LINES.quota, hub);
      expect(status).toBe(200);
      expect(body).toMatchObject({ success: true });
      return (body as { data: Record<'totalQuota' | 'usedQuota' | 'remainingQuota', number> }).data;
    };
    const before = await quota();
    expect(before.totalQuota).toBe(10_000);
    expect(before.usedQuota + before.remainingQuota).toBe(before.totalQuota);
    const { status, headers, body } = await runCurl(CURL_LINES.redemption, hub);
    expect(body).toEqual({ success: true, data: { addedQuota: 5000, totalQuota: 15_000 } });
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    expect((await quota()).totalQuota).toBe(15_000);
    expectError(await runCurl(CURL_LINES.redemption, hub), 409, {
      success: false,
      message: expect.stringContaining('redeemed this code before'),
      code: 'code_already_redeemed',
    });
  });
});

/** The whole answer of a failed relay request: OpenAI's envelope, and `message` where the document sends its readers. */
function relayError(code: string, message: RegExp, param: string | null = null) {
  const text = expect.stringMatching(message);
  return { error: { message: text, type: 'invalid_request_error', param, code }, message: text };
}

/** What ffprobe says of a video: its codec, and how long it plays. */
function probe(ffprobe: string, video: Buffer): { codec: string; seconds: number } {
  const args = [
    '-v',
    'error',
    '-select_streams',
    'v:0',
    '-show_entries',
    'stream=codec_name:format=duration',
    '-of',
    'json',
    '-',
  ];
  const { stdout, status, stderr } = spawnSync(ffprobe, args, { input: video, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const { streams, format } = JSON.parse(stdout) as { streams: [{ codec_name: string }]; format: { duration: string } };
  return { codec: streams[0].codec_name, seconds: Math.round(Number(format.duration)) };
}

function expectError(answer: CurlAnswer, status: number, body: object): void {
  expect(answer.body).toEqual(body);
  expect(answer.status).toBe(status);
  expect(answer.headers).toMatchObject({ 'x-request-id': REQUEST_ID, 'x-should-retry': 'false' });
  const { error, message } = answer.body as { error?: { message: string }; message: string };
  if (error !== undefined) expect(message).toBe(error.message);
}

describeWithServer('curl', CURL, 'the error codes of the API document', () => {
  it('400: the message says what is wrong', async () => {
    const answer = await runCurl(CURL_LINES.chat.replace('"messages"', '"message"'), hub);
    expectError(answer, 400, relayError('missing_required_parameter', /"messages"|messages/, 'messages'));
  });

  it('400: a body that is not JSON', async () => {
    const answer = await runCurl(CURL_LINES.chat.replace('}]}', '}]'), hub);
    expectError(answer, 400, relayError('invalid_json', /JSON/));
  });

  it.each(KEYED_LINES)('401: %s without a key', async (name) => {
    const line = CURL_LINES[name].replace(/^ +-H "Authorization.*$\n?/m, '').replace(/ \\\n$/, '');
    const answer = await runCurl(line, hub);
    expectError(answer, 401, relayError('invalid_api_key', /No API key was given/));
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it.each(['videoSubmit', 'videoStatus', 'quota', 'redemption'] as const)(
    '401: %s without a key, in the envelope of its route',
    async (name) => {
      const line = CURL_LINES[name].replace(/^ +-H "Authorization.*$\n?/m, '').replace(/ \\\n$/, '');
      const message = expect.stringContaining('No API key was given');
      expectError(await runCurl(line, hub), 401, { success: false, message, code: 'invalid_api_key' });
    },
  );

  it('400: a code that nobody has', async () => {
    const line = CURL_LINES.redemption.replace('XXXX-XXXX', '0000-0000');
    const message = expect.stringContaining('cannot be redeemed');
    expectError(await runCurl(line, hub), 400, { success: false, message, code: 'code_invalid' });
  });

  it.each([
    ['the placeholder of the document', 'sk_live_xxxxxx'],
    ['a well-formed key that nobody has', generateApiKey()],
  ])('401: %s', async (_, apiKey) => {
    const answer = await runCurl(CURL_LINES.chat, { ...hub, apiKey });
    expectError(answer, 401, relayError('invalid_api_key', /The API key is not valid/));
  });

  it('403: a key that was revoked, after it had worked', async () => {
    const { key, id } = await createKey('to revoke');
    expect((await runCurl(CURL_LINES.models, { ...hub, apiKey: key })).status).toBe(200);
    await runCli('key:revoke', id);
    const answer = await until(async () => {
      const now = await runCurl(CURL_LINES.models, { ...hub, apiKey: key });
      return now.status !== 200 && now;
    });
    expectError(answer, 403, relayError('key_revoked', /The API key has been revoked/));
  });

  it('404: a model that no channel has', async () => {
    const answer = await runCurl(CURL_LINES.chat.replace('gpt-4', 'gpt-17'), hub);
    expectError(answer, 404, relayError('model_not_found', /"gpt-17"/, 'model'));
  });

  it('404: an OpenAI route that the hub does not serve, naming those it does', async () => {
    const answer = await runCurl(CURL_LINES.chat.replace('chat/completions', 'fine_tuning/jobs'), hub);
    expectError(answer, 404, relayError('unknown_url', /POST \/api\/relay\/v1\/chat\/completions/));
  });

  it('404: any other address, in the envelope of the routes that are not relayed', async () => {
    const answer = await runCurl(CURL_LINES.health.replace('health', 'nothing'), hub);
    expectError(answer, 404, { success: false, message: 'There is nothing at this address.', code: 'not_found' });
  });

  it('405: a method that the route does not have', async () => {
    const answer = await runCurl(CURL_LINES.chat.replace('-X POST', '-X PUT'), hub);
    expectError(answer, 405, relayError('method_not_allowed', /PUT|method/i));
  });

  it('415: a body that is not sent as JSON', async () => {
    const answer = await runCurl(CURL_LINES.chat.replace('application/json', 'text/plain'), hub);
    expectError(answer, 415, relayError('unsupported_media_type', /application\/json/));
  });
});

// Not of the curl lines, but of the same hub, so that no other has to be started for it.
describe('what passes through, against a fresh hub', () => {
  const ask = (path: string, body: FormData | object): Promise<Response> =>
    fetch(`${hub.url}/api/${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${hub.apiKey}`,
        ...(!(body instanceof FormData) && { 'content-type': 'application/json' }),
      },
      body: body instanceof FormData ? body : JSON.stringify(body),
    });
  const json = async (path: string, body: FormData | object): Promise<unknown> => {
    const response = await ask(path, body);
    expect([path, response.status, response.headers.get('x-hub-sandbox')]).toEqual([path, 200, 'true']);
    return await response.json();
  };

  it('answers completions, moderations and rerank with the key of the first start', async () => {
    const text = await json('relay/v1/completions', { model: 'gpt-3.5-turbo-instruct', prompt: 'Hello' });
    expect(text).toMatchObject({ model: 'gpt-3.5-turbo-instruct', choices: [{ finish_reason: 'length' }] });
    expect(await json('relay/v1/moderations', { input: 'Hello' })).toMatchObject({ results: [{ flagged: false }] });
    const ranked = { model: 'sandbox-rerank', query: 'hub', documents: ['a', 'a hub'], return_documents: true };
    expect(await json('relay/v1/rerank', ranked)).toMatchObject({
      results: [{ index: 1, document: { text: 'a hub' } }, { index: 0 }],
    });
  });

  it('speaks, writes down what it has spoken, and has quoted both', async () => {
    const spoken = { model: 'tts-1', input: 'Hello world', voice: 'alloy' };
    const sound = await ask('relay/v1/audio/speech', spoken);
    expect([sound.status, sound.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    const form = new FormData();
    form.set('model', 'whisper-1');
    form.set('file', new Blob([await sound.arrayBuffer()]), 'hello.wav');
    expect(await json('relay/v1/audio/transcriptions', form)).toMatchObject({
      usage: { type: 'duration', seconds: 1 },
    });
    const quoted = await ask('user/quote', { endpoint: 'audio/speech', request: spoken });
    expect(await quoted.json()).toMatchObject({ data: { maximum: { credits: '0.000165' } } });
    const length = { endpoint: 'audio/transcriptions', request: { model: 'whisper-1', seconds: 0.66 } };
    expect(await (await ask('user/quote', length)).json()).toMatchObject({ data: { hold: { credits: '0.0001' } } });
  });
});

/** Makes a key with the operator's command while the hub runs. */
async function createKey(name: string): Promise<{ key: string; id: string }> {
  const { stdout, stderr } = await runCli('key:create', '--name', name);
  return { key: stdout.trim(), id: /^Key (\d+) /.exec(stderr)?.[1] ?? '' };
}

async function runCli(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const command = launch([...CLI_COMMAND, ...args], { DATA_DIR: hub.dataDir });
  const { code } = await command.ended;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${command.stderr()}`);
  return { stdout: command.stdout(), stderr: command.stderr() };
}
