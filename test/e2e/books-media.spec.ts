import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { balanceOf, bookedRequest, openHolds, TEST_PRICE, UNIT } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type HubOptions, startHub, type TestHub } from '../support/hub.js';
import { askChat, readError } from '../support/relay-client.js';
import { until } from '../support/until.js';

const IMAGES = '/api/relay/v1/images/generations';
const EMBEDDINGS = '/api/relay/v1/embeddings';
const QUOTE = '/api/user/quote';
// 4 and 8 units a picture.
const PICTURES = { perImage: [{ price: '0.004' }, { size: '1024x1024', quality: 'hd', price: '0.008' }] };

const MODELS = [
  { id: 'dall-e-2', price: PICTURES },
  { id: 'free', price: { inputPerMillion: '0', outputPerMillion: '0' } },
  { id: 'unpriced' },
  { id: 'listener', price: { perAudioSecond: '0.001' } },
  { id: 'speaker', price: { perMillionCharacters: '1000' } },
  { id: 'ranker', price: { perSearch: '0.002' } },
];

let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub({ channels: channels(), models: MODELS });
});
beforeEach(() => upstream.reset());
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

function channels(): HubOptions['channels'] {
  const models = ['gpt-4', 'dall-e-2', 'text-embedding-3-small', 'free', 'unpriced', 'listener', 'speaker', 'ranker'];
  return [{ name: 'main', baseUrl: upstream.url, models: new Map(models.map((model) => [model, model])) }];
}

async function booked(response: Response) {
  expect(response.status).toBe(200);
  await until(async () => (await openHolds(hub.sql)) === 0);
  return (await bookedRequest(hub.sql, response.headers.get('x-request-id')!))!;
}

describe('pictures', () => {
  it('cost by number, size and quality', async () => {
    const plain = await booked(await hub.post(IMAGES, { model: 'dall-e-2', prompt: 'a cat', n: 2 }));
    expect(plain).toMatchObject({ settled: 8n * UNIT, events: [{ images: 2, outcome: 'done' }] });
    const large = { model: 'dall-e-2', prompt: 'a cat', size: '1024x1024', quality: 'hd' };
    expect((await booked(await hub.post(IMAGES, large))).settled).toBe(8n * UNIT);
  });

  // T024
  it('are charged as delivered, not as asked for', async () => {
    upstream.script({ images: 3 });
    const request = await booked(await hub.post(IMAGES, { model: 'dall-e-2', prompt: 'a cat', n: 4 }));
    expect(request).toMatchObject({ amount: 16n * UNIT, settled: 12n * UNIT, events: [{ images: 3 }] });
  });
});

describe('embeddings', () => {
  it('cost what the upstream counts', async () => {
    const response = await hub.post(EMBEDDINGS, { model: 'text-embedding-3-small', input: ['one', 'two three'] });
    const { usage } = (await response.clone().json()) as { usage: { prompt_tokens: number } };
    const request = await booked(response);
    expect(request.settled).toBe(BigInt(usage.prompt_tokens) * UNIT);
    expect(request.events).toMatchObject([{ estimated: false, outputTokens: 0 }]);
  });

  it('are counted by the hub when the upstream does not', async () => {
    upstream.script({ usage: 'none' });
    const request = await booked(await hub.post(EMBEDDINGS, { model: 'text-embedding-3-small', input: 'hello world' }));
    expect(request.events).toMatchObject([{ estimated: true, inputTokens: 2 }]);
  });
});

describe('prices', () => {
  it('of zero are free, and still leave a usage event', async () => {
    const before = await balanceOf(hub.sql, hub.accountId);
    const request = await booked(await askChat(hub, { model: 'free' }));
    expect(request).toMatchObject({ amount: 0n, settled: 0n, state: 'released', events: [{ outcome: 'done' }] });
    expect(await balanceOf(hub.sql, hub.accountId)).toEqual(before);
  });

  it('that nobody has set keep a model shut', async () => {
    const refused = await askChat(hub, { model: 'unpriced' });
    expect(refused.headers.get('x-should-retry')).toBe('false');
    expect(await readError(refused)).toMatchObject({ status: 503, code: 'model_not_priced' });
    expect(upstream.requests).toHaveLength(0);
    await until(() => hub.logText().includes('has no selling price'));
  });

  // T019
  it('that change while requests run apply to the next ones only', async () => {
    upstream.script({ tokens: 10, token_ms: 40, in: 10, out: 20 });
    const running = Array.from({ length: 20 }, () => askChat(hub, { stream: true, max_tokens: 50 }));
    await until(() => upstream.requests.length === 20);
    const double = { inputPerMillion: '2000', outputPerMillion: '4000' };
    await hub.setChannels(channels(), [...MODELS, { id: 'gpt-4', price: double }]);
    for (const response of await Promise.all(running)) {
      await response.text();
      expect((await booked(response)).settled).toBe(50n * UNIT);
    }
    expect((await booked(await askChat(hub))).settled).toBe(100n * UNIT);
    await hub.setChannels(channels(), [...MODELS, { id: 'gpt-4', price: TEST_PRICE }]);
  });

  it('are multiplied by that of the account group', async () => {
    await hub.sql.query(`insert into account_group (id, name, multiplier_millionths) values (7, 'reseller', 1250000)`);
    const [account] = await hub.sql.query<{ id: string }>(
      `insert into account (name, group_id) values ('resold', 7) returning id`,
    );
    await hub.sql.query(`select ledger_post('grant', $1, 1000000000, 'resold', 'test', null)`, [account!.id]);
    upstream.script({ in: 10, out: 20 });
    const { key } = await hub.createKey({ accountId: account!.id });
    const body = { model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 30 };
    const response = await hub.post('/api/relay/v1/chat/completions', body, { key });
    expect((await booked(response)).settled).toBe(62_500_000n);
  });
});

