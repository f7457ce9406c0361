import { html, type SafeHtml } from './html.js';

/** A heading that links to itself, so that its address can be copied. */
export function heading(level: 2 | 3, id: string, title: string): SafeHtml {
  const link = html`<a class="heading-link" href="#${id}">${title}</a>`;
  return level === 2 ? html`<h2>${link}</h2>` : html`<h3>${link}</h3>`;
}
