import { html, type SafeHtml } from './html.js';
import { LANGUAGES, type Language } from './language.js';
import { MARK } from './mark.js';
import type { PageLinks, View } from './page-links.js';
import { TEXTS } from './texts.js';

/** One line of the side navigation. */
export interface NavigationEntry {
  readonly id: string;
  readonly title: string;
  /** Shown when the pointer rests on it. */
  readonly hint?: string;
  /** HTTP method, for an endpoint. */
  readonly method?: string;
  /** The title is a path. */
  readonly isPath?: boolean;
  readonly children?: readonly NavigationEntry[];
}

/** Lines of the side navigation that belong together. */
export interface NavigationGroup {
  readonly title?: { readonly id: string; readonly text: string };
  readonly entries: readonly NavigationEntry[];
}

/** What makes one page different from another. */
export interface Frame {
  readonly view: View;
  readonly title: string;
  readonly description: string;
  readonly links: PageLinks;
  readonly language: Language;
  readonly navigation: readonly NavigationGroup[];
  readonly content: SafeHtml;
}

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', zh: '中文' };
const LANGUAGE_TAGS: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-Hans' };

/** Puts head, top bar and side navigation around the content of a page. Everything works without the script. */
export function renderFrame({ view, title, description, links, language, navigation, content }: Frame): string {
  const texts = TEXTS[language];
  const page = html`<!doctype html>
<html lang="${LANGUAGE_TAGS[language]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${description}">
<title>${title} · ${texts.product}</title>
<link rel="icon" href="${MARK}">
<link rel="stylesheet" href="${links.style}">
<script src="${links.script}" defer></script>
</head>
<body>
<a class="skip" href="#content">${texts.skip}</a>
<header class="top">
<a class="brand" href="${links.guide(language)}"><img src="${MARK}" alt="" width="28" height="28"><strong>${texts.product}</strong></a>
<nav class="views" aria-label="${texts.pages}">${viewLink('guide', texts.guideTab)}${viewLink('reference', texts.referenceTab)}</nav>
<nav class="languages" aria-label="${texts.language}">${LANGUAGES.map(languageLink)}</nav>
</header>
<div class="layout">
<nav class="side" aria-label="${texts.navigation}">${navigation.map(navigationGroup)}</nav>
<main id="content" tabindex="-1">
${content}
</main>
</div>
</body>
</html>
`;
  return page.markup;

  function viewLink(target: View, text: string): SafeHtml {
    return html`<a href="${links[target](language)}"${current(target === view, 'page')}>${text}</a>`;
  }

  function languageLink(target: Language): SafeHtml {
    const tag = LANGUAGE_TAGS[target];
    return html`<a href="${links[view](target)}" lang="${tag}" hreflang="${tag}"${current(target === language, 'true')}>${LANGUAGE_NAMES[target]}</a>`;
  }
}

function current(isCurrent: boolean, value: string): SafeHtml | undefined {
  return isCurrent ? html` aria-current="${value}"` : undefined;
}

function navigationGroup({ title, entries }: NavigationGroup): SafeHtml {
  return html`${title && html`<p><a href="#${title.id}">${title.text}</a></p>`}<ul>${entries.map(navigationEntry)}</ul>`;
}

function navigationEntry({ id, title, hint, method, isPath, children = [] }: NavigationEntry): SafeHtml {
  return html`<li><a href="#${id}"${hint === undefined ? undefined : html` title="${hint}"`}${
    isPath ? html` class="path"` : undefined
  }>${method === undefined ? undefined : html`<span class="verb verb-${method}">${method.toUpperCase()}</span>`}<span>${title}</span></a>${
    children.length > 0 ? html`<ul>${children.map(navigationEntry)}</ul>` : undefined
  }</li>`;
}
