import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { askChat, requestLine, streamChat } from '../support/relay-client.js';

/** Of no shape that a pattern could know: only who knows it can take it out. */
const CREDENTIAL = 'canary/credential+without=a-known-shape';
const PROMPT = 'canary of a prompt that nobody else may read';
const STATUSES = [400, 401, 403, 404, 422, 429, 500, 502, 503];
const CODES = [
  'context_length_exceeded',
  'content_policy_violation',
  'invalid_request_error',
  'insufficient_quota',
  'x',
];

let upstream: FakeUpstream;
let hub: TestHub;
let channelCount = 0;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub();
});
beforeEach(() => upstream.reset());
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

/** All that the upstream knows of us, in one text. */
const told = `Bearer ${CREDENTIAL} at https://api.vendor.example/v1/chat?key=${CREDENTIAL} sent {"messages":[{"role":"user","content":"${PROMPT}"}]}`;

const SHAPES: readonly [shape: string, body: NonNullable<Directive['body']>, contentType: string][] = [
  ["OpenAI's error", { error: { message: told, type: told, code: told, param: told } }, 'application/json'],
  ['an error of its own', { detail: [{ msg: told, input: { key: told } }], trace: told }, 'application/json'],
  ['a text', told, 'text/plain'],
  ['a page', `<html><title>Bad request</title><body>${told}</body></html>`, 'text/html'],
];

/** Gives the hub one channel, which no earlier failure has put to rest. */
async function declare(directive: Directive): Promise<void> {
  upstream.reset();
  upstream.scriptKey(CREDENTIAL, directive);
  await hub.setChannels([{ name: `telling-${++channelCount}`, baseUrl: upstream.url, apiKey: CREDENTIAL }]);
}

function expectNothingIn(shown: string): void {
  expect(upstream.requests.length).toBeGreaterThan(0);
  expect(shown).not.toContain(CREDENTIAL);
  expect(shown).not.toMatch(/vendor\.example|[?&]key=/);
  expect(hub.logText()).not.toContain(CREDENTIAL);
  expect(hub.logText()).not.toContain(PROMPT);
}

// T154
describe('an upstream that puts what we sent into its error', () => {
  describe.each(SHAPES)('as %s', (_shape, body, content_type) => {
    it.each(STATUSES)('shows the credential to nobody with status %i, nor the prompt to the log', async (status) => {
      for (const stream of [false, true]) {
        await declare({ status, body, content_type, headers: { 'x-debug': told.slice(0, 60) } });
        const response = await askChat(hub, { stream, messages: [{ role: 'user', content: PROMPT }] });
        expect(response.status).toBeGreaterThanOrEqual(400);
        const shown = (await response.text()) + JSON.stringify([...response.headers]);
        await requestLine(hub, response);
        expectNothingIn(shown);
      }
    });
  });

  it.each(CODES)('after the first words of a stream, with the code %s, does neither', async (code) => {
    const error = { message: told, type: 'invalid_request_error', code, param: CREDENTIAL };
    await declare({ error_after: 1, tokens: 3, error });
    const stream = await streamChat(hub, { messages: [{ role: 'user', content: PROMPT }] });
    expect(stream.error).toBeDefined();
    await requestLine(hub, stream);
    expectNothingIn(stream.text);
  });
});
