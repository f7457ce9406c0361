import type { Language } from './language.js';

/** The pages of the documentation. */
export type View = 'guide' | 'reference';

/** Addresses as one page writes them: relative to itself, so that a path prefix in front of the hub is kept. */
export interface PageLinks {
  readonly style: string;
  readonly script: string;
  readonly openApi: string;
  guide(language: Language): string;
  reference(language: Language): string;
}

/**
 * The addresses as a page writes them.
 * @param view the page they stand on: the guide is at `/docs`, the reference at `/docs/reference`
 * @param assets names of the style sheet and the script under `/docs/assets/`
 */
export function pageLinks(view: View, assets: { readonly style: string; readonly script: string }): PageLinks {
  const root = view === 'guide' ? '' : '../';
  return {
    style: `${root}docs/assets/${assets.style}`,
    script: `${root}docs/assets/${assets.script}`,
    openApi: `${root}api/openapi.json`,
    guide: (language) => `${root}docs?lang=${language}`,
    reference: (language) => `${root}docs/reference?lang=${language}`,
  };
}
