import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { type CachedAnswer, cachedAnswer, contentHash } from './cached-answer.js';
import { buildOpenApiDocument } from './openapi/build-openapi-document.js';
import type { OpenApiDocument } from './openapi/openapi-document.js';
import { RouteExplorer, type ServedRoute } from './openapi/route-explorer.js';
import { LANGUAGES, type Language } from './page/language.js';
import { type PageAssets, renderPage } from './page/render-page.js';
import { readProductVersion } from './read-product-version.js';

/** Built by scripts/copy-assets.mjs beside the compiled code. */
const ASSETS_FOLDER = join(import.meta.dirname, 'assets');

interface BuiltDocs {
  readonly document: OpenApiDocument;
  readonly openApi: CachedAnswer;
  readonly pages: ReadonlyMap<Language, CachedAnswer>;
  /** By file name, content hash included. */
  readonly assets: ReadonlyMap<string, CachedAnswer>;
}

/** Holds the API document and the reference page, built once when the application has all its routes. */
@Injectable()
export class DocsService implements OnApplicationBootstrap {
  private built: BuiltDocs | undefined;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly explorer: RouteExplorer,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { publicUrl } = this.settings.server;
    const document = buildOpenApiDocument(this.explorer.routes(), publicUrl, await readProductVersion());
    const [style, script] = await Promise.all([asset('docs.css', 'text/css'), asset('docs.js', 'text/javascript')]);
    const links: PageAssets = { style: `docs/assets/${style.name}`, script: `docs/assets/${script.name}` };
    this.built = {
      document,
      openApi: cachedAnswer('application/json; charset=utf-8', JSON.stringify(document)),
      pages: new Map(
        LANGUAGES.map((language) => [
          language,
          cachedAnswer('text/html; charset=utf-8', renderPage(document, links, language)),
        ]),
      ),
      assets: new Map([style, script].map(({ name, answer }) => [name, answer])),
    };
  }

  /** The API document. */
  get document(): OpenApiDocument {
    return this.ready.document;
  }

  /** The API document as bytes. */
  get openApi(): CachedAnswer {
    return this.ready.openApi;
  }

  /** The reference page in one language. */
  page(language: Language): CachedAnswer {
    const page = this.ready.pages.get(language);
    if (!page) throw new Error(`no page was built for ${language}`);
    return page;
  }

  /** A style sheet or script by its hashed name; undefined when there is none of that name. */
  asset(name: string): CachedAnswer | undefined {
    return this.ready.assets.get(name);
  }

  /** Routes under /api that are neither in the document nor left out with a reason. Empty in a sound build. */
  undocumentedRoutes(): readonly ServedRoute[] {
    return this.explorer
      .routes()
      .filter((route) => route.path.startsWith('/api/') && !route.operation && route.undocumentedReason === undefined);
  }

  private get ready(): BuiltDocs {
    if (!this.built) throw new Error('The documentation is built when the application has started; it has not yet.');
    return this.built;
  }
}

async function asset(fileName: string, type: string): Promise<{ name: string; answer: CachedAnswer }> {
  const content = await readFile(join(ASSETS_FOLDER, fileName), 'utf8');
  const [stem, extension] = fileName.split('.');
  return {
    name: `${stem}.${contentHash(content)}.${extension}`,
    answer: cachedAnswer(`${type}; charset=utf-8`, content),
  };
}
