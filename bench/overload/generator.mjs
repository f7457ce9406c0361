// @ts-check
// Sends more than can be answered, in a process of its own: one command at a time from its parent, back comes the result.

import { monotonicUs } from '../load/clock.mjs';
import { Connection } from '../load/connection.mjs';
import { Histogram } from '../load/histogram.mjs';
import { startPacer } from '../load/pacer.mjs';

const REJECTED = /^answer (429|503):/;

/**
 * @typedef {object} OverloadCommand
 * @property {number} port
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {string} body
 * @property {number} rate requests per second, whatever happens to them
 * @property {number} durationMs
 * @property {number} timeoutMs after which a client gives up and closes its connection
 * @property {number} retries how often a client asks again at once after 429, 503 or a timeout
 * @property {number} connectionsMax
 */

/**
 * @typedef {object} OverloadResult
 * @property {number} offered requests per second, retries included
 * @property {number} good answered with 200 in time, per second
 * @property {number} rejected 429 or 503, per second
 * @property {number} timedOut per second
 * @property {number} other failures, per second
 * @property {string | null} failure the first of these
 * @property {number} notSent for want of a connection, per second
 * @property {import('../load/types.mjs').Quantiles} latency of the good ones
 * @property {import('../load/types.mjs').Quantiles} rejectLatency
 */

process.on('message', async (/** @type {OverloadCommand} */ command) => {
  try {
    process.send?.({ result: await overload(command) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});
process.on('disconnect', () => process.exit(0));

/**
 * @param {OverloadCommand} command
 * @returns {Promise<OverloadResult>}
 */
async function overload(command) {
  const counts = { offered: 0, good: 0, rejected: 0, timedOut: 0, other: 0, notSent: 0 };
  /** @type {string | null} */
  let failure = null;
  const latency = new Histogram();
  const rejectLatency = new Histogram();
  /** @type {Connection[]} */
  const free = [];
  /** Under way, oldest first, with the number of retries that are left. @type {Map<Connection, number>} */
  const busy = new Map();
  let open = 0;
  let isOver = false;
  const bytes = requestBytes(command);

  /** @param {Connection} connection @param {number} dueUs @param {number} retries */
  const send = (connection, dueUs, retries) => {
    busy.set(connection, retries);
    connection.send(bytes, dueUs);
  };
  /** @param {number} dueUs @param {number} retries */
  const ask = (dueUs, retries) => {
    if (isOver) return;
    counts.offered += 1;
    const connection = free.pop();
    if (connection !== undefined) send(connection, dueUs, retries);
    else if (open < command.connectionsMax) connect(dueUs, retries);
    else counts.notSent += 1;
  };
  /** @param {number} dueUs @param {number} retries */
  const connect = (dueUs, retries) => {
    open += 1;
    const connection = new Connection(command.port, {
      onAnswer: (answered) => {
        busy.delete(answered);
        free.push(answered);
        if (isOver) return;
        counts.good += 1;
        latency.record(monotonicUs() - answered.startedAtUs);
      },
      onFailure: (broken, text) => {
        const left = busy.get(broken) ?? 0;
        busy.delete(broken);
        if (broken.isOpen) free.push(broken);
        else open -= 1;
        if (isOver) return;
        if (REJECTED.test(text)) {
          counts.rejected += 1;
          rejectLatency.record(monotonicUs() - broken.startedAtUs);
        } else {
          counts.other += 1;
          failure ??= text;
        }
        if (left > 0) ask(monotonicUs(), left - 1);
      },
    });
    connection.open().then(
      () => send(connection, dueUs, retries),
      (error) => {
        open -= 1;
        counts.other += 1;
        failure ??= String(error);
      },
    );
  };
  const giveUp = () => {
    const before = monotonicUs() - command.timeoutMs * 1e3;
    for (const [connection, left] of busy) {
      if (connection.startedAtUs > before) continue;
      busy.delete(connection);
      connection.close();
      open -= 1;
      counts.timedOut += 1;
      if (left > 0) ask(monotonicUs(), left - 1);
    }
  };

  const startUs = monotonicUs();
  let sent = 0;
  const stopPacer = startPacer(startUs, command.rate, () => {
    for (; startUs + (sent * 1e6) / command.rate < monotonicUs(); sent += 1)
      ask(startUs + (sent * 1e6) / command.rate, command.retries);
  });
  const watch = setInterval(giveUp, 50);
  await new Promise((resolve) => setTimeout(resolve, command.durationMs));
  isOver = true;
  stopPacer();
  clearInterval(watch);
  for (const connection of [...free, ...busy.keys()]) connection.close();
  const seconds = (monotonicUs() - startUs) / 1e6;
  const perSecond = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / seconds]));
  return {
    .../** @type {typeof counts} */ (perSecond),
    failure,
    latency: latency.summaryMs(),
    rejectLatency: rejectLatency.summaryMs(),
  };
}

/** @param {OverloadCommand} command */
function requestBytes({ port, path, headers, body }) {
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)) });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${head}\r\n${body}`);
}
