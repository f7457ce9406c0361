import { createHmac } from 'node:crypto';
import { Simulator } from '../simulator.js';
import { simulatedKling } from './kling.js';

const NOW_MS = 1_700_000_000_000;
/** Of access key `ak-test`, secret key `sk-test`, signed at {@link NOW_MS}. */
const TOKEN =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhay10ZXN0IiwiZXhwIjoxNzAwMDAxODAwLCJuYmYiOjE2OTk5OTk5OTV9.tMljlG8Xy1G8AKj5WkEZRcRIADvbH0FP6wgzpwHAfs4';

describe('simulated Kling', () => {
  let simulator: Simulator;
  let now = NOW_MS;
  beforeAll(async () => {
    simulator = await Simulator.start(simulatedKling(), { nowMs: () => now });
  });
  beforeEach(() => {
    simulator.reset();
    simulator.obey({ progression: { by: 'looks', queued: 1, processing: 1 } });
    simulator.tasksMax = 10;
    now = NOW_MS;
  });
  afterAll(() => simulator.close());

  const call = async (method: string, path: string, body?: unknown, authorization = `Bearer ${TOKEN}`) => {
    const headers = authorization === '' ? {} : { authorization };
    const request = { method, headers, body: body === undefined ? null : JSON.stringify(body) };
    const response = await fetch(`${simulator.url}${path}`, request);
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const sign = (claims: object, key = 'sk-test', header: object = { alg: 'HS256', typ: 'JWT' }) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part(header)}.${part(claims)}`;
    return `Bearer ${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  };
  const seconds = NOW_MS / 1000;

  it.each([
    ['nothing', '', 1001],
    ['no bearer', `Token ${TOKEN}`, 1002],
    ['two spaces', `Bearer  ${TOKEN}`, 1002],
    ['no token', 'Bearer not-a-token', 1002],
    ['another key', sign({ iss: 'ak-test', exp: seconds + 9, nbf: seconds }, 'sk-other'), 1000],
    ['another issuer', sign({ iss: 'ak-other', exp: seconds + 9, nbf: seconds }), 1000],
    ['another algorithm', sign({ iss: 'ak-test', exp: seconds + 9, nbf: seconds }, 'sk-test', { alg: 'none' }), 1000],
    ['times that are no integers', sign({ iss: 'ak-test', exp: seconds + 9.5, nbf: seconds }), 1000],
    ['a token of the future', sign({ iss: 'ak-test', exp: seconds + 9, nbf: seconds + 1 }), 1003],
    ['a token that is over', sign({ iss: 'ak-test', exp: seconds, nbf: seconds - 9 }), 1004],
  ])('refuses %s', async (_title, authorization, code) => {
    expect(await call('GET', '/tasks?task_ids=1', undefined, authorization)).toMatchObject({
      status: 401,
      body: { code },
    });
  });

  it('speaks the classic dialect', async () => {
    const body = { model_name: 'kling-v2-6', prompt: 'a cat', duration: '5', external_task_id: 'my-1' };
    const made = await call('POST', '/v1/videos/text2video', body);
    expect(made.body).toMatchObject({
      code: 0,
      message: 'SUCCEED',
      data: { task_status: 'submitted', task_info: { external_task_id: 'my-1' }, created_at: NOW_MS },
    });
    const id: string = made.body.data.task_id;
    expect(id).toMatch(/^\d{18}$/);
    const words = [];
    for (let i = 0; i < 3; i++) words.push((await call('GET', `/v1/videos/text2video/${id}`)).body.data.task_status);
    expect(words).toEqual(['submitted', 'processing', 'succeed']);
    const { data } = (await call('GET', `/v1/videos/text2video/my-1`)).body;
    expect(data.task_result.videos).toMatchObject([{ url: expect.stringContaining('http'), duration: '5.1' }]);
    expect(await call('GET', `/v1/videos/image2video/${id}`)).toMatchObject({ status: 404, body: { code: 1203 } });
    expect((await call('GET', '/v1/videos/text2video?pageNum=1&pageSize=30')).body.data).toHaveLength(1);
  });

  it('speaks the new dialect', async () => {
    const body = { prompt: 'a cat', settings: { duration: 5 }, options: { external_task_id: 'my-1' } };
    const { data: made } = (await call('POST', '/text-to-video/kling-3.0', body)).body;
    expect(made).toMatchObject({ id: expect.stringMatching(/^\d{18}$/), status: 'submitted', create_time: NOW_MS });
    const words = [];
    for (let i = 0; i < 3; i++) words.push((await call('GET', `/tasks?task_ids=${made.id}`)).body.data[0].status);
    expect(words).toEqual(['submitted', 'processing', 'succeeded']);
    expect((await call('GET', '/tasks?external_task_ids=my-1')).body.data).toMatchObject([
      { id: made.id, external_id: 'my-1', outputs: [{ type: 'video', duration: '5' }] },
    ]);
    expect((await call('GET', '/tasks?task_ids=7')).body.data).toEqual([]);
  });

  it.each([
    ['/v1/videos/text2video', { prompt: 'a cat', duration: 5 }],
    ['/v1/videos/text2video', { prompt: 'a cat', duration: '7' }],
    ['/v1/videos/text2video', {}],
    ['/v1/videos/image2video', { image: 'https://x.example/a.png', aspect_ratio: '16:9' }],
    ['/v1/videos/image2video', { image: 'data:image/png;base64,AA==' }],
    ['/v1/videos/omni-video', { model_name: 'kling-v3-omni', prompt: 'a cat' }],
    ['/text-to-video/kling-3.0', { prompt: 'a cat', settings: { duration: '5' } }],
    ['/text-to-video/kling-3.0-turbo', { prompt: 'a cat', settings: { resolution: '4k' } }],
    ['/image-to-video/kling-3.0', { contents: [{ type: 'prompt', text: 'a cat' }] }],
  ])('refuses a wrong body at %s: %j', async (path, body) => {
    expect(await call('POST', path, body)).toMatchObject({ status: 400, body: { code: 1201 } });
    expect(simulator.paid.total).toBe(0);
  });

  it('refuses a task too many, a name used twice and a model that it does not have', async () => {
    const body = { prompt: 'a cat', external_task_id: 'my-1' };
    expect((await call('POST', '/v1/videos/text2video', body)).status).toBe(200);
    expect((await call('POST', '/v1/videos/text2video', body)).body.code).toBe(1201);
    expect((await call('POST', '/text-to-video/kling-9', { prompt: 'a' })).body.code).toBe(1203);
    simulator.tasksMax = 1;
    expect(await call('POST', '/v1/videos/text2video', { prompt: 'a' })).toMatchObject({
      status: 429,
      body: { code: 1303 },
    });
  });
});
