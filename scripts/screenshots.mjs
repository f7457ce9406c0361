// npm run docs:screenshots
// Writes the pictures of docs/images from the built hub on a throw-away data folder. Needs an installed Chromium.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium } from './find-chromium.mjs';
import { freePort, start, stop, waitFor } from './processes.mjs';

const ROOT = join(import.meta.dirname, '..');
const READY_MS_MAX = 60_000;
const PICTURE_BYTES_MAX = 300_000;
const VIEWPORT = { width: 1280, height: 860 };

/**
 * One picture each. `open` brings the page to what is to be seen.
 *
 * @type {readonly { file: string, open: (page: import('playwright-core').Page, hub: { url: string, apiKey: string }) => Promise<void> }[]}
 */
const SHOTS = [
  { file: 'docs-zh.png', open: (page, hub) => openDocs(page, `${hub.url}/docs?lang=zh`) },
  { file: 'docs-en.png', open: (page, hub) => openDocs(page, `${hub.url}/docs?lang=en`) },
];

const folder = mkdtempSync(join(tmpdir(), 'hub-screenshots-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
await takeAll().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
process.exit(0);

async function takeAll() {
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new Error('No Chromium found: install it (Debian: apt-get install chromium).');
  const hub = await startHub();
  // A container has no user namespaces for the browser's own sandbox; it sees no page but ours.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  for (const { file, open } of SHOTS) {
    const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: 'light' });
    await open(page, hub);
    const path = join(ROOT, 'docs', 'images', file);
    await page.screenshot({ path });
    await page.close();
    const bytes = statSync(path).size;
    if (bytes > PICTURE_BYTES_MAX) throw new Error(`${file} has ${bytes} bytes, more than ${PICTURE_BYTES_MAX}`);
    console.log(`docs/images/${file}: ${Math.round(bytes / 1000)} kB`);
  }
  await browser.close();
  await stop(hub.started);
}

async function openDocs(page, url) {
  await page.goto(url, { waitUntil: 'load' });
}

/** The sandbox answers; addresses on the pages are those of a deployment rather than of this moment's port. */
async function startHub() {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const started = start(process.execPath, [join(ROOT, 'dist', 'src', 'main.js')], {
    env: { PORT: String(port), DATA_DIR: join(folder, 'data'), HUB_PUBLIC_URL: 'https://hub.example.com' },
  });
  const isReady = async () => (await fetch(`${url}/api/health/ready`).catch(() => undefined))?.ok === true;
  await waitFor(started, isReady, READY_MS_MAX);
  const apiKey = /^ *API key: +(sk_live_\w+)$/m.exec(started.output())?.[1] ?? '';
  return { url, apiKey, started };
}
