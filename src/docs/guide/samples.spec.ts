import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { eventSourceSample, fetchSample } from './samples.js';

describe('the JavaScript samples', () => {
  const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
  const COMPLETE = `: ping\n\n${chunk('你')}${chunk('好, hub')}data: [DONE]\n\n`;
  const FAILED = `${chunk('你')}data: ${JSON.stringify({ error: { message: 'upstream died' } })}\n\n`;

  /** Runs a sample in a process of its own against a server that sends `body` in pieces of three bytes. */
  async function run(sample: typeof fetchSample, body: string) {
    const seen: string[] = [];
    const server = createServer(async (request, response) => {
      seen.push(`${request.method} ${request.headers.authorization}`);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const bytes = Buffer.from(body);
      for (let at = 0; at < bytes.length; at += 3) {
        response.write(bytes.subarray(at, at + 3));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const code = sample(`http://127.0.0.1:${port}`, 'sk_live_test', 'en');
    const outcome = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
      timeout: 20_000,
    }).catch((error: { stdout: string; stderr: string; code: number }) => error);
    server.closeAllConnections();
    server.close();
    return { ...outcome, seen };
  }

  it.each([
    ['fetch', fetchSample, 'POST'],
    ['EventSource', eventSourceSample, 'GET'],
  ] as const)('%s prints the answer, whatever the reads look like, and asks once', async (_name, sample, method) => {
    const { stdout, seen } = await run(sample, COMPLETE);
    expect({ stdout, seen }).toEqual({ stdout: '你好, hub', seen: [`${method} Bearer sk_live_test`] });
  });

  it.each([
    ['fetch', fetchSample],
    ['EventSource', eventSourceSample],
  ] as const)('%s reports an error inside the stream', async (_name, sample) => {
    const outcome = await run(sample, FAILED);
    expect(outcome.stdout).toBe('你');
    expect(outcome.stderr).toContain('upstream died');
    expect(outcome.seen).toHaveLength(1);
  });

  it('fetch does not take a stream that breaks off for a whole answer', async () => {
    expect((await run(fetchSample, chunk('你'))).stderr).toContain('The stream ended before [DONE]');
  });
});
