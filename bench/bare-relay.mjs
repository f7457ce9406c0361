// @ts-check
// The floor to compare with: node:http to undici's dispatch and nothing else. No parsing, keys, routing or log.
// Usage: bare-relay.mjs UPSTREAM_ORIGIN; sends `{ port }` to its parent.

import { createServer } from 'node:http';
import { Pool } from 'undici';

const origin = process.argv[2];
if (origin === undefined) throw new Error('usage: bare-relay.mjs http://127.0.0.1:PORT');

// As many connections as the slow streams need; undici opens only those in use at once.
const pool = new Pool(origin, { connections: 4096, pipelining: 1 });

const server = createServer((request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => relay(request, response, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.send?.({ port: address.port });
});
process.on('disconnect', () => process.exit(0));

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {Buffer | undefined} body
 */
function relay(request, response, body) {
  /** @type {import('undici').Dispatcher.DispatchController | null} */
  let upstream = null;
  /** Whole body in one write when its length is known, else null. @type {Buffer[] | null} */
  let held = null;
  response.on('close', () => {
    if (!response.writableFinished) upstream?.abort(new Error('client gone'));
  });
  pool.dispatch(
    { path: request.url ?? '/', method: 'POST', headers: { 'content-type': 'application/json' }, body },
    {
      onRequestStart(controller) {
        upstream = controller;
      },
      onResponseStart(_controller, status, headers) {
        const length = headers['content-length'];
        if (length !== undefined) held = [];
        const type = String(headers['content-type']);
        if (length === undefined) response.writeHead(status, { 'content-type': type });
        else response.writeHead(status, { 'content-type': type, 'content-length': String(length) });
      },
      onResponseData(controller, chunk) {
        if (held !== null) {
          held.push(chunk);
        } else if (!response.write(chunk)) {
          controller.pause();
          response.once('drain', () => controller.resume());
        }
      },
      onResponseEnd() {
        if (held === null) response.end();
        else response.end(held.length === 1 ? held[0] : Buffer.concat(held));
      },
      onResponseError() {
        if (response.headersSent) response.destroy();
        else response.writeHead(502, { 'content-length': '0' }).end();
      },
    },
  );
}
