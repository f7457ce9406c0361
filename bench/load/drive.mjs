// @ts-check

import { monotonicUs } from './clock.mjs';
import { Connection } from './connection.mjs';
import { Histogram } from './histogram.mjs';
import { startPacer } from './pacer.mjs';
import { StreamCheck } from './stream-check.mjs';
import { watchMachine } from './watch.mjs';

const CONNECT_BATCH = 100;
const FAILURES_MAX = 1000;

/**
 * Sends one load and measures it.
 *
 * @param {import('./types.mjs').LoadCommand} command
 * @returns {Promise<import('./types.mjs').LoadResult>}
 */
export async function drive(command) {
  const run = new Drive(command);
  try {
    await run.connect();
    return await run.measure();
  } finally {
    run.close();
  }
}

class Drive {
  /** @type {Connection[]} */
  #connections = [];
  /** @type {Connection[]} */
  #free = [];
  /** Intended send times that found no free connection, oldest first. @type {number[]} */
  #waiting = [];
  #waitingFrom = 0;
  #underWay = 0;
  #isSending = false;
  #windowStartUs = Number.POSITIVE_INFINITY;
  #windowEndUs = Number.POSITIVE_INFINITY;
  #requests = 0;
  #failed = 0;
  /** @type {string | null} */
  #failure = null;
  #latency = new Histogram();
  #firstEvent = new Histogram();
  #eventDelay = new Histogram();
  #gap = new Histogram();
  #events = 0;
  #streams = { streams: 0, lost: 0, duplicated: 0, outOfOrder: 0, unfinished: 0 };

  /** @param {import('./types.mjs').LoadCommand} command */
  constructor(command) {
    this.command = command;
    this.request = requestBytes(command);
  }

  async connect() {
    for (let index = 0; index < this.command.connections; index += CONNECT_BATCH) {
      const count = Math.min(CONNECT_BATCH, this.command.connections - index);
      await Promise.all(Array.from({ length: count }, () => this.#addConnection()));
    }
  }

  async measure() {
    const { mode, warmupMs, durationMs, drainMs } = this.command;
    this.#isSending = true;
    this.#windowStartUs = monotonicUs() + warmupMs * 1e3;
    this.#windowEndUs = this.#windowStartUs + durationMs * 1e3;
    const stopPacer = mode === 'open' ? this.#sendAtRate() : this.#sendInLoop();
    await delay(warmupMs);
    const useSince = watchMachine(this.command);
    await delay(durationMs);
    const use = useSince();
    this.#isSending = false;
    stopPacer();
    await this.#drain(drainMs);
    return this.#result(use);
  }

  close() {
    for (const connection of this.#connections) connection.close();
  }

  async #addConnection() {
    const connection = new Connection(this.command.port, {
      onAnswer: (answered) => this.#onAnswer(answered),
      onFailure: (broken, failure) => this.#onFailure(broken, failure),
    });
    await connection.open();
    this.#connections.push(connection);
    this.#free.push(connection);
  }

  #sendInLoop() {
    for (const connection of this.#free.splice(0)) this.#send(connection, monotonicUs());
    return () => {};
  }

  #sendAtRate() {
    const { rate = 1, durationMs, sendMs = durationMs } = this.command;
    const startUs = monotonicUs();
    const stopUs = this.#windowStartUs + sendMs * 1e3;
    let sent = 0;
    return startPacer(startUs, rate, () => {
      const now = Math.min(monotonicUs(), stopUs);
      while (startUs + (sent * 1e6) / rate < now) {
        this.#sendOrWait(startUs + (sent * 1e6) / rate);
        sent += 1;
      }
    });
  }

  /** @param {number} dueUs */
  #sendOrWait(dueUs) {
    const connection = this.#free.pop();
    if (connection === undefined) this.#waiting.push(dueUs);
    else this.#send(connection, dueUs);
  }

