// @ts-check

import { MARK_PATTERN } from '../stamp.mjs';

/**
 * How the events of each format begin that carry a piece of the text, and the last one. Some formats say the whole text once more.
 *
 * @type {Readonly<Record<import('./types.mjs').LoadCommand['format'], { content: string, end: string }>>}
 */
const FORMATS = {
  chat: { content: 'data: ', end: 'data: [DONE]' },
  responses: { content: 'event: response.output_text.delta\n', end: 'event: response.completed\n' },
  messages: { content: 'event: content_block_delta\n', end: 'event: message_stop\n' },
};

/**
 * Checks one SSE answer of the bench upstream: each of its numbered events once, in order, then `[DONE]` or what its format ends with.
 */
export class StreamCheck {
  #rest = '';
  /** @type {Uint8Array} */
  #seen;
  #unique = 0;
  #highest = -1;
  duplicated = 0;
  outOfOrder = 0;
  isDone = false;

  /**
   * @param {number} events expected
   * @param {(sequence: number, sentAtUs: number) => void} onEvent for each content event, at once
   * @param {import('./types.mjs').LoadCommand['format']} format
   */
  constructor(events, onEvent, format) {
    this.#seen = new Uint8Array(events);
    this.format = FORMATS[format];
    this.onEvent = onEvent;
  }

  get lost() {
    return this.#seen.length - this.#unique;
  }

  /** @param {string} text the next bytes of the body */
  push(text) {
    let rest = this.#rest === '' ? text : this.#rest + text;
    let end = rest.indexOf('\n\n');
    while (end !== -1) {
      this.#readEvent(rest.slice(0, end));
      rest = rest.slice(end + 2);
      end = rest.indexOf('\n\n');
    }
    this.#rest = rest;
  }

  /** @param {string} event */
  #readEvent(event) {
    const mark = event.startsWith(this.format.content) ? MARK_PATTERN.exec(event) : null;
    if (mark === null) {
      if (event.startsWith(this.format.end)) this.isDone = true;
      return;
    }
    const sequence = Number(mark[1]);
    if (sequence >= this.#seen.length || this.#seen[sequence] === 1) {
      this.duplicated += 1;
    } else {
      this.#seen[sequence] = 1;
      this.#unique += 1;
      if (sequence < this.#highest) this.outOfOrder += 1;
      else this.#highest = sequence;
    }
    this.onEvent(sequence, Number(mark[2]));
  }
}
