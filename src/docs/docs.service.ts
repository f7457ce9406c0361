import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { type CachedAnswer, cachedAnswer, contentHash } from './cached-answer.js';
import { renderGuide } from './guide/render-guide.js';
import { buildOpenApiDocument } from './openapi/build-openapi-document.js';
import type { OpenApiDocument } from './openapi/openapi-document.js';
import { RouteExplorer, type ServedRoute } from './openapi/route-explorer.js';
import { LANGUAGES, type Language } from './page/language.js';
import { pageLinks, type View } from './page/page-links.js';
import { readProductVersion } from './read-product-version.js';
import { renderReference } from './reference/render-reference.js';

/** Built by scripts/copy-assets.mjs beside the compiled code. */
const ASSETS_FOLDER = join(import.meta.dirname, 'assets');
/** Parts of the one style sheet that is served, in the order of the cascade: one request, whatever the number of parts. */
const STYLES = ['base', 'frame', 'code', 'guide', 'try-it', 'reference'].map((name) => join('styles', `${name}.css`));
const RENDERERS = { guide: renderGuide, reference: renderReference };

interface BuiltDocs {
  readonly document: OpenApiDocument;
  readonly openApi: CachedAnswer;
  readonly pages: Readonly<Record<View, ReadonlyMap<Language, CachedAnswer>>>;
  /** By file name, content hash included. */
  readonly assets: ReadonlyMap<string, CachedAnswer>;
}

/** Holds the API document and the pages made from it, built once when the application has all its routes. */
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
    const [style, script] = await Promise.all([
      asset('docs.css', 'text/css', STYLES),
      asset('docs.js', 'text/javascript', ['docs.js']),
    ]);
    const pagesOf = (view: View) => {
      const links = pageLinks(view, { style: style.name, script: script.name });
      return new Map(
        LANGUAGES.map((language) => [
          language,
          cachedAnswer('text/html; charset=utf-8', RENDERERS[view](document, links, language)),
        ]),
      );
    };
    this.built = {
      document,
      openApi: cachedAnswer('application/json; charset=utf-8', JSON.stringify(document)),
      pages: { guide: pagesOf('guide'), reference: pagesOf('reference') },
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

  /** A page in one language. */
  page(view: View, language: Language): CachedAnswer {
    const page = this.ready.pages[view].get(language);
    if (!page) throw new Error(`no ${view} was built for ${language}`);
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

/** Joins the files of an asset and names it after its content. */
async function asset(
  fileName: string,
  type: string,
  parts: readonly string[],
): Promise<{ name: string; answer: CachedAnswer }> {
  const contents = await Promise.all(parts.map((part) => readFile(join(ASSETS_FOLDER, part), 'utf8')));
  const content = contents.join('\n');
  const [stem, extension] = fileName.split('.');
  return {
    name: `${stem}.${contentHash(content)}.${extension}`,
    answer: cachedAnswer(`${type}; charset=utf-8`, content),
  };
}
