// @ts-check
// The fast fake provider, of OpenAI's format and of Anthropic's. Raw HTTP/1.1 over node:net with prebuilt answers, so that it is
// never what limits a run.
// Listens on a free loopback port and sends `{ port }` to its parent.

import { createServer } from 'node:net';
import { monotonicUs } from './load/clock.mjs';
import { markOf } from './stamp.mjs';
import { ANTHROPIC, OPENAI } from './upstream-answers.mjs';

const EVENTS_MAX = 100_000;
const REQUEST_BYTES_MAX = 1024 * 1024;

const notFound = withLength('application/json', '{"error":{"message":"no such route"}}', '404 Not Found');
const streamHead =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n';

/** What is ready to be sent in each format. */
const dialects = [OPENAI, ANTHROPIC].map(({ path, answer, begin, eventStart, eventEnd, end }) => ({
  requestLine: `POST ${path} `,
  jsonAnswer: withLength('application/json', answer),
  begin: begin === '' ? '' : asChunk(begin),
  eventHead: `${(eventStart.length + markOf(0, 0).length + eventEnd.length).toString(16)}\r\n${eventStart}`,
  eventTail: `${eventEnd}\r\n`,
  end: [false, true].map((withUsage) => `${asChunk(end(withUsage))}0\r\n\r\n`),
}));

const server = createServer({ noDelay: true }, serve);
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.send?.({ port: address.port });
});
process.on('disconnect', () => process.exit(0));

/** @param {import('node:net').Socket} socket */
function serve(socket) {
  let pending = '';
  let isStreaming = false;
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('data', (/** @type {string} */ text) => {
    pending = pending === '' ? text : pending + text;
    if (!isStreaming) answerPending();
  });

  function answerPending() {
    while (pending !== '' && !socket.destroyed) {
      const headEnd = pending.indexOf('\r\n\r\n');
      if (headEnd === -1 && pending.length < REQUEST_BYTES_MAX) return;
      const bodyEnd = headEnd + 4 + bodyLengthOf(pending.slice(0, headEnd));
      if (headEnd === -1 || bodyEnd > REQUEST_BYTES_MAX) {
        socket.destroy();
        return;
      }
      if (pending.length < bodyEnd) return;
      const request = pending.slice(0, bodyEnd);
      pending = pending.slice(bodyEnd);
      const dialect = dialects.find(({ requestLine }) => request.startsWith(requestLine));
      if (dialect === undefined) {
        socket.write(notFound);
      } else if (request.includes('"stream":true', headEnd)) {
        isStreaming = true;
        streamEvents(socket, request, dialect, () => {
          isStreaming = false;
          answerPending();
        });
        return;
      } else {
        socket.write(dialect.jsonAnswer);
      }
    }
  }
}

/**
 * Writes the events one by one; the request's prompt says how many and how far apart (`events=50 gapMs=2`), since unknown
 * body fields do not survive every relay.
 *
 * @param {import('node:net').Socket} socket
 * @param {string} request
 * @param {typeof dialects[number]} dialect
 * @param {() => void} onEnd
 */
function streamEvents(socket, request, { begin, eventHead, eventTail, end }, onEnd) {
  const events = Math.min(numberAfter(request, 'events='), EVENTS_MAX);
  const gapMs = numberAfter(request, 'gapMs=');
  const withUsage = request.includes('"include_usage":true');
  let sequence = 0;
  socket.write(streamHead + begin, 'latin1');
  writeNext();

  function writeNext() {
    if (socket.destroyed) return;
    if (sequence < events) {
      socket.write(`${eventHead}${markOf(sequence, monotonicUs())}${eventTail}`, 'latin1');
      sequence += 1;
      if (gapMs === 0) setImmediate(writeNext);
      else setTimeout(writeNext, gapMs);
      return;
    }
    socket.write(end[withUsage ? 1 : 0] ?? '', 'latin1');
    onEnd();
  }
}

/** @param {string} head */
function bodyLengthOf(head) {
  const match = /\r\ncontent-length: *(\d+)/i.exec(head);
  return match === null ? 0 : Number(match[1]);
}

/** @param {string} text @param {string} name */
function numberAfter(text, name) {
  const at = text.indexOf(name);
  const value = at === -1 ? 0 : Number.parseInt(text.slice(at + name.length), 10);
  return Number.isNaN(value) ? 0 : value;
}

/** @param {string} type @param {string} body @param {string} [status] */
function withLength(type, body, status = '200 OK') {
  return Buffer.from(`HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
}

/** @param {string} text */
function asChunk(text) {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}
