// @ts-check

import { MARK_PATTERN } from '../stamp.mjs';

/**
 * Checks one SSE answer of the bench upstream: each of its numbered events once, in order, then `[DONE]`.
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
   */
  constructor(events, onEvent) {
    this.#seen = new Uint8Array(events);
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
    const mark = MARK_PATTERN.exec(event);
    if (mark === null) {
      if (event.trim() === 'data: [DONE]') this.isDone = true;
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
