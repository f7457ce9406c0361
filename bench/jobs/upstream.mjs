// @ts-check
// A vendor of videos in OpenAI's format whose tasks never end, and which notes when it is asked after each.

import { createServer } from 'node:http';

/** As long as a vendor on another continent takes. */
const ANSWER_MS = 100;

/** When each task was asked after, in Unix milliseconds with fractions. @type {Map<string, number[]>} */
let asked = new Map();
let numbers = 0;

const server = createServer((request, response) => {
  const path = request.url ?? '';
  request.resume();
  if (path === '/__asked') {
    response.setHeader('content-type', 'application/json').end(JSON.stringify([...asked]));
    return;
  }
  const id = request.method === 'POST' ? `submitted-${++numbers}` : (path.split('/').at(-1) ?? '');
  if (request.method === 'GET') {
    const times = asked.get(id) ?? [];
    times.push(performance.timeOrigin + performance.now());
    asked.set(id, times);
  }
  const body = JSON.stringify({ id, object: 'video', status: 'in_progress', progress: 50, model: 'sora-2' });
  setTimeout(() => response.setHeader('content-type', 'application/json').end(body), ANSWER_MS);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 });
});
process.on('SIGINT', () => process.exit(0));
process.on('message', () => {
  asked = new Map();
});
