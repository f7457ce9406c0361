import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, openBrowser, openWatchedPage } from '../support/browser.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { describeWithServer } from '../support/server-suite.js';

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1440, height: 900 };
const PAGES = ['/docs?lang=zh', '/docs?lang=en', '/docs/reference?lang=zh', '/docs/reference?lang=en'];
const SCREENS = [
  { name: 'a phone, light', viewport: PHONE, colorScheme: 'light' },
  { name: 'a phone, dark', viewport: PHONE, colorScheme: 'dark' },
  { name: 'a desktop, light', viewport: DESKTOP, colorScheme: 'light' },
  { name: 'a desktop, dark', viewport: DESKTOP, colorScheme: 'dark' },
] as const;
const CASES = SCREENS.flatMap((screen) => PAGES.map((path) => ({ ...screen, path })));

interface Widths {
  /** By how many pixels the page is wider than the window. */
  readonly page: number;
  /** The beginnings of the elements that stick out at the right. */
  readonly wide: readonly string[];
}

/** Runs in the page. What may scroll within itself (code, the row of sections) is passed over, and what waits outside for the keyboard. */
const MEASURE_WIDTHS = `(() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll('*')].filter(
    (element) => element.getBoundingClientRect().right > width + 0.5 && !element.closest('pre, .side, .skip'),
  );
  return { page: document.documentElement.scrollWidth - width, wide: wide.map((element) => element.outerHTML.slice(0, 90)) };
})()`;

let hub: TestHub;
let browser: Browser;
let upstream: FakeUpstream;

const open = async (path: string, options: Parameters<typeof openWatchedPage>[1] = { viewport: DESKTOP }) => {
  const watched = await openWatchedPage(browser, options);
  await watched.page.goto(hub.url + path);
  return watched;
};
const languageOf = (page: Page) => page.locator('html').getAttribute('lang');
/** Follows a link of the top bar; the new page is there when this settles. */
const follow = async (page: Page, name: string, address: RegExp) => {
  // A click by the pointer scrolls what is sticky into view first, and so changes which part is being read.
  const link = page.getByRole('link', { name, exact: true });
  await Promise.all([page.waitForURL(address), link.dispatchEvent('click')]);
};
const backgroundOf = (page: Page) => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');

describeWithServer('chromium', CHROMIUM, 'the documentation in a browser', () => {
  beforeAll(async () => {
    upstream = await startFakeUpstream();
    hub = await startHub({ channels: [{ name: 'main', baseUrl: upstream.url }] });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.close();
    await upstream?.close();
  });

  it.each(CASES)(
    '$path on $name: nothing sticks out, complains or comes from elsewhere',
    async ({ path, name, ...options }) => {
      const { page, complaints, hosts } = await open(path, options);
      const widths = await page.evaluate<Widths>(MEASURE_WIDTHS);
      expect(widths).toEqual({ page: 0, wide: [] });
      expect(await backgroundOf(page)).toBe(options.colorScheme === 'dark' ? 'rgb(14, 20, 19)' : 'rgb(255, 255, 255)');
      expect(complaints).toEqual([]);
      expect([...hosts]).toEqual([new URL(hub.url).host]);
      await page.context().close();
    },
  );

  it('switches the language in place, and keeps it on the other page and on later visits', async () => {
    const { page, complaints } = await open('/docs', { viewport: DESKTOP, locale: 'en-GB' });
    expect(await languageOf(page)).toBe('en');
    await page.locator('.side a[href="#sdks"]').click();
    await page.locator('.side a[href="#sdks"][aria-current]').waitFor();
    await follow(page, '中文', /lang=zh#sdks$/);
    expect(await languageOf(page)).toBe('zh-Hans');
    await follow(page, '接口参考', /docs\/reference\?lang=zh$/);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('接口参考');
    await page.goto(`${hub.url}/docs`);
    expect(await languageOf(page)).toBe('zh-Hans');
    await follow(page, 'English', /lang=en/);
    await page.goto(`${hub.url}/docs/reference`);
    expect(await languageOf(page)).toBe('en');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('fills the reader’s key into every example, and copies an example as it is shown', async () => {
    const { page, complaints } = await open('/docs?lang=en', {
      viewport: DESKTOP,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const example = page.locator('#endpoint-submitVideo .code-shell');
    await page.getByLabel('API key').fill(hub.apiKey);
    expect(new Set(await page.locator('[data-key]').allTextContents())).toEqual(new Set([hub.apiKey]));
    // Waited for from before the click on: it says so for a moment only.
    await Promise.all([
      example.getByRole('button', { name: 'Copied' }).waitFor(),
      example.getByRole('button', { name: 'Copy' }).click(),
    ]);
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(copied).toBe(await example.locator('code').textContent());
    expect(copied).toContain(`Authorization: Bearer ${hub.apiKey}`);
    await page.getByLabel('API key').fill('');
    expect(await example.locator('code').textContent()).toContain('sk_live_xxxxxxxxxxxxxx');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('asks the hub with the reader’s key and shows the answer as it streams', async () => {
    const { page, complaints } = await open('/docs?lang=en');
    upstream.script({ text: 'Hello, 你好, bonjour.' });
    await page.getByLabel('API key').fill(hub.apiKey);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('Hello, 你好, bonjour.').waitFor();
    expect(await page.getByRole('status').textContent()).toBe('Hello, 你好, bonjour.');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('is used with the keyboard alone: the first stop skips to the content, and wide code can be scrolled', async () => {
    const { page } = await open('/docs?lang=en', { viewport: PHONE });
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await page.waitForFunction('document.activeElement.id === "content"');
    const code = page.locator('#streaming pre').first();
    await code.focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction((element) => (element?.scrollLeft ?? 0) > 0, await code.elementHandle());
    await page.context().close();
  });

  it('shows every word without JavaScript, and no control that needs it', async () => {
    const { page, complaints } = await open('/docs?lang=zh', { viewport: PHONE, javaScriptEnabled: false });
    expect(await page.locator('main > section:not(#try-it)').count()).toBeGreaterThan(6);
    for (const id of ['quick-start', 'authentication', 'endpoints', 'streaming', 'sdks', 'errors', 'more']) {
      expect([id, await page.locator(`#${id}`).isVisible()]).toEqual([id, true]);
    }
    expect(await page.locator('button:visible, input:visible').count()).toBe(0);
    await follow(page, 'English', /lang=en/);
    expect(await languageOf(page)).toBe('en');
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
