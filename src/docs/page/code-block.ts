import { KEY_PLACEHOLDER } from '../openapi/build-openapi-document.js';
import { type CodeLanguage, highlight } from './highlight.js';
import { html, SafeHtml } from './html.js';
import type { Language } from './language.js';
import { TEXTS } from './texts.js';

/**
 * A panel with code, its title and a copy button. The script of the page shows the button and fills the reader's key
 * in wherever the placeholder stands.
 */
export function codeBlock(title: string, code: string, codeLanguage: CodeLanguage, language: Language): SafeHtml {
  const coloured = highlight(code, codeLanguage).markup;
  const markup = new SafeHtml(
    coloured.replaceAll(KEY_PLACEHOLDER, `<span class="key" data-key>${KEY_PLACEHOLDER}</span>`),
  );
  const { copy, copied } = TEXTS[language];
  return html`<figure class="code code-${codeLanguage}"><figcaption><span>${title}</span><button type="button" class="copy" data-copied="${copied}" hidden>${copy}</button></figcaption><pre tabindex="0"><code>${markup}</code></pre></figure>`;
}
