import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findProgram } from './find-program.js';

/** An installed Chromium, where there is one. */
export const CHROMIUM = findProgram('chromium') ?? findProgram('chromium-browser') ?? findProgram('google-chrome');

/** A page and what went wrong on it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the console, uncaught exceptions and requests that failed, in order. */
  readonly complaints: readonly string[];
  /** Hosts of all requests but `data:` ones. */
  readonly hosts: ReadonlySet<string>;
}

/** Starts the browser without a window. Close it in `afterAll`. */
export function openBrowser(): Promise<Browser> {
  // A container has no user namespaces for the browser's own sandbox; it sees no page but the hub's.
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

/** Opens an empty page, in a context of its own, that takes down what goes wrong. */
export async function openWatchedPage(browser: Browser, options: BrowserContextOptions): Promise<WatchedPage> {
  // Without motion a jump to an anchor is over at once.
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'data:') hosts.add(host);
  });
  return { page, complaints, hosts };
}
