import { html } from '../../docs/page/html.js';
import { type Language } from '../../docs/page/language.js';
import type { Actor } from '../../users/actor.js';

const TEXTS = {
  en: {
    title: 'Sign in',
    intro: 'The admin API of this hub. Sign in to explore it.',
    email: 'E-mail',
    password: 'Password',
    code: 'Code of the second factor',
    codeHint: 'From your authenticator app, or a recovery code.',
    submit: 'Sign in',
    signOut: 'Sign out',
    docs: 'API documentation',
    noScript: 'This page needs JavaScript. The API itself does not: send requests to /graphql.',
  },
  zh: {
    title: '登录',
    intro: '本中心的管理 API。登录后即可浏览。',
    email: '邮箱',
    password: '密码',
    code: '两步验证码',
    codeHint: '来自验证器应用，或一个恢复码。',
    submit: '登录',
    signOut: '退出登录',
    docs: 'API 文档',
    noScript: '本页面需要 JavaScript。API 本身不需要：直接向 /graphql 发送请求即可。',
  },
} as const;

/** Whoever has not signed in gets this page at /graphql. */
export function signInPage(language: Language): string {
  const texts = TEXTS[language];
  return html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${texts.title} - UG AI Hub</title>
<link rel="stylesheet" href="/graphql/assets/playground.css">
<script src="/graphql/assets/sign-in.js" defer></script>
</head>
<body class="sign-in">
<main>
<h1>UG AI Hub</h1>
<p>${texts.intro}</p>
<form id="sign-in" novalidate>
<label>${texts.email}<input name="email" type="email" autocomplete="username" required autofocus></label>
<label>${texts.password}<input name="password" type="password" autocomplete="current-password" required></label>
<label id="second-factor" hidden>${texts.code}<input name="code" autocomplete="one-time-code" maxlength="64">
<small>${texts.codeHint}</small></label>
<p id="problem" role="alert" hidden></p>
<button type="submit">${texts.submit}</button>
</form>
<noscript><p>${texts.noScript}</p></noscript>
<p class="links"><a href="/docs">${texts.docs}</a></p>
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
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphQL - UG AI Hub</title>
<link rel="stylesheet" href="/graphql/assets/graphiql.min.css">
<link rel="stylesheet" href="/graphql/assets/playground.css">
<script src="/graphql/assets/react.production.min.js" defer></script>
<script src="/graphql/assets/react-dom.production.min.js" defer></script>
<script src="/graphql/assets/graphiql.min.js" defer></script>
<script src="/graphql/assets/playground.js" defer></script>
</head>
<body class="playground">
<header><strong>UG AI Hub</strong><span>${actor.email} (${actor.role})</span>
<a href="/docs">${texts.docs}</a><button id="sign-out" type="button">${texts.signOut}</button></header>
<div id="graphiql"><noscript><p>${texts.noScript}</p></noscript></div>
</body>
</html>
`.markup;
}
