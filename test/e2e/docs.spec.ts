import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiOperationSpec } from '../../src/common/api-operation.decorator.js';
import { DocsService } from '../../src/docs/docs.service.js';
import * as account from '../../src/docs/operations/account.operations.js';
import * as chat from '../../src/docs/operations/chat.operations.js';
import * as embeddings from '../../src/docs/operations/embeddings.operations.js';
import * as imageJobs from '../../src/docs/operations/image-jobs.operations.js';
import * as images from '../../src/docs/operations/images.operations.js';
import * as models from '../../src/docs/operations/models.operations.js';
import * as openAiVideos from '../../src/docs/operations/openai-videos.operations.js';
import * as quote from '../../src/docs/operations/quote.operations.js';
import * as service from '../../src/docs/operations/service.operations.js';
import * as usage from '../../src/docs/operations/usage.operations.js';
import * as video from '../../src/docs/operations/video.operations.js';
import * as webhooks from '../../src/docs/operations/webhooks.operations.js';
import { startHub, type TestHub } from '../support/hub.js';

const WRITTEN: readonly ApiOperationSpec[] = [
  account,
  chat,
  embeddings,
  images,
  models,
  quote,
  service,
  usage,
  webhooks,
  imageJobs,
  openAiVideos,
  video,
].flatMap((file) => Object.values<ApiOperationSpec>(file));

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub({ channels: [] });
});
afterAll(() => hub.close());

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${hub.port}${path}`, { headers });

describe('the API document of the running hub', () => {
  it('documents every route under /api, or says why not', () => {
    expect(hub.app.get(DocsService).undocumentedRoutes()).toEqual([]);
  });

  it('serves every operation that was written', async () => {
    const answer = await get('/api/openapi.json');
    expect(answer.status).toBe(200);
    const { paths } = (await answer.json()) as { paths: Record<string, Record<string, { operationId: string }>> };
    const served = Object.values(paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
    expect(served.toSorted()).toEqual(WRITTEN.map(({ id }) => id).toSorted());
    expect(Object.keys(paths)).toContain('/api/relay/v1/models/{id}');
  });
});

describe('GET /docs of the running hub', () => {
  it('is open to everybody and keeps its own content policy', async () => {
    const answer = await get('/docs?lang=zh');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'; script-src/);
    const page = await answer.text();
    for (const [, asset] of page.matchAll(/"(docs\/assets\/[^"]+)"/g)) {
      expect((await get(`/${asset}`)).status).toBe(200);
    }
  });
});
