import { KEY_PLACEHOLDER } from '../openapi/build-openapi-document.js';
import type { OpenApiDocument } from '../openapi/openapi-document.js';
import { type Endpoint, endpointsOf } from '../page/endpoints.js';
import { renderFrame } from '../page/frame.js';
import { heading } from '../page/heading.js';
import { html } from '../page/html.js';
import { type Language, localized } from '../page/language.js';
import type { PageLinks } from '../page/page-links.js';
import { TEXTS } from '../page/texts.js';
import { endpointSection } from './endpoint.js';

/** Endpoints under one heading. */
interface Group {
  readonly id: string;
  readonly title: string;
  readonly endpoints: readonly Endpoint[];
}

/**
 * Renders the reference: every endpoint of the OpenAPI document with its fields and answers.
 * @param document only what it holds is shown
 * @returns a whole HTML document without inline script or style
 */
export function renderReference(document: OpenApiDocument, links: PageLinks, language: Language): string {
  const texts = TEXTS[language];
  const groups = groupsOf(document, language);
  const { schemas } = document.components;
  const content = html`<section class="hero" id="top"><h1>${texts.reference}</h1><p>${texts.referenceText}</p>
<p class="facts"><span>${texts.baseUrl}</span><code>${document.servers[0]?.url ?? ''}</code><a href="${links.openApi}">${texts.download}</a><span class="version">v${document.info.version}</span></p>
<form class="key-field" autocomplete="off" hidden><label><span>${texts.tryKey}</span><input type="password" autocomplete="off" spellcheck="false" placeholder="${KEY_PLACEHOLDER}" data-fills-key></label><small>${texts.keyFieldNote}</small></form></section>
${groups.map(
  (group) =>
    html`<section class="group" id="${group.id}">${heading(2, group.id, group.title)}${group.endpoints.map((endpoint) =>
      endpointSection(endpoint, schemas, links, language),
    )}</section>`,
)}`;
  return renderFrame({
    view: 'reference',
    title: texts.reference,
    description: localized(document.info, 'description', language),
    links,
    language,
    navigation: [
      {
        entries: groups.map(({ id, title, endpoints }) => ({
          id,
          title,
          children: endpoints.map(({ method, path, operation }) => ({
            id: operation.operationId,
            title: shortened(path),
            hint: localized(operation, 'summary', language),
            method,
            isPath: true,
          })),
        })),
      },
    ],
    content,
  });
}

/** A path without the prefix that all endpoints of its kind share. */
function shortened(path: string): string {
  return path.replace(/^\/api\/relay\/v1/, '').replace(/^\/api/, '');
}

function groupsOf(document: OpenApiDocument, language: Language): readonly Group[] {
  const endpoints = endpointsOf(document);
  return document.tags.map((tag) => ({
    id: tag.name,
    title: language === 'zh' ? tag['x-displayName-zh'] : tag['x-displayName'],
    endpoints: endpoints.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
}
