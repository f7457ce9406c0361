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

const SIGN_IN = `mutation ($email: String!, $password: String!) {
  signIn(input: { email: $email, password: $password, keep: TOKEN }) { ... on SignedIn { token } }
}`;
const CREATE_ACCOUNT = 'mutation ($name: String!) { createAccount(input: { name: $name }) { id } }';
const GRANT = `mutation ($accountId: ID!, $amount: Credits!) {
  grantQuota(input: { accountId: $accountId, amount: $amount, reason: "First payment" }) { __typename }
}`;
const CREATE_KEY = `mutation ($accountId: ID!, $name: String!) {
  createApiKey(input: { accountId: $accountId, name: $name }) { secret }
}`;
const SHOW_ACCOUNTS = `query Accounts {
  accounts(first: 5) {
    nodes {
      name
      status
      balance {
        total
        used
        available
      }
      apiKeys {
        nodes {
          name
          last4
          state
        }
      }
    }
  }
}
`;

/**
 * One picture each. `open` brings the page to what is to be seen.
 *
 * @type {readonly { file: string, open: (page: import('playwright-core').Page, hub: { url: string, apiKey: string, email: string, password: string }) => Promise<void> }[]}
 */
const SHOTS = [
  { file: 'sign-in.png', open: openSignIn },
  { file: 'playground.png', open: openPlayground },
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
  await makeCustomer(hub);
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

/** A customer with quota, two keys and a first request, so that there is something to see. */
async function makeCustomer(hub) {
  const { signIn } = await operate(hub, SIGN_IN, { email: hub.email, password: hub.password });
  const { createAccount } = await operate(hub, CREATE_ACCOUNT, { name: 'Northwind Robotics' }, signIn.token);
  const accountId = createAccount.id;
  await operate(hub, GRANT, { accountId, amount: '250' }, signIn.token);
  await operate(hub, CREATE_KEY, { accountId, name: 'staging' }, signIn.token);
  const { createApiKey } = await operate(hub, CREATE_KEY, { accountId, name: 'production' }, signIn.token);
  const body = { model: 'gpt-4', messages: [{ role: 'user', content: 'Which parts does a gripper have?' }] };
  await post(`${hub.url}/api/relay/v1/chat/completions`, body, createApiKey.secret);
}

/** Runs an operation of the admin API. @throws Error when it fails. */
async function operate({ url }, query, variables, token) {
  const { data, errors } = await post(`${url}/graphql`, { query, variables }, token);
  if (errors !== undefined) throw new Error(`The admin API answered ${JSON.stringify(errors)}`);
  return data;
}

/** @throws Error for an answer that is not a good one. */
async function post(url, body, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

async function openSignIn(page, { url, email }) {
  await page.goto(`${url}/graphql`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').focus();
}

/** The accounts of a hub that has some, with what they have and their keys, beside the book at what a balance is. */
async function openPlayground(page, hub) {
  await openSignIn(page, hub);
  await page.getByLabel('Password').fill(hub.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.graphiql-query-editor .CodeMirror').waitFor();
  await runInPlayground(page, SHOW_ACCOUNTS, 'last4');
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await page.locator('.graphiql-doc-explorer').getByText('AccountBalance', { exact: true }).click();
  await page.getByText('What an account has and has used.').waitFor();
  // No button looks as if it were being pointed at.
  await page.mouse.move(VIEWPORT.width - 1, VIEWPORT.height - 1);
}

/** Runs an operation and waits until its result has a text. */
async function runInPlayground(page, operation, text) {
  await page.locator('.graphiql-query-editor .CodeMirror-lines').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(operation);
  await page.keyboard.press('Control+Enter');
  await page.locator('.result-window', { hasText: text }).waitFor();
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
  const printed = (name) => new RegExp(`^ *${name}: +(\\S+)$`, 'm').exec(started.output())?.[1] ?? '';
  return {
    url,
    apiKey: printed('API key'),
    email: printed('Administrator'),
    password: printed('Password'),
    started,
  };
}
