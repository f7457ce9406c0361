import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../support/find-program.js';
import { freePort } from '../support/free-port.js';
import { describeWithServer } from '../support/server-suite.js';
import { until } from '../support/until.js';
import { PROJECT_ROOT } from './project-files.js';

const NGINX = findProgram('nginx', ['/usr/sbin']);

describeWithServer('nginx', NGINX, 'the nginx example of docs/deploy.md', () => {
  let folder: string;
  let nginx: ChildProcess;
  let hub: Server;
  let port: number;
  /** What stands in for the hub does with a request; set by each test. */
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hub-nginx-'));
    hub = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
    await once(hub, 'listening');
    port = await freePort();
    const { writeNginxExample } = await import(join(PROJECT_ROOT, 'scripts/deploy/proxy-examples.mjs'));
    const { port: hubPort } = hub.address() as AddressInfo;
    // Two instances, or nginx would have nowhere to repeat a request.
    const ports = { http: await freePort(), https: port, hubs: [hubPort, hubPort] };
    const file: string = writeNginxExample(folder, ports);
    const args = ['-c', file, '-p', folder, '-g', 'daemon off;'];
    // Its workers would change to another user, who may not enter the temporary folder.
    if (process.getuid?.() === 0) execFileSync('chmod', ['-R', 'a+rX', folder]);
    nginx = spawn(NGINX ?? 'nginx', args, { stdio: 'ignore' });
    answer = (_request, response) => response.end();
    await until(() =>
      call({}).then(
        () => true,
        () => false,
      ),
    );
  });

  afterAll(async () => {
    hub.closeAllConnections();
    hub.close();
    nginx.kill('SIGTERM');
    await once(nginx, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });

  it('passes each event on before the next one is written', async () => {
    let stream: ServerResponse | undefined;
    answer = (_request, response) => {
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    };
    const response = await call({});
    const events = response[Symbol.asyncIterator]();
    // Each read ends only when nginx has let go of the event; the next is written after that.
    for (const number of [1, 2, 3]) {
      expect(String((await events.next()).value)).toBe(`data: ${number}\n\n`);
      stream?.write(`data: ${number + 1}\n\n`);
    }
    stream?.end();
  });

  it('ends the call to the hub when the caller leaves', async () => {
    let isGone = false;
    answer = (_request, response) => {
      response.writeHead(200).write('data: 1\n\n');
      response.on('close', () => {
        isGone = !response.writableFinished;
      });
    };
    (await call({})).destroy();
    await until(() => isGone);
  });

  it('replaces an X-Forwarded-For that the caller wrote', async () => {
    let seen: IncomingMessage['headers'] = {};
    answer = (request, response) => {
      seen = request.headers;
      response.end();
    };
    (await call({ headers: { 'x-forwarded-for': '203.0.113.9', host: 'hub.example.com' } })).resume();
    expect(seen).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      host: 'hub.example.com',
    });
  });

  it('sends a request whose connection broke only once', async () => {
    let calls = 0;
    answer = (request) => {
      calls += 1;
      request.socket.destroy();
    };
    const response = await call({});
    response.resume();
    expect({ status: response.statusCode, calls }).toEqual({ status: 502, calls: 1 });
  });

  it('lets a body of 21 MiB through, which the hub itself judges', async () => {
    let bytes = 0;
    answer = (request, response) => {
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      request.on('end', () => response.end());
    };
    const response = await call({ method: 'POST', body: Buffer.alloc(21 * 1024 * 1024) });
    response.resume();
    expect({ status: response.statusCode, bytes }).toEqual({ status: 200, bytes: 21 * 1024 * 1024 });
  });

  /** One HTTPS call through nginx; resolves when the response headers are here. */
  async function call(options: {
    method?: string;
    headers?: Record<string, string>;
    body?: string | Buffer;
  }): Promise<IncomingMessage> {
    const { method = 'GET', headers = {}, body } = options;
    // The certificate was made for this run and nobody signed it.
    const sent = request({ host: '127.0.0.1', port, method, headers, rejectUnauthorized: false, agent: false });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.on('error', () => undefined);
    return response;
  }
});
