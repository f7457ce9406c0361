import type { LocalizedNode } from '../openapi/openapi-document.js';

/** The languages of the reference page. */
export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * Chooses the language of an answer.
 * @param asked the value of `?lang=`; it wins when it names one of ours
 * @param acceptLanguage the request header of that name (RFC 9110, 12.5.4)
 */
export function pickLanguage(asked: unknown, acceptLanguage: string | undefined): Language {
  const named = LANGUAGES.find((language) => language === asked);
  if (named) return named;
  const ranges = (acceptLanguage ?? '').split(',').map((range) => {
    const [tag = '', ...parameters] = range.trim().toLowerCase().split(';');
    const quality = parameters.map((each) => /^\s*q=([\d.]+)$/.exec(each)?.[1]).find((each) => each !== undefined);
    return { language: LANGUAGES.find((each) => each === tag.split('-')[0]), quality: Number(quality ?? 1) };
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