  /** @param {Connection} connection @param {number} startedAtUs */
  #send(connection, startedAtUs) {
    if (this.command.events !== undefined) connection.check = this.#checkFor(this.command.events, startedAtUs);
    this.#underWay += 1;
    connection.send(this.request, startedAtUs);
  }

  /** @param {number} events @param {number} startedAtUs */
  #checkFor(events, startedAtUs) {
    let previousUs = 0;
    const onEvent = (/** @type {number} */ sequence, /** @type {number} */ sentAtUs) => {
      const now = monotonicUs();
      if (now >= this.#windowStartUs && now < this.#windowEndUs) this.#events += 1;
      if (startedAtUs >= this.#windowStartUs && startedAtUs < this.#windowEndUs) {
        this.#eventDelay.record(now - sentAtUs);
        if (sequence === 0) this.#firstEvent.record(now - startedAtUs);
        else if (previousUs !== 0) this.#gap.record(now - previousUs);
      }
      previousUs = now;
    };
    return new StreamCheck(events, onEvent, this.command.format);
  }

  /** @param {Connection} connection */
  #onAnswer(connection) {
    const now = monotonicUs();
    const { startedAtUs } = connection;
    this.#underWay -= 1;
    const isInWindow =
      this.command.mode === 'open'
        ? startedAtUs >= this.#windowStartUs && startedAtUs < this.#windowEndUs
        : now >= this.#windowStartUs && now < this.#windowEndUs;
    if (isInWindow) {
      this.#requests += 1;
      this.#latency.record(now - startedAtUs);
    }
    this.#countStream(connection);
    this.#sendNext(connection, now);
  }

  /** @param {Connection} connection @param {number} now */
  #sendNext(connection, now) {
    const waitingSince = this.#waiting[this.#waitingFrom];
    if (waitingSince !== undefined) {
      this.#waitingFrom += 1;
      this.#send(connection, waitingSince);
    } else if (this.#isSending && this.command.mode === 'closed') {
      this.#send(connection, now);
    } else {
      this.#free.push(connection);
    }
  }

  /** @param {Connection} connection */
  #countStream({ check }) {
    if (check === null) return;
    this.#streams.streams += 1;
    this.#streams.lost += check.lost;
    this.#streams.duplicated += check.duplicated;
    this.#streams.outOfOrder += check.outOfOrder;
    if (!check.isDone) this.#streams.unfinished += 1;
  }

  /** @param {Connection} connection @param {string} failure */
  #onFailure(connection, failure) {
    this.#underWay -= 1;
    this.#failed += 1;
    this.#failure ??= failure;
    this.#countStream(connection);
    if (this.#failed >= FAILURES_MAX) {
      this.#isSending = false;
      this.#waitingFrom = this.#waiting.length;
    } else if (connection.isOpen) {
      this.#sendNext(connection, monotonicUs());
    } else if (this.#isSending) {
      this.#replace();
    }
  }

  #replace() {
    this.#addConnection().then(
      () => {
        const connection = this.#free.pop();
        if (connection !== undefined) this.#sendNext(connection, monotonicUs());
      },
      (error) => {
        this.#failed += 1;
        this.#failure ??= String(error);
      },
    );
  }

  /** @param {number} drainMs */
  async #drain(drainMs) {
    const deadline = performance.now() + drainMs;
    while (this.#underWay > 0 && performance.now() < deadline) await delay(20);
    const unanswered = this.#underWay + this.#waiting.length - this.#waitingFrom;
    if (unanswered === 0) return;
    this.#failed += unanswered;
    this.#failure ??= `${unanswered} requests without an end after ${drainMs} ms`;
    for (const connection of this.#connections) if (connection.isBusy) this.#countStream(connection);
  }

  /**
   * @param {import('./types.mjs').MachineUse | null} use
   * @returns {import('./types.mjs').LoadResult}
   */
  #result(use) {
    const seconds = this.command.durationMs / 1e3;
    return {
      requests: this.#requests,
      perSecond: this.#requests / seconds,
      latency: this.#latency.summaryMs(),
      failed: this.#failed,
      failure: this.#failure,
      stream:
        this.command.events === undefined
          ? null
          : {
              ...this.#streams,
              eventsPerSecond: this.#events / seconds,
              firstEvent: this.#firstEvent.summaryMs(),
              eventDelay: this.#eventDelay.summaryMs(),
              gap: this.#gap.summaryMs(),
            },
      use,
    };
  }
}

/** @param {import('./types.mjs').LoadCommand} command */
function requestBytes({ port, path, headers, body }) {
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)) });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${head}\r\n${body}`);
}

/** @param {number} ms */
function delay(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
