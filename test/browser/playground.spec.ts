import { setTimeout } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { totpCode, totpStepOf } from '../../src/users/totp.js';
import { signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { fromBase32 } from '../support/base32.js';
import { CHROMIUM, openBrowser, openWatchedPage, type WatchedPage } from '../support/browser.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { type TestHub } from '../support/hub.js';
import { describeWithServer } from '../support/server-suite.js';
import { ask, MANY_ADDRESSES, makeSomebody, newAddress, type Somebody, signInWith } from '../support/sign-in.js';
import { until } from '../support/until.js';

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };
const SCREENS = [
  { name: 'a phone, light', viewport: PHONE, colorScheme: 'light' },
  { name: 'a phone, dark', viewport: PHONE, colorScheme: 'dark' },
  { name: 'a desktop, light', viewport: DESKTOP, colorScheme: 'light' },
  { name: 'a desktop, dark', viewport: DESKTOP, colorScheme: 'dark' },
] as const;
const ASSETS = [
  'answers.js',
  'playground.css',
  'playground.js',
  'sign-in.js',
  'graphiql.min.css',
  'graphiql.min.js',
  'react.production.min.js',
  'react-dom.production.min.js',
];
const WRONG = 'The e-mail, the password or the code is wrong.';
/** How often one address may ask in a minute. */
const REQUESTS_MAX = 600;

/** Runs in the page: the beginnings of the elements that stick out at the right, and how much wider than the window it is. */
const MEASURE_WIDTHS = `(() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > width + 0.5);
  return { page: document.documentElement.scrollWidth - width, wide: wide.map((element) => element.outerHTML.slice(0, 90)) };
})()`;

let hub: TestHub;
let browser: Browser;
let upstream: FakeUpstream;

interface Visit extends WatchedPage {
  /** Where the visitor comes from. */
  readonly address: string;
}

/** Opens /graphql from an address of its own. */
async function visit(options: Parameters<typeof openWatchedPage>[1] = {}): Promise<Visit> {
  const address = newAddress();
  const extraHTTPHeaders = { 'x-forwarded-for': address };
  const watched = await openWatchedPage(browser, { viewport: DESKTOP, locale: 'en-GB', extraHTTPHeaders, ...options });
  await watched.page.goto(`${hub.url}/graphql`);
  return { ...watched, address };
}

async function fillIn(page: Page, { email, password }: Pick<Somebody, 'email' | 'password'>): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Opens the playground as somebody; the schema has come when this settles. */
async function enter(person: Somebody, options?: Parameters<typeof visit>[0]): Promise<Visit> {
  const visited = await visit(options);
  await fillIn(visited.page, person);
  await visited.page.locator('.graphiql-query-editor .CodeMirror').waitFor();
  await visited.page
    .getByRole('button', { name: 'Re-fetch GraphQL schema' })
    .and(visited.page.locator(':enabled'))
    .waitFor();
  return visited;
}

/** Types an operation in place of what stands there. */
async function type(page: Page, operation: string): Promise<void> {
  await page.locator('.graphiql-query-editor .CodeMirror-lines').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(operation);
}

/** Types an operation in place of what stands there, and runs it. */
async function run(page: Page, operation: string): Promise<void> {
  await type(page, operation);
  await page.keyboard.press('Control+Enter');
}

/** The result that is shown, once it has this text. */
async function resultWith(page: Page, text: string): Promise<unknown> {
  await page.locator('.result-window', { hasText: text }).waitFor();
  return JSON.parse(
    await page.evaluate<string>(`document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()`),
  );
}

const problemOf = async (page: Page, text: string): Promise<void> => {
  await page.getByRole('alert').filter({ hasText: text }).waitFor();
};