describe('POST /api/user/quote', () => {
  const request = { model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }] };
  const quote = async (body: object) => hub.post(QUOTE, body);

  it('says what a request holds and costs at most, and asks nobody', async () => {
    const response = await quote({ request: { ...request, max_tokens: 100 } });
    const { data } = (await response.json()) as { data: Record<string, unknown> };
    const promptTokens = data['promptTokens'] as number;
    expect(promptTokens).toBeGreaterThan(5);
    const amount = { quota: promptTokens + 200, credits: `0.${promptTokens + 200}` };
    expect(data).toEqual({
      model: 'gpt-4',
      endpoint: 'chat/completions',
      promptTokens,
      hold: amount,
      minimum: amount,
      maximum: amount,
      outputTokensCap: null,
    });
    expect(upstream.requests).toHaveLength(0);
  });

  it('promises no maximum for a stream without a cap, and names the cap of a whole answer', async () => {
    const stream = (await (await quote({ request: { ...request, stream: true } })).json()) as { data: object };
    expect(stream.data).toMatchObject({ maximum: null, outputTokensCap: null });
    const whole = (await (await quote({ request })).json()) as { data: object };
    expect(whole.data).toMatchObject({ outputTokensCap: 4096 });
  });

  it('knows pictures and embeddings', async () => {
    const pictures = await quote({ endpoint: 'images/generations', request: { model: 'dall-e-2', prompt: 'x', n: 3 } });
    expect(await pictures.json()).toMatchObject({ data: { hold: { quota: 12, credits: '0.012' } } });
    const vectors = await quote({
      endpoint: 'embeddings',
      request: { model: 'text-embedding-3-small', input: 'hello' },
    });
    expect(await vectors.json()).toMatchObject({ data: { promptTokens: 1, hold: { quota: 1 } } });
  });

  it.each([
    ['responses', { model: 'gpt-4', input: 'Hello', max_output_tokens: 100 }, { endpoint: 'responses' }],
    [
      'completions',
      { model: 'gpt-4', prompt: 'a', max_tokens: 100, n: 2 },
      { hold: { quota: 401 }, outputTokensCap: null },
    ],
    ['moderations', { model: 'gpt-4', input: 'a' }, { hold: { quota: 1 } }],
    ['rerank', { model: 'ranker', query: 'q', documents: Array(101).fill('a') }, { hold: { credits: '0.004' } }],
    ['audio/speech', { model: 'speaker', input: 'Hello', voice: 'v' }, { maximum: { credits: '0.005' } }],
    ['audio/transcriptions', { model: 'listener', seconds: 12.5, language: 'de' }, { hold: { credits: '0.013' } }],
    ['audio/translations', { model: 'listener', seconds: 60 }, { maximum: { credits: '0.06' } }],
  ])('knows %s', async (endpoint, body, data) => {
    expect(await (await quote({ endpoint, request: body })).json()).toMatchObject({ success: true, data });
    expect(upstream.requests).toHaveLength(0);
  });

  it('takes the length of sound in place of an upload', async () => {
    for (const [given, param] of [
      [{}, 'seconds'],
      [{ seconds: 0 }, 'seconds'],
      [{ seconds: '60' }, 'seconds'],
      [{ seconds: 86_401 }, 'seconds'],
      [{ seconds: 60, file: 'UklGRg==' }, 'file'],
      [{ seconds: 60, response_format: 'pdf' }, 'response_format'],
    ] as const) {
      const response = await quote({ endpoint: 'audio/transcriptions', request: { model: 'listener', ...given } });
      expect([given, response.status]).toEqual([given, 400]);
      expect(await response.json()).toMatchObject({ message: expect.stringContaining(`"${param}"`) });
    }
  });

  it.each([
    [{}, 400, 'missing_required_parameter'],
    [{ request: [] }, 400, 'invalid_value'],
    [{ request: { model: 'gpt-4' } }, 400, 'missing_required_parameter'],
    [{ endpoint: 'videos', request }, 400, 'invalid_value'],
    [{ request: { ...request, model: 'nobody-knows' } }, 404, 'model_not_found'],
    [{ request: { ...request, model: 'unpriced' } }, 503, 'model_not_priced'],
    [{ request: { ...request, model: 'speaker' } }, 503, 'model_not_priced'],
    [{ endpoint: 'moderations', request: { model: 'dall-e-2', input: 'a' } }, 400, 'unsupported_operation'],
  ])('answers %j with %s', async (body, status, code) => {
    const response = await quote(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ success: false, code });
  });
});
