// @ts-check

import { connect } from 'node:net';
import { ResponseParser } from './response-parser.mjs';

// One read buffer for all sockets: a read is consumed before the next one can happen.
const readBuffer = Buffer.allocUnsafe(256 * 1024);

/**
 * One keep-alive connection with at most one request under way.
 */
export class Connection {
  /** @type {import('node:net').Socket | null} */
  #socket = null;
  #status = 0;
  #failureText = '';
  /** Microsecond from which the request under way counts. */
  startedAtUs = 0;
  isBusy = false;
  /** @type {import('./stream-check.mjs').StreamCheck | null} */
  check = null;

  /**
   * @param {number} port
   * @param {object} handlers
   * @param {(connection: Connection) => void} handlers.onAnswer complete and 200
   * @param {(connection: Connection, failure: string) => void} handlers.onFailure the request under way is lost
   */
  constructor(port, handlers) {
    this.port = port;
    this.handlers = handlers;
  }

  /** @returns {Promise<void>} */
  open() {
    return new Promise((resolve, reject) => {
      const parser = new ResponseParser({
        onHead: (status) => {
          this.#status = status;
          this.#failureText = '';
        },
        onBody: (text) => this.#readBody(text),
        onEnd: () => this.#finish(),
      });
      const socket = connect({
        port: this.port,
        host: '127.0.0.1',
        noDelay: true,
        onread: {
          buffer: readBuffer,
          callback: (length) => {
            try {
              parser.push(readBuffer, length);
            } catch (error) {
              this.#fail(error instanceof Error ? error.message : String(error));
            }
            return true;
          },
        },
      });
      this.#socket = socket;
      socket.once('connect', () => resolve());
      socket.on('error', (error) => {
        reject(error);
        this.#fail(error.message);
      });
      socket.once('close', () => this.#fail('connection closed by the server'));
    });
  }

  get isOpen() {
    return this.#socket !== null && !this.#socket.destroyed;
  }

  /** @param {Buffer} request @param {number} startedAtUs */
  send(request, startedAtUs) {
    this.isBusy = true;
    this.startedAtUs = startedAtUs;
    this.#socket?.write(request);
  }

  close() {
    this.#socket?.removeAllListeners('close');
    this.#socket?.destroy();
  }

  /** @param {string} text */
  #readBody(text) {
    if (this.#status !== 200) this.#failureText = (this.#failureText + text).slice(0, 300);
    else this.check?.push(text);
  }

  #finish() {
    this.isBusy = false;
    if (this.#status === 200) this.handlers.onAnswer(this);
    else this.handlers.onFailure(this, `answer ${this.#status}: ${this.#failureText}`);
  }

  /** @param {string} failure */
  #fail(failure) {
    const wasBusy = this.isBusy;
    this.isBusy = false;
    this.close();
    if (wasBusy) this.handlers.onFailure(this, failure);
  }
}
