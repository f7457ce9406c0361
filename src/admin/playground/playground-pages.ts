import { html, type SafeHtml } from '../../docs/page/html.js';
import type { Language } from '../../docs/page/language.js';
import { MARK } from '../../docs/page/mark.js';
import type { Actor } from '../../users/actor.js';
import { TEXTS } from './playground-texts.js';

// Addresses are relative to /graphql, so that a path prefix in front of the hub is kept.

/** Whoever has not signed in gets this page at /graphql. */
export function signInPage(language: Language): string {
  const texts = TEXTS[language];
  // Without its script the form would send the password as part of an address; by POST it cannot, and the policy forbids both.
  return html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
${headOf(`${texts.title} - UG AI Hub`)}
<link rel="stylesheet" href="graphql/assets/playground.css">
<script type="module" src="graphql/assets/sign-in.js"></script>
</head>
<body class="sign-in" data-problems="${JSON.stringify(texts.problems)}">
<main>
<h1><img src="${MARK}" alt="" width="32" height="32">UG AI Hub</h1>
<p>${texts.intro}</p>
<form id="sign-in" method="post">
<label>${texts.email}<input name="email" inputmode="email" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus></label>
<label>${texts.password}<input name="password" type="password" autocomplete="current-password" required></label>
<label id="second-factor" hidden>${texts.code}<input name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="64">
<small>${texts.codeHint}</small></label>
<p id="problem" role="alert" hidden></p>
<button type="submit">${texts.submit}</button>
</form>
<noscript><p>${texts.noScript}</p></noscript>
<p class="links"><a href="docs">${texts.docs}</a></p>
</main>
</body>
</html>
`.markup;
}

/** GraphiQL, from our own files, for somebody who has signed in. */
export function playgroundPage(language: Language, actor: Actor): string {
  const texts = TEXTS[language];
  return html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
${headOf('GraphQL - UG AI Hub')}
<link rel="stylesheet" href="graphql/assets/graphiql.min.css">
<link rel="stylesheet" href="graphql/assets/playground.css">
<script src="graphql/assets/react.production.min.js" defer></script>
<script src="graphql/assets/react-dom.production.min.js" defer></script>
<script src="graphql/assets/graphiql.min.js" defer></script>
<script type="module" src="graphql/assets/playground.js"></script>
</head>
<body class="playground" data-problems="${JSON.stringify(texts.problems)}">
<header><img src="${MARK}" alt="" width="24" height="24"><strong>UG AI Hub</strong><span>${actor.email} (${actor.role})</span>
<a href="docs">${texts.docs}</a><button id="sign-out" type="button">${texts.signOut}</button>
<p id="problem" role="alert" hidden></p></header>
<div id="graphiql"><noscript><p>${texts.noScript}</p></noscript></div>
</body>
</html>
`.markup;
}

function headOf(title: string): SafeHtml {
  return html`<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${MARK}">`;
}
