import type { SignableRequest } from '../../provider.js';
import { signPixverse, TRACE_HEADER } from './pixverse-sign.js';

const request: SignableRequest = {
  method: 'POST',
  origin: 'https://app-api.pixverse.ai',
  path: '/openapi/v2/video/text/generate',
  headers: { [TRACE_HEADER]: 'job_1' },
  body: Buffer.from('{"prompt":"a cat"}'),
};
const idOf = async (change: Partial<SignableRequest> = {}, nowMs = 1_700_000_000_000): Promise<string | undefined> =>
  (await signPixverse({ ...request, ...change }, 'sk-1', nowMs))[TRACE_HEADER];

describe('the id of a request to PixVerse', () => {
  it('is a UUID, beside the key', async () => {
    expect(await signPixverse(request, 'sk-1', 1_700_000_000_000)).toEqual({
      'api-key': 'sk-1',
      [TRACE_HEADER]: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    });
    expect(await idOf()).toBe(await idOf());
  });

  it('is another for another job, task, text or moment', async () => {
    const ids = await Promise.all([
      idOf(),
      idOf({ headers: { [TRACE_HEADER]: 'job_2' } }),
      idOf({ path: '/openapi/v2/video/result/1' }),
      idOf({ method: 'GET' }),
      idOf({ body: Buffer.from('{"prompt":"a dog"}') }),
      idOf({ body: undefined }),
      idOf({}, 1_700_000_000_001),
    ]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
