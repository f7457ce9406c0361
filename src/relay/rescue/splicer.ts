import { ProviderError } from '../../providers/canonical/provider-error.js';
import type { Resume } from '../attempt.js';

/** What came does not go on with what was sent. */
export class MismatchError extends ProviderError {
  constructor() {
    super({ kind: 'incomplete', message: 'The answer broke off, and another one does not continue what was sent.' });
    this.name = 'MismatchError';
  }
}

/**
 * Joins the text of another attempt to what the caller has been sent, or says that the two do not fit. Texts are compared by UTF-16
 * units, so that it does not matter where either was cut.
 */
export interface Splicer {
  /** All of what was sent has come again. */
  readonly isEcho: boolean;
  /**
   * Takes the next text and gives what of it is new to the caller; '' when that is nothing, or not certain yet.
   * @throws MismatchError.
   */
  push(text: string): string;
  /**
   * Ends the text, and gives what was held back until now.
   * @throws MismatchError.
   */
  end(): string;
}

/**
 * So much of a text hardly comes twice by chance: who begins with it began the answer anew. Rather few, since a continuation that is
 * taken for that is only asked for again, and the other way round would garble the answer.
 */
const ECHO_CHARS_MIN = 8;

/** Opens the splicer for a way to go on. @param sent all text that the caller has been sent. */
export function openSplicer(sent: string, resume: Resume): Splicer {
  return resume.mode === 'retell' ? new RetoldText(sent) : new ContinuedText(sent, sent.slice(resume.prefill.length));
}

/**
 * The beginning of an answer as it can be given to a model: without what vendors refuse at its end (white space, half a
 * character). Undefined when that leaves nothing, or a text that cannot be sent as it is.
 */
export function prefillOf(sent: string): string | undefined {
  const last = sent.charCodeAt(sent.length - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  const prefill = (isHalf ? sent.slice(0, -1) : sent).trimEnd();
  return prefill !== '' && prefill.isWellFormed() ? prefill : undefined;
}

/** A text that is told again from the start: it must begin with exactly what was sent. */
class RetoldText implements Splicer {
  /** How much of what was sent has been told again. */
  private position = 0;

  constructor(private readonly sent: string) {}

  get isEcho(): boolean {
    return this.position === this.sent.length;
  }

  push(text: string): string {
    const left = this.sent.length - this.position;
    if (left === 0) return text;
    const isLonger = text.length > left;
    if (!this.sent.startsWith(isLonger ? text.slice(0, left) : text, this.position)) throw new MismatchError();
    this.position += Math.min(text.length, left);
    return isLonger ? text.slice(left) : '';
  }

  end(): string {
    // That white space at its very end is missing changes nothing that anybody could see.
    if (this.sent.slice(this.position).trim() !== '') throw new MismatchError();
    this.position = this.sent.length;
    return '';
  }
}

/**
 * A text that goes on from a beginning. What was left out of that must come back first. Some vendors repeat the beginning, and one that
 * ignores it begins anew; both are told from a continuation by their first characters, and are fine as long as they repeat all of it. Where
 * a continuation may repeat it as well ("1" of "11", all of a dotted line), nobody can tell, and it is refused.
 */
class ContinuedText implements Splicer {
  private held = '';
  /** How many characters of what came are those that were sent. */
  private echoed = 0;
  private isJoined = false;

  /** @param owed the end of what was sent that the model has not been given. */
  constructor(
    private readonly sent: string,
    private readonly owed: string,
  ) {}

  get isEcho(): boolean {
    return this.echoed === this.sent.length;
  }

  push(text: string): string {
    if (this.isJoined) return text;
    const isEchoSoFar = this.echoed === this.held.length;
    this.held += text;
    if (isEchoSoFar) this.echoed = commonLength(this.sent, this.held, this.echoed);
    if (this.echoed === this.sent.length) {
      if (mayFollowItself(this.sent)) throw new MismatchError();
      return this.join(this.sent.length);
    }
    if (this.echoed === this.held.length) return '';
    if (this.echoed >= ECHO_CHARS_MIN) throw new MismatchError();
    return this.continue();
  }

  end(): string {
    if (this.isJoined) return '';
    if (this.echoed === this.held.length && this.echoed >= ECHO_CHARS_MIN) throw new MismatchError();
    const text = this.continue();
    if (!this.isJoined && this.owed.slice(this.held.length).trim() !== '') throw new MismatchError();
    this.isJoined = true;
    return text;
  }

  private continue(): string {
    if (this.held.startsWith(this.owed)) return this.join(this.owed.length);
    if (this.owed.startsWith(this.held)) return '';
    throw new MismatchError();
  }

  private join(knownLength: number): string {
    this.isJoined = true;
    const text = this.held.slice(knownLength);
    this.held = '';
    return text;
  }
}

/** True for a text that is short, or the same again and again, so that it may well come once more in the same answer. */
function mayFollowItself(text: string): boolean {
  const { length } = text;
  if (length < ECHO_CHARS_MIN) return true;
  for (let times = 2; times <= length; times++) {
    if (length % times === 0 && text.startsWith(text.slice(0, length - length / times), length / times)) return true;
  }
  return false;
}

/** How long the common beginning of two texts is, of which `from` characters are known to be the same. */
function commonLength(one: string, other: string, from: number): number {
  const end = Math.min(one.length, other.length);
  let length = from;
  while (length < end && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}
