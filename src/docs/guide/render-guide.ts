import { KEY_PLACEHOLDER } from '../openapi/build-openapi-document.js';
import type { OpenApiDocument } from '../openapi/openapi-document.js';
import { endpointsOf } from '../page/endpoints.js';
import { type NavigationGroup, renderFrame } from '../page/frame.js';
import { html } from '../page/html.js';
import { type Language, localized } from '../page/language.js';
import type { PageLinks } from '../page/page-links.js';
import { TEXTS } from '../page/texts.js';
import { GUIDE } from './guide-texts.js';
import { more, servedTopics } from './more.js';
import {
  authentication,
  errors,
  partId,
  publicEndpoints,
  quickStart,
  sdks,
  servedDocumentEndpoints,
  streaming,
} from './sections.js';
import { tryIt } from './try-it.js';

/**
 * Renders the guide: the content of the API document, then what the product adds.
 * @param document the OpenAPI document; endpoints that it does not hold are left out
 * @returns a whole HTML document without inline script or style
 */
export function renderGuide(document: OpenApiDocument, links: PageLinks, language: Language): string {
  const texts = TEXTS[language];
  const origin = document.servers[0]?.url ?? '';
  const served = new Map(endpointsOf(document).map((endpoint) => [endpoint.operation.operationId, endpoint]));
  const hasChat = served.has('createChatCompletion');
  const description = localized(document.info, 'description', language);
  const begin: NavigationGroup = {
    entries: [
      { id: 'quick-start', title: GUIDE.quickStart[language] },
      ...(hasChat ? [{ id: 'try-it', title: texts.tryIt }] : []),
      { id: 'authentication', title: GUIDE.authentication[language] },
      {
        id: 'endpoints',
        title: GUIDE.endpoints[language],
        children: servedDocumentEndpoints(served).map(({ shown, endpoint }) => ({
          id: partId(shown),
          title: shown.title[language].replace(/ ?\(.*\)$/, ''),
          method: endpoint.method,
        })),
      },
      ...(hasChat
        ? [
            { id: 'streaming', title: GUIDE.streaming[language] },
            { id: 'sdks', title: GUIDE.sdks[language] },
          ]
        : []),
      { id: 'errors', title: GUIDE.errors[language] },
    ],
  };
  const beyond: NavigationGroup = {
    title: { id: 'more', text: GUIDE.more[language] },
    entries: servedTopics(served).map(({ id, title }) => ({ id, title: title[language] })),
  };
  const content = html`<section class="hero" id="top"><h1>${texts.title}</h1><p>${description}</p>
<p class="facts"><span>${texts.baseUrl}</span><code>${origin}</code><a href="${links.openApi}">${texts.download}</a><span class="version">v${document.info.version}</span></p></section>
${quickStart(language)}
${hasChat ? tryIt(language) : undefined}
${authentication(language)}
${publicEndpoints(served, links, language)}
${hasChat ? [streaming(origin, language), sdks(origin, language)] : undefined}
${errors(language)}
${more(served, origin, KEY_PLACEHOLDER, links, language)}`;
  return renderFrame({
    view: 'guide',
    title: texts.title,
    description,
    links,
    language,
    navigation: beyond.entries.length > 0 ? [begin, beyond] : [begin],
    content,
  });
}
