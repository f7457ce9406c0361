import { Controller, Get } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  AccountController,
  HealthController,
  ImageJobsController,
  OpenAiVideosController,
  RelayController,
  UserController,
  VideoController,
} from '../../test/support/documented-controllers.js';
import { ApiOperation, type ApiOperationSpec, ApiUndocumented } from '../common/api-operation.decorator.js';
import { IS_PUBLIC } from '../common/public.decorator.js';
import { ConfigModule } from '../config/config.module.js';
import { parseSettings } from '../config/parse-settings.js';
import { DocsController } from './docs.controller.js';
import { DocsModule } from './docs.module.js';
import { DocsService } from './docs.service.js';
import { DOCUMENT_ENDPOINTS } from './guide/document-endpoints.js';
import type { OpenApiContent, OpenApiOperation } from './openapi/openapi-document.js';
import { getModelOperation, listModelsOperation } from './operations/models.operations.js';
import { healthOperation } from './operations/service.operations.js';
import { languageCookie } from './page/language.js';
import { schemas } from './schemas/schemas.js';

const ORIGIN = 'https://hub.example';

@Controller('api')
class ForgetfulController {
  @Get('forgotten')
  forgotten(): void {}

  @Get('hidden')
  @ApiUndocumented('a route of this test')
  hidden(): void {}
}

// biome-ignore lint/complexity/noBannedTypes: Nest takes controllers as classes of any constructor.
async function start(...controllers: Function[]): Promise<NestFastifyApplication> {
  const settings = parseSettings({ HUB_PUBLIC_URL: ORIGIN });
  const moduleRef = await Test.createTestingModule({
    imports: [ConfigModule.forRoot(settings), DocsModule],
    controllers: controllers as never[],
  }).compile();
  const app = moduleRef.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  return app.init();
}

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await start(
    RelayController,
    VideoController,
    ImageJobsController,
    OpenAiVideosController,
    AccountController,
    UserController,
    HealthController,
    ForgetfulController,
  );
});
afterAll(() => app.close());

const operations = (): { place: string; path: string; operation: OpenApiOperation }[] =>
  Object.entries(app.get(DocsService).document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ place: `${method} ${path}`, path, operation })),
  );

const contents = (operation: OpenApiOperation): [string, OpenApiContent][] =>
  [operation.requestBody, ...Object.values(operation.responses)].flatMap((body) => Object.entries(body?.content ?? {}));

/** The events of a stream as objects of their fields, which is how a schema sees them. */
const eventsOf = (text: string): object[] =>
  text
    .split('\n\n')
    .map((block) => block.split('\n').filter((line) => /^\w/.test(line)))
    .filter((lines) => lines.length > 0)
    .map((lines) => Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2))));

const ajv = new Ajv2020({
  strict: false,
  formats: { date: true, 'date-time': true },
  schemas: [{ $id: 'hub:/api', components: { schemas } }],
});
const validatorOf = (schema: object) =>
  ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"hub:/api#/components/')));

