import type { OpenApiDocument, OpenApiOperation } from '../openapi/openapi-document.js';
import { type Endpoint, endpointSection } from './endpoint.js';
import { authentication, errors, quickStart, sdks, streaming, tryIt } from './guide.js';
import { html, prose, type SafeHtml } from './html.js';
import { LANGUAGES, type Language, localized } from './language.js';
import { TEXTS } from './texts.js';

/** Where the page finds its style and script, relative to itself so that a path prefix in front of the hub is kept. */
export interface PageAssets {
  readonly style: string;
  readonly script: string;
}

/** Endpoints under one heading. */
interface Group {
  readonly id: string;
  readonly title: string;
  readonly endpoints: readonly Endpoint[];
}

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', zh: '中文' };
const LANGUAGE_TAGS: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-Hans' };
const MARK = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b6e5d"/><g stroke="#fff" stroke-width="2.4" stroke-linecap="round"><path d="M16 16 8 9m8 7 8-7m-8 7-8 7m8-7 8 7"/></g><circle cx="16" cy="16" r="4.4" fill="#fff"/></svg>',
)}`;

/**
 * Renders the reference page.
 * @param document the API document; only what it holds is shown
 * @returns a whole HTML document without inline script or style
 */
export function renderPage(document: OpenApiDocument, assets: PageAssets, language: Language): string {
  const texts = TEXTS[language];
  const origin = document.servers[0]?.url ?? '';
  const groups = groupsOf(document, language);
  const hasChat = groups.some((group) => group.id === 'chat');
  const { schemas } = document.components;
  const page = html`<!doctype html>
<html lang="${LANGUAGE_TAGS[language]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${localized(document.info, 'description', language)}">
<title>${texts.title} · ${texts.product}</title>
<link rel="icon" href="${MARK}">
<link rel="stylesheet" href="${assets.style}">
<script src="${assets.script}" defer></script>
</head>
<body>
<a class="skip" href="#content">${texts.skip}</a>
<header class="top">
<a class="brand" href="#content"><img src="${MARK}" alt="" width="28" height="28"><strong>${texts.product}</strong><span>${texts.title}</span></a>
<nav class="languages">${LANGUAGES.map(
    (each) =>
      html`<a href="?lang=${each}" lang="${LANGUAGE_TAGS[each]}" hreflang="${LANGUAGE_TAGS[each]}"${
        each === language ? html` aria-current="true"` : undefined
      }>${LANGUAGE_NAMES[each]}</a>`,
  )}</nav>
</header>
<div class="layout">
${sideNavigation(groups, hasChat, language)}
<main id="content">
<section class="hero"><h1>${texts.title}</h1><p>${prose(localized(document.info, 'description', language))}</p>
<p class="facts"><span>${texts.baseUrl}</span><code>${origin}/api/relay/v1</code><a href="api/openapi.json">${texts.download}</a><span class="version">v${document.info.version}</span></p></section>
${quickStart(language)}
${hasChat ? tryIt(language) : undefined}
${authentication(language)}
<section id="endpoints"><h2>${texts.endpoints}</h2>${groups.map(
    (group) =>
      html`<section class="group" id="${group.id}"><h2 class="group-title">${group.title}</h2>${group.endpoints.map(
        (endpoint) => endpointSection(endpoint, schemas, language),
      )}</section>`,
  )}</section>
${hasChat ? [streaming(origin, language), sdks(origin, language)] : undefined}
${errors(language)}
</main>
</div>
</body>
</html>
`;
  return page.markup;
}

function sideNavigation(groups: readonly Group[], hasChat: boolean, language: Language): SafeHtml {
  const texts = TEXTS[language];
  const link = (id: string, title: string) => html`<li><a href="#${id}">${title}</a></li>`;
  return html`<nav class="side" aria-label="${texts.navigation}"><ul>
${link('quick-start', texts.quickStart)}${hasChat ? link('try-it', texts.tryIt) : undefined}${link('authentication', texts.authentication)}
</ul><p>${texts.endpoints}</p>
${groups.map(
  (group) =>
    html`<ul><li><a href="#${group.id}">${group.title}</a><ul>${group.endpoints.map(
      ({ method, path, operation }) =>
        html`<li><a href="#${operation.operationId}" title="${localized(operation, 'summary', language)}"><span class="verb verb-${method}">${method.toUpperCase()}</span>${shortened(path)}</a></li>`,
    )}</ul></li></ul>`,
)}
<p>${texts.guides}</p>
<ul>${hasChat ? [link('streaming', texts.streaming), link('sdks', texts.sdks)] : undefined}${link('errors', texts.errors)}</ul></nav>`;
}

/** A path without the prefix that all endpoints of its kind share. */
function shortened(path: string): string {
  return path.replace(/^\/api\/relay\/v1/, '').replace(/^\/api/, '');
}

function groupsOf(document: OpenApiDocument, language: Language): readonly Group[] {
  const endpoints = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]: [string, OpenApiOperation]) => ({ method, path, operation })),
  );
  return document.tags.map((tag) => ({
    id: tag.name,
    title: language === 'zh' ? tag['x-displayName-zh'] : tag['x-displayName'],
    endpoints: endpoints.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
}
