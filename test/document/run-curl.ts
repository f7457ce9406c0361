import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/hub-process.js';

/** What a curl command brought back. */
export interface CurlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Where the samples of the API document are pointed. */
export interface Target {
  readonly url: string;
  readonly apiKey: string;
}

/** The key as the document's curl lines write it. */
const DOCUMENT_KEY = 'sk_live_xxxxxx';
const DOCUMENT_URL = 'https://your-hub.com';
const CURL_SECONDS_MAX = 20;

/**
 * Runs a command of the API document in a shell with its host and key replaced, and nothing else. That the status is
 * shown comes from a `.curlrc`, so the command itself stays as it is.
 */
export async function runCurl(command: string, target: Target): Promise<CurlAnswer> {
  const folder = temporaryFolder();
  const settings = ['silent', 'show-error', 'include', `max-time = ${CURL_SECONDS_MAX}`, 'noproxy = "*"'];
  writeFileSync(join(folder, '.curlrc'), settings.join('\n'));
  const line = command.replaceAll(DOCUMENT_URL, target.url).replaceAll(DOCUMENT_KEY, target.apiKey);
  const { PATH = '' } = process.env;
  const { stdout } = await promisify(execFile)('sh', ['-c', line], {
    env: { PATH, HOME: folder, CURL_HOME: folder },
    maxBuffer: 64 * 1024 * 1024,
  });
  return readAnswer(stdout);
}

function readAnswer(text: string): CurlAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: JSON.parse(text.slice(end + 4)) as unknown,
  };
}
