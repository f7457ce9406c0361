/**
 * What the pages at /graphql say. `problems` are the answers of a sign-in by their code; those without an entry are shown as the
 * hub words them. `unexpected` and `unreachable` are answers that the hub itself did not give.
 */
export const TEXTS = {
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
    problems: {
      unexpected: 'The hub did not answer as expected.',
      unreachable: 'The hub cannot be reached.',
    },
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
    problems: {
      unexpected: '服务返回了意外的内容。',
      unreachable: '无法连接服务。',
      invalid_credentials: '邮箱、密码或验证码不正确。',
      too_many_attempts: '失败次数过多，请稍后再试。',
      too_many_requests: '请求过于频繁，请稍后再试。',
      sign_in_busy: '登录请求较多，请稍后再试。',
    },
  },
} as const;
