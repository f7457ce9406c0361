import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_PLACEHOLDER } from '../../src/docs/openapi/build-openapi-document.js';
import { findPython } from '../sdk/find-python.js';
import { findProgram } from '../support/find-program.js';
import { type HubProcess, launch, startHubProcess, temporaryFolder } from '../support/hub-process.js';
import { codeBlocks } from '../support/page-text.js';
import { describeWithServer } from '../support/server-suite.js';
import { runCurl } from './run-curl.js';

// Every command and program that /docs shows, taken from the page of a hub as `npm start` runs it, with the key filled in.

const PYTHON = findPython();

let hub: HubProcess;
let blocks: readonly string[];

beforeAll(async () => {
  hub = await startHubProcess({ env: { HUB_WEBHOOK_ALLOW_PRIVATE: 'true' } });
  const page = await fetch(`${hub.url}/docs?lang=en`);
  blocks = codeBlocks(await page.text()).map((block) => block.replaceAll(KEY_PLACEHOLDER, hub.apiKey));
});
afterAll(async () => void (await hub.stop()));

/** A job that only the document has. */
const UNKNOWN_JOB = 'job_abc123';
/** Nobody listens there. */
const NO_RECEIVER = 'http://127.0.0.1:9/hooks/video';

describeWithServer('curl', findProgram('curl'), 'the commands of /docs', () => {
  it('work as they are when pasted', async () => {
    const commands = blocks.filter((block) => block.startsWith('curl '));
    expect(commands).toHaveLength(16);
    for (const command of commands) {
      const { status, body } = await runCurl(command.replace('https://example.com/hooks/video', NO_RECEIVER), hub);
      const expected = command.includes(UNKNOWN_JOB)
        ? { status: 404, body: { code: 'job_not_found' } }
        : { status: 200 };
      expect({ command, status, body }).toMatchObject({ command, ...expected });
    }
  });
});

describeWithServer('python with openai', PYTHON, 'the Python programs of /docs', () => {
  it('run as they are, also the one that makes a video', async () => {
    const programs = blocks.filter((block) => block.startsWith('import openai'));
    expect(programs).toHaveLength(3);
    const folder = temporaryFolder();
    for (const program of programs) {
      const command = launch([PYTHON ?? '', '-W', 'ignore', '-c', program], {}, folder);
      expect([(await command.ended).code, command.stderr()]).toEqual([0, '']);
      if (!program.includes('client.videos')) expect(command.stdout()).toContain('你刚才说的是:“你好”');
    }
    expect(readFileSync(join(folder, 'cat.mp4')).toString('latin1', 4, 8)).toBe('ftyp');
  });
});

describe('the JavaScript programs of /docs', () => {
  it('stream and answer as they are', async () => {
    const programs = blocks.filter((block) => /^(?:async function main|import OpenAI)/.test(block));
    expect(programs).toHaveLength(2);
    for (const program of programs) {
      const command = launch([process.execPath, '--input-type=module', '--eval', program]);
      expect([(await command.ended).code, command.stderr()]).toEqual([0, '']);
      expect(command.stdout()).toContain('你刚才说的是:“你好”');
    }
  });
});