describe('GET /api/openapi.json', () => {
  it('holds every documented route under its OpenAPI path, once', () => {
    expect(
      operations()
        .map(({ place }) => place)
        .toSorted(),
    ).toEqual([
      'delete /api/relay/v1/videos/{id}',
      'get /api/health',
      'get /api/health/live',
      'get /api/health/ready',
      'get /api/image/content',
      'get /api/image/events',
      'get /api/image/jobs',
      'get /api/image/status',
      'get /api/openapi.json',
      'get /api/relay/v1/chat/completions',
      'get /api/relay/v1/models',
      'get /api/relay/v1/models/{id}',
      'get /api/relay/v1/videos',
      'get /api/relay/v1/videos/{id}',
      'get /api/relay/v1/videos/{id}/content',
      'get /api/user/ledger',
      'get /api/user/quota',
      'get /api/user/usage',
      'get /api/user/usage/events',
      'get /api/video/content',
      'get /api/video/events',
      'get /api/video/jobs',
      'get /api/video/models',
      'get /api/video/status',
      'post /api/image/cancel',
      'post /api/image/submit',
      'post /api/relay/v1/chat/completions',
      'post /api/relay/v1/embeddings',
      'post /api/relay/v1/images/edits',
      'post /api/relay/v1/images/generations',
      'post /api/relay/v1/videos',
      'post /api/user/redemption',
      'post /api/video/cancel',
      'post /api/video/submit',
    ]);
  });

  it('names routes that carry neither an operation nor a reason', () => {
    const forgotten = app.get(DocsService).undocumentedRoutes();
    expect(forgotten.map(({ path }) => path)).toEqual(['/api/forgotten']);
  });

  it('states version, server and security', () => {
    const { document } = app.get(DocsService);
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: ORIGIN }] });
    expect(document.info.version).toMatch(/^\d+\.\d+\.\d+/);
    for (const { path, operation } of operations()) {
      expect(operation.security).toEqual(/^\/api\/(relay|user|video|image)\//.test(path) ? [{ apiKey: [] }] : []);
    }
    expect(document.components.securitySchemes).toHaveProperty('apiKey.scheme', 'bearer');
  });

  it('keeps the rules of OpenAPI 3.1 that a client generator relies on', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tagNames = app.get(DocsService).document.tags.map(({ name }) => name);
    for (const { path, operation } of operations()) {
      expect(operation.tags.filter((tag) => !tagNames.includes(tag))).toEqual([]);
      const templated = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => name)).toEqual(templated);
      expect(inPath.every(({ required }) => required)).toBe(true);
      expect(Object.keys(operation.responses)).toContain('200');
      expect(Object.entries(operation.responses).filter(([status]) => !/^[1-5]\d\d$/.test(status))).toEqual([]);
      expect(Object.values(operation.responses).every(({ description }) => description !== '')).toBe(true);
    }
  });

  it('says of every route that needs a key what a wrong one, a full limit and a fault look like', () => {
    const keyed = operations().filter(({ operation }) => operation.security.length > 0);
    expect(keyed.length).toBeGreaterThan(20);
    for (const { place, operation } of keyed) {
      const statuses = Object.keys(operation.responses);
      expect({ place, statuses }).toEqual({
        place,
        statuses: expect.arrayContaining(['401', '403', '429', '500', '503']),
      });
    }
  });

  it('resolves every reference, and carries no schema that nothing refers to', () => {
    const { document } = app.get(DocsService);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    const names = new Set(references.map(([, name]) => name));
    expect([...names].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted());
    expect(JSON.stringify(document).match(/"\$ref":"(?!#\/components\/schemas\/)/)).toBeNull();
  });

  it('writes schemas that are valid JSON Schema 2020-12, and examples that fit them', () => {
    let examples = 0;
    for (const schema of Object.values(schemas)) validatorOf(schema);
    for (const { operation } of operations()) {
      for (const [type, content] of contents(operation)) {
        const isValid = validatorOf(content.schema);
        const values = Object.values(content.examples ?? {}).flatMap(({ value }) =>
          type === 'text/event-stream' ? eventsOf(String(value)) : [value],
        );
        for (const value of values) {
          isValid(value);
          expect({ id: operation.operationId, errors: isValid.errors ?? [] }).toEqual({
            id: operation.operationId,
            errors: [],
          });
          examples += 1;
        }
      }
    }
    expect(examples).toBeGreaterThan(9);
  });

  it('says everything in both languages', () => {
    const missing: string[] = [];
    const visit = (node: unknown, at: string): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [key, value] of Object.entries(node)) {
        const isText = (key === 'description' || key === 'summary') && typeof value === 'string';
        if (isText && !(`x-${key}-zh` in node)) missing.push(`${at}/${key}`);
        if (key !== 'value') visit(value, `${at}/${key}`);
      }
    };
    visit(app.get(DocsService).document, '');
    expect(missing).toEqual([]);
  });

  it('answers 200 with a tag, and 304 to who knows it', async () => {
    const first = await app.inject({ url: '/api/openapi.json' });
    expect(first.statusCode).toBe(200);
    expect(first.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(first.json()).toEqual(JSON.parse(JSON.stringify(app.get(DocsService).document)));
    const etag = String(first.headers.etag);
    const second = await app.inject({ url: '/api/openapi.json', headers: { 'if-none-match': `"other", W/${etag}` } });
    expect([second.statusCode, second.body]).toEqual([304, '']);
  });

  it('is open to callers without a key', () => {
    expect(Reflect.getMetadata(IS_PUBLIC, DocsController)).toBe(true);
  });

  it.each<[string, ApiOperationSpec]>([
    ['two handlers claim one operation', listModelsOperation],
    ['a path lacks the parameter of its operation', getModelOperation],
  ])('stops the start when %s', async (_case, operation) => {
    @Controller('api/other')
    class OtherController {
      @Get()
      @ApiOperation(operation)
      other(): void {}
    }
    await expect(start(RelayController, OtherController)).rejects.toThrow(operation.id);
  });
});

