// @ts-check

const CR = 13;
const LF = 10;

/**
 * Reads HTTP/1.1 responses of one connection, in order, with `content-length` or chunked bodies. Only what a load generator
 * needs: the status and, when asked for, the body bytes.
 */
export class ResponseParser {
  /** @type {'head' | 'length' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer'} */
  #state = 'head';
  #head = '';
  #line = '';
  #remaining = 0;

  /**
   * @param {object} handlers
   * @param {(status: number) => void} handlers.onHead
   * @param {(text: string) => void} [handlers.onBody] bytes as latin1 text; absent when the body is of no interest
   * @param {() => void} handlers.onEnd
   */
  constructor(handlers) {
    this.handlers = handlers;
  }

  /**
   * @param {Buffer} buffer
   * @param {number} length bytes of the buffer that are filled
   * @throws {Error} on a response it cannot delimit
   */
  push(buffer, length) {
    let at = 0;
    while (at < length) {
      switch (this.#state) {
        case 'head':
          at = this.#readHead(buffer, at, length);
          break;
        case 'length':
        case 'chunk':
          at = this.#readBody(buffer, at, length);
          break;
        case 'chunk-size':
        case 'chunk-end':
        case 'trailer':
          at = this.#readLine(buffer, at, length);
          break;
      }
    }
  }

  /** @param {Buffer} buffer @param {number} at @param {number} length */
  #readHead(buffer, at, length) {
    const before = this.#head.length;
    this.#head += buffer.toString('latin1', at, length);
    const end = this.#head.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end === -1) return length;
    const head = this.#head.slice(0, end).toLowerCase();
    this.#head = '';
    this.handlers.onHead(Number(head.slice(9, 12)));
    const lengthAt = head.indexOf('\r\ncontent-length:');
    if (lengthAt !== -1) {
      this.#remaining = Number.parseInt(head.slice(lengthAt + 17), 10);
      this.#state = 'length';
      if (this.#remaining === 0) this.#finish();
    } else if (head.includes('\r\ntransfer-encoding: chunked')) {
      this.#state = 'chunk-size';
    } else {
      throw new Error('response has neither content-length nor chunked encoding');
    }
    return at + end + 4 - before;
  }

  /** @param {Buffer} buffer @param {number} at @param {number} length */
  #readBody(buffer, at, length) {
    const end = Math.min(length, at + this.#remaining);
    this.handlers.onBody?.(buffer.toString('latin1', at, end));
    this.#remaining -= end - at;
    if (this.#remaining === 0) {
      if (this.#state === 'length') this.#finish();
      else this.#state = 'chunk-end';
    }
    return end;
  }

  /** @param {Buffer} buffer @param {number} at @param {number} length */
  #readLine(buffer, at, length) {
    let end = at;
    while (end < length && buffer[end] !== LF) end += 1;
    this.#line += buffer.toString('latin1', at, end);
    if (end === length) return length;
    const line = this.#line.charCodeAt(this.#line.length - 1) === CR ? this.#line.slice(0, -1) : this.#line;
    this.#line = '';
    if (this.#state === 'chunk-size') {
      this.#remaining = Number.parseInt(line, 16);
      if (Number.isNaN(this.#remaining)) throw new Error('chunk size expected');
      this.#state = this.#remaining === 0 ? 'trailer' : 'chunk';
    } else if (this.#state === 'chunk-end') {
      this.#state = 'chunk-size';
    } else if (line === '') {
      this.#finish();
    }
    return end + 1;
  }

  #finish() {
    this.#state = 'head';
    this.handlers.onEnd();
  }
}
