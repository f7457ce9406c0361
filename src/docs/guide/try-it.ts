import { KEY_PLACEHOLDER } from '../openapi/build-openapi-document.js';
import { heading } from '../page/heading.js';
import { html, type SafeHtml } from '../page/html.js';
import type { Language } from '../page/language.js';
import { TEXTS } from '../page/texts.js';

/** The form that asks the hub itself. Hidden until the script of the page has bound it. */
export function tryIt(language: Language): SafeHtml {
  const texts = TEXTS[language];
  return html`<section id="try-it" hidden>${heading(2, 'try-it', texts.tryIt)}<p class="lead">${texts.tryItLead}</p>
<form class="try" autocomplete="off" data-cut="${texts.tryCut}">
<label class="try-key"><span>${texts.tryKey}</span><input name="key" type="password" autocomplete="off" spellcheck="false" placeholder="${KEY_PLACEHOLDER}" data-fills-key required></label>
<label class="try-model"><span>${texts.tryModel}</span><input name="model" value="gpt-4" list="known-models" spellcheck="false" required><datalist id="known-models"></datalist></label>
<label class="try-message"><span>${texts.tryMessage}</span><textarea name="message" rows="2" required>${texts.tryMessageDefault}</textarea></label>
<p class="try-actions"><button type="submit">${texts.trySend}</button><button type="button" data-stop hidden>${texts.tryStop}</button></p>
<output name="answer" aria-live="polite" data-empty="${texts.tryAnswer}"></output>
</form></section>`;
}