describe('GET /docs', () => {
  const page = async (url: string, acceptLanguage?: string) =>
    app.inject({ url, headers: acceptLanguage === undefined ? {} : { 'accept-language': acceptLanguage } });

  it.each([
    ['/docs', undefined, 'en'],
    ['/docs', 'zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['/docs', 'fr, en;q=0.4, zh-TW;q=0.5', 'zh'],
    ['/docs', 'zh;q=0, en;q=0.1', 'en'],
    ['/docs?lang=en', 'zh-CN', 'en'],
    ['/docs?lang=zh', 'en', 'zh'],
    ['/docs?lang=xx&lang=zh', 'zh', 'zh'],
  ])('%s with Accept-Language %s is written in %s', async (url, acceptLanguage, language) => {
    const answer = await page(url, acceptLanguage);
    expect([answer.statusCode, answer.headers['content-language']]).toEqual([200, language]);
    expect(answer.headers['vary']).toBe('accept-language, cookie');
    expect(answer.body).toContain(language === 'zh' ? '快速接入' : 'Quick start');
  });

  it.each(['en', 'zh'])('shows every operation of the document and no other (%s)', async (language) => {
    const { body } = await page(`/docs/reference?lang=${language}`);
    const shown = [...body.matchAll(/<article class="endpoint" id="(\w+)"/g)].map(([, id]) => id);
    expect(shown.toSorted()).toEqual(
      operations()
        .map(({ operation }) => operation.operationId)
        .toSorted(),
    );
  });

  it.each(['/docs', '/docs/reference'])('%s needs nothing from another origin, and nothing inline', async (url) => {
    const { body, headers } = await page(url);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    const loaded = [...body.matchAll(/<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)="([^"]*)"/g)];
    expect(loaded.length).toBeGreaterThan(2);
    for (const [, source] of loaded) expect(source).toMatch(/^((\.\.\/)?docs\/assets\/|data:image\/svg)/);
    expect(body.match(/\son\w+=|<style|\sstyle=|<script(?![^>]*\ssrc=)/i)).toBeNull();
  });

  it('links its assets under names that change with their content, cached for ever', async () => {
    const { body } = await page('/docs');
    const names = [...body.matchAll(/(?:src|href)="(docs\/assets\/docs\.[0-9a-f]{16}\.(?:css|js))"/g)];
    expect(names).toHaveLength(2);
    for (const [, name] of names) {
      const asset = await app.inject({ url: `/${name}` });
      expect([asset.statusCode, asset.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
    }
    expect((await app.inject({ url: '/docs/assets/docs.css' })).statusCode).toBe(404);
  });

  it.each(['en', 'zh'])(
    'has one target for every link into and between the pages, and no id twice (%s)',
    async (language) => {
      const bodies = new Map<string, string>();
      for (const path of ['/docs', '/docs/reference']) bodies.set(path, (await page(`${path}?lang=${language}`)).body);
      const idsOf = (path: string) => [...(bodies.get(path) ?? '').matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
      let links = 0;
      for (const [path, body] of bodies) {
        expect(new Set(idsOf(path)).size).toBe(idsOf(path).length);
        for (const [, href = ''] of body.matchAll(/<a\b[^>]*\shref="([^"]+)"/g)) {
          const { origin, pathname, hash } = new URL(href, `${ORIGIN}${path}`);
          expect(origin).toBe(ORIGIN);
          if (hash === '') expect(['/docs', '/docs/reference', '/api/openapi.json']).toContain(pathname);
          else expect({ href, ids: idsOf(pathname) }).toEqual({ href, ids: expect.arrayContaining([hash.slice(1)]) });
          links += 1;
        }
      }
      expect(links).toBeGreaterThan(100);
    },
  );

  it('keeps the language of the switch for later visits, on both pages and below a path prefix', async () => {
    const chosen = await page('/docs?lang=zh', 'en');
    expect(chosen.headers['set-cookie']).toBe('docs_language=zh; Path=/docs; Max-Age=31536000; SameSite=Lax; HttpOnly');
    const cookie = 'theme=dark; docs_language=zh';
    for (const url of ['/docs', '/docs/reference']) {
      const later = await app.inject({ url, headers: { cookie, 'accept-language': 'en' } });
      expect([later.headers['content-language'], later.headers['set-cookie']]).toEqual(['zh', undefined]);
    }
    const changed = await app.inject({ url: '/docs?lang=en', headers: { cookie } });
    expect(changed.headers['content-language']).toBe('en');
    expect(languageCookie('en', `${ORIGIN}/hub`)).toContain('; Path=/hub/docs;');
  });

  it('passes over a remembered language that there is not', async () => {
    const answer = await app.inject({ url: '/docs', headers: { cookie: 'docs_language=xx', 'accept-language': 'zh' } });
    expect(answer.headers['content-language']).toBe('zh');
  });

  it('shows bodies of the API document that the hub would accept and give', () => {
    const errorsOf = (content: OpenApiContent | undefined, text: string) => {
      const validate = validatorOf(content?.schema ?? {});
      validate(JSON.parse(text.replaceAll(/ \/\/ .*$/gm, '')));
      return validate.errors ?? [];
    };
    const byId = new Map(operations().map(({ operation }) => [operation.operationId, operation]));
    for (const { operationId, request, response } of DOCUMENT_ENDPOINTS) {
      const operation = byId.get(operationId)!;
      const asked = operation.requestBody?.content['application/json'];
      const answered = operation.responses['200']?.content?.['application/json'];
      for (const text of Object.values<string>({ ...request }))
        expect([operationId, errorsOf(asked, text)]).toEqual([operationId, []]);
      // The picture of the document says less than the hub does.
      if (response !== undefined && operationId !== 'createImage') {
        expect([operationId, errorsOf(answered, response)]).toEqual([operationId, []]);
      }
    }
  });

  it('leaves streaming and SDKs out while the hub serves no chat', async () => {
    const other = await start(HealthController);
    const { body } = await other.inject({ url: '/docs' });
    await other.close();
    expect(body).toContain('/api/health');
    expect(body).not.toMatch(/EventSource|pip install|chat\/completions<\/span>/);
  });

  it('escapes what operations say', async () => {
    @Controller('api/odd')
    class OddController {
      @Get()
      @ApiOperation({
        ...healthOperation,
        id: 'odd',
        summary: { en: '<script>alert(1)</script>', zh: '<b>' },
        description: { en: 'a `<i>` & "b"', zh: '' },
        curl: `curl '<img src=x>' {origin}`,
      })
      odd(): void {}
    }
    const other = await start(OddController);
    const { body } = await other.inject({ url: '/docs/reference' });
    await other.close();
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(body).toContain('a <code>&lt;i&gt;</code> &amp; &quot;b&quot;');
    expect(body).toContain('&lt;img src=x&gt;');
    expect(body).not.toMatch(/<script>|<img src=x>|<i>/);
  });
});
