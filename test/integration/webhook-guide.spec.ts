import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { signMessage } from '../../src/webhooks/sign-message.js';
import { findProgram } from '../support/find-program.js';

const GUIDE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'webhooks.md'), 'utf8');
const PYTHON = findProgram('python3', []);
const SECRET = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3';
const OTHER = 'whsec_bm90IHRoZSBzZWNyZXQgb2YgdGhlIG90aGVy';
const BODY = '{"type":"video.succeeded","data":{"prompt":"猫 Größe"}}';

type Check = (secret: string, headers: Record<string, string>, body: Buffer) => boolean;

/** The example of the guide in one language. */
function example(language: string): string {
  const found = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(GUIDE)?.[1];
  if (found === undefined) throw new Error(`docs/webhooks.md has no ${language}`);
  return found;
}

async function checkInNode(): Promise<Check> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-webhooks-'));
  try {
    writeFileSync(join(folder, 'check.mjs'), example('js'));
    const { isFromHub } = await import(pathToFileURL(join(folder, 'check.mjs')).href);
    return isFromHub;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const checkInPython: Check = (secret, headers, body) => {
  const call = `import json, sys\nprint(is_from_hub(sys.argv[1], json.loads(sys.argv[2]), sys.stdin.buffer.read()))`;
  const args = ['-c', `${example('python')}\n${call}`, secret, JSON.stringify(headers)];
  return execFileSync(PYTHON!, args, { input: body, encoding: 'utf8' }).trim() === 'True';
};

function headersOf(secrets: readonly string[], timestamp = Math.floor(Date.now() / 1000)): Record<string, string> {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signMessage(secrets, { id: 'msg_1', timestamp, body: BODY }),
  };
}

function expectOnlyGenuine(isFromHub: Check): void {
  const body = Buffer.from(BODY);
  const headers = headersOf([SECRET]);
  expect(isFromHub(SECRET, headers, body)).toBe(true);
  expect(isFromHub(SECRET, headersOf([OTHER, SECRET]), body)).toBe(true);
  expect(isFromHub(OTHER, headers, body)).toBe(false);
  expect(isFromHub(SECRET, headers, Buffer.concat([body, Buffer.from(' ')]))).toBe(false);
  expect(isFromHub(SECRET, { ...headers, 'webhook-id': 'msg_2' }, body)).toBe(false);
  expect(isFromHub(SECRET, headersOf([SECRET], 1_700_000_000), body)).toBe(false);
  expect(isFromHub(SECRET, {}, body)).toBe(false);
}

describe('the guide to webhooks', () => {
  it('has an example in Node that takes genuine messages, and no others', async () => {
    expectOnlyGenuine(await checkInNode());
  });

  (PYTHON === undefined ? it.skip : it)('has one in Python that does the same', () => {
    expectOnlyGenuine(checkInPython);
  });
});
