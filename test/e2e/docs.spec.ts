import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiOperationSpec } from '../../src/common/api-operation.decorator.js';
import { DocsService } from '../../src/docs/docs.service.js';
import { CURL_LINES } from '../document/curl-lines.js';
import {
  DOCUMENT,
  DOCUMENT_HOST,
  documentEndpoints,
  documentExamples,
  documentLines,
} from '../document/read-document.js';
import { startHub, type TestHub } from '../support/hub.js';
import { codeBlocks, visibleText } from '../support/page-text.js';

const OPERATIONS = join(import.meta.dirname, '../../src/docs/operations');
/** Of all files, so that a new one need not be named here. */
const WRITTEN = (
  await Promise.all(
    readdirSync(OPERATIONS)
      .filter((file) => file.endsWith('.operations.ts'))
      .map(async (file) =>
        Object.values<ApiOperationSpec>(await import(`../../src/docs/operations/${file.replace(/\.ts$/, '.js')}`)),
      ),
  )
).flat();

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub({ channels: [], env: { HUB_PUBLIC_URL: 'https://hub.example' } });
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
  it.each(['/docs', '/docs/reference', '/api/openapi.json'])(
    'shows no placeholder of its own address in %s',
    async (path) => {
      const page = await (await hub.fetch(path)).text();
      expect(page).toContain('/api/relay/anthropic');
      expect(page).not.toContain('{origin}');
    },
  );

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

const PUBLIC_URL = 'https://hub.example';
const PAGES = ['/docs?lang=zh', '/docs?lang=en', '/docs/reference?lang=zh', '/docs/reference?lang=en'];
const HAN = /\p{Script=Han}/u;
/** What the examples send and get: the same in both languages. */
const SAMPLE_DATA = /你好!有什么可以帮你的吗\?|一只猫在草地上奔跑|你好世界|你好/g;

const pageOf = async (path: string): Promise<string> => (await get(path)).text();
const withoutSpaces = (text: string): string => text.replaceAll(/\s+/g, '');
/** The document writes its key at four lengths. */
const withPublicUrl = (text: string): string =>
  text.replaceAll(DOCUMENT_HOST, PUBLIC_URL).replaceAll(/sk_live_x+/g, 'sk_live_x');
const withoutComments = (code: string): string =>
  code.replaceAll(/(?<=^|\s)(?:\/\/|#) .*$/gm, '').replaceAll(/ +$/gm, '');

describe('the API document as a page', () => {
  it('reads the whole document: nine endpoints and 27 examples', () => {
    expect(documentEndpoints()).toHaveLength(9);
    expect(documentExamples()).toHaveLength(27);
    expect(documentExamples().filter(({ code }) => code === '')).toEqual([]);
  });

  it('holds every line of the document in Chinese, in its order', async () => {
    const main = /<main[\s\S]*<\/main>/.exec(await pageOf('/docs?lang=zh'))?.[0] ?? '';
    const text = withoutSpaces(withPublicUrl(visibleText(main)));
    let at = 0;
    for (const line of documentLines()) {
      const wanted = withoutSpaces(withPublicUrl(line)).replace(/^•/, '');
      const found = text.indexOf(wanted, at);
      expect({ line, isThere: found >= at }).toEqual({ line, isThere: true });
      at = found + wanted.length;
    }
  });

  it('holds every example in Chinese, character by character, with the public URL', async () => {
    const blocks = codeBlocks(await pageOf('/docs?lang=zh')).map(withPublicUrl);
    for (const { code } of documentExamples()) expect(blocks).toContain(withPublicUrl(code));
  });

  it('holds every example in English, character by character but for the comments, with the public URL', async () => {
    const blocks = codeBlocks(await pageOf('/docs?lang=en')).map(withPublicUrl);
    const bare = blocks.map(withoutComments);
    for (const { code } of documentExamples()) expect(bare).toContain(withoutComments(withPublicUrl(code)));
  });

  it('leaves no Chinese in English but what the examples send and get', async () => {
    for (const path of ['/docs?lang=en', '/docs/reference?lang=en']) {
      const lines = visibleText(await pageOf(path))
        .replaceAll('中文', '')
        .replaceAll(SAMPLE_DATA, '')
        .split('\n');
      expect(lines.filter((line) => HAN.test(line))).toEqual([]);
    }
  });

  it.each(['zh', 'en'])('describes every endpoint of the document in the reference too (%s)', async (language) => {
    const text = visibleText(await pageOf(`/docs/reference?lang=${language}`));
    for (const { method, path } of documentEndpoints()) expect(text).toContain(`${method}${path}`);
  });

  it.each(PAGES)('%s names no host but the public one, and loads nothing from any', async (path) => {
    const page = await pageOf(path);
    expect(page).not.toContain(DOCUMENT_HOST);
    const loaded = [...page.matchAll(/<(?:script|link|img|iframe|source)\b[^>]*?\s(?:src|href)="([^"]*)"/g)];
    expect(loaded.filter(([, url = '']) => /^(?:[a-z]+:)?\/\//.test(url))).toEqual([]);
  });

  it('has samples to run that are the document’s own', () => {
    const folder = join(import.meta.dirname, '..', 'document', 'samples');
    for (const name of readdirSync(folder)) {
      expect(DOCUMENT).toContain(readFileSync(join(folder, name), 'utf8').trim());
    }
    for (const line of Object.values(CURL_LINES)) expect(DOCUMENT).toContain(line);
  });
});
