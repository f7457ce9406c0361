import type { LocalizedNode } from '../openapi/openapi-document.js';

/** The languages of the reference page. */
export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

const COOKIE = 'docs_language';
const COOKIE_SECONDS = 365 * 24 * 60 * 60;

/** The language that a text such as the value of `?lang=` names. */
export function namedLanguage(text: unknown): Language | undefined {
  return LANGUAGES.find((language) => language === text);
}

/** The language that {@link languageCookie} has left with the reader. */
function rememberedLanguage(cookies: string | undefined): Language | undefined {
  const pairs = (cookies ?? '').split(';').map((pair) => pair.trim().split('='));
  return namedLanguage(pairs.find(([name]) => name === COOKIE)?.[1]);
}

/** A `Set-Cookie` value that keeps a language for the pages of the documentation. @param publicUrl may end in a path prefix */
export function languageCookie(language: Language, publicUrl: string): string {
  const prefix = new URL(publicUrl).pathname.replace(/\/$/, '');
  return `${COOKIE}=${language}; Path=${prefix}/docs; Max-Age=${COOKIE_SECONDS}; SameSite=Lax; HttpOnly`;
}

/**
 * Chooses the language of a page; English when nothing says otherwise.
 * @param asked the value of `?lang=`; it wins when it names one of ours
 * @param acceptLanguage the request header of that name (RFC 9110, 12.5.4)
 * @param cookies the request header `Cookie`, where a language may be remembered: it goes before `Accept-Language`
 */
export function pickLanguage(asked: unknown, acceptLanguage: string | undefined, cookies?: string): Language {
  const chosen = namedLanguage(asked) ?? rememberedLanguage(cookies);
  if (chosen) return chosen;
  const ranges = (acceptLanguage ?? '').split(',').map((range) => {
    const [tag = '', ...parameters] = range.trim().toLowerCase().split(';');
    const quality = parameters.map((each) => /^\s*q=([\d.]+)$/.exec(each)?.[1]).find((each) => each !== undefined);
    return { language: namedLanguage(tag.split('-')[0]), quality: Number(quality ?? 1) };
  });
  const best = ranges
    .filter((range) => range.language !== undefined && range.quality > 0)
    .toSorted((a, b) => b.quality - a.quality)[0];
  return best?.language ?? 'en';
}

/** The summary or description of a node of the document; English where there is no Chinese. */
export function localized(node: LocalizedNode, key: 'summary' | 'description', language: Language): string {
  return (language === 'zh' ? node[`x-${key}-zh`] : undefined) ?? node[key] ?? '';
}
