import type { Endpoint } from './endpoints.js';
import { html, type SafeHtml } from './html.js';
import type { Language } from './language.js';
import { TEXTS } from './texts.js';

/** Method, path and whether a key is needed. @param query shown behind the path, such as `?jobId=xxx` */
export function routeLine({ method, path, operation }: Endpoint, language: Language, query = ''): SafeHtml {
  const texts = TEXTS[language];
  const needsKey = operation.security.length > 0;
  return html`<p class="route"><span class="method method-${method}">${method.toUpperCase()}</span><code>${breakable(
    path + query,
  )}</code><span class="auth${needsKey ? '' : ' auth-none'}">${needsKey ? texts.needsKey : texts.needsNothing}</span></p>`;
}

/** Lets a long path break after its slashes. */
function breakable(path: string): SafeHtml[] {
  return path.split(/(?<=\/)/).map((part) => html`${part}<wbr>`);
}