describeWithServer('chromium', CHROMIUM, 'the playground in a browser', () => {
  let owner: Somebody;
  beforeAll(async () => {
    upstream = await startFakeUpstream();
    hub = await startHub({ env: MANY_ADDRESSES, channels: [{ name: 'main', baseUrl: upstream.url }] });
    owner = await makeSomebody(hub, 'owner');
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.close();
    await upstream?.close();
  });

  it.each(SCREENS)(
    'shows a visitor on $name the sign-in form and nothing that sticks out',
    async ({ name, ...options }) => {
      const { page, complaints, hosts } = await visit(options);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('UG AI Hub');
      expect(await page.locator('#second-factor, #problem, #graphiql').filter({ visible: true }).count()).toBe(0);
      expect(await page.evaluate(MEASURE_WIDTHS)).toEqual({ page: 0, wide: [] });
      const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      expect(ground).toBe(options.colorScheme === 'dark' ? 'rgb(14, 20, 19)' : 'rgb(246, 248, 247)');
      // Relative addresses keep a path prefix in front of the hub.
      expect(await page.content()).not.toMatch(/(?:href|src)="\//);
      expect(complaints).toEqual([]);
      expect([...hosts]).toEqual([new URL(hub.url).host]);
      await page.context().close();
    },
  );

  it('says that a password is wrong and stays, then lets the right one in', async () => {
    const { page, complaints, hosts } = await visit();
    await fillIn(page, { ...owner, password: 'not the password' });
    await problemOf(page, WRONG);
    expect(await page.context().cookies()).toEqual([]);
    await fillIn(page, owner);
    await page.locator('.graphiql-container').waitFor();
    expect(await page.locator('header span').textContent()).toBe(`${owner.email} (owner)`);
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    expect(complaints).toEqual([]);
    expect([...hosts]).toEqual([new URL(hub.url).host]);
    await page.context().close();
  });

  it('speaks Chinese to readers of Chinese, also about what went wrong', async () => {
    const { page } = await visit({ locale: 'zh-CN' });
    await page.getByLabel('邮箱').fill(owner.email);
    await page.getByLabel('密码').fill('not the password');
    await page.getByRole('button', { name: '登录' }).click();
    await problemOf(page, '邮箱、密码或验证码不正确。');
    await page.context().close();
  });

  it('never puts a password into an address, even where its script does not run', async () => {
    const { page, complaints } = await visit({ javaScriptEnabled: false });
    await page.getByLabel('E-mail').fill(owner.email);
    await page.getByLabel('Password').fill(owner.password);
    // A click by the pointer would wait for the page that the policy keeps from coming.
    await page.getByRole('button', { name: 'Sign in' }).dispatchEvent('click');
    await until(() => complaints.some((complaint) => complaint.includes('form-action')));
    expect(page.url()).toBe(`${hub.url}/graphql`);
    await page.context().close();
  });

  it('asks for the code of a second factor once the password is right, and signs in with it', async () => {
    const person = await makeSomebody(hub, 'admin');
    const token = await signInWith(hub, person);
    const begin = 'mutation ($password: String!) { beginSecondFactor(input: { password: $password }) { secret } }';
    const begun = await ask(hub, begin, { password: person.password }, { token });
    const secret = fromBase32(begun.body.data.beginSecondFactor.secret);
    // Codes of the step before and of the one after count as well, so that this one is good for half a minute at least.
    const step = totpStepOf(Date.now());
    const confirm = 'mutation ($code: String!) { confirmSecondFactor(input: { code: $code }) { codes } }';
    const confirmed = await ask(hub, confirm, { code: totpCode(secret, step) }, { token });
    expect(confirmed.body.errors).toBeUndefined();

    const { page, complaints } = await visit();
    await fillIn(page, person);
    const field = page.getByLabel('Code of the second factor');
    await field.fill('not a code');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await problemOf(page, WRONG);
    // Each is good once only.
    await field.fill(totpCode(secret, Math.max(step + 1, totpStepOf(Date.now()))));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.graphiql-container').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('runs a query that is typed, and completes names from the schema', async () => {
    const { page, complaints, hosts } = await enter(owner);
    await run(page, '{ me { email role } }');
    const data = { me: { email: owner.email, role: 'OWNER' } };
    expect(await resultWith(page, '"OWNER"')).toEqual({ data });
    await page.keyboard.press('Control+A');
    await page.keyboard.type('{ account');
    await page.keyboard.press('Control+Space');
    await page.locator('.CodeMirror-hints li', { hasText: /^accountGroups/ }).waitFor();
    expect(complaints).toEqual([]);
    expect([...hosts]).toEqual([new URL(hub.url).host]);
    await page.context().close();
  });

  it('explains every type and field in the book', async () => {
    const { page, complaints } = await enter(owner);
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    const book = page.locator('.graphiql-doc-explorer');
    await book.getByText('AccountBalance', { exact: true }).click();
    await book.getByText('What an account has and has used. One credit is 1000 units of the public API.').waitFor();
    await book.getByText('heldUnits', { exact: true }).click();
    const description = book.locator('.graphiql-markdown-description');
    expect((await description.first().textContent())?.trim().length).toBeGreaterThan(10);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('changes things by mutations, with the header that other sites cannot send', async () => {
    const { page, complaints } = await enter(owner);
    const sent = page.waitForRequest((request) => request.postData()?.includes('createAccount') === true);
    await run(page, 'mutation { createAccount(input: { name: "by hand" }) { ... on Account { name version } } }');
    expect(await (await sent).allHeaders()).toMatchObject({ 'x-hub-csrf': '1', 'sec-fetch-site': 'same-origin' });
    expect(await resultWith(page, 'by hand')).toEqual({ data: { createAccount: { name: 'by hand', version: 1 } } });
    const rows = await hub.sql.query(`select 1 from account where name = 'by hand'`);
    expect(rows).toHaveLength(1);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('shows the events of a subscription as they come, and ends its request when it is stopped', async () => {
    const { page, complaints } = await enter(owner);
    await run(page, 'subscription { requestFeed { model outcome userIdentifier } }');
    const stop = page.getByRole('button', { name: 'Stop query' });
    await stop.waitFor();
    for (const user of ['ann', 'ben']) {
      // The feed begins at a moment of its own, so requests are sent until one is seen.
      const seen = page.locator('.result-window', { hasText: user });
      await until(async () => {
        const body = { model: 'gpt-4', user, messages: [{ role: 'user', content: 'hi' }] };
        expect((await hub.post('/api/relay/v1/chat/completions', body)).status).toBe(200);
        return seen.waitFor({ timeout: 2000 }).then(
          () => true,
          () => false,
        );
      });
      const event = { model: 'gpt-4', outcome: 'done', userIdentifier: user };
      expect(await resultWith(page, user)).toMatchObject({ data: { requestFeed: event } });
    }
    await stop.click();
    await page.getByRole('button', { name: 'Execute query' }).waitFor();
    await until(() => complaints.length > 0);
    expect(complaints).toEqual([`${hub.url}/graphql: net::ERR_ABORTED`]);
    await page.context().close();
  });

  it('shows what the hub refuses as a whole, in the form, in the result and in the bar', async () => {
    const inside = await enter(owner);
    const outside = await visit({ extraHTTPHeaders: { 'x-forwarded-for': inside.address } });
    await useUp(inside.address);
    await fillIn(outside.page, owner);
    await problemOf(outside.page, 'Too many requests');
    await run(inside.page, '{ me { email } }');
    const result = await resultWith(inside.page, 'too_many_requests');
    expect(result).toMatchObject({ errors: [{ extensions: { code: 'too_many_requests', status: 429 } }] });
    await inside.page.getByRole('button', { name: 'Sign out' }).click();
    await problemOf(inside.page, 'Too many requests');
    for (const { page } of [inside, outside]) await page.context().close();
  });

  it('signs out: back at the form, without the cookie and what was typed', async () => {
    const { page, complaints } = await enter(owner);
    await run(page, '{ me { role } }');
    await resultWith(page, 'OWNER');
    await until(() =>
      page.evaluate<boolean>('Object.values(sessionStorage).some((text) => text.includes("{ me { role } }"))'),
    );
    expect(await page.evaluate<number>('localStorage.length')).toBe(0);
    // The form comes slowly, so the page with the operation is there long enough for what it writes down late.
    await page.route(`${hub.url}/graphql`, async (route) => {
      if (route.request().isNavigationRequest()) await setTimeout(1500);
      await route.continue();
    });
    await type(page, '{ me { permissions } }');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('E-mail').waitFor();
    expect(await page.context().cookies()).toEqual([]);
    expect(await page.evaluate<string>('JSON.stringify(sessionStorage)')).not.toContain('me');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('returns to the form from a session that is over already', async () => {
    const { page } = await enter(owner);
    await hub.sql.query('delete from user_session');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('E-mail').waitFor();
    await page.context().close();
  });

  it('follows the theme that is chosen in GraphiQL, bar and all', async () => {
    const { page } = await enter(owner, { colorScheme: 'dark' });
    const groundOf = (selector: string): Promise<string> =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).backgroundColor`);
    expect(await groundOf('body')).toBe(await groundOf('.graphiql-container'));
    await page.getByRole('button', { name: 'Open settings dialog' }).click();
    await page.getByRole('button', { name: 'Light', exact: true }).click();
    await until(async () => (await groundOf('body')) === 'rgb(255, 255, 255)');
    expect(await groundOf('.graphiql-container')).toBe('rgb(255, 255, 255)');
    await page.context().close();
  });

  it('is there for members too, who see their own account', async () => {
    const member = await makeSomebody(hub, 'member', { accountId: hub.accountId });
    const { page } = await enter(member);
    await run(page, '{ accounts { nodes { id } } }');
    expect(await resultWith(page, 'nodes')).toEqual({ data: { accounts: { nodes: [{ id: hub.accountId }] } } });
    await page.context().close();
  });
});

/** Asks from one address until it is told to wait. */
async function useUp(address: string): Promise<void> {
  const once = async (): Promise<number> => {
    const response = await fetch(`${hub.url}/graphql/assets/sign-in.js`, { headers: { 'x-forwarded-for': address } });
    await response.arrayBuffer();
    return response.status;
  };
  for (let sent = 0; sent <= REQUESTS_MAX; sent += 50) {
    const statuses = await Promise.all(Array.from({ length: 50 }, once));
    if (statuses.includes(429)) return;
  }
  throw new Error('The address was never told to wait');
}

describeWithServer('chromium', CHROMIUM, 'the playground in production', () => {
  it('is not served: neither a page, nor any part of one, to visitors and to those who have signed in', async () => {
    hub = await startHub({ env: { NODE_ENV: 'production' } });
    const browser = await openBrowser();
    try {
      const { token } = await signInAs(hub, 'owner');
      const { page } = await openWatchedPage(browser, {});
      for (const cookies of [[], [{ name: 'hub_session', value: token, url: hub.url }]]) {
        await page.context().addCookies(cookies);
        const response = await page.goto(`${hub.url}/graphql`);
        expect(response?.status()).toBe(405);
        expect(await page.locator('form, #graphiql, script').count()).toBe(0);
        for (const name of ASSETS) {
          const asset = await page.request.get(`${hub.url}/graphql/assets/${name}`);
          expect([name, asset.status()]).toEqual([name, 404]);
        }
      }
    } finally {
      await browser.close();
      await hub.close();
    }
  });
});
