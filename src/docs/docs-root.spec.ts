import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { ConfigModule } from '../config/config.module.js';
import { parseSettings } from '../config/parse-settings.js';
import { DocsModule } from './docs.module.js';

async function start(publicUrl: string): Promise<NestFastifyApplication> {
  const imports = [ConfigModule.forRoot(parseSettings({ HUB_PUBLIC_URL: publicUrl })), DocsModule];
  const moduleRef = await Test.createTestingModule({ imports }).compile();
  return moduleRef.createNestApplication<NestFastifyApplication>(new FastifyAdapter()).init();
}

describe('GET /', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await start('https://hub.example');
  });
  afterAll(() => app.close());

  it.each([
    ['text/html,application/xhtml+xml;q=0.9,*/*;q=0.8', 302],
    ['application/json, TEXT/HTML ; q=0.1', 302],
    ['text/html;q=0', 404],
    ['text/html;q=0.0,application/json', 404],
    ['application/json', 404],
    ['*/*', 404],
    [undefined, 404],
  ])('leads browsers to the guide, and nobody else: %s', async (accept, status) => {
    const answer = await app.inject({ url: '/', headers: accept === undefined ? {} : { accept } });
    expect(answer.statusCode).toBe(status);
    // Relative: to /hub/docs from /hub/.
    if (status === 302) expect([answer.headers.location, answer.headers['vary']]).toEqual(['docs', 'accept']);
  });

  it('leads there below a path prefix, whether or not a slash follows it', async () => {
    const other = await start('https://hub.example/hub');
    const { headers } = await other.inject({ url: '/', headers: { accept: 'text/html' } });
    expect(headers.location).toBe('/hub/docs');
    await other.close();
  });
});
